"""The port between deciding and doing: what a calendar can be asked. Both adapters and the test fake implement it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

from desksync.sync.event import Event, Side, Window
from desksync.sync.reading import Known, Odd, Reading, Stored
from desksync.worker.patience import Patience, impatient


@dataclass(frozen=True, slots=True)
class Account:
    """Where and as whom to call.

    `address` is the NEO user ID, or the Google calendar ID. `secret` is NEO's access key, or Google's refresh token; it is never
    logged and not shown by `repr`. `shows_attendance` turns the block of participants and facilities on (rule R17). `beat` is
    called before each request, however many a call takes: it says that somebody is at work still. What it raises goes through
    the calendar untouched, and no further request is sent. `patience` is what each request goes through the gate with.
    """

    user_id: int
    address: str
    secret: str
    zone: ZoneInfo
    shows_attendance: bool = True
    beat: Callable[[], None] = field(default=lambda: None, compare=False)
    patience: Patience = field(default_factory=impatient, compare=False)

    def __repr__(self) -> str:
        return f"Account(user_id={self.user_id})"


class Calendar(Protocol):
    """One side. Raises the kinds of `desksync.worker.errors` and nothing else; calls are safe from several threads."""

    @property
    def side(self) -> Side:
        """Say which side this is."""
        ...

    @property
    def checks_versions(self) -> bool:
        """Say whether an update or deletion of what somebody has changed since it was read is refused as stale.

        Where it is not, the caller reads shortly before it writes, because it would write over that change.
        """
        ...

    def read(self, account: Account, since: str | None, window: Window, known: Callable[[], Known]) -> Reading:
        """Return what is in the window, or what changed since the cursor.

        `known` gives what was seen before; ask it only when needed, because it costs a query.
        A half list, or anything but a list, is `SideUnreadable`, never a shorter reading.
        """
        ...

    def look(self, account: Account, event_id: str, known: Stored | None = None) -> Stored | Odd | None:
        """Return one event, wherever it is in time, or `None` if it does not exist any more.

        `known` is what was seen of it before. NEO needs it: that a date of a series became an event of its own is in no record.
        """
        ...

    def create(self, account: Account, event: Event, key: str) -> Stored:
        """Create the event, with its exceptions, and return what the side now holds.

        `key` (64 lower-case hex digits) is the same for every try. Google makes it the event id and adopts what is there;
        NEO cannot, so the caller reads again before it tries a second time (rule R9).
        """
        ...

    def update(self, account: Account, stored: Stored, event: Event) -> Stored:
        """Bring the stored event to the given value, by changing only what differs, and return what the side now holds."""
        ...

    def delete(self, account: Account, stored: Stored) -> None:
        """Delete the event or the whole series. Deleting what is already gone is success."""
        ...
