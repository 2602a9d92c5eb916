"""Lays a week out as a grid: bars in the all-day row, cards at their hours, side by side where they overlap. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from desksync_sandbox.neo.posted import written
from desksync_sandbox.neo.schedule import Occurrence

HOUR_HEIGHT = 46
_MINUTES = 24 * 60
_SHORTEST = 30
_ROOM_FOR_TWO_LINES = 55
_EARLIEST, _LATEST = 8, 19
_DAYS = 7
_NAMES = (("月", "Mon"), ("火", "Tue"), ("水", "Wed"), ("木", "Thu"), ("金", "Fri"), ("土", "Sat"), ("日", "Sun"))
_COLOURS = {"1": "blue", "2": "green", "3": "yellow", "4": "pink", "5": "red", "6": "grey"}


@dataclass(frozen=True, slots=True)
class Look:
    """What a bar or a card says."""

    path: str
    title: str
    place: str
    time: str
    start: str
    marks: tuple[tuple[str, str], ...]
    colour: str
    is_tentative: bool


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


def week_of(monday: date, found: Iterable[Occurrence], today: date) -> Week:
    """Lay out one user's occurrences."""
    dates = [monday + timedelta(days=number) for number in range(_DAYS)]
    shown = list(found)
    cards = [list(_cards(shown, day)) for day in dates]
    first = min([_EARLIEST, *(card.begin // 60 for column in cards for card in column if not card.is_rest)])
    last = max([_LATEST, *(-(-card.end // 60) for column in cards for card in column)])
    days = tuple(
        Day(day, names, tuple(_in_lanes(card.below(first * 60) for card in column)), is_today=day == today)
        for day, names, column in zip(dates, _NAMES, cards, strict=True)
    )
    bars = tuple(_bar(one, monday, dates[-1]) for one in shown if not one.value.starttime)
    return Week(monday, days, bars, range(first, last))


def _bar(one: Occurrence, monday: date, sunday: date) -> Bar:
    first, last = max(one.first, monday), min(one.last, sunday)
    return Bar(look_of(one), (first - monday).days + 1, (last - first).days + 1)


def _cards(found: Iterable[Occurrence], day: date) -> Iterable[Card]:
    for one in found:
        if not one.value.starttime or not one.touches(day, day):
            continue
        begin = _minute(one.value.starttime) if one.first == day else 0
        if one.real_last() > day:
            end = _MINUTES
        elif one.value.endtime and (one.first != day or one.value.endtime >= one.value.starttime):
            end = _minute(one.value.endtime)
        else:  # An open end, or one at midnight.
            end = _MINUTES if one.value.endtime else begin + _SHORTEST
        if end > 0:
            begin = min(begin, _MINUTES - _SHORTEST)
            yield Card(look_of(one), begin, min(max(end, begin + _SHORTEST), _MINUTES), is_rest=one.first < day)


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


def look_of(one: Occurrence) -> Look:
    """Return what a person sees of an occurrence: `event: detail`, the time, and marks."""
    fields = one.value.fields
    title = ": ".join(part for part in (fields["event"], fields["detail"]) if part not in ("", "--"))
    place = " ".join(part for part in (fields["place"], fields["other"]) if part)
    return Look(
        path=f"{one.value.sid}/{written(one.original)}",
        title=title or "(無題)",
        place=place,
        time=time_of(one),
        start=time_of(one).partition("–")[0],
        marks=tuple(_marks(one)),
        colour=_COLOURS.get(fields["schcolor"][-1:], "teal"),
        is_tentative=fields["reserve"] == "1",
    )


def time_of(one: Occurrence) -> str:
    """Return the time as a person reads it."""
    start, end = one.value.starttime, one.value.endtime
    if not start:
        return "終日"
    return f"{start[:2]}:{start[2:]}–{end[:2]}:{end[2:]}" if end else f"{start[:2]}:{start[2:]}–"


def _marks(one: Occurrence) -> Iterable[tuple[str, str]]:
    if one.value.level == "secret":
        yield "非公開", "secret"
    if one.value.level == "permission":
        yield "公開先限定", "restricted"
    if one.series.rule is not None:
        yield "変更" if one.is_changed else "不定期" if one.series.rule.letter == "r" else "定期", "series"
    if one.value.fields["reserve"] == "1":
        yield "仮", "tentative"
    if one.value.fields["rankflg"] == "1":
        yield "重要", "important"


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[2:])
