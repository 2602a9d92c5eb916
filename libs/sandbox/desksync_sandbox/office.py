"""A made-up office: people with appointments in NEO, others in Google, and a few in both, as seeds for the two stand-ins.

The same size and seed give the same office, placed around the given day.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from desksync_sandbox.office_kinds import Seat, kinds_for
from desksync_sandbox.office_series import NeoEdit
from desksync_sandbox.office_texts import FACILITIES, FAMILY_NAMES, GIVEN_NAMES, KINDS, MEMOS, PLACES, PRIVATE_TITLES, TITLES

ZONE = "Asia/Tokyo"
SITE_KEY = "sandbox-site-key"
CLIENT_ID = "desksync-trial.apps.example.com"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105 - opens a stand-in only

_PAST_DAYS, _FUTURE_DAYS = 25, 120
_OF_TWENTY_IN_NEO = 10
_SHARE_WITH_KIND = 0.4
_FRIDAY = 4
_EVENTS_FOR_ONE_MORE_KIND = 10
"""A larger office has more of the kinds that are not drawn."""


@dataclass(frozen=True, slots=True)
class Person:
    """One employee: who it is in NEO, and which Google calendar is theirs."""

    neo_user_id: str
    login_id: str
    name: str
    email: str
    refresh_token: str


@dataclass(frozen=True, slots=True)
class Office:
    """People, and the seeds of the two stand-ins.

    `neo_edits` are what somebody did to schedules in NEO since, in that order. NEO's form has no way to add a series together
    with its changed dates.
    """

    people: tuple[Person, ...]
    neo: dict[str, Any]
    google: dict[str, Any]
    neo_edits: tuple[NeoEdit, ...]


def make_office(*, users: int, events: int, seed: int, today: date) -> Office:
    """Return an office of that many people with about that many events altogether, half on each side to begin with."""
    if users < 1 or events < 0:
        raise ValueError("An office needs at least one user, and no fewer than 0 events.")
    chance = random.Random(seed)
    people = tuple(_person(number, chance) for number in range(1, users + 1))
    schedules: list[dict[str, Any]] = []
    edits: list[NeoEdit] = []
    calendars: dict[str, list[dict[str, Any]]] = {person.email: [] for person in people}
    for number in range(events):
        person = people[number % users]
        draft = _Draft(chance, today, number)
        match number % 20:
            case 0:
                # Somebody typed it into both before the two were connected: first contact has to find that it is one event.
                both = draft.plain()
                schedules.append(both.for_neo(person))
                calendars[person.email].append(both.for_google())
            case place if place <= _OF_TWENTY_IN_NEO:
                others = tuple(one for one in chance.sample(people, min(users, 3)) if one is not person)
                schedules.append(draft.any_kind().for_neo(person, others if number % 7 == 0 else ()))
                edits += draft.neo_edits()
            case _:
                calendars[person.email] += [draft.any_kind(in_google=True).for_google(), *draft.google_exceptions()]
    for number in range(events // _EVENTS_FOR_ONE_MORE_KIND):
        person, colleague = people[number % users], people[(number + 1) % users]
        several = kinds_for(Seat(person.neo_user_id, person.email, colleague.neo_user_id), today)
        if number == len(several):
            break
        kind = several[number]
        schedules += [{"otherto": [person.neo_user_id], "creator": person.neo_user_id} | fields for fields in kind.neo]
        calendars[person.email] += kind.google
        edits += kind.neo_edits
    return Office(
        people=people,
        neo={
            "site_key": SITE_KEY,
            "users": [
                {"id": one.neo_user_id, "login_id": one.login_id, "name": one.name, "password": f"pass-{one.login_id}"}
                for one in people
            ],
            "facilities": [{"id": str(number), "name": name} for number, name in enumerate(FACILITIES, 1)],
            "schedules": schedules,
        },
        google={
            "oauth": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
            "accounts": [
                {
                    "email": one.email,
                    "name": one.name,
                    "refresh_tokens": [one.refresh_token],
                    "calendars": [{"id": one.email, "timeZone": ZONE, "events": calendars[one.email]}],
                }
                for one in people
            ],
        },
        neo_edits=tuple(edits),
    )


def _person(number: int, chance: random.Random) -> Person:
    name = f"{chance.choice(FAMILY_NAMES)} {chance.choice(GIVEN_NAMES)}"
    login = f"{10000 + number}"
    return Person(str(100 + number), login, name, f"user{number:04}@example.com", f"1//sandbox-{number:04}")


@dataclass
class _Draft:
    """One appointment before it is written in the words of a side."""

    chance: random.Random
    today: date
    number: int
    kind: str = ""
    title: str = ""
    place: str = ""
    memo: str = ""
    first: date = date.min
    days: int = 1
    start: tuple[int, int] | None = None
    minutes: int | None = None
    access: str = "open"
    is_tentative: bool = False
    neo_rule: dict[str, str] | None = None
    google_rule: str = ""

    def plain(self) -> "_Draft":
        """Make it a meeting with times and a title of its own."""
        self.first = self._workday()
        self.title = f"{self.chance.choice(TITLES)} {self.number}"
        self.place = self.chance.choice(PLACES)
        self.memo = self.chance.choice(MEMOS)
        self.start = (self.chance.randrange(8, 19), self.chance.choice((0, 15, 30, 45)))
        self.minutes = self.chance.choice((30, 45, 60, 90, 120))
        return self

    def any_kind(self, *, in_google: bool = False) -> "_Draft":
        """Make it one of the kinds that people have: mostly meetings, some of everything else."""
        self.plain()
        if not in_google and self.chance.random() < _SHARE_WITH_KIND:
            self.kind = self.chance.choice(KINDS)
        kinds: list[tuple[float, Callable[[], None]]] = [
            (0.10, self._all_day),
            (0.16, self._secret),
            (0.20, self._tentative),
            (0.24, self._overnight),
            (0.30, self._series),
        ]
        if not in_google:
            kinds += [(0.33, self._restricted), (0.36, self._open_end)]
        drawn = self.chance.random()
        for limit, make in kinds:
            if drawn < limit:
                make()
                break
        return self

    def _all_day(self) -> None:
        self.start = self.minutes = None
        self.days = self.chance.choice((1, 1, 2, 3, 5))

    def _secret(self) -> None:
        self.access, self.title = "secret", f"{self.chance.choice(PRIVATE_TITLES)} {self.number}"

    def _restricted(self) -> None:
        self.access = "permission"

    def _tentative(self) -> None:
        self.is_tentative = True

    def _overnight(self) -> None:
        self.start, self.minutes = (22, 0), 600

    def _open_end(self) -> None:
        self.minutes = None

    def _series(self) -> None:
        count = self.chance.randrange(3, 12)
        weekday = self.first.weekday()
        days = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
        until = self.first + timedelta(days=self.chance.randrange(20, 90))
        match self.chance.randrange(5):
            case 0:
                self.neo_rule = {"repeat": "d", "interval": "3", "rependtimes": str(count)}
                self.google_rule = f"FREQ=DAILY;INTERVAL=3;COUNT={count}"
            case 1:
                self.neo_rule = {
                    "repeat": "w",
                    "interval": "1",
                    "everyweekday": "".join("1" if day in {weekday, (weekday + 2) % 7} else "0" for day in range(7)),
                    "rependtimes": str(count),
                }
                self.google_rule = f"FREQ=WEEKLY;BYDAY={days[weekday]},{days[(weekday + 2) % 7]};COUNT={count}"
            case 2:
                self.neo_rule = {
                    "repeat": "w",
                    "interval": "2",
                    "everyweekday": "".join("1" if day == weekday else "0" for day in range(7)),
                    "enddate": f"{until:%Y%m%d}",
                }
                self.google_rule = f"FREQ=WEEKLY;INTERVAL=2;UNTIL={until:%Y%m%d}T145959Z"
            case 3:
                self.first = self.first.replace(day=min(self.first.day, 28))
                self.neo_rule = {"repeat": "m", "interval": "1", "rependtimes": str(count)}
                self.google_rule = f"FREQ=MONTHLY;COUNT={count}"
            case _:
                self.first = self.first.replace(day=min(self.first.day, 28))
                self.neo_rule = {"repeat": "y", "interval": "1", "rependtimes": "3"}
                self.google_rule = "FREQ=YEARLY;COUNT=3"

    def _workday(self) -> date:
        day = self.today + timedelta(days=self.chance.randrange(-_PAST_DAYS, _FUTURE_DAYS))
        return day + timedelta(days=7 - day.weekday()) if day.weekday() > _FRIDAY else day

    def for_neo(self, person: Person, others: tuple[Person, ...] = ()) -> dict[str, Any]:
        """Return it as a NEO schedule of that person, with others taking part."""
        fields: dict[str, Any] = {
            "sid": self.sid,
            "otherto": [person.neo_user_id, *(one.neo_user_id for one in others)],
            "creator": person.neo_user_id,
            "startdate": f"{self.first:%Y%m%d}",
            "enddate": f"{self.first + timedelta(days=self.days - 1):%Y%m%d}",
            "event": self.kind,
            "detail": self.title,
            "place": self.place,
            "memo": self.memo,
            "public_level": self.access,
            "reserve": "1" if self.is_tentative else "",
        }
        if self.start is not None:
            fields["starttime"] = "{:02}{:02}".format(*self.start)
            if self.minutes is not None:
                end = self.start[0] * 60 + self.start[1] + self.minutes
                fields["endtime"] = f"{end // 60 % 24:02}{end % 60:02}"
                if end >= 24 * 60 and self.neo_rule is None:
                    fields["enddate"] = f"{self.first + timedelta(days=1):%Y%m%d}"
        if self.neo_rule is not None:
            fields |= {"enddate": ""} | self.neo_rule
        return fields

    def for_google(self) -> dict[str, Any]:
        """Return it as a Calendar API event resource."""
        event: dict[str, Any] = {"id": f"seed{self.number:06}"} | self._texts()
        if self.start is None:
            event["start"] = {"date": f"{self.first}"}
            event["end"] = {"date": f"{self.first + timedelta(days=self.days)}"}
        else:
            begin = self.start[0] * 60 + self.start[1]
            event["start"] = self._moment(begin)
            event["end"] = self._moment(begin + (self.minutes or 30))
        if self.access != "open":
            event["visibility"] = "private"
        if self.is_tentative:
            event["status"] = "tentative"
        if self.google_rule:
            event["recurrence"] = [f"RRULE:{self.google_rule}"]
        return event

    @property
    def sid(self) -> str:
        """Return the schedule's number in NEO."""
        return str(1000 + self.number)

    def neo_edits(self) -> list[NeoEdit]:
        """Return what became of the first date of some series in NEO: cancelled, or with another place."""
        if self.neo_rule is None or self.number % 3 == 0:
            return []
        changed = None if self.number % 3 == 1 else {"place": "変更: 小会議室", "detail": f"{self.title} (変更)"}
        return [NeoEdit(self.sid, self.first, changed)]

    def google_exceptions(self) -> list[dict[str, Any]]:
        """Return what became of the first date of some series on Google: cancelled, or an hour later."""
        if not self.google_rule or self.start is None or self.number % 3 == 0:
            return []
        begin = self.start[0] * 60 + self.start[1]
        original = self._moment(begin)
        utc = datetime.fromisoformat(original["dateTime"]).astimezone(UTC)
        exception: dict[str, Any] = {
            "id": f"seed{self.number:06}_{utc:%Y%m%dT%H%M%SZ}",
            "recurringEventId": f"seed{self.number:06}",
            "originalStartTime": original,
        }
        if self.number % 3 == 1:
            return [exception | {"status": "cancelled"}]
        later = {"start": self._moment(begin + 60), "end": self._moment(begin + 60 + (self.minutes or 30))}
        return [exception | self._texts() | later]

    def _texts(self) -> dict[str, Any]:
        texts = {"summary": self.title, "location": self.place, "description": self.memo}
        return {name: text for name, text in texts.items() if text}

    def _moment(self, minutes: int) -> dict[str, str]:
        day = self.first + timedelta(days=minutes // (24 * 60))
        return {"dateTime": f"{day}T{minutes // 60 % 24:02}:{minutes % 60:02}:00+09:00", "timeZone": ZONE}
