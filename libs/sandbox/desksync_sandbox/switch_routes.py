"""Lets a trial user or a test turn the switches of a running stand-in over HTTP. Knows the switches of neither."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Switches = TypeVar("Switches")


def switch_routes(kind: type[Switches], switches: Callable[[], Switches], turn: Callable[[Switches], None]) -> list[Route]:
    """Return `/control/switches`: GET shows them, PATCH with some of them as a JSON object turns those, or none of them."""
    adapter = TypeAdapter(kind)

    def shown() -> dict[str, Any]:
        told: dict[str, Any] = adapter.dump_python(switches(), mode="json")
        return told

    async def show(_request: Request) -> Response:
        return JSONResponse(shown())

    async def change(request: Request) -> Response:
        try:
            asked = from_json(await request.body())
        except ValueError as error:
            return _refused(f"The body is no JSON: {error}.")
        if not isinstance(asked, dict):
            return _refused("The body has to be a JSON object with the switches to turn.")
        try:
            turn(adapter.validate_python(shown() | asked))
        except ValidationError as error:
            return _refused("; ".join(f"{'.'.join(map(str, one['loc'][:1]))}: {one['msg']}" for one in error.errors()))
        return JSONResponse(shown())

    return [
        Route("/control/switches", show, methods=["GET"]),
        Route("/control/switches", change, methods=["PATCH"]),
    ]


def _refused(why: str) -> Response:
    return JSONResponse({"error": why}, 422)
