"""Compares both calendars with each other and with what people did, and looks for doubled creations in the stand-ins' logs."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from desksync.sync.event import Side
from desksync_embedded.trial import Trial
from desksync_sandbox.compare import Appointment, in_google, in_neo
from desksync_sandbox.faults import Call
from desksync_sandbox.office import ZONE
from tests.faults.people import MARK, People

INSERTS = {Side.NEO: "insert_schedule", Side.GOOGLE: "events.insert"}
_TITLES = {Side.NEO: "detail", Side.GOOGLE: "summary"}
WRITES = {
    Side.NEO: ("insert_schedule", "update_schedule", "delete_schedule"),
    Side.GOOGLE: ("events.insert", "events.update", "events.patch", "events.delete"),
}
"""The operations that change something."""

_OK = 200
_ERRORS = 400


@dataclass(frozen=True)
class Verdict:
    """What is wrong: occurrences that a side lacks, that it has too often, and titles that were created there more than once."""

    lost: Counter[str]
    doubled: Counter[str]
    created_again: Counter[str]

    @property
    def is_good(self) -> bool:
        """Say whether nothing is wrong."""
        return not (self.lost or self.doubled or self.created_again)

    def __str__(self) -> str:
        parts = {"lost": self.lost, "doubled": self.doubled, "created again": self.created_again}
        return "\n".join(f"{name}: {dict(found)}" for name, found in parts.items() if found) or "nothing lost, nothing doubled"


class Judge:
    """Knows what the office held before anything failed: of that nobody changes anything."""

    def __init__(self, company: Trial, people: People) -> None:
        self.company = company
        self.people = people
        self._first, self._last = people.today - timedelta(days=20), people.today + timedelta(days=150)
        self._before = {
            (user_id, side): self._others(found) for user_id in company.people for side, found in self._held(user_id).items()
        }

    def look(self) -> Verdict:
        """Compare everything with everything."""
        lost: Counter[str] = Counter()
        doubled: Counter[str] = Counter()
        for user_id, person in self.company.people.items():
            expected = self.people.expected(person)
            for side, held in self._held(user_id).items():
                found = Counter(f"{one.title}" for one in held if MARK in one.title)
                others, before = self._others(held), self._before[user_id, side]
                lost.update({f"{side}: {title}": count for title, count in (expected - found).items()})
                doubled.update({f"{side}: {title}": count for title, count in (found - expected).items()})
                lost.update({f"{side}: {one}": count for one, count in (before - others).items()})
                doubled.update({f"{side}: {one}": count for one, count in (others - before).items()})
        for user_id, differing in self.company.differences().items():
            # Times, places and texts differ although the titles agree.
            lost.update({f"user {user_id}, only in {side}: {one}": 1 for side, one in differing if MARK in one.title})
        return Verdict(lost, doubled, self._created_again())

    def _created_again(self) -> Counter[str]:
        again: Counter[str] = Counter()
        for side, calls in self._calls().items():
            made = Counter(call.parameters.get(_TITLES[side], "") for call in calls if _created(call, side))
            by_people = self.people.born_on(side)
            for title, count in made.items():
                if MARK in title and (extra := count - (0 if title in by_people else 1)):
                    again[f"{side}: {title}"] = extra
        return again

    def writes(self) -> int:
        """Return how many writes both stand-ins have done."""
        return sum(
            call.operation in WRITES[side] and call.done is not None and call.done < _ERRORS
            for side, calls in self._calls().items()
            for call in calls
        )

    def _calls(self) -> Mapping[Side, list[Call]]:
        return {Side.NEO: self.company.neo.calls.all(), Side.GOOGLE: self.company.google.calls.all()}

    def _held(self, user_id: int) -> dict[Side, list[Appointment]]:
        neo, google = self.company.held(self.company.people[user_id])
        zone = ZoneInfo(ZONE)
        return {Side.NEO: [in_neo(item, zone) for item in neo], Side.GOOGLE: [in_google(event) for event in google]}

    def _others(self, held: Iterable[Appointment]) -> Counter[Appointment]:
        """Return what the tests did not make, of days that stay within those that sync."""
        begin, end = self._first.isoformat(), self._last.isoformat()
        return Counter(one for one in held if MARK not in one.title and begin <= one.start[:10] <= end)


def _created(call: Call, side: Side) -> bool:
    return call.operation == INSERTS[side] and call.done == _OK
