"""Rule R5 through the runners: held, shown, released, refused."""

from datetime import timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event

from desksync.store import calendars
from desksync.sync.event import Side
from desksync.sync.policy import Direction
from desksync.worker.desk import Limits
from desksync.worker.preview import preview
from tests.builders import A_MONDAY, all_day, an_event, timed
from tests.worker.desks import delete_all, many, reading_desks, say, waiting
from tests.worlds import LEASE, World, a_world


def a_world_with_a_mass_deletion(side: Side = Side.NEO) -> World:
    world = a_world(neo=many(20))
    world.sync()
    world.sync()
    delete_all(world, side, but=5)
    return world


@pytest.mark.parametrize("side", Side)
def test_r5_a_mass_deletion_is_held_and_the_rest_is_done(side: Side) -> None:
    world = a_world_with_a_mass_deletion(side)
    world.calendar(side).add(an_event("New", when=timed(15)))

    run = world.sync()

    left = world.calendar(side.other)
    assert left.calls("delete") == 0
    assert len(left.events) == 21
    assert "New" in left.titles()
    assert run.outcome == "ok"
    [line] = world.lines("held")
    assert line.text.startswith("15 deletions wait for a person: ")


def test_r5_a_held_plan_tells_numbers_and_a_sample() -> None:
    world = a_world(neo=many(40))
    world.sync()
    delete_all(world, Side.GOOGLE)
    world.sync()

    kept = waiting(world)

    assert kept is not None
    assert (kept.neo, kept.google, kept.number) == (40, 0, 40)
    assert len(kept.sample) == 20
    assert (kept.sample[0].side, kept.sample[0].title, kept.sample[0].day) == (Side.NEO, "Event 00", A_MONDAY)


def test_r5_the_same_plan_held_again_adds_nothing_and_a_quiet_user_stays_cheap() -> None:
    world = a_world_with_a_mass_deletion()
    world.sync()
    world.sync()
    statements: list[str] = []

    def told(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    message = world.order()
    sqlalchemy_event.listen(world.engine, "before_cursor_execute", told)
    world.drain(message)
    sqlalchemy_event.remove(world.engine, "before_cursor_execute", told)

    assert len(world.lines("held")) == 1
    assert not [one for one in statements if "FROM link" in one or "FROM event" in one or "held_plan" in one]
    assert world.runs()[-1].counts == {"errors": 0}


def test_r5_what_is_released_is_deleted_and_what_comes_later_is_held_anew() -> None:
    world = a_world(neo=many(40))
    world.sync()
    delete_all(world, Side.NEO, but=25)
    world.sync()

    say(world, "release")
    delete_all(world, Side.NEO, but=12)
    world.sync_open()

    kept = waiting(world)
    assert len(world.google.events) == 25
    assert kept is not None
    assert kept.google == 13


def test_r5_a_later_deletion_within_the_limit_is_not_held_after_a_release() -> None:
    world = a_world_with_a_mass_deletion()
    world.sync()

    say(world, "release")
    delete_all(world, Side.NEO, but=4)
    world.sync_open()

    assert len(world.google.events) == 4
    assert waiting(world) is None
    assert world.lines("held")[1:] == []


@pytest.mark.parametrize("side", Side)
def test_r5_what_is_refused_is_created_again_where_it_was_deleted(side: Side) -> None:
    world = a_world_with_a_mass_deletion(side)
    world.sync()
    titles = world.calendar(side.other).titles()

    say(world, "refuse")
    world.sync_open()
    writes = world.writes()
    world.sync()

    assert world.neo.titles() == world.google.titles() == titles
    assert world.writes() == writes
    assert waiting(world) is None


def test_r5_an_event_that_was_put_back_may_be_deleted_later() -> None:
    world = a_world_with_a_mass_deletion()
    world.sync()
    say(world, "refuse")
    world.sync_open()

    world.neo.delete_event(next(event_id for event_id, event in world.neo.events.items() if event.title == "Event 10"))
    world.sync()

    assert "Event 10" not in world.google.titles()
    assert len(world.google.events) == 19


def test_r5_deletions_that_the_person_takes_back_wait_no_longer() -> None:
    world = a_world_with_a_mass_deletion()
    world.sync()

    left = world.neo.titles()
    for event_id in [event_id for event_id, event in world.google.events.items() if event.title not in left]:
        world.google.delete_event(event_id)
    world.sync()

    assert waiting(world) is None
    assert (len(world.neo.events), len(world.google.events)) == (5, 5)


def test_r5_copies_made_meanwhile_do_not_let_a_held_deletion_pass() -> None:
    world = a_world_with_a_mass_deletion()
    world.sync()

    for one in many(60)[20:]:
        world.neo.add(one)
    world.sync()

    kept = waiting(world)
    assert world.google.calls("delete") == 0
    assert kept is not None
    assert kept.google == 15


def test_r5_switching_the_calendar_forgets_what_was_held() -> None:
    world = a_world_with_a_mass_deletion()
    world.sync()

    world.choose_calendar("two@example.com")
    world.sync()

    assert waiting(world) is None


def test_saying_something_when_nothing_waits_changes_nothing() -> None:
    world = a_world(neo=many(3))
    world.sync()

    assert say(world, "release") is None
    assert say(world, "refuse") is None
    assert not world.is_open()


def test_a_decision_orders_a_run_and_has_it_look() -> None:
    world = a_world_with_a_mass_deletion()
    world.sync()

    say(world, "release")

    with world.begin() as session:
        state = calendars.reading_state(session, world.user_id, Side.NEO)
    assert world.is_open()
    assert state is not None
    assert state.is_dirty


def test_r5_a_crash_between_putting_back_and_its_record_doubles_nothing() -> None:
    world = a_world_with_a_mass_deletion()
    world.sync()
    say(world, "refuse")
    world.crash_after(Side.NEO, "create")

    world.sync_open()
    world.clock.move(timedelta(minutes=10))
    world.sync()

    assert len(world.neo.events) == len(world.google.events) == 20


def a_world_with_more_missing_than_one_stage_looks_at(side: Side = Side.NEO) -> World:
    """Return one in which 60 of 100 linked events vanish, and a run looks at 20: less than the share that is held."""
    world = a_world(neo=many(100), limits=Limits(lease=LEASE, looks=20))
    world.sync()
    world.sync()
    if side is Side.GOOGLE:
        world.google.expire_cursors()
    delete_all(world, side, but=40)
    return world


@pytest.mark.parametrize("side", Side)
def test_r5_what_is_missing_and_was_not_looked_at_yet_counts_as_well(side: Side) -> None:
    world = a_world_with_more_missing_than_one_stage_looks_at(side)

    numbers = []
    for _ in range(4):
        world.sync()
        numbers.append(getattr(waiting(world), side.other.value))

    assert world.calendar(side.other).calls("delete") == 0
    assert numbers == [60, 60, 60, 60]
    [line] = world.lines("held")
    assert line.text.startswith("60 deletions wait for a person: ")
    assert line.text.endswith("40 of them are of events that were missing from a list, and are looked at one by one first")


def test_r5_a_release_covers_what_was_missing_then_and_not_looked_at_yet() -> None:
    world = a_world_with_more_missing_than_one_stage_looks_at()
    world.sync()

    say(world, "release")
    world.sync_open()
    left = [len(world.google.events)]
    for _ in range(2):
        world.sync()
        left.append(len(world.google.events))

    assert left == [60, 40, 40]
    assert len(world.lines("held")) == 1
    assert waiting(world) is None


def test_r5_a_refusal_covers_what_was_missing_then_and_not_looked_at_yet() -> None:
    world = a_world_with_more_missing_than_one_stage_looks_at()
    titles = world.google.titles()
    world.sync()

    say(world, "refuse")
    world.sync_open()
    world.sync()
    world.sync()

    assert world.neo.titles() == world.google.titles() == titles
    assert len(world.lines("held")) == 1


def test_r5_a_release_deletes_nothing_that_is_found_when_it_is_looked_at() -> None:
    world = a_world_with_more_missing_than_one_stage_looks_at()
    for event_id, event in list(world.neo.events.items())[:5]:
        world.neo.edit(event_id, when=all_day(A_MONDAY + timedelta(days=900)), title=f"Far {event.title}")
    world.sync()

    say(world, "release")
    world.sync_open()
    world.sync()
    world.sync()

    assert len(world.google.events) == 40
    assert sum(title.startswith("Far ") for title in world.google.titles()) == 5


def test_r5_what_vanishes_after_a_release_is_held_anew_while_the_rest_is_looked_at() -> None:
    world = a_world_with_more_missing_than_one_stage_looks_at()
    world.sync()

    say(world, "release")
    delete_all(world, Side.NEO)
    world.sync_open()
    for _ in range(4):
        world.sync()

    kept = waiting(world)
    assert len(world.google.events) == 40
    assert kept is not None
    assert kept.google == 40


def test_r5_a_list_that_proves_nothing_leaves_what_was_missing_missing() -> None:
    world = a_world_with_more_missing_than_one_stage_looks_at()
    world.sync()

    world.neo.proves_nothing = True
    world.sync()
    numbers = [getattr(waiting(world), "google", None)]
    world.neo.proves_nothing = False
    world.sync()
    numbers.append(getattr(waiting(world), "google", None))

    assert numbers == [60, 60]
    assert world.google.calls("delete") == 0


def test_r5_missing_events_that_cannot_be_read_do_not_keep_the_others_from_being_looked_at() -> None:
    world = a_world(neo=many(100), limits=Limits(lease=LEASE, looks=20))
    world.sync()
    unreadable, gone = list(world.neo.events)[:30], list(world.neo.events)[95:]
    for event_id in unreadable:
        world.neo.edit(event_id, when=all_day(A_MONDAY + timedelta(days=900)))
        world.neo.set_odd(event_id, "It cannot be read.")
    world.sync()
    world.sync()

    for event_id in gone:
        world.neo.delete_event(event_id)
    world.sync()
    say(world, "release")
    world.sync_open()

    assert len(world.google.events) == 95


def test_r5_what_is_missing_where_deletions_do_not_count_holds_nothing() -> None:
    world = a_world(neo=many(100), limits=Limits(lease=LEASE, looks=20))
    world.save(direction=Direction.NEO_TO_GOOGLE)
    world.sync()
    world.google.expire_cursors()
    delete_all(world, Side.GOOGLE, but=40)

    world.neo.delete_event(next(iter(world.neo.events)))
    world.sync()

    assert waiting(world) is None
    assert "Event 00" not in world.google.titles()


def test_r5_a_preview_counts_what_is_missing_and_was_not_looked_at() -> None:
    world = a_world_with_more_missing_than_one_stage_looks_at()

    shown = preview(reading_desks(world), world.user())

    assert (len(shown.guarded.held), shown.guarded.number_in_doubt) == (20, 40)
