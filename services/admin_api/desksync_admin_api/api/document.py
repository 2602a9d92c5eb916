"""The description of the API for programs (OpenAPI 3.1): made from the routes, with the errors that each can answer."""

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse

from desksync_admin_api.access.gate import Anybody
from desksync_admin_api.api.problems import Problem
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)

PATH = "/api/v1/openapi.json"

_ABOUT = """\
Everything that the pages of DeskSync do, by the same rules and with the same audit log.

Lists come in pages: `next` leads to the following one as `?cursor=`. A change names the version that it rests on: send the
`ETag` that you have read as `If-Match`. A command answers 202 and says at `poll` where to look what came of it; sent again with
the same `Idempotency-Key`, it is done once. Errors are `application/problem+json`.
"""


@router.get(PATH)
def document(request: Request, _caller: Anybody, web: TheWeb) -> JSONResponse:
    """Show the description. It holds nothing of this installation but its address."""
    app: FastAPI = request.app
    if app.openapi_schema is None:
        app.openapi_schema = described(app, web.options.public_url)
    return JSONResponse(app.openapi_schema)


def described(app: FastAPI, public_url: str) -> dict[str, Any]:
    """Return the description of all routes that are in it: pages say of themselves that they are not."""
    found = get_openapi(
        title="DeskSync",
        version="1",
        description=_ABOUT,
        routes=app.routes,
        servers=[{"url": public_url}],
        openapi_version="3.1.0",
    )
    components = found.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token. An administrator makes it on a page."}
    }
    found["security"] = [{"token": []}]
    return found
