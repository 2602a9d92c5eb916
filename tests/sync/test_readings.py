"""What a reading adds to what is known, and what it proves to be gone (rules R3 and R4)."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desksync.sync.absorb import absorb, missing
from desksync.sync.event import Event, Side, Window
from desksync.sync.reading import Known, Odd, Reading, SeenOccurrence, Stored, Unread
from desksync.sync.series import touches
from tests.builders import A_MONDAY, TOKYO, WINDOW, an_event, timed, weekly

SECOND = A_MONDAY + timedelta(days=7)
OUTSIDE = timed(day=WINDOW.last + timedelta(days=2))


def a_reading(*events: Stored, is_complete: bool = False, **fields: object) -> Reading:
    """Return a reading of NEO's."""
    return replace(Reading(Side.NEO, WINDOW, events=events, is_complete=is_complete), **fields)  # type: ignore[arg-type]


def known(*items: Stored | Odd) -> dict[str, Stored | Odd]:
    """Return what is known of a side."""
    return {item.id: item for item in items}


def test_a_list_of_changes_adds_what_is_new_and_keeps_the_rest() -> None:
    before = known(Stored("1", an_event("Old")))

    after = absorb(before, a_reading(Stored("2", an_event("New"))), {}, linked=["1"])

    assert set(after.known) == {"1", "2"}
    assert [item.id for item in after.changed] == ["2"]
    assert after.gone == frozenset()


def test_a_list_of_changes_removes_what_it_says_is_gone() -> None:
    before = known(Stored("1", an_event()), Stored("2", an_event()))

    after = absorb(before, a_reading(gone=frozenset({"1"})), {}, linked=["1", "2"])

    assert set(after.known) == {"2"}
    assert after.gone == {"1"}


def test_a_list_of_changes_proves_nothing_about_what_it_lacks() -> None:
    before = known(Stored("1", an_event()))

    assert missing(before, a_reading(), linked=["1"]) == []
    assert set(absorb(before, a_reading(), {}, linked=["1"]).known) == {"1"}


def test_a_complete_list_asks_for_a_look_at_what_is_linked_and_lacking() -> None:
    before = known(Stored("1", an_event()), Stored("2", an_event()), Stored("3", an_event()), Odd("4", "odd"))

    lacking = missing(before, a_reading(Stored("2", an_event()), is_complete=True), linked=["1", "2", "4", "never seen"])

    assert lacking == ["1", "4"]


def test_a_complete_list_asks_for_no_look_at_what_lies_outside_its_window() -> None:
    before = known(Stored("1", an_event(when=OUTSIDE)))

    assert missing(before, a_reading(is_complete=True), linked=["1"]) == []
    assert missing(before, a_reading(is_complete=True), linked=["1"], unlooked=["1", "2"]) == ["1"]
    assert set(absorb(before, a_reading(is_complete=True), {}, linked=["1"]).known) == {"1"}


def test_a_look_proves_a_deletion_or_shows_where_the_event_went() -> None:
    before = known(Stored("1", an_event()), Stored("2", an_event()))
    moved = Stored("2", an_event(when=OUTSIDE))

    after = absorb(before, a_reading(is_complete=True), {"1": None, "2": moved}, linked=["1", "2"])

    assert after.known == {"2": moved}
    assert after.gone == {"1"}


def test_what_was_lacking_and_not_looked_at_stays_as_it_was_known() -> None:
    before = known(Stored("1", an_event()))

    assert absorb(before, a_reading(is_complete=True), {}, linked=["1"]).known == before


def test_a_complete_list_makes_us_forget_what_is_neither_in_it_nor_linked() -> None:
    before = known(Stored("1", an_event()), Stored("2", an_event(when=OUTSIDE)), Odd("3", "odd"))

    after = absorb(before, a_reading(is_complete=True), {}, linked=[])

    assert after.known == {}


def test_an_event_can_become_odd_and_readable_again() -> None:
    odd = absorb(known(Stored("1", an_event())), a_reading(odd=(Odd("1", "odd"),)), {}, linked=["1"])
    again = absorb(odd.known, a_reading(Stored("1", an_event("New"))), {}, linked=["1"])

    assert odd.changed == (Odd("1", "odd", Stored("1", an_event())),)
    assert again.known == {"1": Stored("1", an_event("New"))}


def test_an_odd_event_is_no_change_while_it_stays_odd() -> None:
    before = known(Odd("1", "odd", Stored("1", an_event())), Odd("2", "never read"))

    after = absorb(before, a_reading(odd=(Odd("1", "odd"), Odd("2", "never read")), is_complete=True), {}, linked=["1"])

    assert after.known == before
    assert after.changed == ()


def test_what_comes_back_as_it_was_is_no_change() -> None:
    before = known(Stored("1", an_event()))

    after = absorb(before, a_reading(Stored("1", an_event()), is_complete=True), {}, linked=["1"])

    assert after.changed == ()


def a_series(**fields: object) -> Event:
    """Return a weekly series whose second date is cancelled."""
    values: dict[str, Any] = {"repeat": weekly(80), "exceptions": {SECOND: None}} | fields
    return an_event(**values)


def test_a_list_of_changes_keeps_the_exceptions_of_a_series_that_it_tells_without_them() -> None:
    told = Stored("1", a_series(title="Renamed", exceptions={}))

    after = absorb(known(Stored("1", a_series())), a_reading(told), {}, linked=["1"])

    assert after.known == {"1": Stored("1", a_series(title="Renamed"))}


def test_a_complete_list_knows_the_exceptions_in_its_window_better() -> None:
    beyond = A_MONDAY + timedelta(weeks=70)
    before = a_series(exceptions={SECOND: None, beyond: None})

    after = absorb(
        known(Stored("1", before)), a_reading(Stored("1", a_series(exceptions={})), is_complete=True), {}, linked=["1"]
    )

    assert after.known == {"1": Stored("1", a_series(exceptions={beyond: None}))}


@pytest.mark.parametrize("is_looked_at", [True, False])
def test_a_series_that_was_odd_comes_back_with_the_exceptions_that_a_reading_cannot_tell(*, is_looked_at: bool) -> None:
    before = Stored("1", a_series(), extra={"kind": "会議"})
    odd = Odd("1", "odd")
    reading = a_reading(is_complete=True) if is_looked_at else a_reading(odd=(odd,))
    phase = absorb(known(before), reading, {"1": odd} if is_looked_at else {}, linked=["1"]).known

    after = absorb(phase, a_reading(Stored("1", a_series(exceptions={}))), {}, linked=["1"])

    assert phase == {"1": Odd("1", "odd", before)}
    assert after.known == {"1": Stored("1", a_series())}


def test_what_becomes_of_an_occurrence_while_its_series_is_odd_is_remembered() -> None:
    before = known(Odd("1", "odd", Stored("1", a_series())))

    after = absorb(before, a_reading(occurrences=(SeenOccurrence("1", A_MONDAY, None),)), {}, linked=["1"])

    assert after.known == {"1": Odd("1", "odd", Stored("1", a_series(exceptions={A_MONDAY: None, SECOND: None})))}


def test_what_a_reading_of_neo_cannot_tell_is_told_by_its_clock() -> None:
    zone, beyond = ZoneInfo("America/New_York"), A_MONDAY + timedelta(weeks=70)
    before = a_series(exceptions={beyond: an_event(when=timed(15, day=beyond))})
    told = Stored("1", a_series(when=timed(zone=zone), exceptions={}))

    after = absorb(known(Stored("1", before)), a_reading(told, is_complete=True), {}, linked=["1"])

    expected = {beyond: an_event(when=timed(15, day=beyond, zone=zone))}
    assert after.known == {"1": Stored("1", a_series(when=timed(zone=zone), exceptions=expected))}


def test_an_occurrence_changes_its_series() -> None:
    special = an_event("Special", when=timed(15, day=SECOND))
    occurrences = (SeenOccurrence("1", A_MONDAY, None), SeenOccurrence("1", SECOND, Stored("1_2", special)))

    after = absorb(known(Stored("1", a_series())), a_reading(occurrences=occurrences), {}, linked=["1"])

    assert after.known == {"1": Stored("1", a_series(exceptions={A_MONDAY: None, SECOND: special}))}


def test_an_occurrence_that_is_as_the_rule_says_is_no_exception_any_more() -> None:
    regular = SeenOccurrence("1", SECOND, Stored("1_2", an_event(when=timed(day=SECOND))))

    after = absorb(known(Stored("1", a_series())), a_reading(occurrences=(regular,)), {}, linked=["1"])

    assert after.known == {"1": Stored("1", a_series(exceptions={}))}


def test_an_occurrence_of_a_series_that_is_not_there_is_an_event_of_its_own() -> None:
    invited = Stored("s_2", an_event("Invited", when=timed(day=SECOND)))
    reading = a_reading(occurrences=(SeenOccurrence("s", SECOND, invited), SeenOccurrence("s", A_MONDAY, None)))

    after = absorb({}, reading, {}, linked=[])

    assert after.known == {"s_2": invited}
    assert missing(after.known, replace(reading, is_complete=True), linked=["s_2"]) == []


def test_an_occurrence_of_a_series_that_cannot_be_read_is_left_out() -> None:
    reading = a_reading(occurrences=(SeenOccurrence("1", SECOND, Stored("1_2", an_event())),), odd=(Odd("1", "odd"),))

    assert absorb({}, reading, {}, linked=[]).known == {"1": Odd("1", "odd")}


@st.composite
def sides_before_and_after(draw: st.DrawFn) -> tuple[dict[str, Event], dict[str, Event]]:
    """Draw what a side held and what it holds now."""
    pool = [an_event(title, when=when) for title in "ab" for when in (timed(), timed(12), OUTSIDE)]
    states = st.dictionaries(st.sampled_from("12345"), st.sampled_from(pool))
    return draw(states), draw(states)


@given(sides_before_and_after(), st.sets(st.sampled_from("12345")))
def test_complete_reading_and_looks_together_give_the_truth_about_every_linked_event(
    states: tuple[dict[str, Event], dict[str, Event]], linked: set[str]
) -> None:
    was, now = states
    before: Known = {event_id: Stored(event_id, event) for event_id, event in was.items()}
    reading = a_reading(*(Stored(i, event) for i, event in now.items() if touches(event, WINDOW)), is_complete=True)

    looked = {i: Stored(i, now[i]) if i in now else None for i in missing(before, reading, linked)}
    after = absorb(before, reading, looked, linked).known

    for event_id in linked & was.keys():
        if touches(was[event_id], WINDOW) or (event_id in now and touches(now[event_id], WINDOW)):
            assert after.get(event_id) == looked.get(event_id, Stored(event_id, now[event_id]) if event_id in now else None)
    assert {i for i in after if i not in linked} == {i for i, event in now.items() if touches(event, WINDOW)} - linked


@given(sides_before_and_after(), st.sets(st.sampled_from("12345")))
def test_a_list_of_changes_with_its_tombstones_gives_the_whole_truth(
    states: tuple[dict[str, Event], dict[str, Event]], linked: set[str]
) -> None:
    was, now = states
    before: Known = {event_id: Stored(event_id, event) for event_id, event in was.items()}
    news = a_reading(
        *(Stored(i, event) for i, event in now.items() if was.get(i) != event), gone=frozenset(was.keys() - now.keys())
    )

    after = absorb(before, news, {}, linked)

    assert after.known == {i: Stored(i, event) for i, event in now.items()}
    assert after.gone == was.keys() - now.keys()
    assert {item.id for item in after.changed} == {i for i, event in now.items() if was.get(i) != event}


def test_a_reading_may_cover_more_days_than_were_asked_for() -> None:
    before = known(Stored("1", an_event(when=OUTSIDE)))
    reading = replace(a_reading(is_complete=True), window=Window(WINDOW.first, WINDOW.last + timedelta(days=100)))

    assert missing(before, reading, linked=["1"]) == ["1"]


THIRD = SECOND + timedelta(days=7)
MOVED = an_event("Moved", when=timed(14, day=SECOND))


@pytest.mark.parametrize(
    ("unread", "kept"),
    [
        ([Unread("1", SECOND)], {SECOND}),
        ([Unread("1", SECOND, datetime.combine(SECOND, time(10), TOKYO))], {SECOND}),
        ([Unread("1")], {SECOND, THIRD}),
        ([Unread("2", SECOND), Unread("2")], set()),
        ([], set()),
    ],
)
@pytest.mark.parametrize("is_looked_at", [True, False])
def test_r27_a_date_that_cannot_be_read_stays_as_it_was_known(
    unread: list[Unread], kept: set[date], *, is_looked_at: bool
) -> None:
    series = an_event(repeat=weekly(5))
    before = known(Stored("1", replace(series, exceptions={SECOND: MOVED, THIRD: None})))
    found = Stored("1", series, unread=tuple(unread))
    reading = a_reading(*(() if is_looked_at else (found,)), is_complete=True, unread=tuple(unread))

    after = absorb(before, reading, {"1": found} if is_looked_at else {}, linked=["1"])

    [item] = after.known.values()
    assert isinstance(item, Stored)
    assert item.event.exceptions == {day: {SECOND: MOVED, THIRD: None}[day] for day in kept}


def test_what_a_look_could_not_read_of_a_series_that_nobody_knew_is_what_the_rule_says() -> None:
    found = Stored("1", an_event(repeat=weekly(5)), unread=(Unread("1", SECOND),))

    assert absorb({}, a_reading(), {"1": found}, linked=["1"]).known == {"1": found}
