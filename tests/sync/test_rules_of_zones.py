"""Rules R6 and R23: another time zone of the user moves no original, and its copy follows."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from desksync.sync.event import Side, Timed, occurrence_on
from desksync.sync.recurrence import Dates, Recurrence
from tests.builders import A_MONDAY, TOKYO, all_day, an_event, timed, weekly
from tests.sync.originals import BY_DATES, BY_LINES, NEW_YORK, SECOND, SEOUL, THIRD, a_pair_of, deletions, on, run_until_quiet
from tests.sync.pair import Fault, Pair


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
