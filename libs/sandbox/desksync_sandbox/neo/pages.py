"""A small NEO for people: pick a user, see a week, add, change, move and delete. Plain forms; no rights are asked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from desksync_sandbox.neo.edits import split
from desksync_sandbox.neo.errors import Invented, Refused
from desksync_sandbox.neo.forms import Shown, again, blank, shown, to_neo
from desksync_sandbox.neo.people import User
from desksync_sandbox.neo.posted import Posted, parsed, posted, written
from desksync_sandbox.neo.schedule import Occurrence
from desksync_sandbox.neo.week import look_of, week_of
from desksync_sandbox.neo.world import ALL_DAYS, FROM_THIS_DAY, THIS_DAY, World
from desksync_sandbox.week import HOUR_HEIGHT, monday_of

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Cache-Control": "no-store",
}
_ONE = "/users/{user_id}/schedules/{sid}/{seldate}"
_TEMPLATES = Environment(
    loader=ChoiceLoader([PackageLoader("desksync_sandbox.neo"), PackageLoader("desksync_sandbox")]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Pages:
    """The pages. `world` is asked for anew with each request; `today` is the date in the office."""

    world: Callable[[], World]
    today: Callable[[], date]
    keeps_sid: Callable[[], bool]

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/", self.people, methods=["GET"]),
            Route("/users/{user_id}", self.week, methods=["GET"]),
            Route("/users/{user_id}/new", self.new, methods=["GET"]),
            Route("/users/{user_id}/schedules", self.add, methods=["POST"]),
            Route(_ONE, self.open, methods=["GET"]),
            Route(_ONE, self.change, methods=["POST"]),
            Route(_ONE + "/move", self.move, methods=["POST"]),
            Route(_ONE + "/delete", self.delete, methods=["POST"]),
        ]

    async def people(self, _request: Request) -> Response:
        """Show everybody."""
        users = sorted(self.world().users.values(), key=lambda user: int(user.id))
        return _page("people.html", users=users)

    async def week(self, request: Request) -> Response:
        """Show one user's week, today's unless another is asked for."""
        world, user = self.world(), self._user(request)
        monday = monday_of(_day(request, "week", self.today()))
        with world.lock:
            found = world.shelf.seen_by(user.id, monday, monday + timedelta(days=6))
        week = week_of(monday, found, self.today())
        return _page("week.html", user=user, week=week, hour_height=HOUR_HEIGHT, step=timedelta(days=7))

    async def new(self, request: Request) -> Response:
        """Show an empty form."""
        user, clock = self._user(request), request.query_params.get("time", "")
        return self._form(user, blank(_day(request, "date", self.today()), clock, user.id), None)

    async def add(self, request: Request) -> Response:
        """Add what the form says."""
        user, form = self._user(request), await _form(request)
        try:
            sid = self.world().insert(to_neo(form, has_rule=True), user.id)
        except Refused as refused:
            return self._form(user, again(form), None, error=refused)
        return self._week_with(user, self.world().shelf.get(sid).first)

    async def open(self, request: Request) -> Response:
        """Show a schedule; of a series, one occurrence, that and the later ones, or everything, as `scope` says."""
        user, one = self._user(request), self._one(request)
        scope = _scope(request.query_params.get("scope", ""), one)
        return self._form(user, _values(one, scope), one, scope)

    async def change(self, request: Request) -> Response:
        """Change what the form says."""
        user, one, form = self._user(request), self._one(request), await _form(request)
        scope = _scope(form.text("scope"), one)
        sent = to_neo(form, has_rule=one.series.rule is None or scope != THIS_DAY)
        try:
            self._update(one, scope, sent)
        except Refused as refused:
            return self._form(user, again(form), one, scope, error=refused)
        return self._week_with(user, one.original if scope == ALL_DAYS and one.series.rule else sent.day("startdate"))

    async def move(self, request: Request) -> Response:
        """Move one occurrence by some days."""
        user, one, form = self._user(request), self._one(request), await _form(request)
        days = timedelta(days=7 if form.text("days") == "7" else -1 if form.text("days") == "-1" else 1)
        self._update(one, THIS_DAY, posted({"startdate": written(one.first + days), "enddate": written(one.last + days)}))
        return self._week_with(user, one.first + days)

    async def delete(self, request: Request) -> Response:
        """Delete a schedule or a part of a series."""
        user, one, form = self._user(request), self._one(request), await _form(request)
        self.world().delete(one.series.sid, modkind=_scope(form.text("scope"), one), seldate=written(one.original))
        return self._week_with(user, one.first)

    def _user(self, request: Request) -> User:
        return self.world().user(request.path_params["user_id"])

    def _one(self, request: Request) -> Occurrence:
        world = self.world()
        return world.occurrence(world.shelf.get(request.path_params["sid"]), request.path_params["seldate"])

    def _update(self, one: Occurrence, scope: int, sent: Posted) -> None:
        self.world().update(one.series.sid, scope, written(one.original), sent, keeps_sid=self.keeps_sid())

    def _form(
        self, user: User, values: Shown, one: Occurrence | None, scope: int = ALL_DAYS, error: Refused | None = None
    ) -> Response:
        world = self.world()
        return _page(
            "schedule.html",
            422 if error else 200,
            user=user,
            values=values,
            one=one,
            look=None if one is None else look_of(one),
            scope=scope,
            has_rule=one is None or one.series.rule is None or scope != THIS_DAY,
            users=sorted(world.users.values(), key=lambda user: int(user.id)),
            facilities=world.facilities,
            error=error,
        )

    def _week_with(self, user: User, day: date | None) -> Response:
        monday = monday_of(day or self.today())
        return RedirectResponse(f"/users/{user.id}?week={monday.isoformat()}", 303)


async def show_refusal(_request: Request, error: Exception) -> Response:
    """Show a person what NEO refused, as the last resort of every page."""
    return _page("refused.html", 404, text=error.message if isinstance(error, Refused) else "")


def _values(one: Occurrence, scope: int) -> Shown:
    if one.series.rule is None or scope == THIS_DAY:
        return shown(one, is_whole=False)
    if scope == ALL_DAYS:
        return shown(one, is_whole=True)
    _head, tail = split(one.series, one.series.rule, one.original, one.series.sid)
    return shown(Occurrence(tail.first, tail.first, tail.first, tail, tail), is_whole=True)


def _scope(text: str, one: Occurrence) -> int:
    if one.series.rule is None:
        return ALL_DAYS
    return {"2": FROM_THIS_DAY, "3": ALL_DAYS}.get(text, THIS_DAY)


def _day(request: Request, name: str, default: date) -> date:
    text = request.query_params.get(name)
    try:
        return date.fromisoformat(text) if text else default
    except ValueError as error:
        raise Refused(Invented.BAD_DATE, "日付の形式が正しくありません(YYYY-MM-DD)。", name) from error


async def _form(request: Request) -> Posted:
    return parsed(await request.body())


def _page(name: str, status: int = 200, **values: Any) -> Response:
    return HTMLResponse(_TEMPLATES.get_template(name).render(**values), status, _HEADERS)
