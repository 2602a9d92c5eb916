"""Writes down who changed what, in the transaction of the change. Secrets are taken out by the same net as in logs."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from desksync.ops.redaction import redact_field
from desksync.store.audit import NewEntry, Party, add_entry
from desksync.store.users import User
from desksync_admin_api.access.caller import Caller

NOTHING = Party("", "", "")
"""What a deed is about that is about nobody in particular."""


class Deed(StrEnum):
    """What can be done that is written down. Add yours here; `pages.words` has the words for people."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    SIGNED_OUT_OTHERS = "signed_out_others"
    BREAK_GLASS = "break_glass"
    ACCOUNT_CREATED = "account_created"
    ACCOUNT_PASSWORD = "account_password"  # noqa: S105 - the name of a deed
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    ROLE_CHANGED = "role_changed"
    PERMISSION_CHANGED = "permission_changed"
    SYNC_STATE_CHANGED = "sync_state_changed"
    SETTINGS_CHANGED = "settings_changed"
    GOOGLE_CONNECTED = "google_connected"
    GOOGLE_DISCONNECTED = "google_disconnected"
    NEO_KEY_SAVED = "neo_key_saved"
    NEO_KEY_REMOVED = "neo_key_removed"
    SYNC_ORDERED = "sync_ordered"
    PREVIEW_ORDERED = "preview_ordered"
    UNDO_ORDERED = "undo_ordered"
    CLEAN_ORDERED = "clean_ordered"
    DIRECTORY_ORDERED = "directory_ordered"
    HELD_RELEASED = "held_released"
    HELD_REFUSED = "held_refused"
    TOKEN_MADE = "token_made"  # noqa: S105 - the name of a deed
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - the name of a deed
    USERS_IMPORTED = "users_imported"
    USERS_EXPORTED = "users_exported"
    HISTORY_EXPORTED = "history_exported"
    AUDIT_EXPORTED = "audit_exported"


def about_user(user: User) -> Party:
    """Return a user of NEO as the log names them."""
    return Party("user", str(user.id), user.name)


def record(
    session: Session,
    caller: Caller,
    deed: Deed,
    now: datetime,
    *,
    about: Party = NOTHING,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write down what the caller does in this transaction. `before` and `after` hold what changes, by the names of the fields."""
    entry = NewEntry(
        who=caller.party,
        what=deed.value,
        about=about,
        before=_shown(before),
        after=_shown(after),
        address=caller.address,
        request_id=caller.request_id,
    )
    add_entry(session, entry, now)


def _shown(values: Mapping[str, Any] | None) -> dict[str, object] | None:
    return None if values is None else {name: redact_field(name, value) for name, value in values.items()}
