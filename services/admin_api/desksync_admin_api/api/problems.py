"""Errors for machines (RFC 9457). The words are English whatever the browser asks for: programs read `type`."""

from typing import Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from desksync_admin_api.errors import Invalid, Kind, NotSignedIn, TooManyAttempts, WebError
from desksync_admin_api.locale.catalogue import say

MEDIA_TYPE = "application/problem+json"

_REQUEST = "6f1c1f0e-6a3e-4f7e-9c35-5e3b5a3f0b11"


class Problem(BaseModel):
    """What went wrong. `type` ends in a name that stays the same; `errors` names the fields that are wrong."""

    type: str = Field(examples=["/problems/not-found"])
    title: str = Field(examples=["There is no such page."])
    status: int = Field(examples=[404])
    detail: str = Field(description="What happened, and what to do.", examples=["There is no such page."])
    instance: str = Field(description="The number of this request, as the log has it.", examples=[f"urn:uuid:{_REQUEST}"])
    errors: dict[str, str] = Field(default_factory=dict, examples=[{"body.name": "Field required"}])


def problem(request: Request, error: WebError) -> Response:
    """Return the answer for an error."""
    found = Problem(
        type=_type(error.kind),
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
    """Return what a route says in the OpenAPI document about the errors it can answer; several may share one status."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in (one.kind for one in kinds):
        title = say("en", kind.title)
        told = found.setdefault(
            int(kind.status),
            {
                "description": title,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            },
        )
        told["content"][MEDIA_TYPE]["examples"][kind.name] = {"value": _example(kind)}
    return found


def _example(kind: Kind) -> dict[str, Any]:
    title = say("en", kind.title)
    fields = {"body.name": "Field required"} if kind is Invalid.kind else {}
    told = Problem(
        type=_type(kind), title=title, status=int(kind.status), detail=title, instance=f"urn:uuid:{_REQUEST}", errors=fields
    )
    return told.model_dump()


def _type(kind: Kind) -> str:
    return f"/problems/{kind.name}"
