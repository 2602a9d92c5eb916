"""A database that is restored from a backup: both calendars go on as if it had not been, nothing doubled and nothing deleted."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from desksync_embedded.trial import Trial, trial
from desksync_sandbox.office import ZONE, make_office
from tests.scenarios.backups import back_up, restore
from tests.scenarios.company import Company, moment, working

Appointments = tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]


@dataclass
class People:
    """What people do to both calendars. Each step of the story uses what the steps before it have made."""

    company: Company
    made: dict[str, str] = field(default_factory=dict)

    @property
    def neo(self) -> Any:
        return self.company.trial.neo.world

    @property
    def google(self) -> Any:
        return self.company.trial.google.world

    def in_neo(self, name: str, hour: int, **fields: Any) -> None:
        times = {"starttime": f"{hour:02}00", "endtime": f"{hour:02}30"}
        self.made[name] = self.company.add_in_neo(detail=name, **(times | fields))

    def on_google(self, name: str, hour: int, **fields: Any) -> None:
        tomorrow = self.company.today + timedelta(days=1)
        times = {"start": moment(tomorrow, hour), "end": moment(tomorrow, hour, 30)}
        self.made[name] = self.company.add_on_google(summary=name, **(times | fields))

    def change_in_neo(self, name: str, **fields: Any) -> None:
        self.neo.change(self.sid_of(name), **fields)

    def change_on_google(self, name: str, **changes: Any) -> None:
        self.google.patch(self.company.person.email, self.google_id_of(name), changes)

    def delete_in_neo(self, name: str) -> None:
        self.neo.delete(self.sid_of(name))

    def delete_on_google(self, name: str) -> None:
        self.google.delete(self.company.person.email, self.google_id_of(name))

    def sid_of(self, name: str) -> str:
        [sid] = {record["sid"] for record in self.company.neo_items() if record["detail"].partition("(")[0] == name}
        return str(sid)

    def google_id_of(self, name: str) -> str:
        [event_id] = {event["id"] for event in self.company.google_events() if event.get("summary", "").partition("(")[0] == name}
        return str(event_id)


def before_the_backup(people: People) -> None:
    for number, what in enumerate(("stays", "moves", "goes", "goes there", "moves there", "vanishes")):
        people.in_neo(f"N {what}", 8 + number)
        people.on_google(f"G {what}", 14 + number)
    people.in_neo("N series", 7, enddate="", repeat="d", interval="1", rependtimes="5")
    people.on_google("G series", 20, recurrence=["RRULE:FREQ=DAILY;COUNT=5"])


def between_backup_and_loss(people: People) -> None:
    """Everything here is synced, and the restored database knows nothing of it."""
    people.change_in_neo("N moves", starttime="0615", endtime="0645")
    people.change_in_neo("G moves there", place="本社")
    people.change_on_google("G moves", summary="G moves(変更)")
    people.change_on_google("N moves there", location="支社")
    people.delete_in_neo("N goes")
    people.delete_in_neo("G goes there")
    people.delete_on_google("G goes")
    people.delete_on_google("N goes there")
    people.in_neo("N new", 5)
    people.on_google("G new", 5)
    people.in_neo("N new, gone again", 4)
    people.on_google("G new, gone again", 4)
    people.on_google("G new series", 21, recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    people.in_neo("N new series", 6, enddate="", repeat="d", interval="1", rependtimes="3")
    second = people.company.today + timedelta(days=2)
    people.neo.change(people.sid_of("N series"), modkind=1, seldate=f"{second:%Y%m%d}", starttime="2200", endtime="2230")
    people.google.delete(people.company.person.email, f"{people.made['G series']}_{second:%Y%m%d}T110000Z")


def later_between_backup_and_loss(people: People) -> None:
    """This too, in a cycle of its own: what was made since the backup was changed and deleted since the backup as well."""
    people.delete_in_neo("N new, gone again")
    people.delete_on_google("G new, gone again")
    people.change_on_google("N new series", location="支社")
    people.change_in_neo("N moves", memo="資料持参")


def between_loss_and_restore(people: People) -> None:
    """Nobody has synced this."""
    people.change_in_neo("N stays", place="別館")
    people.change_on_google("G stays", location="別館")
    people.delete_in_neo("N vanishes")
    people.delete_on_google("G vanishes")
    people.in_neo("N newest", 3)
    people.on_google("G newest", 3)


@contextmanager
def a_trial(database_url: str, broker_url: str) -> Iterator[Trial]:
    office = make_office(users=1, events=0, seed=1, today=datetime.now(ZoneInfo(ZONE)).date())
    with trial(office, lambda: datetime.now(UTC), database_url=database_url, broker_url=broker_url) as made:
        yield made


def appointments(company: Trial) -> Appointments:
    """Return what both calendars hold, by title and start."""
    (person,) = company.people.values()
    neo, google = company.held(person)
    return (
        Counter((item["detail"], f"{item['startdate']}{item['starttime']}") for item in neo),
        Counter((event["summary"], event["start"]["dateTime"]) for event in google),
    )


Interruption = Callable[[Trial], None]


def told(company: Trial, folder: Path, *, is_lost: bool, interruption: Interruption = lambda _trial: None) -> Appointments:
    """Let the story happen, with or without the loss of the database, and return what both calendars hold in the end."""
    url = company.resources.settings.database_url
    with working(company) as at_work:
        people = People(at_work)
        before_the_backup(people)
        at_work.sync()
    if is_lost:
        back_up(url, folder / "backup")
    with working(company) as at_work:
        between_backup_and_loss(people)
        at_work.sync()
        later_between_backup_and_loss(people)
        at_work.sync()
    between_loss_and_restore(people)
    if is_lost:
        company.resources.engine.dispose()
        restore(url, folder / "backup")
    interruption(company)
    with working(company) as at_work:
        at_work.sync()
        held = appointments(company)
        differences = at_work.differences()
        at_work.sync()
        writes = at_work.writes()
    assert differences == {}
    assert writes == 0
    return held


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Appointments:
    """Give what both calendars hold where nothing was lost."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with a_trial(f"sqlite:///{folder / 'one.sqlite'}", "memory://") as company:
        return told(company, folder, is_lost=False)


def nothing(_company: Trial) -> None:
    """Let nothing more happen."""


def forget_sync_tokens(company: Trial) -> None:
    """Let Google answer 410 to the cursor of the backup."""
    company.google.world.expire_sync_tokens()


@pytest.mark.parametrize("interruption", [nothing, forget_sync_tokens])
def test_a_restored_database_neither_doubles_nor_deletes_anything(
    urls: tuple[str, str], tmp_path: Path, undisturbed: Appointments, interruption: Interruption
) -> None:
    with a_trial(*urls) as company:
        held = told(company, tmp_path, is_lost=True, interruption=interruption)

    assert held == undisturbed
