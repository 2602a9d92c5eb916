"""The web side: accounts, sessions, tokens, the audit log, redirects, errands, and who of NEO's users administers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.String(length=32)
HASH = sa.String(length=64)


def upgrade() -> None:
    op.add_column("users", sa.Column("web_role", WORD, nullable=True))
    _people()
    _tokens_and_audit()
    _attempts_and_redirects()
    _orders()


def _people() -> None:
    op.create_table(
        "admin_account",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("password_changed_at", MOMENT, nullable=False),
        sa.Column("signed_in_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_admin_account"),
        sa.UniqueConstraint("name", name="uq_admin_account_name"),
    )
    op.create_table(
        "web_session",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("token_hash", HASH, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("subject_name", sa.String(), nullable=True),
        sa.Column("subject_role", WORD, nullable=True),
        sa.Column("way", WORD, nullable=False),
        sa.Column("csrf", HASH, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["admin_account.id"], name="fk_web_session_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_web_session_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_web_session"),
        sa.UniqueConstraint("token_hash", name="uq_web_session_token_hash"),
    )
    for column in ("account_id", "user_id", "expires_at"):
        op.create_index(f"ix_web_session_{column}", "web_session", [column])


def _tokens_and_audit() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("token_hash", HASH, nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("token_hash", name="uq_api_token_token_hash"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who_kind", sa.String(length=16), nullable=False),
        sa.Column("who_id", sa.String(), nullable=False),
        sa.Column("who_name", sa.String(), nullable=False),
        sa.Column("what", HASH, nullable=False),
        sa.Column("about_kind", sa.String(length=16), nullable=False),
        sa.Column("about_id", sa.String(), nullable=False),
        sa.Column("about_name", sa.String(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("ix_audit_entry_what", "audit_entry", ["what"])
    op.create_index("ix_audit_entry_about", "audit_entry", ["about_kind", "about_id"])
    op.create_index("ix_audit_entry_who", "audit_entry", ["who_kind", "who_id"])


def _attempts_and_redirects() -> None:
    op.create_table(
        "sign_in_attempt",
        sa.Column("key", HASH, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("blocked_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_sign_in_attempt"),
    )
    op.create_index("ix_sign_in_attempt_last_at", "sign_in_attempt", ["last_at"])
    op.create_table(
        "pending_redirect",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("state_hash", HASH, nullable=False),
        sa.Column("bound_to", HASH, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("nonce", HASH, nullable=False),
        sa.Column("back_to", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_pending_redirect_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_pending_redirect"),
        sa.UniqueConstraint("state_hash", name="uq_pending_redirect_state_hash"),
    )
    op.create_index("ix_pending_redirect_expires_at", "pending_redirect", ["expires_at"])


def _orders() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("caller", HASH, nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", HASH, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_idempotency_key"),
        sa.UniqueConstraint("caller", "key", name="uq_idempotency_key_caller_key"),
    )
    op.create_index("ix_idempotency_key_created_at", "idempotency_key", ["created_at"])
    op.create_table(
        "errand",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("asked_by_kind", sa.String(length=16), nullable=False),
        sa.Column("asked_by_id", sa.String(), nullable=False),
        sa.Column("asked_by_name", sa.String(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_errand_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_errand"),
    )
    op.create_index("ix_errand_user_id", "errand", ["user_id"])
    op.create_index("ix_errand_created_at", "errand", ["created_at"])
    is_open = sa.text("finished_at IS NULL")
    op.create_index("ix_errand_open", "errand", ["id"], sqlite_where=is_open, postgresql_where=is_open)
