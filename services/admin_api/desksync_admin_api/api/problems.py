"""Errors for machines (RFC 9457). The words are English whatever the browser asks for: programs read `type`."""

from typing import Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from desksync_admin_api.errors import NotSignedIn, TooManyAttempts, WebError
from desksync_admin_api.locale.catalogue import say

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What went wrong. `type` ends in a name that stays the same; `errors` names the fields that are wrong."""

    type: str = Field(examples=["/problems/not-found"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="The number of this request, as the log has it.")
    errors: dict[str, str] = Field(default_factory=dict)


def problem(request: Request, error: WebError) -> Response:
    """Return the answer for an error."""
    found = Problem(
        type=f"/problems/{error.kind.name}",
        title=say("en", error.kind.title),
        status=int(error.kind.status),
        detail=say("en", error.detail),
        instance=f"urn:uuid:{getattr(request.state, 'request_id', '')}",
        errors={name: say("en", text) for name, text in error.fields.items()},
    )
    response = JSONResponse(found.model_dump(), found.status, media_type=MEDIA_TYPE)
    if isinstance(error, NotSignedIn):
        response.headers["www-authenticate"] = 'Bearer realm="DeskSync"'
    if isinstance(error, TooManyAttempts):
        response.headers["retry-after"] = str(max(1, round(error.after.total_seconds())))
    return response


def problems(*kinds: type[WebError]) -> dict[int | str, dict[str, Any]]:
    """Return what a route says in the OpenAPI document about the errors it can answer."""
    return {
        int(kind.kind.status): {
            "model": Problem,
            "description": say("en", kind.kind.title),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for kind in kinds
    }
