"""Rules R6 and R26: what a person made is never replaced by something else, whatever becomes of rules, copies and time zones."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from desksync.sync.event import Event, Side, Timed, occurrence_on
from desksync.sync.lines import Lines
from desksync.sync.plan import Delete
from desksync.sync.recurrence import Dates, Recurrence
from tests.builders import A_MONDAY, TOKYO, all_day, an_event, timed, weekly
from tests.sync.pair import Fault, Pair

NEW_YORK = ZoneInfo("America/New_York")
SEOUL = ZoneInfo("Asia/Seoul")
SECOND = A_MONDAY + timedelta(days=7)
THIRD = A_MONDAY + timedelta(days=14)
BY_LINES = Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,30;COUNT=4",), "it repeats on several days of a month")
BY_DATES = Dates((A_MONDAY, A_MONDAY + timedelta(days=3)))
UNSAYABLE: dict[Side, Any] = {Side.NEO: BY_LINES, Side.GOOGLE: BY_DATES}
"""What that side cannot hold."""

SAME_DATES: dict[Side, Any] = {
    Side.NEO: Lines(("RRULE:FREQ=WEEKLY;COUNT=3", "RDATE:20261214,20261221"), "it has extra dates"),
    Side.GOOGLE: Dates(tuple(A_MONDAY + timedelta(weeks=number) for number in range(5))),
}
"""What that side cannot hold, although it gives the dates of `weekly()`."""


def a_pair_of(*, made_on: Side | None, **fields: Any) -> tuple[Pair, dict[Side, str]]:
    """Return two calendars with one event that a person made on that side, or on both with `None`, and its two ids."""
    pair = Pair()
    pair.set_zone(TOKYO)
    for side in Side if made_on is None else [made_on]:
        pair.calendar(side).add(an_event(**fields))
    pair.run()
    return pair, {side: next(iter(pair.calendar(side).events)) for side in Side}


def on(pair: Pair, side: Side) -> Event:
    """Return the only event of that side."""
    (event,) = pair.calendar(side).events.values()
    return event


def deletions(pair: Pair) -> Counter[Side]:
    return Counter(action.side for action in pair.done if isinstance(action, Delete))


def why_skipped(pair: Pair) -> list[str]:
    return [one.why for one in pair.plans[-1].skipped]


def run_until_quiet(pair: Pair) -> None:
    """Make one run more than needed; it writes nothing."""
    assert pair.run()
    writes = pair.writes()
    assert pair.run()
    assert pair.writes() == writes


# Another time zone.


@pytest.mark.parametrize("zone", [NEW_YORK, SEOUL])
def test_r6_in_another_time_zone_a_series_of_neo_stays_and_its_copy_follows(zone: ZoneInfo) -> None:
    pair, ids = a_pair_of(made_on=Side.NEO, repeat=weekly())
    pair.neo.cancel_occurrence(ids[Side.NEO], SECOND)
    pair.neo.change_occurrence(ids[Side.NEO], THIRD, when=timed(15, day=THIRD))
    pair.run()

    pair.set_zone(zone)
    run_until_quiet(pair)

    expected = an_event(
        when=timed(10, zone=zone),
        repeat=weekly(),
        exceptions={SECOND: None, THIRD: an_event(when=timed(15, day=THIRD, zone=zone))},
    )
    assert [pair.calendar(side).events for side in Side] == [{ids[side]: expected} for side in Side]
    assert not deletions(pair)


def test_r6_in_another_time_zone_a_series_of_google_is_not_touched_and_its_copy_becomes_single_events() -> None:
    pair, ids = a_pair_of(made_on=Side.GOOGLE, repeat=weekly())
    pair.google.cancel_occurrence(ids[Side.GOOGLE], SECOND)
    pair.run()
    before = pair.google.events

    pair.set_zone(NEW_YORK)
    run_until_quiet(pair)

    assert pair.google.events == before
    assert len(pair.neo.events) == 4
    assert {event.when for event in pair.neo.events.values()} == {
        occurrence_on(before[ids[Side.GOOGLE]], A_MONDAY + timedelta(weeks=number)).when for number in (0, 2, 3, 4)
    }


@pytest.mark.parametrize("made_on", Side)
def test_r6_in_another_time_zone_the_copy_of_a_single_event_follows(made_on: Side) -> None:
    pair, ids = a_pair_of(made_on=made_on)

    pair.set_zone(NEW_YORK)
    run_until_quiet(pair)

    zone = NEW_YORK if made_on is Side.NEO else TOKYO
    assert [pair.calendar(side).events for side in Side] == [{ids[side]: an_event(when=timed(10, zone=zone))} for side in Side]


@pytest.mark.parametrize("winner", Side)
@pytest.mark.parametrize("repeat", [weekly(), None])
def test_r6_in_another_time_zone_two_originals_stay(winner: Side, repeat: Recurrence | None) -> None:
    pair, ids = a_pair_of(made_on=None, repeat=repeat)
    pair.policy = replace(pair.policy, winner=winner)

    pair.set_zone(NEW_YORK)
    run_until_quiet(pair)

    assert [set(pair.calendar(side).events) for side in Side] == [{ids[side]} for side in Side]
    assert (on(pair, Side.NEO).repeat, on(pair, Side.GOOGLE).repeat) == (repeat, repeat)
    assert (on(pair, Side.NEO) == on(pair, Side.GOOGLE)) is (winner is Side.NEO or repeat is None)
    assert not deletions(pair)


@pytest.mark.parametrize("made_on", Side)
def test_r6_there_and_back_again_is_as_before(made_on: Side) -> None:
    pair, ids = a_pair_of(made_on=made_on, repeat=weekly())
    before = pair.calendar(made_on).events

    for zone in (NEW_YORK, TOKYO):
        pair.set_zone(zone)
        run_until_quiet(pair)

    assert pair.calendar(made_on).events == before == {ids[made_on]: an_event(repeat=weekly())}
    assert on(pair, made_on.other) == an_event(repeat=weekly())


@pytest.mark.parametrize("repeat", [BY_DATES, None])
def test_r6_what_is_copied_from_neo_as_single_events_follows_into_another_time_zone(repeat: Dates | None) -> None:
    pair, ids = a_pair_of(made_on=Side.NEO, repeat=repeat)
    copies = set(pair.google.events)

    pair.set_zone(NEW_YORK)
    run_until_quiet(pair)

    assert set(pair.neo.events) == {ids[Side.NEO]}
    assert set(pair.google.events) == copies
    assert {event.when.start.hour for event in pair.google.events.values() if isinstance(event.when, Timed)} == {10}


def test_r6_single_events_in_neo_follow_their_series_on_google_into_another_time_zone() -> None:
    pair, _ = a_pair_of(made_on=Side.GOOGLE, repeat=BY_LINES)
    before, copies = pair.google.events, set(pair.neo.events)

    pair.set_zone(NEW_YORK)
    run_until_quiet(pair)

    assert pair.google.events == before
    assert set(pair.neo.events) == copies
    assert {event.when.start.astimezone(TOKYO).hour for event in pair.neo.events.values() if isinstance(event.when, Timed)} == {
        10
    }


def test_r6_days_without_times_are_the_same_in_every_time_zone() -> None:
    pair, _ = a_pair_of(made_on=Side.NEO, when=all_day(), repeat=weekly())
    writes = pair.writes()

    pair.set_zone(NEW_YORK)
    pair.run()

    assert pair.writes() == writes


def test_r6_what_a_person_edits_while_the_zone_changes_is_carried_as_well() -> None:
    pair, ids = a_pair_of(made_on=Side.GOOGLE)

    pair.set_zone(NEW_YORK)
    pair.neo.edit(ids[Side.NEO], title="Renamed")
    run_until_quiet(pair)

    assert on(pair, Side.NEO) == on(pair, Side.GOOGLE) == an_event("Renamed")


@pytest.mark.parametrize("fault", ["fails", "answer lost", "crash"])
@pytest.mark.parametrize("repeat", [weekly(), None])
def test_r9_a_copy_in_neo_without_a_record_is_found_in_another_time_zone(repeat: Recurrence | None, fault: Fault) -> None:
    pair = Pair()
    pair.set_zone(TOKYO)
    google_id = pair.google.add(an_event(repeat=repeat, exceptions={} if repeat is None else {SECOND: None}))
    pair.run([fault])
    before = pair.google.events

    pair.set_zone(NEW_YORK)
    run_until_quiet(pair)

    assert set(pair.google.events) == {google_id}
    assert pair.google.events == before
    assert len(pair.neo.events) == (1 if repeat is None else 4)
    assert {event.when.start.astimezone(TOKYO).hour for event in pair.neo.events.values() if isinstance(event.when, Timed)} == {
        10
    }


@pytest.mark.parametrize("repeat", [weekly(), None])
@pytest.mark.parametrize("made_on", [*Side, None])
@pytest.mark.parametrize("deleted_on", Side)
def test_r6_what_was_deleted_while_the_zone_changed_goes(
    deleted_on: Side, made_on: Side | None, repeat: Recurrence | None
) -> None:
    pair, ids = a_pair_of(made_on=made_on, repeat=repeat)

    pair.set_zone(NEW_YORK)
    pair.calendar(deleted_on).delete_event(ids[deleted_on])
    run_until_quiet(pair)

    assert not pair.neo.events
    assert not pair.google.events


# What the original's side cannot say.


@pytest.mark.parametrize("original", Side)
@pytest.mark.parametrize("are_both", [True, False])
def test_r26_an_original_stays_when_its_copy_is_changed_to_what_it_cannot_say(original: Side, *, are_both: bool) -> None:
    pair, ids = a_pair_of(made_on=None if are_both else original, repeat=weekly())
    copy = original.other

    pair.calendar(copy).edit(ids[copy], repeat=UNSAYABLE[original], title="Renamed")
    pair.calendar(original).edit(ids[original], location="Room 1")
    run_until_quiet(pair)

    expected = an_event("Renamed", location="Room 1")
    assert pair.calendar(original).events == {ids[original]: replace(expected, repeat=weekly())}
    assert pair.calendar(copy).events == {ids[copy]: replace(expected, repeat=UNSAYABLE[original])}
    assert not deletions(pair)
    [why] = why_skipped(pair)
    assert "was made by a person and is not replaced" in why


@pytest.mark.parametrize("original", Side)
def test_r26_a_single_original_stays_when_its_copy_becomes_a_series_that_it_cannot_say(original: Side) -> None:
    pair, ids = a_pair_of(made_on=original)
    copy = original.other

    pair.calendar(copy).edit(ids[copy], repeat=UNSAYABLE[original])
    run_until_quiet(pair)

    assert pair.calendar(original).events == {ids[original]: an_event()}
    assert len(why_skipped(pair)) == 1


@pytest.mark.parametrize("original", Side)
def test_r26_what_waits_travels_when_it_is_changed_to_what_both_can_say(original: Side) -> None:
    pair, ids = a_pair_of(made_on=original, repeat=weekly())
    copy = original.other
    pair.calendar(copy).edit(ids[copy], repeat=UNSAYABLE[original])
    pair.run()

    pair.calendar(copy).edit(ids[copy], repeat=weekly(2))
    run_until_quiet(pair)

    assert pair.calendar(original).events == {ids[original]: an_event(repeat=weekly(2))}
    assert why_skipped(pair) == []


@pytest.mark.parametrize("original", Side)
def test_r26_what_waits_gives_way_when_the_original_is_changed(original: Side) -> None:
    pair, ids = a_pair_of(made_on=original, repeat=weekly())
    copy = original.other
    pair.policy = replace(pair.policy, winner=original)
    pair.calendar(copy).edit(ids[copy], repeat=UNSAYABLE[original])
    pair.run()

    pair.calendar(original).edit(ids[original], when=timed(15))
    run_until_quiet(pair)

    assert on(pair, copy) == on(pair, original) == an_event(when=timed(15), repeat=weekly())
    assert [lost.fields for action in pair.done for lost in getattr(action, "lost", ())] == [("when", "repeat")]


def test_r26_dates_that_only_the_waiting_rule_gives_are_carried_when_the_other_one_gives_them_too() -> None:
    pair, ids = a_pair_of(made_on=Side.NEO, repeat=weekly())
    last = A_MONDAY + timedelta(weeks=5)
    pair.google.edit(ids[Side.GOOGLE], repeat=Lines(("RRULE:FREQ=WEEKLY;COUNT=6", "RDATE:20261126"), "it has extra dates"))
    pair.google.change_occurrence(ids[Side.GOOGLE], last, title="Last")
    pair.google.cancel_occurrence(ids[Side.GOOGLE], SECOND)
    pair.run()
    waiting = pair.neo.events[ids[Side.NEO]].exceptions

    pair.google.edit(ids[Side.GOOGLE], repeat=weekly(6))
    run_until_quiet(pair)

    assert waiting == {SECOND: None}
    assert on(pair, Side.NEO) == on(pair, Side.GOOGLE)
    assert set(on(pair, Side.NEO).exceptions) == {SECOND, last}


@pytest.mark.parametrize("original", Side)
def test_r26_when_the_original_is_deleted_its_changed_copy_comes_back_as_single_events(original: Side) -> None:
    pair, ids = a_pair_of(made_on=original, repeat=weekly())
    copy = original.other
    pair.calendar(copy).edit(ids[copy], repeat=UNSAYABLE[original])
    pair.run()

    pair.calendar(original).delete_event(ids[original])
    run_until_quiet(pair)

    assert set(pair.calendar(copy).events) == {ids[copy]}
    assert len(pair.calendar(original).events) == (4 if original is Side.NEO else 2)
    assert {event.repeat for event in pair.calendar(original).events.values()} == {None}


def test_r26_a_single_event_that_stands_for_one_date_cannot_make_a_series_of_it() -> None:
    pair, ids = a_pair_of(made_on=Side.GOOGLE, repeat=BY_LINES)
    first = min(pair.neo.events)

    pair.neo.edit(first, repeat=weekly(2), title="Renamed")
    run_until_quiet(pair)

    assert pair.google.events[ids[Side.GOOGLE]].repeat == BY_LINES
    assert pair.google.events[ids[Side.GOOGLE]].exceptions == {A_MONDAY: an_event("Renamed")}
    assert "it stands for one date of a series there" in why_skipped(pair)[0]


# Copies that are replaced.


@pytest.mark.parametrize("original", Side)
def test_r26_what_a_person_changed_in_a_copy_is_in_the_original_before_the_copy_is_replaced(original: Side) -> None:
    pair, ids = a_pair_of(made_on=original, repeat=weekly())
    copy = original.other

    pair.calendar(copy).edit(ids[copy], title="Renamed", description="By hand")
    pair.calendar(copy).cancel_occurrence(ids[copy], A_MONDAY)
    pair.calendar(original).edit(ids[original], repeat=UNSAYABLE[copy], location="Room 1")
    pair.run()
    run_until_quiet(pair)

    expected = an_event("Renamed", location="Room 1", description="By hand", repeat=UNSAYABLE[copy], exceptions={A_MONDAY: None})
    assert pair.calendar(original).events == {ids[original]: expected}
    assert {event.title for event in pair.calendar(copy).events.values()} == {"Renamed"}
    assert deletions(pair) == {copy: 1}
    assert not [lost for action in pair.done for lost in getattr(action, "lost", ())]


@pytest.mark.parametrize("original", Side)
def test_r26_what_a_person_changed_in_single_copies_is_in_the_original_before_they_are_replaced(original: Side) -> None:
    pair, ids = a_pair_of(made_on=original, repeat=UNSAYABLE[original.other])
    copies = pair.calendar(original.other)
    first, *_, last = sorted(copies.events, key=lambda event_id: str(copies.events[event_id].when))

    copies.edit(first, title="Renamed")
    copies.edit(last, title="Wanted")
    pair.calendar(original).edit(ids[original], repeat=weekly(3))
    pair.run()
    run_until_quiet(pair)

    expected = an_event(repeat=weekly(3), exceptions={A_MONDAY: an_event("Renamed")})
    for side in Side:
        assert expected in pair.calendar(side).events.values()
        assert pair.calendar(side).titles() == ["Stand-up", "Wanted"], "a date that is gone and was changed comes back"


@pytest.mark.parametrize("original", Side)
def test_r26_what_was_changed_on_both_sides_while_the_form_changes_is_lost_on_one_and_told(original: Side) -> None:
    pair, ids = a_pair_of(made_on=original, repeat=weekly())
    pair.policy = replace(pair.policy, winner=original)
    copy = original.other

    pair.calendar(copy).edit(ids[copy], title="Copy")
    pair.calendar(original).edit(ids[original], repeat=UNSAYABLE[copy], title="Original")
    run_until_quiet(pair)

    assert {event.title for side in Side for event in pair.calendar(side).events.values()} == {"Original"}
    assert [lost.event.title for action in pair.done for lost in getattr(action, "lost", ())] == ["Copy"]


@pytest.mark.parametrize("original", Side)
def test_r18_a_copy_that_may_not_be_changed_is_not_replaced(original: Side) -> None:
    pair, ids = a_pair_of(made_on=original, repeat=weekly())
    copy = original.other

    pair.calendar(copy).set_editable(ids[copy], is_editable=False)
    pair.calendar(original).edit(ids[original], repeat=UNSAYABLE[copy])
    run_until_quiet(pair)

    assert [pair.calendar(side).events for side in Side] == [{ids[side]: an_event(repeat=weekly())} for side in Side]


@pytest.mark.parametrize("original", Side)
def test_r26_a_copy_that_cannot_be_read_is_not_replaced_until_it_can(original: Side) -> None:
    pair, ids = a_pair_of(made_on=original, repeat=weekly())
    copy = original.other

    pair.calendar(copy).set_odd(ids[copy], "odd")
    pair.calendar(original).edit(ids[original], repeat=UNSAYABLE[copy])
    pair.run()
    while_odd = set(pair.calendar(copy).events)
    pair.calendar(copy).set_odd(ids[copy], None)
    run_until_quiet(pair)

    assert while_odd == {ids[copy]}
    assert ids[copy] not in pair.calendar(copy).events
    assert len(pair.calendar(copy).events) == (4 if copy is Side.NEO else 2)


@pytest.mark.parametrize("fault", ["fails", "answer lost", "crash"])
@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("original", Side)
def test_r2_a_change_of_form_that_goes_wrong_and_is_taken_back_deletes_no_original(
    original: Side, number: int, fault: Fault
) -> None:
    for before, after in ((weekly(), SAME_DATES[original.other]), (SAME_DATES[original.other], weekly())):
        pair, ids = a_pair_of(made_on=original, repeat=before)
        pair.calendar(original).edit(ids[original], repeat=after)
        pair.run([*([None] * number), fault])

        pair.calendar(original).edit(ids[original], repeat=before)
        pair.run()
        run_until_quiet(pair)

        assert pair.calendar(original).events == {ids[original]: an_event(repeat=before)}
        copies = pair.calendar(original.other).events.values()
        assert len(copies) == len(pair.links) == (1 if before == weekly() else 5)


@pytest.mark.parametrize("fault", ["fails", "answer lost", "crash"])
@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("original", Side)
def test_r2_a_change_of_form_that_goes_wrong_is_gone_on_with(original: Side, number: int, fault: Fault) -> None:
    for before, after in ((weekly(), SAME_DATES[original.other]), (SAME_DATES[original.other], weekly())):
        pair, ids = a_pair_of(made_on=original, repeat=before)
        pair.calendar(original).edit(ids[original], repeat=after)

        pair.run([*([None] * number), fault])
        run_until_quiet(pair)

        assert pair.calendar(original).events == {ids[original]: an_event(repeat=after)}
        assert len(pair.calendar(original.other).events) == len(pair.links) == (1 if after == weekly() else 5)


def test_r26_single_events_that_a_person_made_stay_when_the_series_could_be_said_as_one() -> None:
    pair = Pair()
    pair.set_zone(TOKYO)
    days = [A_MONDAY, SECOND]
    made = {pair.neo.add(an_event(when=timed(day=day))) for day in days}
    google_id = pair.google.add(an_event(repeat=Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,30;COUNT=3",), "several days")))
    pair.run()
    [copied] = pair.neo.events.keys() - made

    pair.google.edit(google_id, repeat=weekly(4))
    run_until_quiet(pair)

    assert made < pair.neo.events.keys()
    assert copied not in pair.neo.events
    assert len(pair.neo.events) == 4
    assert "made one by one" in why_skipped(pair)[0]


@pytest.mark.parametrize("original", Side)
def test_r26_a_series_that_becomes_one_event_keeps_the_single_event_of_its_date(original: Side) -> None:
    pair, ids = a_pair_of(made_on=original, repeat=UNSAYABLE[original.other])
    first = next(id_ for id_, event in pair.calendar(original.other).events.items() if event == an_event())

    pair.calendar(original).edit(ids[original], repeat=None, title="Once")
    run_until_quiet(pair)

    assert pair.calendar(original).events == {ids[original]: an_event("Once")}
    assert pair.calendar(original.other).events == {first: an_event("Once")}
