"""The calls that answer with pages: events.list and events.instances."""

from dataclasses import replace
from datetime import datetime, timedelta

from desksync_sandbox.google import errors
from desksync_sandbox.google.access import reached
from desksync_sandbox.google.events_api import viewer_of
from desksync_sandbox.google.exchange import ApiAnswer, ApiRequest, Caller
from desksync_sandbox.google.listing import Listing, Row
from desksync_sandbox.google.query import ListQuery, read_query
from desksync_sandbox.google.tokens import (
    Key,
    PageToken,
    SyncToken,
    read_page_token,
    read_sync_token,
    write_page_token,
    write_sync_token,
)
from desksync_sandbox.google.view import shown_event
from desksync_sandbox.google.world import Listed, World


def list_events(caller: Caller, request: ApiRequest, calendar_id: str) -> ApiAnswer:
    """Return a page of events. The last page alone carries a sync token, where the filters allow one."""
    listed, query, world = reached(caller, calendar_id), read_query(request.parameters), caller.world
    calendar, now = listed.calendar, world.now()
    if query.updated_min is not None and query.updated_min < now - world.switches.updated_min_life:
        raise errors.updated_min_too_long_ago()
    token, window = None, query
    if query.sync_token is not None:
        token = read_sync_token(query.sync_token, calendar, now, world.switches)
        if token.asked != query.kept:
            raise errors.bad_request("The parameters differ from those of the initial list.", parameter="syncToken")
        window = _remembered(query, token) if world.switches.token_remembers_window else query
    page = None if query.page_token is None else read_page_token(query.page_token, calendar, query.asked)
    change = calendar.change if page is None else page.change
    rows = Listing(calendar, window, world.switches, now, None if token is None else token.change).rows()
    shown, last = _page(rows, query, page, world)
    body = _frame(caller, request, listed, shown)
    if last is not None:
        body["nextPageToken"] = write_page_token(PageToken(change, query.asked, last), calendar)
    elif query.gives_token:
        body["nextSyncToken"] = write_sync_token(_next_token(query, token, change), calendar, now)
    return ApiAnswer(200, body)


def list_instances(caller: Caller, request: ApiRequest, calendar_id: str, event_id: str) -> ApiAnswer:
    """Return a page of the instances of a series. Its `timeMin` is inclusive, where that of `list` is exclusive."""
    listed, query = reached(caller, calendar_id), read_query(request.parameters)
    calendar, world = listed.calendar, caller.world
    family = calendar.families.get(event_id)
    if family is None or family.is_deleted:
        raise errors.not_found()
    if not family.is_series:
        raise errors.invalid("The event is not recurring.", parameter="eventId")
    after = None if query.time_min is None else query.time_min - timedelta(microseconds=1)
    window = replace(query, single_events=True, order_by=None, time_min=after)
    page = None if query.page_token is None else read_page_token(query.page_token, calendar, query.asked)
    rows = Listing(calendar, window, world.switches, world.now()).rows_of_series(family)
    shown, last = _page(rows, query, page, world)
    body = _frame(caller, request, listed, shown)
    if last is not None:
        body["nextPageToken"] = write_page_token(PageToken(calendar.change, query.asked, last), calendar)
    return ApiAnswer(200, body)


def _page(rows: list[Row], query: ListQuery, page: PageToken | None, world: World) -> tuple[list[Row], Key | None]:
    """Return the rows of this page, and after which key the next one begins; `None` after the last."""
    if page is None and world.switches.starts_with_an_empty_page:
        return [], ()
    rest = rows if page is None else [row for row in rows if row[0] > page.last]
    size = min(query.max_results, world.switches.page_limit or query.max_results)
    return rest[:size], rest[size - 1][0] if len(rest) > size else None


def _frame(caller: Caller, request: ApiRequest, listed: Listed, rows: list[Row]) -> dict[str, object]:
    calendar = listed.calendar
    viewer = viewer_of(caller, listed, request.parameters)
    return {
        "kind": "calendar#events",
        "etag": calendar.etag,
        "summary": calendar.summary,
        "description": calendar.description,
        "updated": calendar.updated,
        "timeZone": viewer.zone.key,
        "accessRole": listed.role,
        "defaultReminders": listed.default_reminders,
        "items": [shown_event(event, calendar, viewer) for _, event in rows],
    }


def _next_token(query: ListQuery, token: SyncToken | None, change: int) -> SyncToken:
    """Return the token for the next list; the window of the full list goes on from token to token."""
    if token is not None:
        return replace(token, change=change)
    time_min, time_max = (None if moment is None else moment.isoformat() for moment in (query.time_min, query.time_max))
    return SyncToken(change, query.kept, time_min, time_max)


def _remembered(query: ListQuery, token: SyncToken) -> ListQuery:
    """Return the query with the window of the full list that the token follows."""
    return replace(
        query,
        time_min=None if token.time_min is None else datetime.fromisoformat(token.time_min),
        time_max=None if token.time_max is None else datetime.fromisoformat(token.time_max),
    )
