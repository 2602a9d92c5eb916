"""Properties of the core's small parts: kept text, fingerprints, rules, texts, comparing, merging."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import assume, given
from hypothesis import strategies as st

from desksync.sync.clocks import read_anew
from desksync.sync.codec import from_json, to_json
from desksync.sync.event import AllDay, Event, Side, Timed, Window, first_day, last_day, local, occurrence_on
from desksync.sync.fingerprint import fingerprint, fingerprint_of_text
from desksync.sync.flow import Lost, rebased
from desksync.sync.link import Link
from desksync.sync.merge import merge
from desksync.sync.plain_rule import LAST_DAY
from desksync.sync.policy import Direction
from desksync.sync.recurrence import Frequency, Recurrence, Weekday, canonical, days, days_between, days_from, gives, last_day_of
from desksync.sync.series import touches, with_exceptions
from desksync.sync.text import match_title, tidy, without_halves
from desksync.sync.views import comparable, kept_by
from tests.builders import A_MONDAY, TOKYO, WINDOW, all_day, an_event, at, timed, weekly
from tests.sync import strategies as people

NEW_YORK = ZoneInfo("America/New_York")


@st.composite
def events(draw: st.DrawFn, side: Side = Side.NEO, zones: list[ZoneInfo] = people.ZONES) -> Event:
    """Draw an event, or a series with changed and cancelled occurrences."""
    zone = draw(st.sampled_from(zones))
    event = people.event(draw, side, zone, "t")
    if event.repeat is None:
        return event
    several = list(islice(days(event.repeat, first_day(event.when)), 4))
    exceptions: dict[date, Event | None] = {}
    for day in draw(st.sets(st.sampled_from(several), max_size=2)):
        changes = people.edit(draw, side, zone, event, "t", is_occurrence=True)
        exceptions[day] = None if draw(st.booleans()) else replace(occurrence_on(event, day), **changes)
    return with_exceptions(event, exceptions)


@st.composite
def recurrences(draw: st.DrawFn) -> tuple[Recurrence, date]:
    """Draw a rule of any kind with a first date that fits it."""
    frequency = draw(st.sampled_from(Frequency))
    weekdays: tuple[Weekday, ...] = ()
    nth = None
    if frequency is Frequency.WEEKLY:
        chosen: list[Any] = draw(st.lists(st.integers(0, 6), unique=True, max_size=4))
        weekdays = tuple(chosen)
    elif frequency is Frequency.MONTHLY and draw(st.booleans()):
        only: Any = draw(st.integers(0, 6))
        weekdays, nth = (only,), draw(st.sampled_from([1, 2, 4, 5, -1]))
    begins = draw(st.dates(date(2024, 1, 1), date(2027, 12, 31)))
    week_start: Any = draw(st.sampled_from([0, 6]))
    rule = Recurrence(frequency, draw(st.integers(1, 4)), weekdays, nth, week_start=week_start)
    first = next(days(rule, begins))
    end: dict[str, Any] = draw(
        st.one_of(
            st.just({}),
            st.integers(1, 30).map(lambda count: {"count": count}),
            st.integers(0, 900).map(lambda length: {"until": first + timedelta(days=length)}),
        )
    )
    return replace(rule, **end), first


@given(events())
def test_what_is_kept_as_text_comes_back_equal(event: Event) -> None:
    assert from_json(to_json(event)) == event


@given(events(), events())
def test_fingerprints_are_equal_exactly_for_equal_events(one: Event, other: Event) -> None:
    assert (fingerprint(one) == fingerprint(other)) is (one == other)
    assert fingerprint(replace(one, exceptions=dict(reversed(list(one.exceptions.items()))))) == fingerprint(one)
    assert fingerprint(one) == fingerprint_of_text(to_json(one))


@pytest.mark.parametrize("rule", [weekly(), Recurrence(Frequency.MONTHLY, 2, (4,), -1, None, A_MONDAY, 6)], ids=str)
def test_every_part_of_a_rule_is_kept(rule: Recurrence) -> None:
    event = an_event(repeat=rule)

    assert from_json(to_json(event)).repeat == rule


def test_the_two_hours_of_a_night_on_which_clocks_go_back_are_kept_apart() -> None:
    early = at(1, 30, day=date(2026, 11, 1), zone=NEW_YORK)
    event = an_event(when=Timed(early.replace(fold=1), None))

    kept = from_json(to_json(event)).when

    assert isinstance(kept, Timed)
    assert kept.start.fold == 1
    assert fingerprint(event) != fingerprint(an_event(when=Timed(early, None)))


@given(recurrences())
def test_the_dates_of_a_rule_are_those_of_dateutil(rule_and_first: tuple[Recurrence, date]) -> None:
    rule, first = rule_and_first
    names = {Frequency.DAILY: "DAILY", Frequency.WEEKLY: "WEEKLY", Frequency.MONTHLY: "MONTHLY", Frequency.YEARLY: "YEARLY"}
    weekday = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    parts = [f"FREQ={names[rule.frequency]}", f"INTERVAL={rule.interval}", f"WKST={weekday[rule.week_start]}"]
    if rule.weekdays:
        parts.append("BYDAY=" + ",".join(f"{rule.nth or ''}{weekday[day]}" for day in rule.weekdays))
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    if rule.until is not None:
        parts.append(f"UNTIL={rule.until:%Y%m%d}")

    expected = rrule.rrulestr("RRULE:" + ";".join(parts), dtstart=datetime.combine(first, datetime.min.time()))

    assert list(islice(days(rule, first), 40)) == [moment.date() for moment in islice(expected, 40)]


@given(recurrences(), st.integers(-100, 900))
def test_looking_from_a_later_date_gives_the_same_dates(rule_and_first: tuple[Recurrence, date], offset: int) -> None:
    rule, first = rule_and_first
    begin = first + timedelta(days=offset)

    end = begin + timedelta(days=30)
    expected = [day for day in takewhile(lambda day: day <= end, days(rule, first)) if day >= begin]

    assert days_between(rule, first, begin, end) == expected
    assert list(islice(days_from(rule, first, begin), len(expected))) == expected
    assert gives(rule, first, begin) is (begin in expected)


@given(recurrences())
def test_the_canonical_form_of_a_rule_gives_the_same_dates_and_is_its_own(rule_and_first: tuple[Recurrence, date]) -> None:
    rule, first = rule_and_first

    plain = canonical(rule, first)

    assert list(islice(days(plain, first), 60)) == list(islice(days(rule, first), 60))
    assert canonical(plain, first) == plain


@given(recurrences())
def test_the_last_day_of_a_rule_is_the_last_of_its_dates(rule_and_first: tuple[Recurrence, date]) -> None:
    rule, first = rule_and_first
    assume(rule.count is not None or rule.until is not None)

    assert last_day_of(rule, first) == list(days(rule, first))[-1]


def test_an_endless_rule_has_no_last_day() -> None:
    assert last_day_of(Recurrence(Frequency.DAILY), A_MONDAY) is None


def test_a_daily_series_that_runs_for_thousands_of_years_is_answered_at_once() -> None:
    rule = Recurrence(Frequency.DAILY, until=date(9999, 12, 31))

    assert last_day_of(rule, A_MONDAY) == LAST_DAY
    assert touches(an_event(repeat=rule), Window(date(9000, 1, 1), date(9000, 1, 1)))


def _weekly(count: int) -> Recurrence:
    """Return a weekly rule without named weekdays: the weekday of the first date."""
    return weekly(count, weekdays=())


@pytest.mark.parametrize(
    ("event", "is_touched"),
    [
        (an_event(when=all_day(WINDOW.first - timedelta(days=1))), False),
        (an_event(when=all_day(WINDOW.first - timedelta(days=1), days=2)), True),
        (an_event(when=timed(day=WINDOW.last)), True),
        (an_event(when=timed(day=WINDOW.last + timedelta(days=1))), False),
        (an_event(when=timed(0, 24 * 60, day=WINDOW.first - timedelta(days=1))), False),
        (an_event(when=timed(23, 120, day=WINDOW.first - timedelta(days=1))), True),
        (an_event(when=Timed(at(23, day=WINDOW.first - timedelta(days=1)), None)), False),
        (an_event(when=timed(day=WINDOW.first - timedelta(days=7)), repeat=_weekly(2)), True),
        (an_event(when=timed(day=WINDOW.first - timedelta(days=7)), repeat=_weekly(1)), False),
        (an_event(when=timed(23, 120, day=WINDOW.first - timedelta(days=8)), repeat=_weekly(2)), True),
        (
            an_event(
                when=timed(day=WINDOW.first - timedelta(days=7)),
                repeat=_weekly(2),
                exceptions={WINDOW.first: None},
            ),
            False,
        ),
        (
            an_event(
                when=timed(day=WINDOW.first - timedelta(days=7)),
                repeat=_weekly(1),
                exceptions={WINDOW.first - timedelta(days=7): an_event(when=timed(day=WINDOW.first))},
            ),
            True,
        ),
    ],
)
def test_what_touches_the_window(event: Event, *, is_touched: bool) -> None:
    assert touches(event, WINDOW) is is_touched


def test_an_end_at_midnight_belongs_to_the_day_before() -> None:
    assert last_day(timed(10, 14 * 60)) == A_MONDAY
    assert last_day(Timed(at(10), at(10))) == A_MONDAY
    assert last_day(timed(10, 14 * 60 + 1)) == A_MONDAY + timedelta(days=1)


def test_exceptions_that_the_rule_does_not_give_or_that_say_what_it_says_are_none() -> None:
    series = an_event(repeat=weekly(2))
    second = A_MONDAY + timedelta(days=7)
    kept = replace(occurrence_on(series, second), title="Special")

    tidied = with_exceptions(
        series,
        {A_MONDAY: occurrence_on(series, A_MONDAY), second: kept, A_MONDAY + timedelta(days=1): None},
    )

    assert tidied.exceptions == {second: kept}
    assert with_exceptions(an_event(), {A_MONDAY: None}).exceptions == {}


def test_a_time_inside_a_gap_is_moved_out_of_it() -> None:
    gap = at(2, 30, day=date(2027, 3, 14), zone=NEW_YORK)
    series = an_event(when=timed(2, day=date(2027, 3, 13), zone=NEW_YORK), repeat=Recurrence(Frequency.DAILY, count=3))

    occurrence = occurrence_on(series, date(2027, 3, 14)).when

    assert local(gap, NEW_YORK).hour == 3
    assert isinstance(occurrence, Timed)
    assert (occurrence.start.hour, occurrence.start.utcoffset()) == (3, timedelta(hours=-4))


def test_an_occurrence_of_whole_days_keeps_its_length() -> None:
    series = an_event(when=all_day(days=2), repeat=weekly(2))

    assert occurrence_on(series, A_MONDAY + timedelta(days=7)).when == all_day(A_MONDAY + timedelta(days=7), days=2)


@pytest.mark.parametrize(
    ("text", "tidied"),
    [("a\r\nb\rc", "a\nb\nc"), ("a  \nb\t\n\n", "a\nb"), ("\n a", "a"), ("", "")],
)
def test_line_ends_and_blanks_around_text_do_not_count(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


def test_half_a_character_is_replaced_and_a_whole_one_stays() -> None:
    assert without_halves("a\ud83d b\ude00 😀") == "a\ufffd b\ufffd 😀"


@pytest.mark.parametrize("name", ["title", "location", "description", "attendance"])
def test_half_a_character_does_not_keep_an_event_from_having_a_fingerprint(name: str) -> None:
    half, whole = (an_event(**{name: f"a{end}"}) for end in ("\ud83d", "\ufffd"))

    assert fingerprint(half) == fingerprint(whole)


@given(st.text(alphabet="aＡ１1 \t\r\nー"))
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert match_title(match_title(text)) == match_title(text)


@given(events())
def test_what_a_side_keeps_of_an_event_compares_as_equal(event: Event) -> None:
    plain = comparable(event)

    assert comparable(kept_by(Side.GOOGLE, event)) == plain
    assert replace(comparable(kept_by(Side.NEO, replace(event, exceptions={}))), attendance="") == replace(
        plain, attendance="", exceptions={}
    )


def test_an_all_day_event_is_never_the_same_as_a_timed_one() -> None:
    assert comparable(an_event(when=AllDay(A_MONDAY, A_MONDAY))) != comparable(an_event(when=timed(0, 24 * 60)))


@given(
    events(Side.NEO, [TOKYO]),
    events(Side.GOOGLE, [TOKYO]),
    events(Side.NEO, [TOKYO]),
    st.sampled_from(Direction),
    st.sampled_from(Side),
)
def test_merging_what_was_merged_writes_nothing(
    neo: Event, google: Event, base: Event, direction: Direction, winner: Side
) -> None:
    link = Link("n", "g", base, kept_by(Side.GOOGLE, base))

    merged = merge(link, neo, google, direction, winner)
    again = merge(rebased(link, merged.neo, merged.google, merged.held), merged.neo, merged.google, direction, winner)

    assert not again.to_neo
    assert not again.to_google
    assert (again.neo, again.google) == (merged.neo, merged.google)


@given(events(Side.NEO, [TOKYO]), events(Side.GOOGLE, [TOKYO]), events(Side.NEO, [TOKYO]), st.sampled_from(Side))
def test_what_both_sides_changed_and_one_side_loses_is_told(neo: Event, google: Event, base: Event, winner: Side) -> None:
    neo, google, base = (replace(event, exceptions={}) for event in (neo, google, base))
    link = Link("n", "g", base, kept_by(Side.GOOGLE, base))

    merged = merge(link, neo, google, Direction.BOTH, winner)

    told = {name for lost in merged.lost for name in lost.fields}
    plain_neo, plain_google, plain_base = comparable(neo), comparable(google), comparable(base)
    for name in ("title", "location", "description", "is_tentative"):
        mine, theirs, before = (getattr(event, name) for event in (plain_neo, plain_google, plain_base))
        assert (name in told) is (mine != theirs and before not in (mine, theirs))
        expected = mine if theirs == before or (mine != before and winner is Side.NEO) else theirs
        assert getattr(comparable(merged.neo), name) == getattr(comparable(merged.google), name) == expected


@given(events(Side.NEO, [TOKYO]), events(Side.GOOGLE, [TOKYO]), events(Side.NEO, [TOKYO]))
def test_a_crash_between_the_two_writes_of_a_merge_forgets_nothing(neo: Event, google: Event, base: Event) -> None:
    neo, google, base = (replace(event, exceptions={}) for event in (neo, google, base))
    link = Link("n", "g", base, kept_by(Side.GOOGLE, base))
    merged = merge(link, neo, google, Direction.BOTH, Side.NEO)

    half = merge(rebased(link, neo, merged.google, merged.to_neo), neo, merged.google, Direction.BOTH, Side.NEO)

    assert comparable(half.neo) == comparable(merged.neo)
    assert not half.to_google


def test_a_loss_names_the_side_and_the_whole_event_that_gave_way() -> None:
    base = an_event("Old")
    google = an_event("From Google", location="Room 1")

    merged = merge(Link("n", "g", base, base), an_event("From NEO"), google, Direction.BOTH, Side.NEO)

    assert merged.lost == (Lost(Side.GOOGLE, google, ("title",)),)
    assert merged.neo.location == "Room 1"


def test_the_wanted_times_are_in_the_users_zone() -> None:
    moved = Timed(at(10).astimezone(UTC), at(11).astimezone(UTC))

    merged = merge(Link("n", "g", an_event(), an_event()), an_event(), an_event(when=moved), Direction.BOTH, Side.NEO)

    assert not merged.to_neo
    assert merged.neo.when == timed()


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        (at(2, 30), at(3, 10), ("03:30", "04:10")),
        (at(2, 30), at(2, 45), ("03:30", "03:45")),
        (at(1, 30), at(2, 30), ("01:30", "03:30")),
        (at(9), None, ("09:00", None)),
        (at(22), at(1, day=A_MONDAY + timedelta(days=1)), ("22:00", "01:00")),
    ],
)
def test_clock_times_of_neo_are_read_anew_in_another_zone_also_where_it_has_no_such_hour(
    start: datetime, end: datetime | None, shown: tuple[str, str | None]
) -> None:
    zone, gap = ZoneInfo("America/New_York"), date(2027, 3, 14)
    ahead = gap - A_MONDAY

    when = read_anew(an_event(when=Timed(start + ahead, None if end is None else end + ahead)), zone).when

    assert isinstance(when, Timed)
    assert (f"{when.start:%H:%M}", None if when.end is None else f"{when.end:%H:%M}") == shown
    assert {when.start.tzinfo} | ({when.end.tzinfo} if when.end else set()) == {zone}


def test_the_date_of_a_series_on_which_its_hour_is_skipped_does_not_end_before_it_begins() -> None:
    zone, gap = ZoneInfo("America/New_York"), date(2027, 3, 14)
    before = gap - timedelta(days=7)
    when = Timed(datetime(2027, 3, 7, 2, 30, tzinfo=zone), datetime(2027, 3, 7, 3, 10, tzinfo=zone))

    shown = occurrence_on(an_event(when=when, repeat=weekly(2, weekdays=(6,))), gap).when

    assert isinstance(shown, Timed)
    assert shown.end is not None
    assert (f"{shown.start:%H:%M}", f"{shown.end:%H:%M}") == ("03:30", "04:10")
    assert first_day(when) == before
