"""Puts a user's occurrences into the grid of a week: which texts, times and marks they show there. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from desksync_sandbox.neo.posted import written
from desksync_sandbox.neo.schedule import Occurrence
from desksync_sandbox.week import Days, Look, Span, Week
from desksync_sandbox.week import week_of as laid_out

_OPEN_END = timedelta(minutes=30)
_COLOURS = {"1": "blue", "2": "green", "3": "yellow", "4": "pink", "5": "red", "6": "grey"}


def week_of(monday: date, found: Iterable[Occurrence], today: date) -> Week:
    """Lay out one user's occurrences."""
    return laid_out(monday, [_placed(one) for one in found], today)


def _placed(one: Occurrence) -> Days | Span:
    start, end, last = one.value.starttime, one.value.endtime, one.real_last()
    if not start:
        return Days(look_of(one), one.first, one.last)
    begin = datetime.combine(one.first, _clock(start))
    if not end:
        return Span(look_of(one), begin, begin + _OPEN_END if last == one.first else datetime.combine(last, time.min) + _OPEN_END)
    ends = datetime.combine(last, _clock(end))
    return Span(look_of(one), begin, ends if ends >= begin else datetime.combine(one.first + timedelta(days=1), time.min))


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


def _clock(text: str) -> time:
    return time(int(text[:2]), int(text[2:]))
