"""What a page of the history is asked for by, and the rows of its file."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from sqlalchemy.orm import Session

from desksync.store.history import Sought, lines_of_runs, seek_runs
from desksync.store.runs import Line
from desksync.store.users import find_user, get_user
from desksync.sync.event import Side
from desksync_admin_api.cases.history import shows_titles
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.forms import FieldError, FilledForm, FormModel
from desksync_admin_api.pages.forms import Line as OneLine
from desksync_admin_api.pages.history_words import ERRORS, OUTCOMES
from desksync_admin_api.web import Web

SHOWN = 50
_PORTION = 200
_FIELDS = ("user", "first", "last", "outcome", "side", "error")
HEADING = ("run", "user", "begun", "ended", "outcome", "time", "kind", "side", "title", "text")


class FilterForm(FormModel):
    """Which runs are asked for. `user` is a login ID or NEO user ID, and counts for who may look at everybody."""

    user: OneLine = Field(default="", max_length=200)
    first: date | None = None
    last: date | None = None
    outcome: str = ""
    side: Literal["", "neo", "google"] = ""
    error: str = ""
    before: int | None = Field(default=None, ge=1, le=2**53)

    @field_validator("outcome")
    @classmethod
    def _is_outcome(cls, value: str) -> str:
        return _one_of(value, OUTCOMES)

    @field_validator("error")
    @classmethod
    def _is_kind(cls, value: str) -> str:
        return _one_of(value, ERRORS)


def sought_by(
    session: Session, web: Web, filled: FilledForm, own: int | None
) -> tuple[Sought | None, FilterForm | None, dict[str, Text]]:
    """Return what the filter asks for, or what is wrong with it. `own` is the user who sees nothing but their own runs."""
    form, wrong = filled.read(FilterForm)
    if form is None:
        return None, None, wrong
    user_id = own
    if own is None and form.user:
        user = find_user(session, form.user, web.now())
        if user is None:
            return None, form, {"user": T("There is nobody with this login ID.")}
        user_id = user.id
    zone = ZoneInfo(web.options.time_zone)
    try:
        first = None if form.first is None else _midnight(form.first, zone)
        last = None if form.last is None else _midnight(form.last + timedelta(days=1), zone)
    except OverflowError:
        return None, form, {"first": T("Please enter a date."), "last": T("Please enter a date.")}
    side = Side(form.side) if form.side else None
    return Sought(user_id, first, last, form.outcome or None, side, form.error or None), form, {}


def rows_of_file(web: Web, sought: Sought, before: int | None, *, owner_of_titles: int | None) -> Iterator[tuple[object, ...]]:
    """Yield a row for each line of each run, and one for a run without lines. Each portion has its own transaction."""
    while True:
        with web.reads() as session:
            runs = seek_runs(session, sought, _PORTION, before=before)
            lines = lines_of_runs(session, [one.id for one in runs])
            logins = {}
            for user_id in {one.user_id for one in runs}:
                user = get_user(session, user_id, web.now())
                logins[user_id] = "" if user is None else user.login_id
        for one in runs:
            ended = None if one.finished_at is None else one.finished_at.isoformat()
            run = (one.id, logins[one.user_id], one.started_at.isoformat(), ended, one.outcome)
            several: Sequence[Line | None] = lines[one.id] or (None,)
            for line in several:
                yield (*run, *_line(line, shows_title=shows_titles(web, one.user_id, owner_of_titles)))
        if len(runs) < _PORTION:
            return
        before = runs[-1].id


def address(filled: FilledForm, path: str, **more: str) -> str:
    """Return the address of a page with the same filter."""
    kept = {name: filled.text(name) for name in _FIELDS if filled.text(name)}
    query = urlencode(kept | more)
    return f"{path}?{query}" if query else path


def _line(line: Line | None, *, shows_title: bool) -> tuple[object, ...]:
    if line is None:
        return ("", "", "", "", "")
    what = line.line
    side = None if what.side is None else what.side.value
    return (line.at.isoformat(), what.kind, side, what.title if shows_title else "", what.text)


def _one_of(value: str, known: dict[str, Text]) -> str:
    if value and value not in known:
        raise FieldError(T("Please choose one of what is offered."))
    return value


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
