"""What each kind of error leads to (design of the port: four kinds, named by what is done next)."""

from datetime import timedelta

import pytest

from desksync.contracts.messages import StateChanged
from desksync.store.states import StopReason, SyncState
from desksync.sync.event import Side
from desksync.sync.ticket import Stage
from desksync.worker.errors import CalendarError, EventRefused, Reason, RetryLater, SideUnreadable, UserMustAct
from tests.builders import an_event, timed
from tests.worlds import World, a_world

BUSY = "Google Server Error 503"


def _waits(world: World, number: int) -> list[timedelta]:
    """Fail that often, and return how long the ticket waited each time."""
    waits = []
    world.run_until_waiting()
    for _ in range(number):
        waits.append(world.ticket().not_before - world.clock())
        world.clock.moment = world.ticket().not_before
        world.sweep()
    return waits


@pytest.mark.parametrize("side", list(Side))
def test_a_side_that_is_away_is_tried_again_after_30_seconds_then_twice_as_long_each_time_up_to_the_interval(side: Side) -> None:
    world = a_world()
    world.calendar(side).fail_next("read", RetryLater(BUSY), times=10)

    waits = _waits(world, 10)

    assert [wait.total_seconds() for wait in waits] == [30, 60, 120, 240, 480, 600, 600, 600, 600, 600]


def test_a_google_that_only_fails_makes_enough_errors_in_a_day_for_the_automatic_stop() -> None:
    world = a_world()
    world.google.fail_next("read", RetryLater(BUSY), times=200)
    begun = world.clock()

    world.run_until_waiting()
    while (at := world.ticket().not_before) < begun + timedelta(hours=24):
        world.clock.moment = at + timedelta(minutes=1)  # Asking and being refused takes a while as well.
        world.sweep()

    assert len(world.errors()) >= 120


def test_a_side_that_reads_well_but_cannot_be_written_is_also_given_more_time_each_time() -> None:
    world = a_world(neo=[an_event()])
    world.google.fail_next("create", RetryLater(BUSY), times=3)

    waits = _waits(world, 3)

    assert [wait.total_seconds() for wait in waits] == [30, 60, 120]


def test_a_ticket_never_comes_back_before_the_server_asked() -> None:
    world = a_world()
    world.google.fail_next("read", RetryLater(BUSY, after=timedelta(minutes=7)))

    world.run_until_waiting()

    assert world.ticket().not_before - world.clock() == timedelta(minutes=7)


def test_a_ticket_that_failed_begins_again_with_reading_neo() -> None:
    world = a_world(neo=[an_event()])
    world.google.fail_next("create", RetryLater(BUSY))

    world.run_until_waiting()

    assert world.ticket().stage is Stage.PULL_NEO
    assert world.is_open()
    world.sync_open()
    assert world.google.titles() == ["Stand-up"]
    assert world.neo.calls("read") == 2


def test_every_failed_attempt_is_an_error_row_and_a_message() -> None:
    world = a_world()
    world.google.fail_next("read", RetryLater(BUSY), times=2)

    run = world.sync()

    assert [(error.kind, error.text, error.side, error.run_id, error.counts) for error in world.errors()] == [
        ("retry_later", BUSY, Side.GOOGLE, run.id, True)
    ] * 2
    assert [(message.kind, message.side, message.run_id) for message in world.error_messages()] == [
        ("retry_later", "google", run.id)
    ] * 2
    assert (run.outcome, run.counts["errors"]) == ("ok", 2)
    assert [line.text for line in world.lines("failed")] == [BUSY, BUSY]


def test_a_run_that_had_to_wait_is_one_run() -> None:
    world = a_world()
    world.neo.fail_next("read", RetryLater(BUSY), times=3)

    world.sync()

    assert len(world.runs()) == 1
    assert [result.outcome for result in world.results()] == ["ok"]


def test_waiting_that_is_nobodys_fault_is_no_error() -> None:
    world = a_world()
    world.neo.fail_next("read", RetryLater("NEO is busy", after=timedelta(seconds=12), is_fault=False), times=3)

    waits = _waits(world, 3)

    assert [wait.total_seconds() for wait in waits] == [12, 12, 12]
    assert not world.is_open()
    assert world.errors() == []
    assert world.error_messages() == []
    assert world.lines() == []
    assert world.runs()[-1].outcome == "ok"


def test_waiting_that_is_nobodys_fault_makes_the_wait_after_a_failure_no_longer() -> None:
    world = a_world()
    world.neo.fail_next("read", RetryLater("NEO is busy", after=timedelta(seconds=12), is_fault=False), times=3)
    world.neo.fail_next("read", RetryLater("NEO does not answer"))

    waits = _waits(world, 4)

    assert [wait.total_seconds() for wait in waits] == [12, 12, 12, 30]


def test_waiting_that_is_nobodys_fault_grows_when_it_does_not_end() -> None:
    world = a_world()
    world.neo.fail_next("read", RetryLater("NEO is busy.", is_fault=False), times=12)

    waits = _waits(world, 12)

    assert [wait.total_seconds() for wait in waits] == [10, 10, 10, 10, 10, 20, 40, 80, 160, 320, 600, 600]
    assert world.runs()[-1].outcome == "ok"


def test_waiting_that_does_not_end_is_told_and_counts_for_nothing() -> None:
    world = a_world()
    world.neo.fail_next("read", RetryLater("NEO is busy.", is_fault=False), times=13)

    _waits(world, 13)

    told = [(error.kind, error.counts, error.text[:23]) for error in world.errors()]
    assert told == [("put_off", False, "Put off 6 times in a ro"), ("put_off", False, "Put off 12 times in a r")]
    assert [line.side for line in world.lines("failed")] == [Side.NEO, Side.NEO]
    assert world.metrics.errors.labels("neo", "put_off")._value.get() == 2


def test_tickets_that_wait_are_spread_by_chance() -> None:
    world = a_world()
    world.chance = 1.0
    world.neo.fail_next("read", RetryLater("NEO is busy", after=timedelta(seconds=12), is_fault=False))
    world.neo.fail_next("read", RetryLater(BUSY), times=2)

    waits = _waits(world, 3)

    assert [wait.total_seconds() for wait in waits] == [24, 30, 45]


def test_waiting_that_is_nobodys_fault_does_not_turn_into_a_hot_loop() -> None:
    world = a_world()
    world.neo.fail_next("read", RetryLater("NEO is busy", is_fault=False))

    world.run_until_waiting()

    assert world.ticket().not_before - world.clock() >= timedelta(seconds=10)


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.CONSENT_DEAD])
def test_what_only_a_person_can_mend_ends_the_run_and_is_told_and_the_user_goes_on(reason: Reason) -> None:
    world = a_world()
    world.google.fail_next("read", UserMustAct(reason, "Ask your administrator."))

    run = world.sync()

    assert run.outcome == "user_must_act"
    assert [(error.kind, error.text) for error in world.errors()] == [(reason.value, "Ask your administrator.")]
    assert world.lines("failed")[0].text == "Ask your administrator."
    assert [(one.kind, one.run_id) for one in world.error_messages()] == [(reason.value, run.id)]
    assert world.user().sync_state is SyncState.SYNC
    assert world.sync().outcome == "ok"


def test_dead_consent_stops_the_user_and_tells_why() -> None:
    world = a_world()
    world.google.fail_next("read", UserMustAct(Reason.CONSENT_DEAD, "Google asks for your consent again."))

    world.sync()

    user = world.user()
    assert (user.sync_state, user.stop_reason) == (SyncState.STOPPED, StopReason.CONSENT)
    assert user.stop_note == "Google asks for your consent again."
    told = [one for one in world.published if isinstance(one, StateChanged)]
    assert [(one.user_id, one.state, one.reason) for one in told] == [(user.id, "stopped", "consent")]
    assert 'desksync_automatic_stops_total{reason="consent"} 1.0' in world.metrics.page().decode()


def test_consent_that_was_given_again_during_the_run_is_not_taken_for_dead() -> None:
    world = a_world()
    world.google.before_call = lambda _kind: world.connect()
    world.google.fail_next("read", UserMustAct(Reason.CONSENT_DEAD, "Google asks for your consent again."))

    world.sync()
    world.google.before_call = lambda _kind: None

    assert world.user().sync_state is SyncState.SYNC
    assert [one for one in world.published if isinstance(one, StateChanged)] == []
    assert world.sync().outcome == "ok"


def test_an_error_is_published_before_the_result_of_its_run() -> None:
    world = a_world()
    world.neo.fail_next("read", SideUnreadable("NEO shows its login page."))

    world.sync()

    assert [message.message_id.partition("-")[0] for message in world.published] == ["error", "result"]


def test_a_refused_event_is_noted_once_and_the_rest_goes_on() -> None:
    world = a_world(neo=[an_event("Bad"), an_event("Good", when=timed(14))])
    world.google.refuses = lambda event: event.title == "Bad"

    runs = [world.sync(), world.sync(), world.sync()]

    assert world.google.titles() == ["Good"]
    assert world.google.calls("create") == 2
    assert [run.outcome for run in runs] == ["ok", "ok", "ok"]
    assert [(error.kind, error.text) for error in world.errors()] == [("event_refused", "the calendar does not take it")]
    assert [message.kind for message in world.error_messages()] == ["event_refused"]
    assert [(line.text, line.title) for line in world.lines("refused")] == [("the calendar does not take it", "Bad")]


def test_a_refused_event_is_tried_again_when_it_changes() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("Bad"))
    world.google.refuses = lambda event: event.title == "Bad"
    world.sync()

    world.neo.edit(event_id, title="Better")
    world.sync()

    assert world.google.titles() == ["Better"]


def test_a_refused_change_leaves_the_other_side_as_it_is() -> None:
    world = a_world()
    event_id = world.neo.add(an_event("Good"))
    world.sync()
    world.google.refuses = lambda event: event.title == "Bad"

    world.neo.edit(event_id, title="Bad")
    world.sync()
    world.sync()

    assert (world.neo.titles(), world.google.titles()) == (["Bad"], ["Good"])
    assert world.google.calls("update") == 1


def test_a_refusal_because_the_event_changed_meanwhile_is_no_error_and_mends_itself() -> None:
    world = a_world()
    neo_id = world.neo.add(an_event(location="A"))
    world.sync()
    [google_id] = world.google.events
    world.neo.edit(neo_id, location="B")

    world.after(Side.GOOGLE, "read", lambda: world.google.edit(google_id, description="by hand"))
    runs = [world.sync(), world.sync()]

    assert [run.outcome for run in runs] == ["ok", "ok"]
    assert world.errors() == []
    for events in (world.neo.events, world.google.events):
        [event] = events.values()
        assert (event.location, event.description) == ("B", "by hand")


def test_a_portion_in_which_everything_is_stale_does_not_go_round_in_circles() -> None:
    world = a_world()
    for number in range(3):
        world.neo.add(an_event(f"{number}", when=timed(8 + number)))
    world.sync()
    world.google.fail_next("update", EventRefused("it changed meanwhile", is_stale=True), times=3)
    for event_id in world.neo.events:
        world.neo.edit(event_id, location="B")

    run = world.sync()

    assert (run.outcome, world.google.calls("update")) == ("ok", 3)
    world.sync()
    assert {event.location for event in world.google.events.values()} == {"B"}


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("error", [SideUnreadable("A login page came instead of the calendar."), CalendarError("Half a list.")])
def test_a_side_that_cannot_be_read_ends_the_run_and_deletes_nothing(side: Side, error: CalendarError) -> None:
    world = a_world(neo=[an_event()])
    world.sync()

    world.calendar(side).fail_next("read", error)
    run = world.sync()

    assert run.outcome == "side_unreadable"
    assert (world.neo.titles(), world.google.titles()) == (["Stand-up"], ["Stand-up"])
    assert [(one.kind, one.side) for one in world.errors()] == [("side_unreadable", side)]
    assert not world.is_open()
    assert world.sync().outcome == "ok"


def test_an_unexpected_error_is_noted_by_its_kind_and_tried_again() -> None:
    world = a_world(neo=[an_event()])
    world.google.fail_next("create", ZeroDivisionError("in the event Surprise party"))  # type: ignore[arg-type] # a mistake of ours

    world.run_until_waiting()

    assert world.ticket().not_before - world.clock() == timedelta(seconds=30)
    assert [error.kind for error in world.errors()] == ["unexpected"]
    assert "ZeroDivisionError" in world.errors()[0].text
    assert "Surprise" not in world.errors()[0].text
    world.sync_open()
    assert world.google.titles() == ["Stand-up"]
