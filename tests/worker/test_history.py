"""What a person can read of a run, and take back."""

from desksync.store.runs import NewLine
from desksync.sync.event import Side
from tests.builders import an_event, timed
from tests.worlds import a_world


def test_every_write_is_a_line_with_the_title_both_ids_and_what_was_written() -> None:
    world = a_world(neo=[an_event("From NEO")], google=[an_event("From Google", when=timed(14))])

    world.sync()

    [google_id] = [event_id for event_id, event in world.google.events.items() if event.title == "From NEO"]
    [neo_id] = [event_id for event_id, event in world.neo.events.items() if event.title == "From Google"]
    [on_google, in_neo] = world.lines()
    assert on_google == NewLine(
        "created", Side.GOOGLE, "", google_id, "From NEO", other_id="neo1", written=world.google.events[google_id]
    )
    assert in_neo == NewLine("created", Side.NEO, "", neo_id, "From Google", other_id="google1", written=world.neo.events[neo_id])


def test_a_change_keeps_what_was_overwritten() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("Before", description="Agenda"))
    world.sync()
    [before] = world.google.events.values()

    world.neo.edit(event_id, title="After")
    world.sync()

    [line] = world.lines("updated")
    assert (line.side, line.title, line.content) == (Side.GOOGLE, "After", before)


def test_a_deletion_keeps_what_was_deleted() -> None:
    world = a_world()
    event_id = world.google.add(an_event("Gone", description="Agenda"))
    world.sync()
    [before] = world.neo.events.values()

    world.google.delete_event(event_id)
    run = world.sync()

    [line] = world.lines("deleted")
    assert (line.side, line.title, line.content) == (Side.NEO, "Gone", before)
    assert run.counts == {"neo_deleted": 1, "errors": 0}


def test_what_lost_a_conflict_is_kept() -> None:
    world = a_world()
    neo_id = world.neo.add(an_event("Both", location="A"))
    world.sync()
    [google_id] = world.google.events

    world.neo.edit(neo_id, location="B")
    world.google.edit(google_id, location="C", description="by hand")
    world.sync()

    [line] = world.lines("lost")
    assert (line.side, line.event_id, line.title) == (Side.GOOGLE, google_id, "Both")
    assert line.text == "changed on both sides; the other side's value stays: location"
    assert line.content is not None
    assert line.content.location == "C"
    assert [event.location for event in world.google.events.values()] == ["B"]
    assert [event.description for event in world.neo.events.values()] == ["by hand"]


def test_a_result_says_what_was_done_and_names_nothing() -> None:
    world = a_world(neo=[an_event("Secret plans")])

    run = world.sync()

    [result] = world.results()
    assert (result.run_id, result.user_id, result.outcome) == (run.id, world.user_id, "ok")
    assert result.counts == {"google_created": 1, "errors": 0}
    assert (result.started_at, result.finished_at) == (run.started_at, run.finished_at)
    assert "Secret" not in result.model_dump_json()
