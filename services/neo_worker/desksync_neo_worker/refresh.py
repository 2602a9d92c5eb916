"""Keeps DeskSync's users in agreement with NEO's list. New ones are added disabled, and nobody is ever deleted."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from desksync.store import leases
from desksync.store.directory import DirectoryChange, ListedUser, sync_directory
from desksync.store.directory_refresh import record_refresh_failed, record_refreshed
from desksync.store.engine import DATABASE_ERRORS, Begin
from desksync.worker.errors import CalendarError, UserMustAct
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.directory import read_directory

log = logging.getLogger(__name__)

_LEASE = "directory"
_TURN_SECONDS = 1.0
_RETRY = timedelta(minutes=1)


def refresh_users(begin: Begin, neo: NeoClient, key: str, now: Callable[[], datetime], *, time_zone: str) -> DirectoryChange:
    """Read NEO's list and take it over; `time_zone` is what new users begin with. Raises the error kinds of reading.

    How it went is written down for the page of administrators.
    """
    try:
        directory = read_directory(neo, key)
    except CalendarError as problem:
        reason = problem.reason.value if isinstance(problem, UserMustAct) else None
        with begin() as session:
            record_refresh_failed(session, str(problem), reason, now())
        raise
    listed = [ListedUser(one.id, one.login_id, one.name) for one in directory.users]
    with begin() as session:
        change = sync_directory(session, listed, now(), time_zone=time_zone, is_whole=directory.unread == 0)
        record_refreshed(session, len(listed), change, now())
    return change


@dataclass
class Refresher:
    """Refreshes every hour. Any number may run: the lease lets one of them work."""

    begin: Begin
    neo: NeoClient
    key: str
    now: Callable[[], datetime]
    time_zone: str
    holder: str
    interval: timedelta = timedelta(hours=1)

    def run(self, stop: Event) -> None:
        """Refresh until told to stop. What goes wrong is logged with its remedy, and tried again a minute later."""
        due = self.now()
        while not stop.wait(_TURN_SECONDS):
            if self.now() >= due:
                due = self.now() + (self.interval if self.turn() else _RETRY)

    def turn(self) -> bool:
        """Refresh once, unless somebody else did within the hour; false if it went wrong."""
        try:
            return self._turn()
        except DATABASE_ERRORS as problem:
            log.warning("users not refreshed", extra={"reason": str(problem).partition("\n")[0]})
            return False

    def _turn(self) -> bool:
        with self.begin() as session:
            # The lease is not given back: whoever comes next waits until it has run out.
            held = leases.take(session, _LEASE, self.holder, self.now(), self.interval - _RETRY)
        if held is None:
            return True
        try:
            change = refresh_users(self.begin, self.neo, self.key, self.now, time_zone=self.time_zone)
        except CalendarError as problem:
            log.warning("users not refreshed", extra={"reason": str(problem)})
            with self.begin() as session:
                leases.release(session, held, self.now())
            return False
        log.info("users refreshed", extra={"added": change.added, "returned": change.returned, "vanished": change.vanished})
        return True
