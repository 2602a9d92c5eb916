"""What one side answered, and what we therefore know of it. Decides what a reading proves (rules R3 and R4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from desksync.sync.event import Event, Side, Timed, Window


@dataclass(frozen=True, slots=True)
class Unread:
    """An occurrence of a series that is there and cannot be read: its date stays as it was known (rule R27).

    `original` and `started` say when the rule gave it, as in `SeenOccurrence`; `None` where not even that can be read.
    """

    series_id: str
    original: date | None = None
    started: datetime | None = None

    def may_be(self, day: date, series: "Stored") -> bool:
        """Say whether it is that date of the series, or whether nobody knows."""
        return self.series_id == series.id and (
            self.original is None or _day_in(series.event, self.original, self.started) == day
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as one side holds it.

    `version` is Google's etag, empty for NEO, which has none. `extra` is the adapter's own memory of what the neutral form
    cannot say (NEO's event kind, for one); the core carries it and never looks inside. `is_editable` is false where the
    account may not change the event (rule R18). `is_adopted` is true only in the answer to a creation that found the event
    there already, made by an earlier try (rule R9); it is not kept. `unread` are occurrences of which a look at the event could
    not tell what they are; they are not kept either.
    """

    id: str
    event: Event
    version: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    is_editable: bool = True
    is_adopted: bool = field(default=False, compare=False)
    unread: tuple[Unread, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Odd:
    """An event that is there but cannot be synced; `why` is a sentence for the history, without the title.

    `last` is what it was when it could last be read, `None` if it never could: a reading that understands it again need not tell
    all of a series' exceptions, nor what the adapter remembers of it. Adapters leave it out; `absorb` keeps it.
    """

    id: str
    why: str
    last: Stored | None = None


Known = Mapping[str, Stored | Odd]
"""All that we know of one side, by id. An id that is missing does not exist there."""


def last_known(item: Stored | Odd | None) -> Stored | None:
    """Return what the event was when it could last be read, `None` if it never could, or is not known at all."""
    return item.last if isinstance(item, Odd) else item


@dataclass(frozen=True, slots=True)
class SeenOccurrence:
    """One occurrence of a series that was changed or cancelled on its own.

    `original` is the date that the rule gave it, by the user's clock. `stored` has the occurrence's own id; `None` is cancelled.
    `started` is the moment that the rule gave it, where the side tells: a series by another zone's clock may count another date.
    """

    series_id: str
    original: date
    stored: Stored | None
    started: datetime | None = None

    def day_in(self, series: Event) -> date:
        """Return the original date by the clock of the series, which is what names the occurrence."""
        return _day_in(series, self.original, self.started)


def _day_in(series: Event, original: date, started: datetime | None) -> date:
    if started is None or not isinstance(series.when, Timed):
        return original
    return started.astimezone(series.when.start.tzinfo).date()


@dataclass(frozen=True, slots=True)
class Reading:
    """What one side answered.

    `is_complete`: everything that touches `window` is in it, so what is missing may have been deleted. These are at least the
    days that were asked for; a side that lists everything from their first day on says so. Otherwise it
    holds only what changed since the last cursor. `gone` are ids that the side itself declared deleted. `unread` are those in
    `odd` that belong to a series.
    `is_unchanged`: the side answered just what it answered last time; the rest is then empty, and it proves nothing.
    """

    side: Side
    window: Window
    events: tuple[Stored, ...] = ()
    occurrences: tuple[SeenOccurrence, ...] = ()
    odd: tuple[Odd, ...] = ()
    unread: tuple[Unread, ...] = ()
    gone: frozenset[str] = frozenset()
    cursor: str | None = None
    is_complete: bool = False
    is_unchanged: bool = False
