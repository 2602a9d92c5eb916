"""Who is calling, as the API sees it: to try a token with."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from desksync_admin_api.access.caller import CallerKind, Role
from desksync_admin_api.access.gate import SignedIn
from desksync_admin_api.api.problems import problems
from desksync_admin_api.errors import NotSignedIn

router = APIRouter(prefix="/api/v1", tags=["me"])


class Me(BaseModel):
    """The caller."""

    kind: CallerKind = Field(examples=["machine"])
    name: str = Field(examples=["Nightly report"])
    roles: list[Role] = Field(examples=[["auditor"]])
    user_id: int | None = Field(default=None, description="The number of the user, for somebody who is one.", examples=[None])


@router.get("/me", responses=problems(NotSignedIn))
def me(caller: SignedIn) -> Me:
    """Say who is calling."""
    roles = sorted(caller.roles - {Role.ANYBODY})
    return Me(kind=caller.kind, name=caller.name, roles=roles, user_id=caller.user_id)
