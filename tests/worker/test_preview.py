"""A preview tells what a run would do, and writes nothing anywhere."""

from sqlalchemy import text

from desksync.store.tables import metadata
from desksync.sync.event import Side
from desksync.sync.plan import Create, Delete, Update
from desksync.worker.preview import Preview, preview
from tests.builders import an_event, timed
from tests.worker.desks import delete_all, desks, many
from tests.worlds import World, a_world


def seen(world: World) -> Preview:
    return preview(desks(world), world.user())


def dump(world: World) -> dict[str, list[object]]:
    with world.begin() as session:
        return {
            name: [tuple(row) for row in session.execute(text(f'SELECT * FROM "{name}" ORDER BY 1, 2'))]  # noqa: S608 - our tables
            for name in metadata.tables
        }


def test_it_tells_what_a_run_would_do_and_writes_nothing() -> None:
    world = a_world(neo=[an_event("Old", when=timed(9)), an_event("Gone", when=timed(12))])
    world.sync()
    by_title = {event.title: event_id for event_id, event in world.neo.events.items()}
    world.neo.edit(by_title["Old"], location="Room 1")
    world.neo.delete_event(by_title["Gone"])
    world.google.add(an_event("New", when=timed(15)))
    before, writes = dump(world), world.writes()

    plan = seen(world).guarded.plan

    kinds = {type(action): (action.side, getattr(action, "event", None)) for action in plan.actions}
    assert kinds.keys() == {Create, Update, Delete}
    assert kinds[Create][0] is Side.NEO
    assert dump(world) == before
    assert world.writes() == writes
    run = world.sync()
    assert run.counts == {"neo_created": 1, "google_updated": 1, "google_deleted": 1, "errors": 0}


def test_it_shows_what_would_be_held() -> None:
    world = a_world(neo=many(20))
    world.sync()
    delete_all(world, Side.NEO)

    guarded = seen(world).guarded

    assert len(guarded.held) == 20
    assert guarded.plan.actions == ()


def test_before_the_first_run_it_shows_what_is_matched_and_copied() -> None:
    world = a_world(neo=[an_event("Both"), an_event("One", when=timed(12))], google=[an_event("Both")])
    before = dump(world)

    plan = seen(world).guarded.plan

    assert len(plan.adopted) == 1
    assert [type(action) for action in plan.actions] == [Create]
    assert dump(world) == before


def test_after_a_change_of_the_calendar_it_starts_from_nothing() -> None:
    world = a_world(neo=many(3))
    world.sync()
    world.choose_calendar("two@example.com", [many(1)[0]])

    plan = seen(world).guarded.plan

    assert len(plan.adopted) == 1
    assert [type(action) for action in plan.actions] == [Create, Create]


def test_of_two_equal_calendars_it_shows_nothing() -> None:
    world = a_world(neo=many(3))
    world.sync()

    assert seen(world).guarded.plan.actions == ()
