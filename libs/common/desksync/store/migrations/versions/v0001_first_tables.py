"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Not taken from `desksync.store.tables`: a migration says what it did then, whatever the tables become later.
MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.String(length=32)
IS_OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    _people()
    _calendars()
    _tickets()
    _history()
    _machinery()


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("neo_user_id", sa.String(), nullable=False),
        sa.Column("login_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("permission", WORD, nullable=False),
        sa.Column("sync_state", WORD, nullable=False),
        sa.Column("stop_reason", WORD, nullable=True),
        sa.Column("stop_note", sa.Text(), nullable=True),
        sa.Column("resumed_at", MOMENT, nullable=True),
        sa.Column("calendar_id", sa.String(), nullable=True),
        sa.Column("google_account", sa.String(), nullable=True),
        sa.Column("google_token", sa.LargeBinary(), nullable=True),
        sa.Column("neo_key", sa.LargeBinary(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("direction", WORD, nullable=False),
        sa.Column("shows_attendance", sa.Boolean(), nullable=False),
        sa.Column("vanished_at", MOMENT, nullable=True),
        sa.Column("next_due_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("settings_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("calendar_id", name="uq_users_calendar_id"),
        sa.UniqueConstraint("neo_user_id", name="uq_users_neo_user_id"),
    )
    op.create_index("ix_users_next_due_at", "users", ["next_due_at"])


def _calendars() -> None:
    op.create_table(
        "reading",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("side", WORD, nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("window_first", sa.Date(), nullable=True),
        sa.Column("window_last", sa.Date(), nullable=True),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("settings_version", sa.Integer(), nullable=False),
        sa.Column("is_dirty", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_reading_user_id"),
        sa.PrimaryKeyConstraint("user_id", "side", name="pk_reading"),
    )
    op.create_table(
        "event",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("side", WORD, nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("odd_why", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.String(length=32), nullable=True),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.Column("is_editable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_event_user_id"),
        sa.PrimaryKeyConstraint("user_id", "side", "event_id", name="pk_event"),
    )
    op.create_table(
        "link",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("neo_id", sa.String(), nullable=False),
        sa.Column("google_id", sa.String(), nullable=False),
        sa.Column("neo_base", sa.Text(), nullable=False),
        sa.Column("google_base", sa.Text(), nullable=False),
        sa.Column("neo_fingerprint", sa.String(length=32), nullable=False),
        sa.Column("google_fingerprint", sa.String(length=32), nullable=False),
        sa.Column("origin", WORD, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_link_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        sa.UniqueConstraint("user_id", "google_id", name="uq_link_user_id_google_id"),
        sa.UniqueConstraint("user_id", "neo_id", name="uq_link_user_id_neo_id"),
    )
    op.create_table(
        "intent",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("side", WORD, nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_intent_user_id"),
        sa.PrimaryKeyConstraint("user_id", "side", "source_id", name="pk_intent"),
    )
    op.create_table(
        "refusal",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("side", WORD, nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_refusal_user_id"),
        sa.PrimaryKeyConstraint("user_id", "side", "source_id", name="pk_refusal"),
    )


def _tickets() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stage", WORD, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=False),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("run_id", ROW_ID, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_ticket_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket"),
    )
    op.create_index("ix_ticket_closed_at", "ticket", ["closed_at"])
    op.create_index("ix_ticket_one_open", "ticket", ["user_id"], unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
    op.create_index("ix_ticket_wake", "ticket", ["not_before"], sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)


def _history() -> None:
    op.create_table(
        "run",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("is_quiet", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_run_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_started_at", "run", ["started_at"])
    op.create_index("ix_run_user_id_id", "run", ["user_id", "id"])
    op.create_table(
        "run_line",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("run_id", ROW_ID, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("side", WORD, nullable=True),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_run_line_run_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_run_line_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_run_line"),
    )
    op.create_index("ix_run_line_run_id", "run_line", ["run_id"])
    op.create_index("ix_run_line_user_id_id", "run_line", ["user_id", "id"])
    op.create_table(
        "error",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("run_id", ROW_ID, nullable=True),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("side", WORD, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_error_run_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_error_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_error"),
    )
    op.create_index("ix_error_at", "error", ["at"])
    op.create_index("ix_error_run_id", "error", ["run_id"])
    op.create_index("ix_error_user_id_at", "error", ["user_id", "at"])


def _machinery() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.create_table(
        "parked_message",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_parked_message"),
    )
