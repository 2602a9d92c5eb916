"""A calendar every call of which is watched, and after whose calls the process may die."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from desksync.sync.event import Event, Side, Window
from desksync.sync.reading import Known, Odd, Reading, Stored
from desksync.worker.calendar import Account, Calendar

Answer = TypeVar("Answer")


class Crash(BaseException):
    """The process dies here: no handler of ours may see it, and nothing is settled."""


class Called(Protocol):
    """Makes a call, and says in `what` which it was."""

    def __call__(self, what: str, call: Callable[[], Answer], *, writes: bool) -> Answer: ...


@dataclass
class Passing:
    """A calendar that passes everything on."""

    calendar: Calendar

    @property
    def side(self) -> Side:
        return self.calendar.side

    @property
    def checks_versions(self) -> bool:
        return self.calendar.checks_versions

    def read(self, account: Account, since: str | None, window: Window, known: Callable[[], Known]) -> Reading:
        return self.calendar.read(account, since, window, known)

    def look(self, account: Account, event_id: str, known: Stored | None = None) -> Stored | Odd | None:
        return self.calendar.look(account, event_id, known)

    def create(self, account: Account, event: Event, key: str) -> Stored:
        return self.calendar.create(account, event, key)

    def update(self, account: Account, stored: Stored, event: Event) -> Stored:
        return self.calendar.update(account, stored, event)

    def delete(self, account: Account, stored: Stored) -> None:
        self.calendar.delete(account, stored)


@dataclass
class Watched(Passing):
    """A calendar of which somebody hears each call."""

    called: Called

    def read(self, account: Account, since: str | None, window: Window, known: Callable[[], Known]) -> Reading:
        return self.called(f"{self.side} read", lambda: self.calendar.read(account, since, window, known), writes=False)

    def look(self, account: Account, event_id: str, known: Stored | None = None) -> Stored | Odd | None:
        return self.called(f"{self.side} look {event_id}", lambda: self.calendar.look(account, event_id, known), writes=False)

    def create(self, account: Account, event: Event, key: str) -> Stored:
        return self.called(f"{self.side} create {event}", lambda: self.calendar.create(account, event, key), writes=True)

    def update(self, account: Account, stored: Stored, event: Event) -> Stored:
        what = f"{self.side} update {stored} to {event}"
        return self.called(what, lambda: self.calendar.update(account, stored, event), writes=True)

    def delete(self, account: Account, stored: Stored) -> None:
        self.called(f"{self.side} delete {stored.id}", lambda: self.calendar.delete(account, stored), writes=True)
