"""A small Google Calendar for people: pick a calendar, see a week, add, change, move and delete. Plain forms, no rights asked."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from desksync_sandbox.google.calendars import Calendar
from desksync_sandbox.google.errors import GoogleError, not_found
from desksync_sandbox.google.forms import Filled, again, blank, filled, message_of, shifted, wanted
from desksync_sandbox.google.oauth import form
from desksync_sandbox.google.resources import Resource
from desksync_sandbox.google.templating import page
from desksync_sandbox.google.view import read_link_key
from desksync_sandbox.google.week import COLOURS, look_of, week_of
from desksync_sandbox.google.world import World
from desksync_sandbox.week import HOUR_HEIGHT, monday_of

ONE, FOLLOWING, ALL = "one", "following", "all"
_STEPS = {"-1": -1, "1": 1, "7": 7}


@dataclass(frozen=True)
class Pages:
    """The pages. Whoever looks is taken for the owner of the calendar."""

    world: World

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/", self.calendars, methods=["GET"]),
            Route("/week", self.week, methods=["GET"]),
            Route("/event/new", self.new, methods=["GET"]),
            Route("/event", self.open, methods=["GET"]),
            Route("/event", self.save, methods=["POST"]),
            Route("/event/move", self.move, methods=["POST"]),
            Route("/event/delete", self.delete, methods=["POST"]),
            Route("/calendar/event", self.follow_link, methods=["GET"]),
        ]

    def calendars(self, _request: Request) -> Response:
        """Show all accounts with their calendars."""
        return page("calendars.html", accounts=list(self.world.accounts.values()))

    def week(self, request: Request) -> Response:
        """Show one calendar's week, today's unless another is asked for."""
        calendar = self._calendar(request.query_params.get("calendar", ""))
        today = self._today(calendar)
        monday = monday_of(_day(request.query_params.get("week"), today))
        begin, end = (datetime.combine(day, time.min, calendar.zone) for day in (monday, monday + timedelta(days=7)))
        events = self.world.occurrences(calendar.id, begin, end)
        return page(
            "week.html",
            calendar=calendar,
            name=self._name(calendar),
            week=week_of(monday, events, calendar.zone, today),
            hour_height=HOUR_HEIGHT,
            step=timedelta(days=7),
            query=urlencode({"calendar": calendar.id}),
        )

    def new(self, request: Request) -> Response:
        """Show an empty form."""
        asked = request.query_params
        calendar = self._calendar(asked.get("calendar", ""))
        day = _day(asked.get("date"), self._today(calendar))
        return self._form(calendar, blank(day, asked.get("time", "")), None, ALL)

    def open(self, request: Request) -> Response:
        """Show an event; of a series one instance, this and the following, or everything, as `scope` says."""
        asked = request.query_params
        calendar = self._calendar(asked.get("calendar", ""))
        event = self._event(calendar, asked.get("id", ""))
        scope = _scope(event, asked.get("scope", ""))
        return self._form(calendar, filled(self._shown(calendar, event, scope), calendar.zone), event, scope)

    async def save(self, request: Request) -> Response:
        """Add or change what the form says."""
        sent = dict(await form(request))
        calendar = self._calendar(sent.get("calendar", ""))
        event = self._event(calendar, sent["id"]) if sent.get("id") else None
        scope = ALL if event is None else _scope(event, sent.get("scope", ""))
        try:
            changes = wanted(sent, calendar.zone, has_rule=event is None or scope != ONE)
            saved = self._save(calendar, event, scope, changes)
        except GoogleError as error:
            return self._form(calendar, again(sent), event, scope, error)
        return self._back_to_week(
            calendar, event if event is not None and scope == ALL and "recurringEventId" in event else saved
        )

    async def move(self, request: Request) -> Response:
        """Move a single event or one instance by some days."""
        sent = dict(await form(request))
        calendar = self._calendar(sent.get("calendar", ""))
        event = self._event(calendar, sent.get("id", ""))
        days = _STEPS.get(sent.get("days", ""), 1)
        return self._back_to_week(calendar, self.world.patch(calendar.id, event["id"], shifted(event, days, calendar.zone)))

    async def delete(self, request: Request) -> Response:
        """Delete an event, or the part of a series that `scope` names."""
        sent = dict(await form(request))
        calendar = self._calendar(sent.get("calendar", ""))
        event = self._event(calendar, sent.get("id", ""))
        match _scope(event, sent.get("scope", "")):
            case "following":
                self.world.end(calendar.id, event["id"])
            case "one":
                self.world.delete(calendar.id, event["id"])
            case _:
                self.world.delete(calendar.id, _whole(event))
        return self._back_to_week(calendar, event)

    def follow_link(self, request: Request) -> Response:
        """Lead from an event's `htmlLink` to its form."""
        named = read_link_key(request.query_params.get("eid", ""))
        if named is None:
            raise not_found()
        return RedirectResponse("/event?" + urlencode({"calendar": named[1], "id": named[0]}), 303)

    def _save(self, calendar: Calendar, event: Resource | None, scope: str, changes: Resource) -> Resource:
        if event is None:
            return self.world.add(calendar.id, {name: value for name, value in changes.items() if value is not None})
        if scope == FOLLOWING:
            return self.world.split(calendar.id, event["id"], changes)
        return self.world.patch(calendar.id, event["id"] if scope == ONE else _whole(event), changes)

    def _shown(self, calendar: Calendar, event: Resource, scope: str) -> Resource:
        """Return what the form is filled with: the instance, the series, or the series from this instance on."""
        if scope == ONE or "recurringEventId" not in event:
            return event
        series = self.world.get(calendar.id, event["recurringEventId"])
        return series if scope == ALL else {**event, "recurrence": series["recurrence"]}

    def _form(
        self, calendar: Calendar, values: Filled, event: Resource | None, scope: str, error: GoogleError | None = None
    ) -> Response:
        return page(
            "event.html",
            422 if error else 200,
            calendar=calendar,
            name=self._name(calendar),
            values=values,
            event=event,
            look=None if event is None else look_of(event, calendar.zone),
            is_instance=event is not None and "recurringEventId" in event,
            scope=scope,
            has_rule=event is None or scope != ONE,
            colours=[(number, name) for number, (name, _style) in COLOURS.items()],
            error=None if error is None else message_of(error),
            back=values.start_date if event is None else filled(event, calendar.zone).start_date,
            query=urlencode({"calendar": calendar.id}),
        )

    def _calendar(self, calendar_id: str) -> Calendar:
        found = self.world.calendars.get(calendar_id)
        if found is None:
            raise not_found()
        return found

    def _event(self, calendar: Calendar, event_id: str) -> Resource:
        event = self.world.get(calendar.id, event_id)
        if event["status"] == "cancelled":
            raise not_found()
        return event

    def _name(self, calendar: Calendar) -> str:
        """Return whose calendar it is, or what it is called."""
        account = self.world.accounts.get(calendar.id)
        return account.name if account is not None and account.name else calendar.summary

    def _today(self, calendar: Calendar) -> date:
        return self.world.now().astimezone(calendar.zone).date()

    def _back_to_week(self, calendar: Calendar, event: Resource) -> Response:
        day = filled(event, calendar.zone).start_date
        return RedirectResponse("/week?" + urlencode({"calendar": calendar.id, "week": day}), 303)


def show_refusal(_request: Request, error: Exception) -> Response:
    """Show a person what was refused, as the last resort of every page."""
    text = message_of(error) if isinstance(error, GoogleError) else str(error)
    return page("refused.html", error.status if isinstance(error, GoogleError) else 400, text=text)


def _scope(event: Resource, asked: str) -> str:
    """Return what of a series is meant: one instance unless said otherwise. A single event is always meant as a whole."""
    if "recurringEventId" not in event:
        return ALL
    return asked if asked in (FOLLOWING, ALL) else ONE


def _whole(event: Resource) -> str:
    """Return the id of the series that an instance belongs to, or else that of the event."""
    series_id: str = event["recurringEventId"] if "recurringEventId" in event else event["id"]
    return series_id


def _day(text: str | None, default: date) -> date:
    try:
        return date.fromisoformat(text) if text else default
    except ValueError:
        return default
