"""The tables of the web side: who may come in, who is in, what they changed, and what they have ordered. Nothing else.

Secrets of sessions, tokens and redirects are kept as hashes only, so that a copy of the database opens no door. The rules of
`desksync.store.tables` hold here too.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from desksync.store.column_types import ROW_ID, UTCDateTime, one_of
from desksync.store.tables import metadata
from desksync.store.web_states import ErrandKind, ErrandState, RedirectKind, SignInWay, WebRole

HASH = String(64)
"""SHA-256 in hex of a secret of 256 random bits: too many to guess, so neither salt nor stretching is needed."""

admin_account = Table(
    "admin_account",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("role", one_of(WebRole), nullable=False),
    Column("password_hash", String, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("password_changed_at", UTCDateTime, nullable=False),
    Column("signed_in_at", UTCDateTime),
)

web_session = Table(
    "web_session",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("token_hash", HASH, nullable=False, unique=True),
    Column("account_id", ROW_ID, ForeignKey("admin_account.id", ondelete="CASCADE"), index=True),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), index=True),
    # Whom the company's identity provider let in as an administrator or auditor, who need not be a user of NEO.
    Column("subject", String),
    Column("subject_name", String),
    Column("subject_role", one_of(WebRole)),
    Column("way", one_of(SignInWay), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("seen_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False, index=True),
    Column("agent", String(200), nullable=False),
    Column("address", String(64), nullable=False),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("token_hash", HASH, nullable=False, unique=True),
    Column("prefix", String(16), nullable=False),  # What people recognise it by.
    Column("name", String, nullable=False),
    Column("role", one_of(WebRole), nullable=False),
    Column("made_by", String, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime),
    Column("used_at", UTCDateTime),
    Column("revoked_at", UTCDateTime),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("at", UTCDateTime, nullable=False, index=True),
    Column("who_kind", String(16), nullable=False),
    Column("who_id", String, nullable=False),
    Column("who_name", String, nullable=False),
    Column("what", String(64), nullable=False, index=True),
    Column("about_kind", String(16), nullable=False),
    Column("about_id", String, nullable=False),
    Column("about_name", String, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("address", String(64), nullable=False),
    Column("request_id", String(36), nullable=False),
    Index("ix_audit_entry_about", "about_kind", "about_id"),
    Index("ix_audit_entry_who", "who_kind", "who_id"),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("key", HASH, primary_key=True),  # Hashed, because people type passwords into the wrong field.
    Column("failures", Integer, nullable=False),
    Column("last_at", UTCDateTime, nullable=False, index=True),
    Column("blocked_until", UTCDateTime),
)

pending_redirect = Table(
    "pending_redirect",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("kind", one_of(RedirectKind), nullable=False),
    Column("state_hash", HASH, nullable=False, unique=True),
    Column("bound_to", HASH, nullable=False),  # The hash of the cookie of the browser that was sent away.
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE")),
    Column("verifier", String(128), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("back_to", String, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False, index=True),
)

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("caller", String(64), nullable=False),
    Column("key", String(255), nullable=False),
    Column("request_hash", HASH, nullable=False),
    Column("status", Integer),  # Null while the first call is at work.
    Column("answer", Text),
    Column("created_at", UTCDateTime, nullable=False, index=True),
    UniqueConstraint("caller", "key"),
)

errand = Table(
    "errand",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("kind", one_of(ErrandKind), nullable=False),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), index=True),
    Column("arguments", Text, nullable=False),
    Column("asked_by_kind", String(16), nullable=False),
    Column("asked_by_id", String, nullable=False),
    Column("asked_by_name", String, nullable=False),
    Column("state", one_of(ErrandState), nullable=False),
    Column("attempt", Integer, nullable=False),  # The fence: rises with every claim.
    Column("leased_until", UTCDateTime),
    Column("done", Integer, nullable=False),
    Column("total", Integer),
    Column("result", Text),
    Column("error", Text),
    Column("created_at", UTCDateTime, nullable=False, index=True),
    Column("started_at", UTCDateTime),
    Column("finished_at", UTCDateTime),
)
ERRAND_IS_OPEN = errand.c.finished_at.is_(None)
"""An errand that is not done. Queries use this very condition, so that the partial index serves them."""

Index("ix_errand_open", errand.c.id, sqlite_where=ERRAND_IS_OPEN, postgresql_where=ERRAND_IS_OPEN)
