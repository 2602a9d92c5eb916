"""A running company for scenarios: both stand-ins, the real clients and all workers, on whatever database and broker."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desksync.contracts.messages import SyncTicket
from desksync.ops.service import running
from desksync.store.runs import NewLine, Run, list_lines, list_runs
from desksync.store.tickets import count_open, hasten
from desksync.worker.program import Parts
from desksync_embedded.launcher import WORKERS, together
from desksync_embedded.trial import Trial, trial
from desksync_sandbox.compare import Appointment
from desksync_sandbox.office import ZONE, Person, make_office
from tests.waiting import eventually

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Company:
    """A trial whose workers run."""

    trial: Trial

    @property
    def person(self) -> Person:
        """Return the first of the people."""
        return next(iter(self.trial.people.values()))

    @property
    def today(self) -> date:
        """Return today in Tokyo."""
        return self.trial.resources.now().astimezone(ZoneInfo(ZONE)).date()

    def sync(self) -> None:
        """Run one cycle for everybody and wait until it has ended."""
        self.trial.sync_all()
        self.trial.wait(PATIENCE_SECONDS)

    def sync_through_faults(self) -> None:
        """Run one cycle for everybody, and let runs that wait after a failure go on at once instead of half a minute later."""
        self.trial.sync_all()
        eventually(self._nobody_is_left, within=PATIENCE_SECONDS)

    def _nobody_is_left(self) -> bool:
        resources = self.trial.resources
        with resources.begin() as session:
            woken = hasten(session, list(self.trial.people), resources.now())
            left = count_open(session)
        resources.publish([SyncTicket(ticket_id=one.id, stage=one.stage.value, user_id=one.user_id) for one in woken])
        return left == 0

    def add_in_neo(self, **fields: Any) -> str:
        """Add a schedule for the first person, tomorrow from 10 to 11 unless told otherwise, and return its sid."""
        tomorrow = f"{self.today + timedelta(days=1):%Y%m%d}"
        usual = {"startdate": tomorrow, "enddate": tomorrow, "starttime": "1000", "endtime": "1100", "detail": "会議"}
        return self.trial.neo.world.add(self.person.neo_user_id, **(usual | fields))

    def add_on_google(self, **fields: Any) -> str:
        """Add an event for the first person, tomorrow from 14 to 15 unless told otherwise, and return its id."""
        tomorrow = self.today + timedelta(days=1)
        usual = {"summary": "打合せ", "start": moment(tomorrow, 14), "end": moment(tomorrow, 15)}
        return str(self.trial.google.world.add(self.person.email, usual | fields)["id"])

    def neo_titles(self) -> list[str]:
        """Return the details of the first person's schedules in the order of their dates."""
        return [item["detail"] for item in self.neo_items()]

    def neo_items(self) -> list[dict[str, Any]]:
        """Return the first person's occurrences as NEO lists them."""
        return self.trial.neo.world.records(self.person.neo_user_id)

    def google_events(self) -> list[dict[str, Any]]:
        """Return the first person's events and series, each followed by its exceptions."""
        return [dict(event) for event in self.trial.google.world.events(self.person.email)]

    def google_titles(self) -> list[str]:
        """Return the summaries of the first person's events."""
        return [event.get("summary", "") for event in self.google_events()]

    def differences(self) -> dict[int, list[tuple[str, Appointment]]]:
        """Return what only one side holds."""
        return self.trial.differences()

    def writes(self) -> int:
        """Return how many writes the last run of the first person made."""
        return sum(number for name, number in self.last_run().counts.items() if name.startswith(("neo_", "google_")))

    def lines(self, kind: str) -> list[NewLine]:
        """Return the lines of that kind in the first person's history, the oldest first."""
        with self.trial.resources.begin() as session:
            kept = list_lines(session, next(iter(self.trial.people)), limit=1000)
        return [one.line for one in reversed(kept) if one.line.kind == kind]

    def last_run(self) -> Run:
        """Return the newest run of the first person."""
        with self.trial.resources.begin() as session:
            return list_runs(session, next(iter(self.trial.people)), limit=1)[0]


def moment(day: date, hour: int, minute: int = 0) -> dict[str, str]:
    """Return a start or end of an event resource."""
    return {"dateTime": f"{day}T{hour:02}:{minute:02}:00+09:00", "timeZone": ZONE}


@contextmanager
def a_company(
    database_url: str,
    broker_url: str,
    *,
    users: int = 1,
    events: int = 0,
    seed: int = 1,
    programs: Sequence[Parts] = WORKERS,
    lead: timedelta = timedelta(0),
) -> Iterator[Company]:
    """Start a company of that size with all workers running, or with other programs. Its clock is ahead of ours by `lead`."""
    today = (datetime.now(ZoneInfo(ZONE)) + lead).date()
    office = make_office(users=users, events=events, seed=seed, today=today)
    with (
        trial(office, lambda: datetime.now(UTC) + lead, database_url=database_url, broker_url=broker_url) as company,
        working(company, programs) as running_company,
    ):
        yield running_company


@contextmanager
def working(company: Trial, programs: Sequence[Parts] = WORKERS) -> Iterator[Company]:
    """Let the programs of a trial work while the block runs."""
    with together(company.resources, programs) as loops, running("scenario", loops):
        yield Company(company)
