"""The audit log: who changed what, when and from where."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from desksync.store import audit
from desksync.store.audit import Entry, Wanted, list_entries
from desksync_admin_api.access.audit import Deed
from desksync_admin_api.access.caller import CallerKind
from desksync_admin_api.access.gate import Watching
from desksync_admin_api.api.models import MOST, Cursor, Limit, Line, Listed, listed
from desksync_admin_api.api.problems import problems
from desksync_admin_api.errors import Invalid, NotAllowed, NotSignedIn
from desksync_admin_api.transactions import Reading

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])


class Party(BaseModel):
    """Somebody or something, as it was called then."""

    kind: str = Field(examples=["account"])
    id: str = Field(examples=["1"])
    name: str = Field(examples=["kobayashi"])


class EntryView(BaseModel):
    """One entry. `before` and `after` hold what changed, by the names of the fields, and no secret."""

    id: int = Field(examples=[99])
    at: datetime
    who: Party
    what: str = Field(examples=["permission_changed"])
    about: Party
    before: dict[str, Any] | None = Field(examples=[{"permission": "disabled"}])
    after: dict[str, Any] | None = Field(examples=[{"permission": "enabled"}])
    address: str = Field(description="Where the request came from.", examples=["192.0.2.1"])
    request: str = Field(description="Its number, as the log has it.", examples=["6f1c1f0e-6a3e-4f7e-9c35-5e3b5a3f0b11"])


@router.get("", responses=problems(NotSignedIn, NotAllowed, Invalid))
def entries(  # noqa: PLR0913, PLR0917 - each is a filter
    _caller: Watching,
    session: Reading,
    what: Annotated[Deed | None, Query(examples=["permission_changed"])] = None,
    who: Annotated[CallerKind | None, Query(description="What sort of caller it was.")] = None,
    user_id: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="About this user.", examples=[7])] = None,
    q: Annotated[Line, Query(max_length=200, description="Part of a name or number.", examples=["tanaka"])] = "",
    since: Annotated[AwareDatetime | None, Query(examples=["2026-11-01T00:00:00+09:00"])] = None,
    until: Annotated[AwareDatetime | None, Query(description="Entries from before that.")] = None,
    cursor: Cursor = None,
    limit: Limit = MOST,
) -> Listed[EntryView]:
    """List entries, the newest first."""
    about = None if user_id is None else ("user", str(user_id))
    wanted = Wanted(since, until, what, who, about, q or None)
    found = list_entries(session, wanted, before=cursor, limit=limit + 1)
    return listed(found, limit, _shown, lambda one: one.id)


def _shown(kept: Entry) -> EntryView:
    entry = kept.entry
    return EntryView(
        id=kept.id,
        at=kept.at,
        who=_party(entry.who),
        what=entry.what,
        about=_party(entry.about),
        before=None if entry.before is None else dict(entry.before),
        after=None if entry.after is None else dict(entry.after),
        address=entry.address,
        request=entry.request_id,
    )


def _party(party: audit.Party) -> Party:
    return Party(kind=party.kind, id=party.id, name=party.name)
