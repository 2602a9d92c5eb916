"""What each side would hold if it were given an event of the other. The rules by which two versions count as the same."""

from dataclasses import replace
from datetime import UTC

from desksync.sync.event import Access, AllDay, Event, Side, Timed, When, first_day, open_end
from desksync.sync.recurrence import canonical
from desksync.sync.text import DESCRIPTION_LIMIT, SURE_LENGTH, TITLE_LIMIT, tidy

_TEXTS = ("title", "location", "description")


def kept_by(side: Side, event: Event) -> Event:
    """Return the event as that side can say it, exceptions included.

    Google knows no restricted access and no open end (rules R15, R22); NEO's participants are never written (rule R17).
    """
    if side is Side.NEO:
        kept = replace(event, attendance="")
    else:
        access = Access.SECRET if event.access is Access.RESTRICTED else event.access
        kept = replace(event, access=access, when=_with_end(event.when))
    if not event.exceptions:
        return kept
    return replace(kept, exceptions={day: None if one is None else kept_by(side, one) for day, one in event.exceptions.items()})


def comparable(event: Event) -> Event:
    """Return the coarsest form of an event: two events with equal forms hold the same appointment, whichever side they are on."""
    plain = kept_by(Side.GOOGLE, event)
    return replace(
        plain,
        when=_in_minutes(plain.when),
        title=tidy(plain.title)[:TITLE_LIMIT],
        location=tidy(plain.location),
        description=tidy(plain.description)[:DESCRIPTION_LIMIT],
        repeat=None if plain.repeat is None else canonical(plain.repeat, first_day(plain.when)),
        exceptions={day: None if one is None else comparable(one) for day, one in plain.exceptions.items()},
    )


def shows(name: str, held: Event, wanted: Event, before: Event | None = None) -> bool:
    """Say whether a field holds what was to be written to it; a text may have been shortened by the side (rule R21).

    It was not shortened where less is left than any side is sure to hold, or than the side held `before`, nor where that is still
    there: a person typed it, or nothing was written. All are in their coarsest form.
    """
    mine, theirs = getattr(held, name), getattr(wanted, name)
    if mine == theirs:
        return True
    if name not in _TEXTS or len(mine) < SURE_LENGTH or not theirs.startswith(mine):
        return False
    return before is None or (mine != getattr(before, name) and len(mine) >= len(getattr(before, name)))


def _with_end(when: When) -> When:
    if isinstance(when, Timed) and when.end is None:
        return Timed(when.start, open_end(when.start))
    return when


def _in_minutes(when: When) -> When:
    """NEO holds no seconds, and the same instant in another notation is no change (rule R23)."""
    if isinstance(when, AllDay) or when.end is None:
        return when
    return Timed(
        when.start.astimezone(UTC).replace(second=0, microsecond=0),
        when.end.astimezone(UTC).replace(second=0, microsecond=0),
    )
