"""What Google holds under an id right now. A calendar that is gone answers the same as an event that is gone (rule R3)."""

from http import HTTPStatus

from desksync.worker.calendar import Account
from desksync_google_worker.errors import Refusal, Refused, meaning_for_calendar
from desksync_google_worker.mapping import Item
from desksync_google_worker.service import GoogleService


def held_item(service: GoogleService, account: Account, event_id: str) -> Item | None:
    """Return an event or an occurrence with the etag that a write must still find; `None` when it does not exist any more.

    Raises `Refused` where Google does not say, and what it means that there is no such calendar.
    """
    try:
        return service.call(account, lambda events: events.get(calendarId=account.address, eventId=event_id))
    except Refused as error:
        if not error.refusal.is_gone:
            raise
        require_calendar(service, account, error.refusal)
    return None


def require_calendar(service: GoogleService, account: Account, refusal: Refusal) -> None:
    """Make sure that a refusal which says "gone" is about the event, and raise what it means where the calendar is gone.

    410 is about the event, because Google remembers that it was deleted (Google "Handle API errors").
    """
    if refusal.status == HTTPStatus.GONE:
        return
    try:
        service.call(account, lambda events: events.list(calendarId=account.address, maxResults=1))
    except Refused as error:
        raise meaning_for_calendar(error.refusal) from error
