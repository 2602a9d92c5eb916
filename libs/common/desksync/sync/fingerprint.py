"""A short stable hash of what syncs, so that unchanged events need neither parsing nor comparing."""

import hashlib

from desksync.sync.codec import to_json
from desksync.sync.event import Event
from desksync.sync.text import without_halves


def fingerprint(event: Event) -> str:
    """Return 32 hex digits that are equal exactly for equal events."""
    return fingerprint_of_text(to_json(event))


def fingerprint_of_text(kept: str) -> str:
    """Return the fingerprint of an event that is already canonical JSON text."""
    return hashlib.sha256(without_halves(kept).encode()).hexdigest()[:32]
