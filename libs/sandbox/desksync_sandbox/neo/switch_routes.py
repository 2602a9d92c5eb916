"""Lets a trial user or a test turn the switches of a running NEO over HTTP."""

from collections.abc import Callable

from pydantic import ValidationError
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desksync_sandbox.neo.switches import NeoSwitches


def switch_routes(switches: Callable[[], NeoSwitches], turn: Callable[[NeoSwitches], None]) -> list[Route]:
    """Return `/control/switches`: GET shows them, PATCH with some of them as JSON turns those."""

    async def show(_request: Request) -> Response:
        return JSONResponse(switches().model_dump())

    async def change(request: Request) -> Response:
        try:
            turned = NeoSwitches.model_validate(switches().model_dump() | dict(from_json(await request.body())))
        except (ValidationError, ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 422)
        turn(turned)
        return JSONResponse(turned.model_dump())

    return [
        Route("/control/switches", show, methods=["GET"]),
        Route("/control/switches", change, methods=["PATCH"]),
    ]
