"""Where schedules lie, found by `sid` and by user. Knows no rights, no forms and no lock."""

from collections import defaultdict
from datetime import date

from desksync_sandbox.neo.errors import no_data
from desksync_sandbox.neo.schedule import Occurrence, Schedule, occurrences

_FIRST_SID = 501


class Shelf:
    """All schedules of one NEO."""

    def __init__(self) -> None:
        self._schedules: dict[str, Schedule] = {}
        self._by_user: defaultdict[str, set[str]] = defaultdict(set)
        self._next = _FIRST_SID

    def new_sid(self) -> str:
        """Return a `sid` that was never used."""
        while True:
            sid, self._next = str(self._next), self._next + 1
            if sid not in self._schedules:
                return sid

    def get(self, sid: str) -> Schedule:
        """Return a schedule. Raises `Refused` (-110) when there is none."""
        found = self._schedules.get(sid)
        if found is None:
            raise no_data()
        return found

    def all(self) -> list[Schedule]:
        """Return every schedule, whoever is registered for it."""
        return list(self._schedules.values())

    def put(self, schedule: Schedule) -> None:
        """Add a schedule."""
        self._schedules[schedule.sid] = schedule
        for user_id in schedule.people():
            self._by_user[user_id].add(schedule.sid)

    def replace(self, sid: str, schedule: Schedule | None) -> None:
        """Put another version in the place of a schedule, or nothing."""
        old = self._schedules.pop(sid)
        for user_id in old.people():
            self._by_user[user_id].discard(sid)
        if schedule is not None:
            self.put(schedule)

    def seen_by(self, user_id: str, first: date, last: date) -> list[Occurrence]:
        """Return what the user is registered for and what touches the dates, by date, time and `sid`."""
        found = [
            one
            for sid in self._by_user[user_id]
            for one in occurrences(self._schedules[sid], first, last)
            if user_id in one.value.registered
        ]
        found.sort(key=lambda one: (one.first, one.value.starttime, int(one.value.sid), one.original))
        return found
