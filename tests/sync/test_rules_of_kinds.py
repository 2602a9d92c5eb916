"""Rule R26: what a side cannot say is cut or expanded, and nothing of that flows back."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desksync.sync.codec import from_json, to_json
from desksync.sync.event import Event, Side, Timed, Window, occurrence_on
from desksync.sync.guard import Decided, HoldLimits, guard
from desksync.sync.horizon import cut, cut_like, horizon
from desksync.sync.lines import Lines
from desksync.sync.parts import Place, days_in_sight, is_there, owner_of, part_of, place_of
from desksync.sync.plan import Delete, Plan
from desksync.sync.policy import Direction
from desksync.sync.reading import Odd, SeenOccurrence, Stored
from desksync.sync.recurrence import Dates, Frequency, Recurrence, canonical, days, days_from, last_day_of
from desksync.sync.sayable import obstacle
from desksync.sync.views import comparable
from tests.builders import A_MONDAY, TOKYO, WINDOW, all_day, an_event, at, timed
from tests.sync.pair import Pair

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)
ENDLESS = Recurrence(Frequency.WEEKLY, weekdays=(0,))
TWO_DAYS = Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=5,23;COUNT=6",), "it repeats on several days of a month")
IRREGULAR = Dates((A_MONDAY, A_MONDAY + 3 * DAY, A_MONDAY + 8 * DAY))

KINDS: dict[str, tuple[Side, Event]] = {
    "endless": (Side.GOOGLE, an_event(repeat=ENDLESS)),
    "lines": (Side.GOOGLE, an_event(repeat=TWO_DAYS)),
    "endless lines": (Side.GOOGLE, an_event(repeat=Lines(("RRULE:FREQ=MONTHLY;BYDAY=1MO,4MO",)))),
    "extra date": (Side.GOOGLE, an_event(repeat=Lines(("RRULE:FREQ=WEEKLY;COUNT=3", "RDATE:20261126T150000")))),
    "several days": (Side.GOOGLE, an_event(when=all_day(days=3), repeat=replace(ENDLESS, count=4))),
    "other clock": (Side.GOOGLE, an_event(when=timed(20, zone=NEW_YORK), repeat=ENDLESS)),
    "other weeks": (Side.GOOGLE, an_event(repeat=Recurrence(Frequency.WEEKLY, 2, (0, 6), count=6, week_start=6))),
    "irregular": (Side.NEO, an_event(repeat=IRREGULAR)),
}


def a_pair(window: Window = WINDOW) -> Pair:
    pair = Pair()
    pair.policy = replace(pair.policy, window=window, zone=TOKYO)
    return pair


def shown(pair: Pair, side: Side) -> list[Any]:
    """Return all that a side shows in the window, date by date, in the words that both share."""
    found = []
    for event_id, event in pair.calendar(side).events.items():
        whole = [event] if event.repeat is None else []
        parts = [part_of(Stored(event_id, event), day, TOKYO) for day in days_in_sight(event, pair.policy.window, TOKYO)]
        found += [str(comparable(one)) for one in (*whole, *(part.event for part in parts if part is not None))]
    return sorted(found)


@pytest.mark.parametrize("kind", KINDS)
def test_r26_every_kind_is_equal_on_both_sides_after_a_run_and_then_quiet(kind: str) -> None:
    pair = a_pair()
    side, event = KINDS[kind]
    pair.calendar(side).add(event)

    pair.run()
    writes = pair.writes()
    pair.run()

    assert shown(pair, Side.NEO) == shown(pair, Side.GOOGLE) != []
    assert pair.writes() == writes
    assert len({to_json(event), *[to_json(from_json(to_json(event)))]}) == 1


@settings(max_examples=40)
@given(st.data())
def test_r26_any_kind_stays_equal_whatever_is_edited(data: st.DataObject) -> None:
    pair = a_pair(Window(A_MONDAY - 10 * DAY, A_MONDAY + 80 * DAY))
    side, event = KINDS[data.draw(st.sampled_from(sorted(KINDS)))]
    event_id = pair.calendar(side).add(event)
    pair.run()
    for _ in range(data.draw(st.integers(1, 3))):
        match data.draw(st.sampled_from(["copy", "occurrence", "cancel", "days pass"])):
            case "copy":
                if there := sorted(pair.calendar(side.other).events):
                    pair.calendar(side.other).edit(data.draw(st.sampled_from(there)), location=data.draw(st.sampled_from("ab")))
            case "occurrence":
                day = data.draw(st.sampled_from(list(islice(days(event.repeat or ENDLESS, _first(event)), 3))))
                pair.calendar(side).change_occurrence(event_id, day, description=data.draw(st.sampled_from("ab")))
            case "cancel":
                day = data.draw(st.sampled_from(list(islice(days(event.repeat or ENDLESS, _first(event)), 3))))
                pair.calendar(side).cancel_occurrence(event_id, day)
            case _:
                window = pair.policy.window
                pair.set_window(Window(window.first + 5 * DAY, window.last + 5 * DAY))
        pair.run()
    writes = pair.writes()
    pair.run()

    assert shown(pair, Side.NEO) == shown(pair, Side.GOOGLE)
    assert pair.writes() == writes


def _first(event: Event) -> date:
    return event.when.start.date() if isinstance(event.when, Timed) else event.when.first


def test_r26_a_cut_series_is_made_longer_only_when_the_window_reaches_its_end() -> None:
    pair = a_pair()
    far = horizon(WINDOW)
    pair.google.add(an_event(repeat=ENDLESS, exceptions={date(2030, 1, 7): None}))
    pair.run()
    first = [event.repeat for event in pair.neo.events.values()]

    pair.set_window(Window(WINDOW.first + 30 * DAY, WINDOW.last + 30 * DAY))
    pair.run()
    same = [event.repeat for event in pair.neo.events.values()]
    pair.set_window(Window(far - 365 * DAY, far + DAY))
    pair.run()

    assert first == same == [replace(ENDLESS, until=far)]
    assert [event.repeat for event in pair.neo.events.values()] == [replace(ENDLESS, until=horizon(pair.policy.window))]
    assert [(event.repeat, len(event.exceptions)) for event in pair.google.events.values()] == [(ENDLESS, 1)]
    assert "has no end" in pair.plans[0].skipped[0].why


def test_r26_a_cut_series_whose_link_is_gone_is_matched_and_stays_endless() -> None:
    pair = a_pair()
    pair.google.add(an_event(repeat=ENDLESS))
    pair.run()
    pair.links.clear()

    pair.run()

    assert len(pair.neo.events) == len(pair.google.events) == 1
    assert [event.repeat for event in pair.google.events.values()] == [ENDLESS]


def test_r26_the_copies_of_another_form_go_without_being_held() -> None:
    pair = a_pair()
    event_id = pair.google.add(an_event(repeat=TWO_DAYS))
    pair.run()
    pair.google.edit(event_id, repeat=replace(ENDLESS, count=3))

    pair.run()
    deletes = [action for plan in pair.plans for action in plan.actions if isinstance(action, Delete)]
    pair.google.edit(event_id, repeat=TWO_DAYS)
    pair.run()

    assert all(action.is_superseded for action in deletes)
    assert len(pair.neo.events) == 6
    assert guard(Plan(actions=tuple(deletes)), len(deletes), HoldLimits(0, 0), Decided()).held == ()


@pytest.mark.parametrize("kind", ["lines", "other clock", "several days", "irregular"])
def test_r27_moving_and_deleting_single_events_moves_and_cancels_their_occurrences(kind: str) -> None:
    pair = a_pair()
    side, event = KINDS[kind]
    pair.calendar(side).add(event)
    pair.run()
    first, second, *_ = sorted(pair.calendar(side.other).events, key=lambda one: str(pair.calendar(side.other).events[one].when))
    number = len(pair.calendar(side.other).events)

    pair.calendar(side.other).edit(first, when=timed(16, day=A_MONDAY + 2 * DAY))
    pair.calendar(side.other).delete_event(second)
    pair.run()

    [series] = pair.calendar(side).events.values()
    moved, cancelled = (series.exceptions[day] for day in sorted(series.exceptions))
    assert (moved and moved.when, cancelled) == (timed(16, day=A_MONDAY + 2 * DAY), None)
    assert shown(pair, Side.NEO) == shown(pair, Side.GOOGLE)
    assert len(pair.calendar(side.other).events) == number - 1


def test_r26_a_series_outside_the_window_is_not_talked_about() -> None:
    pair = a_pair()
    pair.google.add(an_event(when=timed(day=date(2030, 1, 5)), repeat=Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=5,23;COUNT=6",))))

    pair.run()

    assert (pair.neo.events, pair.plans[-1].skipped) == ({}, ())


def test_r26_a_superseded_copy_that_is_gone_too_is_only_forgotten() -> None:
    pair = a_pair()
    event_id = pair.google.add(an_event(repeat=TWO_DAYS))
    pair.run()
    pair.neo.delete_event(min(pair.neo.events))
    pair.google.edit(event_id, repeat=replace(ENDLESS, count=3))

    pair.run()

    assert len(pair.neo.events) == 1


def test_r26_while_a_single_copy_may_not_be_changed_the_series_is_copied_date_by_date() -> None:
    pair = a_pair()
    event_id = pair.google.add(an_event(repeat=Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23;COUNT=1",))))
    pair.run()
    pair.neo.set_editable(min(pair.neo.events), is_editable=False)
    pair.google.edit(event_id, repeat=replace(ENDLESS, count=3))

    pair.run()
    while_locked = len(pair.neo.events)
    pair.neo.set_editable(min(pair.neo.events), is_editable=True)
    pair.run()

    assert (while_locked, len(pair.neo.events)) == (3, 1)


def test_r26_parts_of_a_series_that_cannot_be_read_wait() -> None:
    pair = a_pair()
    event_id = pair.google.add(an_event(repeat=TWO_DAYS))
    pair.run()
    pair.google.set_odd(event_id, "odd")

    pair.run()

    assert len(pair.neo.events) == 6


def test_r13_what_only_receives_is_not_expanded_anew() -> None:
    pair = a_pair()
    pair.set_direction(Direction.NEO_TO_GOOGLE)
    pair.google.add(an_event(repeat=TWO_DAYS))

    pair.run()

    assert (pair.neo.events, pair.plans[-1].skipped) == ({}, ())


def test_a_part_is_named_by_its_series_and_date() -> None:
    name = str(Place("abc", A_MONDAY))
    series = Stored("abc", an_event(repeat=IRREGULAR, exceptions={A_MONDAY: None}))

    assert (place_of(name), owner_of(name), owner_of("abc")) == (Place("abc", A_MONDAY), "abc", "abc")
    assert [place_of(other) for other in ("abc", "#2026-11-23", "abc#x")] == [None, None, None]
    assert not is_there(name, {"abc": series})
    assert not is_there(name, {})
    assert is_there(name, {"abc": Odd("abc", "odd")})
    assert is_there("abc", {"abc": series})
    assert is_there(str(Place("abc", A_MONDAY + 3 * DAY)), {"abc": series})
    assert part_of(series, A_MONDAY + DAY, None) is None


def test_an_occurrence_is_named_by_the_clock_of_its_series() -> None:
    seen = SeenOccurrence("a", A_MONDAY, None, started=datetime(2026, 11, 23, 9, tzinfo=TOKYO))

    assert seen.day_in(an_event(when=timed(19, zone=NEW_YORK), repeat=ENDLESS)) == A_MONDAY - DAY
    assert seen.day_in(an_event(when=all_day(), repeat=ENDLESS)) == A_MONDAY


def test_dates_and_lines_are_expanded_from_any_date_on() -> None:
    extra = Lines(("RRULE:FREQ=WEEKLY;COUNT=2", "RDATE:20261126T150000"))

    assert list(days_from(IRREGULAR, A_MONDAY, A_MONDAY + DAY)) == list(IRREGULAR.days[1:])
    assert [last_day_of(rule, A_MONDAY) for rule in (IRREGULAR, extra)] == [IRREGULAR.days[-1], A_MONDAY + 7 * DAY]
    assert last_day_of(Lines(("RRULE:FREQ=DAILY",)), A_MONDAY) is None
    assert canonical(extra, A_MONDAY) == extra
    late = occurrence_on(an_event(when=Timed(at(10), None), repeat=extra), A_MONDAY + 3 * DAY).when
    assert isinstance(late, Timed)
    assert (late.start.time(), late.end) == (time(15), None)


def test_r26_obstacles_are_told_by_side() -> None:
    sunday = Recurrence(Frequency.WEEKLY, 2, (0,), count=6, week_start=6)

    assert obstacle(an_event(repeat=IRREGULAR), Side.NEO) is None
    assert obstacle(an_event(repeat=TWO_DAYS), Side.GOOGLE) is None
    assert obstacle(an_event(repeat=sunday), Side.NEO) is None
    assert obstacle(an_event(repeat=Lines(("RRULE:FREQ=DAILY",))), Side.NEO) == "NEO has no field for its rule"
    assert cut(an_event(repeat=IRREGULAR), A_MONDAY) == an_event(repeat=IRREGULAR)
    assert cut_like(an_event(), an_event(repeat=ENDLESS), WINDOW).repeat == ENDLESS
    assert days_in_sight(an_event(), WINDOW, None) == []
    assert days_in_sight(an_event(repeat=IRREGULAR), Window(date.min, date.max), None) == list(IRREGULAR.days)
