"""What one run changed is put back, on both sides, as far as nobody has changed it since."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desksync.store.runs import Run
from desksync.sync.event import Side
from desksync.sync.policy import Direction
from desksync.worker.errors import EventRefused, RetryLater
from desksync.worker.standstill import RunUnderWay, standstill
from desksync.worker.undo import Ahead, NothingToUndo, NoUndo, Undone, ahead, undo
from tests.builders import A_MONDAY, an_event, timed, weekly
from tests.worker.desks import desks
from tests.worlds import LEASE, Crash, World, a_world


def undone(world: World, run: Run) -> Undone:
    return undo(desks(world), world.user(), run.id)


def undone_with_a_crash(world: World, run: Run) -> None:
    with pytest.raises(Crash):
        undone(world, run)
    world._is_dead = False
    world.take_over()


def whys(done: Undone) -> list[str]:
    return [line.text for line in done.lines if line.kind == "not_undone"]


def assert_quiet(world: World) -> None:
    writes, neo, google = world.writes(), world.neo.titles(), world.google.titles()
    for _ in range(2):
        world.sync()
    assert world.writes() == writes
    assert (world.neo.titles(), world.google.titles()) == (neo, google)


def test_an_update_is_written_back_and_not_carried_over_again() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("Before", location="A"))
    world.sync()
    world.neo.edit(event_id, title="After", location="B")
    run = world.sync()

    done = undone(world, run)

    assert done.number == 1
    assert world.google.titles() == ["Before"]
    assert [event.location for event in world.google.events.values()] == ["A"]
    assert world.neo.titles() == ["After"]
    assert_quiet(world)


def test_after_an_undone_update_a_new_change_travels_again() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("Before"))
    world.sync()
    world.neo.edit(event_id, title="After")
    undone(world, world.sync())

    world.neo.edit(event_id, title="Again")
    world.sync()

    assert world.google.titles() == ["Again"]


def test_a_creation_is_deleted_and_its_source_is_not_copied_until_it_changes() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()

    undone(world, run)

    assert (world.neo.titles(), world.google.titles()) == (["One"], [])
    assert_quiet(world)
    world.neo.edit(next(iter(world.neo.events)), title="Two")
    world.sync()
    assert world.google.titles() == ["Two"]


def test_a_deletion_is_created_again_and_the_next_run_copies_it_to_the_other_side() -> None:
    world = a_world(google=[an_event("One", description="Agenda")])
    world.sync()
    world.google.delete_event(next(iter(world.google.events)))
    run = world.sync()

    undone(world, run)

    assert (world.neo.titles(), world.google.titles()) == (["One"], [])
    world.sync()
    assert world.google.titles() == ["One"]
    assert [event.description for event in world.google.events.values()] == ["Agenda"]
    assert_quiet(world)


@pytest.mark.parametrize("side", Side)
def test_a_whole_run_is_put_back_on_both_sides(side: Side) -> None:
    world = a_world()
    changed = world.calendar(side).add(an_event("Changed", when=timed(9)))
    deleted = world.calendar(side).add(an_event("Deleted", when=timed(12)))
    world.sync()
    world.calendar(side).edit(changed, title="Renamed")
    world.calendar(side).delete_event(deleted)
    world.calendar(side).add(an_event("Added", when=timed(15)))
    run = world.sync()

    done = undone(world, run)

    assert done.number == 3
    assert whys(done) == []
    assert world.calendar(side.other).titles() == ["Changed", "Deleted"]
    assert world.calendar(side).titles() == ["Added", "Renamed"]


def test_fields_that_were_changed_since_stay_and_the_line_says_so() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("Before", location="A"))
    world.sync()
    [google_id] = world.google.events
    world.neo.edit(event_id, title="After", location="B")
    run = world.sync()
    world.google.edit(google_id, location="C")

    done = undone(world, run)

    [event] = world.google.events.values()
    assert (event.title, event.location) == ("Before", "C")
    assert done.lines[0].text == "changed since, and left: location"


def test_what_was_changed_since_altogether_stays() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("A"))
    world.sync()
    world.neo.edit(event_id, title="A2")
    run = world.sync()
    world.neo.edit(event_id, title="A3")
    world.sync()

    done = undone(world, run)

    assert whys(done) == ["it was changed since"]
    assert world.google.titles() == ["A3"]


def test_a_copy_that_was_changed_or_deleted_since_stays_as_it_is() -> None:
    world = a_world(neo=[an_event("Edited", when=timed(9)), an_event("Gone", when=timed(12))])
    run = world.sync()
    by_title = {event.title: event_id for event_id, event in world.google.events.items()}
    world.google.edit(by_title["Edited"], location="Room 1")
    world.google.delete_event(by_title["Gone"])

    done = undone(world, run)

    assert sorted(whys(done)) == ["it is not there any more", "it was changed since"]
    assert world.google.titles() == ["Edited"]


def test_a_change_that_waits_on_the_other_side_still_travels_after_an_undo() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("Before"))
    world.sync()
    world.neo.edit(event_id, title="After")
    run = world.sync()
    world.neo.edit(event_id, location="Room 1")

    undone(world, run)
    world.sync()

    [event] = world.google.events.values()
    assert (event.title, event.location) == ("Before", "Room 1")


def test_an_undo_can_be_undone() -> None:
    world = a_world()
    changed = world.neo.add(an_event("Changed", when=timed(9)))
    world.sync()
    world.neo.edit(changed, title="Renamed")
    world.neo.add(an_event("Added", when=timed(15)))
    run = world.sync()
    first = undone(world, run)

    undo(desks(world), world.user(), first.run_id)

    assert world.google.titles() == ["Added", "Renamed"]
    assert_quiet(world)
    world.neo.edit(changed, title="Third")
    world.sync()
    assert world.google.titles() == ["Added", "Third"]


def test_an_undone_undo_lets_the_run_be_undone_again() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("Before"))
    world.sync()
    world.neo.edit(event_id, title="After")
    run = world.sync()
    first = undone(world, run)
    undo(desks(world), world.user(), first.run_id)

    again = undone(world, run)

    assert again.number == 1
    assert world.google.titles() == ["Before"]


def test_an_undo_is_a_run_of_its_own() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()

    done = undone(world, run)

    kept = world.runs()[-1]
    assert (kept.id, kept.outcome, kept.undoes) == (done.run_id, "undo", run.id)
    assert kept.counts == {"google_deleted": 1, "errors": 0}
    assert not world.is_open()


def test_a_run_cannot_be_undone_twice() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()
    undone(world, run)

    with pytest.raises(NothingToUndo, match="was undone already"):
        undone(world, run)


def test_what_cannot_be_undone_is_said() -> None:
    world = a_world(neo=[an_event("One")])
    world.sync()
    quiet = world.sync()

    with pytest.raises(NothingToUndo, match="wrote nothing"):
        undone(world, quiet)
    with pytest.raises(NothingToUndo, match="There is no run 999"):
        undo(desks(world), world.user(), 999)


def test_an_undo_while_a_run_is_under_way_is_refused_and_changes_nothing() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()
    world.neo.add(an_event("Two", when=timed(15)))
    message = world.order()
    world.handle(message)  # NEO is read, Google not yet.

    with pytest.raises(RunUnderWay, match="under way"):
        undone(world, run)

    assert world.google.titles() == ["One"]


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(days=1)])
def test_an_undo_whose_clock_is_ahead_leaves_the_one_alone_that_is_under_way(by: timedelta) -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()

    with standstill(world.begin, world.user_id, world.clock, LEASE):
        world.clock.move(by)
        with pytest.raises(RunUnderWay, match="a scheduler that runs lets the user go"):
            undone(world, run)

    assert world.google.titles() == ["One"]


def test_an_undo_while_a_run_only_waits_for_another_try_is_done_and_the_run_goes_on_once() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()
    world.neo.add(an_event("Two", when=timed(15)))
    world.google.fail_next("read", RetryLater("Google Server Error 503", after=timedelta(minutes=5)))
    world.run_until_waiting()
    waits_until = world.ticket().not_before

    undone(world, run)

    waits, titles = world.ticket(), world.google.titles()
    world.sweep()
    has_begun_early = world.ticket().attempt != waits.attempt
    world.sync_open()
    gone_on = next(one for one in world.runs() if one.id == waits.run_id)
    assert titles == []
    assert (waits.not_before, waits.leased_until) == (waits_until, None)
    assert not has_begun_early
    assert gone_on.outcome == "ok"
    assert [told.run_id for told in world.results()].count(gone_on.id) == 1
    assert world.google.titles() == ["Two"]


def test_a_message_that_comes_while_the_undo_is_at_work_begins_nothing_and_is_made_up_for() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()
    world.neo.add(an_event("Two", when=timed(15)))
    message = world.order()
    reads: list[int] = []
    world.after(Side.GOOGLE, "delete", lambda: world.handle(message))
    world.after(Side.GOOGLE, "delete", lambda: reads.append(world.neo.calls("read")))
    before = world.neo.calls("read")

    undone(world, run)
    early = world.neo.calls("read") - before
    world.sync_open()

    assert early == 0
    assert world.neo.calls("read") == before + 1
    assert world.google.titles() == ["Two"]


def test_a_run_that_was_ordered_begins_after_the_undo() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()
    world.order()

    undone(world, run)
    world.sync_open()

    assert world.google.titles() == []
    assert world.runs()[-1].outcome == "ok"


def test_no_run_begins_while_an_undo_is_at_work() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()
    began: list[bool] = []

    def try_to_run() -> None:
        began.append(bool(len(world.runs()) > 2))
        world.sweep()
        began.append(bool(len(world.runs()) > 2))

    world.after(Side.GOOGLE, "delete", try_to_run)
    undone(world, run)

    assert began == [False, False]


@pytest.mark.parametrize("is_followed_by_a_run", [False, True])
@pytest.mark.parametrize("kind", ["updated", "created", "deleted"])
@pytest.mark.parametrize("side", Side)
def test_a_crash_between_call_and_record_loses_and_doubles_nothing(side: Side, kind: str, *, is_followed_by_a_run: bool) -> None:
    world = a_world()
    calendar = world.calendar(side.other)
    event_id = "" if kind == "created" else calendar.add(an_event("Before"))
    world.sync()
    match kind:
        case "updated":
            calendar.edit(event_id, title="After")
        case "created":
            calendar.add(an_event("New"))
        case _:
            calendar.delete_event(event_id)
    run = world.sync()
    call = {"updated": "update", "created": "delete", "deleted": "create"}[kind]
    world.crash_after(side, call)  # type: ignore[arg-type] # one of the kinds

    undone_with_a_crash(world, run)
    if is_followed_by_a_run:
        world.sync_open()
    undone(world, run)
    if world.is_open():
        world.sync_open()
    world.sync()

    expected = {
        "updated": (["Before"], ["After"]),
        "created": ([], ["New"]),
        "deleted": (["Before"], ["Before"]),
    }[kind]
    assert (world.calendar(side).titles(), calendar.titles()) == expected
    assert_quiet(world)


def test_an_undo_that_a_server_cut_off_can_be_gone_on_with() -> None:
    world = a_world(neo=[an_event("One", when=timed(9)), an_event("Two", when=timed(12))])
    run = world.sync()
    world.after(Side.GOOGLE, "delete", lambda: world.google.fail_next("look", RetryLater("Google Server Error 503")))

    with pytest.raises(RetryLater):
        undone(world, run)
    first = world.runs()[-1]
    undone(world, run)

    assert (first.outcome, first.counts["google_deleted"]) == ("interrupted", 1)
    assert world.google.titles() == []
    assert_quiet(world)


def test_a_refusal_leaves_the_link_and_is_said() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("Before"))
    world.sync()
    world.neo.edit(event_id, title="After")
    run = world.sync()
    world.google.refuses = lambda event: event.title == "Before"

    done = undone(world, run)

    assert whys(done) == ["the calendar does not take it"]
    assert world.google.titles() == ["After"]
    assert_quiet(world)


def test_an_event_that_the_account_may_not_change_stays() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()
    world.google.set_editable(next(iter(world.google.events)), is_editable=False)

    assert whys(undone(world, run)) == ["the account may not change it"]


def test_only_the_occurrence_that_a_run_changed_is_put_back() -> None:
    world = a_world(neo=[an_event("Weekly", repeat=weekly(5))])
    world.sync()
    [neo_id] = world.neo.events
    [google_id] = world.google.events
    second, third = A_MONDAY + timedelta(weeks=1), A_MONDAY + timedelta(weeks=2)
    world.neo.change_occurrence(neo_id, second, title="Moved")
    run = world.sync()
    world.google.change_occurrence(google_id, third, title="By hand")
    world.sync()

    undone(world, run)

    assert list(world.google.events[google_id].exceptions) == [third]
    assert_quiet(world)


def test_a_one_way_sync_does_not_write_an_undone_change_again() -> None:
    world = a_world()
    world.save(direction=Direction.NEO_TO_GOOGLE)
    event_id = world.neo.add(an_event("Before"))
    world.sync()
    world.neo.edit(event_id, title="After")
    run = world.sync()

    undone(world, run)

    assert world.google.titles() == ["Before"]
    assert_quiet(world)


def test_a_line_from_before_this_program_kept_what_it_wrote_is_left() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()
    with world.begin() as session:
        session.connection().exec_driver_sql("UPDATE run_line SET written = NULL")

    assert whys(undone(world, run)) == ["it was written before DeskSync kept what it writes"]
    assert world.google.titles() == ["One"]


def test_the_run_of_another_user_is_not_undone() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()

    with pytest.raises(NothingToUndo, match="There is no run"):
        undo(desks(world), replace(world.user(), id=world.user_id + 1), run.id)
    assert world.google.titles() == ["One"]


def test_an_event_that_was_copied_anew_since_is_not_put_back_beside_its_copy() -> None:
    world = a_world(google=[an_event("One")])
    taken = undone(world, world.sync())
    world.google.edit(next(iter(world.google.events)), location="Room 1")
    world.sync()

    again = undo(desks(world), world.user(), taken.run_id)

    assert whys(again) == ["it was copied anew since"]
    assert world.neo.titles() == ["One"]


def test_a_copy_and_an_event_that_a_calendar_refuses_to_give_up_or_take_back_are_left() -> None:
    world = a_world()
    deleted = world.neo.add(an_event("Deleted", when=timed(9)))
    world.sync()
    world.neo.delete_event(deleted)
    world.neo.add(an_event("Added", when=timed(12)))
    run = world.sync()
    world.google.refuses = lambda event: event.title == "Deleted"
    world.google.fail_next("delete", EventRefused("not now"))

    done = undone(world, run)

    assert sorted(whys(done)) == ["not now", "the calendar does not take it"]
    assert world.google.titles() == ["Added"]
    assert_quiet(world)


def what_lies_ahead(world: World, run: Run) -> Ahead:
    with world.begin() as session:
        return ahead(session, world.user(), run.id)


def test_what_an_undo_would_put_back_is_known_before_and_nothing_is_called_for_it() -> None:
    world = a_world(neo=[an_event("One"), an_event("Two")])
    run = world.sync()
    writes = world.writes()

    found = what_lies_ahead(world, run)
    calls = world.writes() - writes
    done = undone(world, run)

    assert sorted(line.line.title for line in found.lines) == sorted(line.title for line in done.lines) == ["One", "Two"]
    assert (found.staying, calls) == ((), 0)


def test_what_was_put_back_lies_ahead_no_more_until_that_is_put_back_itself() -> None:
    world = a_world(neo=[an_event("One")])
    run = world.sync()
    undoing = undone(world, run)

    with pytest.raises(NothingToUndo) as nothing:
        what_lies_ahead(world, run)
    undone(world, replace(run, id=undoing.run_id))
    again = what_lies_ahead(world, run)

    assert nothing.value.why is NoUndo.UNDONE
    assert [line.line.title for line in again.lines] == ["One"]


def test_a_run_that_wrote_nothing_or_is_gone_has_no_undo() -> None:
    world = a_world()
    run = world.sync()

    with pytest.raises(NothingToUndo) as nothing:
        what_lies_ahead(world, run)
    with pytest.raises(NothingToUndo) as gone:
        what_lies_ahead(world, replace(run, id=999))

    assert (nothing.value.why, gone.value.why) == (NoUndo.WROTE_NOTHING, NoUndo.GONE)
