"""Which message goes where."""

from datetime import UTC, datetime

import pytest

from desksync.contracts.messages import StageName, StateChanged, SyncError, SyncResult, SyncTicket
from desksync.contracts.topology import (
    BINDINGS,
    ERROR_COUNTER_QUEUE,
    EVENTS,
    GOOGLE_QUEUE,
    NEO_QUEUE,
    TICKETS,
    Address,
    address_of,
    ticket_key,
)
from desksync.sync.event import Side
from desksync.sync.ticket import Stage

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stage", "queue"),
    [("pull_neo", NEO_QUEUE), ("push_neo", NEO_QUEUE), ("pull_google", GOOGLE_QUEUE), ("push_google", GOOGLE_QUEUE)],
)
def test_a_ticket_goes_to_the_worker_of_its_stage(stage: StageName, queue: str) -> None:
    address = address_of(SyncTicket(ticket_id="t-1", stage=stage, user_id=2))

    reached = [binding.queue for binding in BINDINGS if (binding.exchange, binding.routing_key) == (TICKETS, address.routing_key)]
    assert reached == [queue]
    assert address.is_awaited


def test_the_stages_are_shared_out_as_the_core_shares_them_out() -> None:
    assert {stage: ticket_key(stage.value) for stage in Stage} == {stage: stage.side.value for stage in Stage}
    assert {ticket_key(stage.value) for stage in Stage} == {side.value for side in Side}


def test_a_result_goes_to_whoever_watches() -> None:
    result = SyncResult(run_id=1, user_id=2, outcome="done", counts={}, started_at=NOON, finished_at=NOON)

    assert address_of(result) == Address(EVENTS, "result.done", is_awaited=False)


def test_a_changed_state_goes_to_whoever_watches_and_not_to_the_error_counter() -> None:
    changed = StateChanged(user_id=2, state="stopped", reason="errors", at=NOON)

    assert address_of(changed) == Address(EVENTS, "state.stopped", is_awaited=False)


def test_an_error_is_awaited_by_the_error_counter() -> None:
    error = SyncError(error_id=1, run_id=2, user_id=3, side="neo", kind="user_must_act", at=NOON)

    assert address_of(error) == Address(EVENTS, "error.user_must_act", is_awaited=True)
    assert [binding.routing_key for binding in BINDINGS if binding.queue == ERROR_COUNTER_QUEUE] == ["error.#"]


def test_every_queue_carries_a_version_because_its_arguments_are_frozen() -> None:
    names = [binding.queue for binding in BINDINGS]

    assert all(name.rpartition(".")[2].removeprefix("v").isdigit() for name in names)
    assert len(set(names)) == len(names)
