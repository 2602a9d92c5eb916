"""Rules R6 and R26: what a person made is never replaced by something else, whatever becomes of rules, copies and time zones."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desksync.sync.event import Side
from desksync.sync.lines import Lines
from tests.builders import A_MONDAY, TOKYO, an_event, timed, weekly
from tests.sync.originals import (
    BY_LINES,
    NEW_YORK,
    SAME_DATES,
    SECOND,
    UNSAYABLE,
    a_pair_of,
    deletions,
    on,
    run_until_quiet,
    why_skipped,
)
from tests.sync.pair import Fault, Pair


@pytest.mark.parametrize("made_on", Side)
def test_r6_there_and_back_again_is_as_before(made_on: Side) -> None:
    pair, ids = a_pair_of(made_on=made_on, repeat=weekly())
    before = pair.calendar(made_on).events

    for zone in (NEW_YORK, TOKYO):
        pair.set_zone(zone)
        run_until_quiet(pair)

    assert pair.calendar(made_on).events == before == {ids[made_on]: an_event(repeat=weekly())}
    assert on(pair, made_on.other) == an_event(repeat=weekly())


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
