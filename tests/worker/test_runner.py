"""How tickets go through their stages: once each, in portions, with settings that do not change under way, and cheaply."""

from datetime import timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event

from desksync.contracts.messages import SyncTicket
from desksync.sync.event import Side
from desksync.sync.policy import Direction
from desksync.sync.ticket import Stage
from desksync.worker.desk import Limits
from desksync.worker.errors import RetryLater
from desksync.worker.window import WindowSize, window_of
from tests.builders import TOKYO, an_event, timed
from tests.worlds import LEASE, World, a_world


def _stages(world: World) -> list[str]:
    return [message.stage for message in world.published if isinstance(message, SyncTicket)]


def test_what_only_one_side_holds_is_copied_to_the_other() -> None:
    world = a_world(neo=[an_event("From NEO")], google=[an_event("From Google", when=timed(14))])

    run = world.sync()

    assert world.neo.titles() == world.google.titles() == ["From Google", "From NEO"]
    assert (run.outcome, run.counts) == ("ok", {"neo_created": 1, "google_created": 1, "errors": 0})


def test_a_run_after_a_finished_run_writes_nothing() -> None:
    world = a_world(neo=[an_event("From NEO")], google=[an_event("From Google", when=timed(14))])
    world.sync()
    writes = world.writes()

    run = world.sync()

    assert world.writes() == writes
    assert run.counts == {"errors": 0}


def test_a_second_delivery_of_the_same_message_does_nothing() -> None:
    world = a_world(neo=[an_event("Stand-up")])
    message = world.order()

    world.drain(message, message)
    world.drain(message)

    assert world.google.titles() == ["Stand-up"]
    assert (world.neo.calls("read"), world.google.calls("create")) == (1, 1)
    assert len(world.results()) == 1


def test_every_message_may_come_twice() -> None:
    world = a_world(neo=[an_event("From NEO")], google=[an_event("From Google", when=timed(14))])
    pending = [world.order()]
    while pending:
        message = pending.pop(0)
        before = len(world.published)
        for _ in range(2):
            world.handle(message)
        pending += [one for one in world.published[before:] if isinstance(one, SyncTicket)]

    assert world.neo.titles() == world.google.titles() == ["From Google", "From NEO"]
    assert (world.neo.calls("create"), world.google.calls("create")) == (1, 1)
    assert len(world.runs()) == 1


def test_a_message_of_a_ticket_that_nobody_knows_does_nothing() -> None:
    world = a_world(neo=[an_event()])

    world.drain(SyncTicket(ticket_id="gone", stage="pull_neo", user_id=world.user_id))

    assert world.published == []
    assert world.neo.calls("read") == 0


def test_a_message_for_a_stage_that_the_ticket_has_left_does_nothing() -> None:
    world = a_world(neo=[an_event()])
    message = world.order()
    world.handle(message)

    world.handle(message)

    assert world.neo.calls("read") == 1


def test_a_ticket_is_not_run_before_its_time() -> None:
    world = a_world()
    message = world.order()
    world.clock.move(-timedelta(minutes=1))

    world.drain(message)

    assert world.neo.calls("read") == 0


def test_stages_of_one_worker_follow_each_other_without_a_message() -> None:
    world = a_world(neo=[an_event("From NEO")], google=[an_event("From Google", when=timed(14))])

    world.sync()

    assert _stages(world) == ["pull_google", "push_neo"]


def test_a_quiet_run_costs_two_messages_and_a_result() -> None:
    world = a_world(neo=[an_event()])
    world.sync()
    world.published.clear()

    world.sync()

    assert _stages(world) == ["pull_google"]  # The scheduler sends the other one.
    assert [message.message_id.partition("-")[0] for message in world.published] == ["ticket", "result"]
    assert world.results()[0].outcome == "ok"


def test_a_quiet_run_costs_a_few_statements_however_many_events_there_are() -> None:
    world = a_world(neo=[an_event(f"{number}", when=timed(number % 24)) for number in range(50)])
    world.sync()
    world.sync()  # The first one after a write reads NEO in full once more.
    message = world.order()
    statements: list[str] = []

    def told(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    sqlalchemy_event.listen(world.engine, "before_cursor_execute", told)
    world.drain(message)
    sqlalchemy_event.remove(world.engine, "before_cursor_execute", told)

    plain = [one for one in statements if not one.startswith(("BEGIN", "PRAGMA"))]
    assert not [one for one in plain if "FROM event" in one or "FROM link" in one or "INTO event" in one]
    assert len(plain) <= 18
    assert sum(one.startswith("BEGIN") for one in statements) <= 6


def test_a_large_plan_is_carried_out_in_portions_that_go_through_the_queue() -> None:
    world = a_world(
        neo=[an_event(f"N{hour}", when=timed(hour)) for hour in range(9, 14)],
        google=[an_event(f"G{hour}", when=timed(hour)) for hour in range(15, 20)],
        limits=Limits(lease=LEASE, writes=2),
    )

    run = world.sync()

    assert _stages(world) == ["pull_google", "push_google", "push_google", "push_neo", "push_neo", "push_neo"]
    assert world.neo.titles() == world.google.titles()
    assert (run.counts["neo_created"], run.counts["google_created"]) == (5, 5)
    assert (world.neo.calls("create"), world.google.calls("create")) == (5, 5)


@pytest.mark.parametrize("side", list(Side))
def test_a_slow_side_gets_a_portion_of_time_and_not_of_events(side: Side) -> None:
    world = a_world(limits=Limits(lease=LEASE, seconds=timedelta(seconds=50)))
    for hour in range(9, 19):
        world.calendar(side.other).add(an_event(f"{hour}", when=timed(hour)))
    world.calendar(side).before_call = lambda kind: world.clock.move(timedelta(seconds=20)) if kind == "create" else None

    world.sync()

    assert _stages(world).count(f"push_{side.value}") >= 3
    assert world.calendar(side).calls("create") == 10
    assert world.neo.titles() == world.google.titles()


def test_a_push_is_interrupted_after_a_turn_so_that_others_get_theirs() -> None:
    world = a_world(neo=[an_event(f"{hour}", when=timed(hour)) for hour in range(9, 19)])
    world.google.before_call = lambda kind: world.clock.move(timedelta(seconds=2)) if kind == "create" else None

    run = world.sync()

    assert _stages(world).count("push_google") == 3
    assert run.counts["google_created"] == 10
    assert (world.google.calls("read"), world.neo.calls("read")) == (1, 1)


def test_a_turn_is_longer_where_deciding_takes_long() -> None:
    world = a_world(neo=[an_event(f"{hour}", when=timed(hour)) for hour in range(9, 19)])
    world.google.before_call = lambda kind: world.clock.move(timedelta(seconds=2)) if kind == "create" else None

    def decide_slowly(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "FROM refusal" in statement:
            world.clock.move(timedelta(seconds=1))

    sqlalchemy_event.listen(world.engine, "before_cursor_execute", decide_slowly)
    world.sync()
    sqlalchemy_event.remove(world.engine, "before_cursor_execute", decide_slowly)

    assert _stages(world).count("push_google") == 1
    assert world.google.calls("create") == 10


def test_progress_makes_earlier_failures_forgotten() -> None:
    world = a_world(neo=[an_event(f"{hour}", when=timed(hour)) for hour in range(9, 14)], limits=Limits(lease=LEASE, writes=2))
    world.google.fail_next("read", RetryLater("Google Server Error 503"))
    world.run_until_waiting()
    world.clock.moment = world.ticket().not_before
    world.after(Side.GOOGLE, "create", lambda: None)
    world.after(Side.GOOGLE, "create", lambda: None)
    world.after(Side.GOOGLE, "create", lambda: world.google.fail_next("create", RetryLater("Google Server Error 503")))

    world.sweep()

    assert world.ticket().retries == 1
    assert world.ticket().not_before - world.clock() == timedelta(seconds=30)


def test_a_worker_that_is_asked_to_stop_hands_its_ticket_back() -> None:
    world = a_world(google=[an_event(f"{hour}", when=timed(hour)) for hour in range(9, 14)])
    world.after(Side.NEO, "create", world.stop)

    message = world.order()
    world.handle(message)
    world.handle(world.message(Stage.PULL_GOOGLE))
    world.handle(world.message(Stage.PUSH_NEO))

    assert world.neo.calls("create") == 1
    assert _stages(world)[-1] == "push_neo"
    world.is_stopping = False
    world.drain(world.message(Stage.PUSH_NEO))
    assert world.neo.titles() == world.google.titles()
    assert world.neo.calls("create") == 5
    assert world.errors() == []


@pytest.mark.parametrize("side", list(Side))
def test_settings_that_are_saved_during_a_run_take_effect_with_the_next(side: Side) -> None:
    world = a_world(neo=[an_event("From NEO")], google=[an_event("From Google", when=timed(14))])
    world.after(side, "read", lambda: world.save(direction=Direction.NEO_TO_GOOGLE))

    world.run_until_waiting()

    assert [run.outcome for run in world.runs()] == ["settings_changed", "ok"]
    assert world.neo.titles() == ["From NEO"]
    assert world.google.titles() == ["From Google", "From NEO"]
    assert world.errors() == []


@pytest.mark.parametrize("side", list(Side))
def test_a_calendar_that_is_switched_during_a_run_mixes_nothing(side: Side) -> None:
    world = a_world(neo=[an_event("Meeting"), an_event("From NEO", when=timed(9))], google=[an_event("Old", when=timed(14))])
    old = world.google
    world.after(side, "read", lambda: world.switch("two@example.com", an_event("Meeting")))

    world.run_until_waiting()
    world.clock.move(timedelta(minutes=10))
    world.sync()

    assert world.neo.titles() == world.google.titles() == ["From NEO", "Meeting"]
    assert old.titles() == ["Old"]


def test_a_calendar_that_is_switched_while_it_is_written_keeps_what_was_written() -> None:
    world = a_world(neo=[an_event(f"{hour}", when=timed(hour)) for hour in range(9, 12)], google=[an_event("G", when=timed(15))])
    old = world.google
    world.after(Side.GOOGLE, "create", lambda: world.switch("two@example.com"))

    world.run_until_waiting()
    world.clock.move(timedelta(minutes=10))
    world.sync()

    assert old.titles() == ["10", "11", "9", "G"]
    assert world.neo.titles() == world.google.titles() == ["10", "11", "9"]
    assert world.neo.calls("delete") == old.calls("delete") == 0


def test_a_database_that_is_away_loses_no_ticket(caplog: pytest.LogCaptureFixture) -> None:
    world = a_world(neo=[an_event()])
    world.after(Side.NEO, "read", world.break_database)

    world.run_until_waiting()

    assert "the database does not answer" in caplog.text
    assert "Traceback" not in caplog.text
    world.sync_open()
    assert world.google.titles() == ["Stand-up"]


def test_stages_are_counted_and_timed() -> None:
    world = a_world(neo=[an_event()])
    message = world.order()
    world.clock.move(timedelta(seconds=20))

    world.drain(message)

    def value(name: str, **labels: str) -> float | None:
        return world.metrics.registry.get_sample_value(name, labels)

    assert value("desksync_tickets_total", stage="pull_neo", outcome="advanced") == 1
    assert value("desksync_tickets_total", stage="push_google", outcome="done") == 1
    assert value("desksync_stage_seconds_count", stage="pull_google") == 1
    assert value("desksync_ticket_lateness_seconds_sum", stage="pull_neo") == 20
    assert value("desksync_ticket_lateness_seconds_sum", stage="pull_google") == 0
    assert value("desksync_actions_total", side="google", kind="created") == 1


def test_the_window_follows_the_users_own_midnight() -> None:
    world = a_world()
    just_before = world.clock().replace(hour=14, minute=59)

    today = window_of(TOKYO, WindowSize(30, 365), just_before)
    tomorrow = window_of(TOKYO, WindowSize(30, 365), just_before + timedelta(minutes=1))

    assert today.first + timedelta(days=1) == tomorrow.first
    assert (today.last - today.first).days == 395
