"""The four messages, as JSON. Rows are the truth: a message may be lost, doubled or late, and only wakes somebody up.

Readers are tolerant: fields they do not know are ignored, so that a newer program may add optional ones. Anything else is a new
version `v` with a model of its own, and the old version stays readable for two releases.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeInt, TypeAdapter, ValidationError

Id = Annotated[int, Field(strict=True, ge=1)]
"""The primary key of a row."""

TicketId = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]+$", max_length=36)]
"""The primary key of a ticket: a UUID, because its message may be on the way before anybody reads the row."""

Word = Annotated[str, Field(pattern=r"^[a-z0-9_-]+$", max_length=60)]
"""One word of a routing key: no dot, or bindings such as `result.*` would miss it."""

StageName = Literal["pull_neo", "pull_google", "push_google", "push_neo"]
"""Where a ticket stands. A worker that gets a stage it does not know cannot run it, so another one is a new version."""

SideName = Literal["neo", "google"]


class Unreadable(ValueError):
    """The body is no message of this kind and version. `str()` names the fields, never their contents."""


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    v: Literal[1] = 1


class SyncTicket(_Message):
    """The order to run one stage of one ticket. Without a row that waits for just this it means nothing."""

    ticket_id: TicketId
    stage: StageName
    user_id: Id

    @property
    def message_id(self) -> str:
        """Name the message; a second one for the same stage of the same ticket has the same name."""
        return f"ticket-{self.ticket_id}-{self.stage}"


class SyncResult(_Message):
    """One run has ended. `counts` says how many of what, by a short word: "created", "errors"."""

    run_id: Id
    user_id: Id
    outcome: Word
    counts: Mapping[Word, NonNegativeInt]
    started_at: AwareDatetime
    finished_at: AwareDatetime

    @property
    def message_id(self) -> str:
        """Name the message; a run ends once."""
        return f"result-{self.run_id}"


class SyncError(_Message):
    """One error has become a row. `run_id` is `None` outside of a run, `side` where neither calendar is to blame."""

    error_id: Id
    run_id: Id | None = None
    user_id: Id
    side: SideName | None = None
    kind: Word
    at: AwareDatetime

    @property
    def message_id(self) -> str:
        """Name the message; an error row is reported once."""
        return f"error-{self.error_id}"


class StateChanged(_Message):
    """A user's sync state was changed by DeskSync itself: the automatic stop, or a dead consent. `reason` says why."""

    user_id: Id
    state: Word
    reason: Word
    at: AwareDatetime

    @property
    def message_id(self) -> str:
        """Name the message; of several at once, one call changes a state."""
        return f"state-{self.user_id}-{self.at.timestamp():.6f}"


Event = SyncResult | SyncError | StateChanged
"""What has happened, for whoever wants to know. The fields say which of them it is."""

Message = SyncTicket | Event

_TICKET: TypeAdapter[SyncTicket] = TypeAdapter(SyncTicket)
_ERROR: TypeAdapter[SyncError] = TypeAdapter(SyncError)
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)

_Kind = TypeVar("_Kind")


def written(message: Message) -> bytes:
    """Return the message as UTF-8 JSON."""
    return message.model_dump_json().encode()


def read_ticket(body: bytes) -> SyncTicket:
    """Read a message of a ticket queue. Raises `Unreadable`."""
    return _read(_TICKET, body)


def read_error(body: bytes) -> SyncError:
    """Read a message of the error counter's queue. Raises `Unreadable`."""
    return _read(_ERROR, body)


def read_event(body: bytes) -> Event:
    """Read any message of the events exchange. Raises `Unreadable`."""
    return _read(_EVENT, body)


def _read(adapter: TypeAdapter[_Kind], body: bytes) -> _Kind:
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        found = error.errors(include_input=False, include_context=False, include_url=False)
        reasons = sorted({f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg']}" for one in found})
        # Not chained: the original error carries the body, which may hold anything.
        raise Unreadable("; ".join(reasons)) from None
