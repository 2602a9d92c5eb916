"""Which kinds of event a side can hold. What it cannot is left alone, and the history says why."""

from desksync.sync.event import AllDay, Event, Side, first_day, last_day


def obstacle(event: Event, side: Side) -> str | None:
    """Return why that side cannot hold the event, as a sentence, or `None` if it can.

    NEO's form has a count or an end date for every series, and its first and last date are the range of the series, so that
    an occurrence cannot last several days (as seen in NEO's browser client, V3.5).
    """
    if side is Side.GOOGLE or event.repeat is None:
        return None
    if event.repeat.count is None and event.repeat.until is None:
        return "a series without an end cannot be kept in NEO"
    if _lasts_days(event):
        return "a series whose occurrences last several days cannot be kept in NEO"
    return None


def _lasts_days(event: Event) -> bool:
    if isinstance(event.when, AllDay):
        return event.when.first != event.when.last
    start, end = event.when.start, event.when.end
    # An end earlier than the start on one date means the next day (rule R22): one night is sayable, more is not.
    return (
        last_day(event.when) != first_day(event.when)
        and end is not None
        and ((end.date() - start.date()).days > 1 or end.time() >= start.time())
    )
