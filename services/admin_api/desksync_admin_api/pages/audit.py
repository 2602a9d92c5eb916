"""監査ログ: who changed what, when and from where, with a filter, page by page, and as a file."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from desksync.store.audit import Entry, Wanted, list_entries
from desksync_admin_api.access.audit import Deed, record
from desksync_admin_api.access.gate import Watching
from desksync_admin_api.errors import Invalid
from desksync_admin_api.pages.csv_file import csv_response
from desksync_admin_api.pages.forms import FilledForm, FormModel, asked
from desksync_admin_api.pages.page import page
from desksync_admin_api.pages.words import DEEDS, WHO
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(include_in_schema=False)

PATH = "/admin/audit"
SHOWN = 100
_PORTION = 1000
_HEADING = (
    "time",
    "who_kind",
    "who_id",
    "who",
    "what",
    "about_kind",
    "about_id",
    "about",
    "before",
    "after",
    "address",
    "request",
)


class FilterForm(FormModel):
    """Which entries are asked for."""

    what: Deed | None = None
    who: Literal["", "account", "user", "subject", "machine", "program", "nobody"] = ""
    text: str = Field(default="", max_length=200)
    first: date | None = None
    last: date | None = None
    before: int | None = Field(default=None, ge=1, le=2**53)


@router.get(PATH)
def audit_log(request: Request, _caller: Watching, web: TheWeb, session: Reading) -> Response:
    """Show entries, the newest first."""
    filled = asked(request)
    wanted, wrong = filled.read(FilterForm)
    found: list[Entry] = []
    if wanted is not None:
        found = list_entries(session, _wanted(wanted, web), before=wanted.before, limit=SHOWN + 1)
    older = _address(filled, before=str(found[SHOWN - 1].id)) if len(found) > SHOWN else None
    values: dict[str, Any] = {
        "entries": found[:SHOWN],
        "older": older,
        "newest": _address(filled) if filled.text("before") else None,
        "file": _address(filled, PATH + ".csv") if wanted is not None else None,
        "deeds": [("", DEEDS[None]), *((deed, words) for deed, words in DEEDS.items() if deed is not None)],
        "who": list(WHO.items()),
        "names": {deed.value: words for deed, words in DEEDS.items() if deed is not None},
    }
    return page(request, "audit.html", 200 if wanted is not None else 422, form=filled, wrong=wrong, **values)


@router.get(f"{PATH}.csv")
def audit_file(request: Request, caller: Watching, web: TheWeb, session: Writing) -> Response:
    """Send all entries of the filter as a file. That somebody took it is an entry itself."""
    wanted, wrong = asked(request).read(FilterForm)
    if wanted is None:
        raise Invalid(fields=wrong)
    record(session, caller, Deed.AUDIT_EXPORTED, web.now(), after={"filter": wanted.model_dump(mode="json", exclude_none=True)})
    return csv_response("audit.csv", _HEADING, _rows(web, _wanted(wanted, web), wanted.before))


def _rows(web: Web, wanted: Wanted, before: int | None) -> Iterator[tuple[object, ...]]:
    """Yield all entries. Each portion has its own transaction, so that sending to a slow reader holds up nobody."""
    while True:
        with web.reads() as session:
            portion = list_entries(session, wanted, before=before, limit=_PORTION)
        yield from (_row(one) for one in portion)
        if len(portion) < _PORTION:
            return
        before = portion[-1].id


def _row(one: Entry) -> tuple[object, ...]:
    entry = one.entry
    who = (entry.who.kind, entry.who.id, entry.who.name)
    about = (entry.about.kind, entry.about.id, entry.about.name)
    before, after = (None if value is None else dict(value) for value in (entry.before, entry.after))
    return (one.at.isoformat(), *who, entry.what, *about, before, after, entry.address, entry.request_id)


def _wanted(form: FilterForm, web: Web) -> Wanted:
    zone = ZoneInfo(web.options.time_zone)
    return Wanted(
        first=None if form.first is None else _midnight(form.first, zone),
        last=None if form.last is None else _midnight(form.last + timedelta(days=1), zone),
        what=None if form.what is None else form.what.value,
        who_kind=form.who or None,
        text=form.text or None,
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _address(filled: FilledForm, path: str = PATH, **more: str) -> str:
    kept = {name: filled.text(name) for name in ("what", "who", "text", "first", "last") if filled.text(name)}
    query = urlencode(kept | more)
    return f"{path}?{query}" if query else path
