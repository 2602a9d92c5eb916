"""Versions (RFC 9110): a change names the one that it rests on in `If-Match`, so that nobody writes over what they have not seen.

An ETag stands for what can be changed, and not for what changes by itself, such as a run that is under way.
"""

from hashlib import sha256
from typing import Annotated

from fastapi import Header

from desksync.store.users import User
from desksync_admin_api.errors import PreconditionFailed, PreconditionMissing

IfMatch = Annotated[str | None, Header(max_length=1000, description="The ETag of what was read.", examples=['"3f2a9c"'])]


def etag(*parts: object) -> str:
    """Return the ETag of a version that consists of these values."""
    written = "\n".join(str(part) for part in parts)
    return f'"{sha256(written.encode()).hexdigest()[:32]}"'


def etag_of_user(user: User) -> str:
    """Return the version of permission and sync state."""
    return etag("user", user.id, user.permission, user.sync_state, user.stop_reason, user.resumed_at)


def etag_of_settings(user: User) -> str:
    """Return the version of the sync settings."""
    return etag("settings", user.id, user.settings_version)


def require_match(sent: str | None, current: str) -> None:
    """Let a change go on that rests on the current version, or on any (`*`). Weak ETags match nothing."""
    if sent is None:
        raise PreconditionMissing
    if sent.strip() != "*" and current not in {one.strip() for one in sent.split(",")}:
        raise PreconditionFailed
