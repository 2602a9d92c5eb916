"""Lays a week out as a grid: bars in the all-day row, cards at their hours, side by side where they overlap. Pure.

Both stand-ins show their week with it; it knows the events of neither.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

HOUR_HEIGHT = 46
_MINUTES = 24 * 60
_SHORTEST = 30
_ROOM_FOR_TWO_LINES = 55
_EARLIEST, _LATEST = 8, 19
_DAYS = 7
_NAMES = (("月", "Mon"), ("火", "Tue"), ("水", "Wed"), ("木", "Thu"), ("金", "Fri"), ("土", "Sat"), ("日", "Sun"))


@dataclass(frozen=True, slots=True)
class Look:
    """What a bar or a card says. `path` is where it leads, `marks` are texts with the name of their style."""

    path: str
    title: str
    place: str
    time: str
    start: str
    marks: tuple[tuple[str, str], ...]
    colour: str
    is_tentative: bool


@dataclass(frozen=True, slots=True)
class Days:
    """Something to show for whole days, both inclusive."""

    look: Look
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Span:
    """Something to show between two local times, without a zone."""

    look: Look
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Bar:
    """An all-day event: the first column (from 1) and how many it spans."""

    look: Look
    column: int
    span: int


@dataclass(frozen=True, slots=True)
class Card:
    """A timed event on one day: minutes from midnight, and its lane of several. `is_rest`: it began the day before."""

    look: Look
    begin: int
    end: int
    is_rest: bool
    lane: int = 0
    lanes: int = 1

    @property
    def is_short(self) -> bool:
        """Say whether there is room for one line only."""
        return self.end - self.begin < _ROOM_FOR_TWO_LINES

    def below(self, first: int) -> "Card":
        """Return the card as it stands in a grid that begins at that minute: what is earlier is drawn at its top."""
        begin = max(self.begin, first)
        return replace(self, begin=begin, end=max(self.end, begin + _SHORTEST))

    def style(self, first_hour: int) -> str:
        """Return where it stands, in CSS."""
        top = (self.begin - first_hour * 60) * HOUR_HEIGHT / 60
        height = (self.end - self.begin) * HOUR_HEIGHT / 60 - 2
        width = 100 / self.lanes
        return f"top:{top:.0f}px;height:{height:.0f}px;left:{self.lane * width:.2f}%;width:{width:.2f}%"


@dataclass(frozen=True, slots=True)
class Day:
    """One column."""

    date: date
    names: tuple[str, str]
    cards: tuple[Card, ...]
    is_today: bool


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from Monday, and the hours that are shown."""

    monday: date
    days: tuple[Day, ...]
    bars: tuple[Bar, ...]
    hours: range

    @property
    def day_to_add(self) -> date:
        """Return the day that a new event is likely meant for: today, or the Monday of another week."""
        return next((day.date for day in self.days if day.is_today), self.monday)

    @property
    def sunday(self) -> date:
        """Return its last day."""
        return self.monday + timedelta(days=_DAYS - 1)


def monday_of(day: date) -> date:
    """Return the Monday on or before a day."""
    return day - timedelta(days=day.weekday())


def week_of(monday: date, placed: Iterable[Days | Span], today: date) -> Week:
    """Lay out what there is to show."""
    dates = [monday + timedelta(days=number) for number in range(_DAYS)]
    shown = list(placed)
    cards = [list(_cards(shown, day)) for day in dates]
    first = min([_EARLIEST, *(card.begin // 60 for column in cards for card in column if not card.is_rest)])
    last = max([_LATEST, *(-(-card.end // 60) for column in cards for card in column)])
    days = tuple(
        Day(day, names, tuple(_in_lanes(card.below(first * 60) for card in column)), is_today=day == today)
        for day, names, column in zip(dates, _NAMES, cards, strict=True)
    )
    bars = tuple(_bar(one, monday, dates[-1]) for one in shown if isinstance(one, Days))
    return Week(monday, days, bars, range(first, last))


def _bar(one: Days, monday: date, sunday: date) -> Bar:
    first, last = max(one.first, monday), min(one.last, sunday)
    return Bar(one.look, (first - monday).days + 1, (last - first).days + 1)


def _cards(shown: Iterable[Days | Span], day: date) -> Iterator[Card]:
    midnight = datetime.combine(day, time.min)
    for one in shown:
        if isinstance(one, Days) or one.begin >= midnight + timedelta(days=1) or one.end < midnight:
            continue
        if one.end == midnight and one.begin < midnight:
            continue  # It ended with the day before.
        begin = min(max(_minutes(one.begin - midnight), 0), _MINUTES - _SHORTEST)
        end = min(max(_minutes(one.end - midnight), begin + _SHORTEST), _MINUTES)
        yield Card(one.look, begin, end, is_rest=one.begin < midnight)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def _in_lanes(cards: Iterable[Card]) -> Iterable[Card]:
    group: list[Card] = []
    for card in sorted(cards, key=lambda card: (card.begin, -card.end)):
        if group and card.begin >= max(one.end for one in group):
            yield from _sharing(group)
            group = []
        taken = {one.lane for one in group if one.end > card.begin}
        free = next(lane for lane in range(len(group) + 1) if lane not in taken)
        group.append(replace(card, lane=free))
    yield from _sharing(group)


def _sharing(group: list[Card]) -> Iterable[Card]:
    lanes = 1 + max((card.lane for card in group), default=0)
    return (replace(card, lanes=lanes) for card in group)
