"""Page and sync tokens: opaque to clients, and they carry all that the next answer needs. Nothing is kept for them."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from desksync_sandbox.google.calendars import Calendar
from desksync_sandbox.google.errors import bad_request, full_sync_required
from desksync_sandbox.google.switches import GoogleSwitches

Key = tuple[float | str, ...]
"""Where an item stands in a list. Keys of one list compare with each other."""


@dataclass(frozen=True, slots=True)
class SyncToken:
    """All changes up to `change` are known. `asked` is the hash of the parameters that must stay the same."""

    change: int
    asked: str
    time_min: str | None = None
    time_max: str | None = None


@dataclass(frozen=True, slots=True)
class PageToken:
    """The list goes on after `last`. `change` is what the calendar had come to when the first page was given."""

    change: int
    asked: str
    last: Key


def write_sync_token(token: SyncToken, calendar: Calendar, now: datetime) -> str:
    """Return the token as text."""
    issued = int(now.timestamp())
    return _packed(
        ["s", calendar.id, calendar.epoch, issued, token.change, token.asked, token.time_min or "", token.time_max or ""]
    )


def read_sync_token(text: str, calendar: Calendar, now: datetime, switches: GoogleSwitches) -> SyncToken:
    """Return the token. Raises `GoogleError`: 410 `fullSyncRequired` for an unknown, foreign or expired one."""
    match _unpacked(text):
        case ["s", calendar_id, epoch, int(issued), int(change), str(asked), str(time_min), str(time_max)]:
            known = calendar_id == calendar.id and epoch == calendar.epoch and change <= calendar.change
        case _:
            raise full_sync_required()
    life = switches.sync_token_life
    if not known or (life is not None and datetime.fromtimestamp(issued, UTC) + life <= now):
        raise full_sync_required()
    return SyncToken(change, asked, time_min or None, time_max or None)


def write_page_token(token: PageToken, calendar: Calendar) -> str:
    """Return the token as text."""
    return _packed(["p", calendar.id, token.change, token.asked, list(token.last)])


def read_page_token(text: str, calendar: Calendar, asked: str) -> PageToken:
    """Return the token. Raises `GoogleError` (400) for an unknown one, or when other parameters come with it than before."""
    match _unpacked(text):
        case ["p", calendar.id, int(change), str(before), list(last)] if before == asked:
            return PageToken(change, asked, tuple(last))
        case _:
            raise bad_request("Invalid page token value.", parameter="pageToken")


def asked_hash(parameters: Mapping[str, Sequence[str]]) -> str:
    """Return a short hash of query parameters."""
    text = json.dumps({name: sorted(values) for name, values in parameters.items()}, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _packed(values: Sequence[object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode()


def _unpacked(text: str) -> object:
    try:
        return json.loads(base64.urlsafe_b64decode(text.encode()))
    except ValueError:
        return None
