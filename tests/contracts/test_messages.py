"""What is on the wire stays what it was: golden files, tolerance, and what is refused."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desksync.contracts.messages import (
    Message,
    StateChanged,
    SyncError,
    SyncResult,
    SyncTicket,
    Unreadable,
    read_error,
    read_event,
    read_ticket,
    written,
)
from desksync.sync.event import Side
from desksync.sync.ticket import Stage

GOLDEN = Path(__file__).parent / "golden"

TICKET = SyncTicket(ticket_id="0197f3c1-7b1e-4c58-9d55-1f2f6f0b8a11", stage="pull_google", user_id=42)
RESULT = SyncResult(
    run_id=9001,
    user_id=42,
    outcome="done",
    counts={"created": 3, "updated": 1, "deleted": 0, "errors": 0},
    started_at=datetime(2026, 4, 1, 0, 30, tzinfo=UTC),
    finished_at=datetime(2026, 4, 1, 0, 30, 4, 250000, tzinfo=UTC),
)
ERROR = SyncError(
    error_id=77, run_id=9001, user_id=42, side="google", kind="retry_later", at=datetime(2026, 4, 1, 0, 30, 2, tzinfo=UTC)
)
STATE = StateChanged(user_id=42, state="stopped", reason="errors", at=datetime(2026, 4, 1, 0, 30, 3, tzinfo=UTC))

SAMPLES: list[tuple[str, Message, Callable[[bytes], Message]]] = [
    ("sync_ticket.v1.json", TICKET, read_ticket),
    ("sync_result.v1.json", RESULT, read_event),
    ("sync_error.v1.json", ERROR, read_event),
    ("sync_error.v1.json", ERROR, read_error),
    ("state_changed.v1.json", STATE, read_event),
]


@pytest.mark.parametrize(("name", "message", "read"), SAMPLES)
def test_what_is_written_is_the_golden_file(name: str, message: Message, read: Callable[[bytes], Message]) -> None:
    golden = (GOLDEN / name).read_bytes().strip()

    assert written(message) == golden
    assert read(golden) == message


@pytest.mark.parametrize(("name", "message", "read"), SAMPLES)
def test_fields_from_the_future_are_ignored(name: str, message: Message, read: Callable[[bytes], Message]) -> None:
    newer = json.loads((GOLDEN / name).read_bytes()) | {"colour": "green", "nested": {"deep": [1, 2]}}

    assert read(json.dumps(newer).encode()) == message


@pytest.mark.parametrize(("name", "message", "read"), SAMPLES)
def test_a_newer_version_is_refused(name: str, message: Message, read: Callable[[bytes], Message]) -> None:
    newer = json.loads((GOLDEN / name).read_bytes()) | {"v": 2}

    with pytest.raises(Unreadable, match=r"\bv: Input should be 1"):
        read(json.dumps(newer).encode())
    assert message.v == 1


def test_every_golden_file_is_compared() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {name for name, _, _ in SAMPLES}


def test_messages_hold_ids_and_never_what_a_calendar_holds() -> None:
    fields = {name for kind in (SyncTicket, SyncResult, SyncError, StateChanged) for name in kind.model_fields}

    assert fields == {
        "v",
        *("ticket_id", "run_id", "error_id", "user_id"),
        *("stage", "outcome", "side", "kind", "counts", "state", "reason"),
        *("started_at", "finished_at", "at"),
    }


def test_every_stage_and_side_of_the_core_can_be_sent() -> None:
    stages = [SyncTicket(ticket_id="t-1", stage=stage.value, user_id=2).stage for stage in Stage]
    sides = [ERROR.model_copy(update={"side": side.value}) for side in Side]

    assert stages == list(Stage)
    assert [read_error(written(error)).side for error in sides] == list(Side)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"no JSON",
        b"null",
        b"[]",
        b"{}",
        b'{"v":1,"ticket_id":4711,"stage":"pull_neo","user_id":42}',
        b'{"v":1,"ticket_id":"","stage":"pull_neo","user_id":42}',
        b'{"v":1,"ticket_id":"t-1","stage":"pull_neo","user_id":"42"}',
        b'{"v":1,"ticket_id":"t-1","stage":"pull_neo","user_id":true}',
        b'{"v":1,"ticket_id":"t-1","stage":"pull_neo","user_id":0}',
        b'{"v":1,"ticket_id":"t-1","stage":"pull_outlook","user_id":42}',
        b'{"v":1,"ticket_id":"t-1","stage":"pull_neo"}',
    ],
)
def test_what_is_no_ticket_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_ticket(body)


def test_the_reason_names_the_field_and_never_the_content() -> None:
    with pytest.raises(Unreadable) as refused:
        read_ticket(b'{"v":1,"ticket_id":"t-1","stage":"Confidential talk","user_id":"Confidential talk"}')

    assert str(refused.value).startswith("stage: Input should be 'pull_neo'")
    assert "user_id: Input should be a valid integer" in str(refused.value)
    assert "Confidential" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_time_without_a_zone_is_refused() -> None:
    naive = json.loads(written(ERROR)) | {"at": "2026-04-01T00:30:02"}

    with pytest.raises(Unreadable, match="at: Input should have timezone info"):
        read_error(json.dumps(naive).encode())


@pytest.mark.parametrize("kind", ["two.words", "", "Großes", "a" * 61])
def test_what_becomes_a_routing_key_is_one_plain_word(kind: str) -> None:
    with pytest.raises(Unreadable, match="kind"):
        read_error(json.dumps(json.loads(written(ERROR)) | {"kind": kind}).encode())


def test_the_same_stage_of_the_same_ticket_has_the_same_message_id() -> None:
    again = SyncTicket(ticket_id=TICKET.ticket_id, stage="pull_google", user_id=42)
    other = SyncTicket(ticket_id=TICKET.ticket_id, stage="push_google", user_id=42)

    assert TICKET.message_id == again.message_id
    assert len({TICKET.message_id, other.message_id, RESULT.message_id, ERROR.message_id, STATE.message_id}) == 5
