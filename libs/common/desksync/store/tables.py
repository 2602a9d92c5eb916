"""The tables, and nothing else. Rows never leave this package; what the columns mean for the sync is said at the values.

Instants are UTC. JSON is plain text, because only that means the same in both databases. Every change here needs a
migration in `migrations/versions`; a test compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from desksync.store.column_types import ROW_ID, UTCDateTime, one_of
from desksync.store.states import HoldState, Permission, StopReason, SyncState
from desksync.store.web_states import WebRole
from desksync.sync.event import Side
from desksync.sync.policy import Direction
from desksync.sync.ticket import Stage

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _user_id(*, is_key: bool = False) -> Column[int]:
    return Column("user_id", Integer, ForeignKey("users.id"), primary_key=is_key, autoincrement=False, nullable=False)


users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("neo_user_id", String, nullable=False, unique=True),
    Column("login_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("permission", one_of(Permission), nullable=False),
    Column("sync_state", one_of(SyncState), nullable=False),
    Column("stop_reason", one_of(StopReason)),
    Column("stop_note", Text),
    Column("resumed_at", UTCDateTime),  # The error count starts here.
    Column("calendar_id", String, unique=True),  # Two users never sync one Google calendar (rule R10).
    Column("google_account", String),
    Column("google_token", LargeBinary),
    Column("neo_key", LargeBinary),
    Column("time_zone", String, nullable=False),
    Column("direction", one_of(Direction), nullable=False),
    Column("shows_attendance", Boolean, nullable=False),
    Column("vanished_at", UTCDateTime),
    Column("next_due_at", UTCDateTime, nullable=False, index=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("settings_version", Integer, nullable=False),
    Column("web_role", one_of(WebRole)),
    Column("calendar_zone", String),  # The Google calendar's own, as it was when the calendar was saved (rule R24).
)

ticket = Table(
    "ticket",
    metadata,
    Column("id", String(36), primary_key=True),
    _user_id(),
    Column("stage", one_of(Stage), nullable=False),
    Column("attempt", Integer, nullable=False),  # The fence: rises with every claim.
    Column("retries", Integer, nullable=False),
    Column("not_before", UTCDateTime, nullable=False),
    Column("leased_until", UTCDateTime),
    Column("run_id", ROW_ID),
    Column("opened_at", UTCDateTime, nullable=False),
    Column("published_at", UTCDateTime),  # Null while nobody has sent a message for its present state.
    Column("closed_at", UTCDateTime),
    Column("lapses", Integer, nullable=False, server_default="0"),  # How often a lease ran out since a portion was written.
    Column("put_off", Integer, nullable=False, server_default="0"),  # How often it had to wait through nobody's fault since then.
)
IS_OPEN = ticket.c.closed_at.is_(None)
"""A ticket that is not done. Queries use this very condition, so that the partial indexes serve them."""

Index("ix_ticket_one_open", ticket.c.user_id, unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
Index("ix_ticket_wake", ticket.c.not_before, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
Index("ix_ticket_closed_at", ticket.c.closed_at)

reading = Table(
    "reading",
    metadata,
    _user_id(is_key=True),
    Column("side", one_of(Side), primary_key=True),
    Column("cursor", Text),
    Column("window_first", Date),
    Column("window_last", Date),
    Column("read_at", UTCDateTime, nullable=False),
    Column("scope", String, nullable=False),
    Column("settings_version", Integer, nullable=False),
    Column("is_dirty", Boolean, nullable=False),
    Column("unlooked", Text),  # Ids that its list lacked and nobody has looked at yet; null for none.
)

event = Table(
    "event",
    metadata,
    _user_id(is_key=True),
    Column("side", one_of(Side), primary_key=True),
    Column("event_id", String, primary_key=True),
    Column("body", Text),  # Of an odd one: what it was when it could last be read, null if it never could.
    Column("odd_why", Text),
    Column("fingerprint", String(32)),
    Column("version", String, nullable=False),
    Column("extra", Text, nullable=False),
    Column("is_editable", Boolean, nullable=False),
)

link = Table(
    "link",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    _user_id(),
    Column("neo_id", String, nullable=False),
    Column("google_id", String, nullable=False),
    Column("neo_base", Text, nullable=False),
    Column("google_base", Text, nullable=False),
    Column("neo_fingerprint", String(32), nullable=False),
    Column("google_fingerprint", String(32), nullable=False),
    Column("origin", one_of(Side), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    UniqueConstraint("user_id", "neo_id"),
    UniqueConstraint("user_id", "google_id"),
)

intent = Table(
    "intent",
    metadata,
    _user_id(is_key=True),
    Column("side", one_of(Side), primary_key=True),
    Column("source_id", String, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("wanted", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("recorded_at", UTCDateTime, nullable=False),
)

begun_change = Table(
    "begun_change",
    metadata,
    _user_id(is_key=True),
    Column("side", one_of(Side), primary_key=True),
    Column("event_id", String, primary_key=True),
    Column("neo_id", String, nullable=False),
    Column("google_id", String, nullable=False),
    Column("agreed", String(64), nullable=False),  # The fingerprints of both bases of the pair: with others it says nothing.
    Column("before", Text, nullable=False),
    Column("wanted", Text, nullable=False),
    Column("other", Text, nullable=False),
    Column("pending", Text, nullable=False),
    Column("recorded_at", UTCDateTime, nullable=False),
)

refusal = Table(
    "refusal",
    metadata,
    _user_id(is_key=True),
    Column("side", one_of(Side), primary_key=True),
    Column("source_id", String, primary_key=True),
    Column("fingerprint", String(32), nullable=False),
    Column("why", Text, nullable=False),
    Column("at", UTCDateTime, nullable=False),
)

held_plan = Table(
    "held_plan",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    _user_id(),
    Column("at", UTCDateTime, nullable=False),
    Column("state", one_of(HoldState), nullable=False),
    Column("neo_deletes", Integer, nullable=False),
    Column("google_deletes", Integer, nullable=False),
    Column("sample", Text, nullable=False),
    Column("pairs", Text, nullable=False),  # Of the links; grows empty as what was decided comes true.
    Column("decided_at", UTCDateTime),
    Column("decided_by", String),
    Index("ix_held_plan_user_id", "user_id"),
)
IS_WAITING = held_plan.c.state == literal_column(f"'{HoldState.WAITING.value}'")
"""Deletions about which nobody has decided yet. A user has one such row at most."""

Index("ix_held_plan_one_waiting", held_plan.c.user_id, unique=True, sqlite_where=IS_WAITING, postgresql_where=IS_WAITING)

run = Table(
    "run",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    _user_id(),
    Column("ticket_id", String(36), nullable=False),
    Column("started_at", UTCDateTime, nullable=False, index=True),
    Column("finished_at", UTCDateTime),
    Column("outcome", String),
    Column("counts", Text, nullable=False),
    Column("is_quiet", Boolean, nullable=False),  # It ended without a line and without an error.
    Column("undoes", ROW_ID, index=True),  # The run that this one puts back. That one may have been purged.
    Column("scope", String),  # The pair of calendars that it wrote to; empty for several, null for runs from before it was kept.
    Index("ix_run_user_id_id", "user_id", "id"),
)
IS_TOLD = run.c.is_quiet.is_(False)
"""Something happened in the run, or it has not ended. Most runs are none of these, and people look for these only."""

Index("ix_run_told", run.c.id, sqlite_where=IS_TOLD, postgresql_where=IS_TOLD)
Index("ix_run_told_user_id_id", run.c.user_id, run.c.id, sqlite_where=IS_TOLD, postgresql_where=IS_TOLD)

run_line = Table(
    "run_line",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("run_id", ROW_ID, ForeignKey("run.id", ondelete="CASCADE"), nullable=False, index=True),
    _user_id(),
    Column("at", UTCDateTime, nullable=False),
    Column("kind", String, nullable=False),
    Column("side", one_of(Side)),  # Null for a line that is about the whole run.
    Column("event_id", String),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("content", Text),
    Column("other_id", String),
    Column("written", Text),
    Column("undoes", ROW_ID, index=True),
    Index("ix_run_line_user_id_id", "user_id", "id"),
)

error = Table(
    "error",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("run_id", ROW_ID, ForeignKey("run.id", ondelete="CASCADE"), index=True),
    _user_id(),
    Column("at", UTCDateTime, nullable=False, index=True),
    Column("side", one_of(Side)),
    Column("kind", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("counted", Boolean, nullable=False),
    Index("ix_error_user_id_at", "user_id", "at"),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", UTCDateTime, nullable=False),
    Column("fence", Integer, nullable=False),
)

remote = Table(
    "remote",
    metadata,
    Column("side", one_of(Side), primary_key=True),
    Column("version", BigInteger, nullable=False),  # Rises with every change of seats and of what is spent.
    Column("paused_until", UTCDateTime),
    Column("spent_until", UTCDateTime),
)

remote_member = Table(
    "remote_member",
    metadata,
    Column("side", one_of(Side), primary_key=True),
    Column("holder", String, primary_key=True),
    Column("seats", Integer, nullable=False),
    Column("is_waiting", Boolean, nullable=False),
    Column("since", UTCDateTime, nullable=False),
    Column("until", UTCDateTime, nullable=False),
)

directory_refresh = Table(
    "directory_refresh",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # There is one row.
    Column("at", UTCDateTime),  # Of the last one that succeeded, to which the four numbers belong.
    Column("listed", Integer),
    Column("added", Integer),
    Column("returned", Integer),
    Column("vanished", Integer),
    Column("failed_at", UTCDateTime),  # Null as soon as one has succeeded; so are the two that say why.
    Column("failure", Text),
    Column("reason", String),
)

parked_message = Table(
    "parked_message",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("queue", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UTCDateTime, nullable=False),
)
