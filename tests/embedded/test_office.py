"""The office of `desksync demo` and of the stand-ins holds every kind of event that people have, on the side that can say it.

What is counted is what the stand-ins hold, by rules of its own: a kind that the office names and does not make is missed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from desksync_embedded.office_setup import start_google, start_neo
from desksync_sandbox.neo.schedule import Schedule
from desksync_sandbox.office import Office, make_office

TODAYS = (date(2026, 11, 25), date(2027, 1, 31), date(2028, 2, 29))
LONG = 300


@dataclass(frozen=True)
class Held:
    """What the stand-ins of one office hold: NEO's schedules, and by owner the resources on Google."""

    neo: list[Schedule]
    google: list[tuple[str, dict[str, Any]]]

    def exceptions(self) -> Iterator[tuple[Schedule, date, Schedule | None]]:
        return ((one, day, value) for one in self.neo for day, value in one.exceptions.items())

    def events(self) -> list[dict[str, Any]]:
        return [event for _, event in self.google if event["status"] != "cancelled"]

    def lines(self) -> list[str]:
        return [line for event in self.events() for line in event.get("recurrence", ())]


def held_by(office: Office, today: date) -> Held:
    moment = datetime(today.year, today.month, today.day, tzinfo=UTC)
    with start_google(office, lambda: moment) as google:
        events = [(one.email, event) for one in office.people for event in google.world.events(one.email)]
    neo = start_neo(office, lambda: moment)
    neo.stop()
    return Held(neo.world.shelf.all(), events)


@pytest.fixture(scope="module", params=TODAYS, ids=str)
def held(request: pytest.FixtureRequest) -> Held:
    return held_by(make_office(users=25, events=2000, seed=1, today=request.param), request.param)


def day_of(when: dict[str, Any]) -> str:
    return str(when.get("date") or when["dateTime"][:10])


def rules(text: str) -> Callable[[Held], int]:
    return lambda held: sum(text in line for line in held.lines())


def neo_rule(matches: Callable[[Schedule], bool]) -> Callable[[Held], int]:
    return lambda held: sum(one.rule is not None and matches(one) for one in held.neo)


def of_type(name: str) -> Callable[[Held], int]:
    return lambda held: sum(event["eventType"] == name for event in held.events())


def answered(answer: str) -> Callable[[Held], int]:
    """Count the invitations by somebody else that the owner of the calendar has answered so."""

    def count(held: Held) -> int:
        return sum(
            event["organizer"]["email"] != owner and {"email": owner, "responseStatus": answer}.items() <= guest.items()
            for owner, event in held.google
            for guest in event.get("attendees", ())
        )

    return count


def letter(one: Schedule) -> str:
    return one.rule.letter if one.rule is not None else ""


def everyweek(one: Schedule) -> str:
    return one.rule.everyweek if one.rule is not None and letter(one) == "m" else ""


KINDS: dict[str, Callable[[Held], int]] = {
    "Google: whole days": lambda held: sum("date" in event["start"] for event in held.events()),
    "Google: over midnight": lambda held: sum(day_of(one["start"]) < day_of(one["end"]) for one in held.events()),
    "Google: private": lambda held: sum(event.get("visibility") == "private" for event in held.events()),
    "Google: tentative": lambda held: sum(event["status"] == "tentative" for event in held.events()),
    "Google: a series without an end": lambda held: sum(
        line.startswith("RRULE") and "COUNT" not in line and "UNTIL" not in line for line in held.lines()
    ),
    "Google: the last weekday of a month": rules("BYDAY=-1FR"),
    "Google: a weekday by its position": rules("BYSETPOS=-1"),
    "Google: extra dates": rules("RDATE"),
    "Google: EXDATE": rules("EXDATE"),
    "Google: weeks from Sunday": rules("WKST=SU"),
    "Google: day 31": rules("BYMONTHDAY=31"),
    "Google: day 29": rules("BYMONTHDAY=29"),
    "Google: the fifth weekday": rules("BYDAY=5"),
    "Google: 29 February": lambda held: sum(
        day_of(event["start"]).endswith("-02-29") and "FREQ=YEARLY" in "".join(event.get("recurrence", ()))
        for event in held.events()
    ),
    "Google: the clock of another zone": lambda held: sum(
        event["start"].get("timeZone") == "America/New_York" for event in held.events() if "recurrence" in event
    ),
    "Google: this and following": lambda held: sum("_R" in event["id"] for event in held.events() if "recurrence" in event),
    "Google: a cancelled date": lambda held: sum(event["status"] == "cancelled" for _, event in held.google),
    "Google: a date moved to another day": lambda held: sum(
        day_of(event["start"]) != day_of(event["originalStartTime"]) for event in held.events() if "recurringEventId" in event
    ),
    "Google: guests": lambda held: sum(
        len(event.get("attendees", ())) > 1 and event["organizer"]["email"] == owner for owner, event in held.google
    ),
    "Google: an accepted invitation": answered("accepted"),
    "Google: a declined invitation": answered("declined"),
    "Google: focus time": of_type("focusTime"),
    "Google: out of office": of_type("outOfOffice"),
    "Google: a working place": of_type("workingLocation"),
    "Google: a birthday": of_type("birthday"),
    "Google: an event from mail": of_type("fromGmail"),
    "Google: a long title": lambda held: sum(len(event.get("summary", "")) > LONG for event in held.events()),
    "Google: a long description": lambda held: sum(len(event.get("description", "")) > 10 * LONG for event in held.events()),
    "NEO: whole days": lambda held: sum(not one.starttime for one in held.neo),
    "NEO: over midnight": lambda held: sum("0000" < one.endtime < one.starttime for one in held.neo),
    "NEO: an open end": lambda held: sum(bool(one.starttime) and not one.endtime for one in held.neo),
    "NEO: secret": lambda held: sum(one.level == "secret" for one in held.neo),
    "NEO: for some people only": lambda held: sum(one.level == "permission" for one in held.neo),
    "NEO: tentative": lambda held: sum(one.fields["reserve"] == "1" for one in held.neo),
    "NEO: irregular dates": neo_rule(lambda one: letter(one) == "r"),
    "NEO: until a date": neo_rule(lambda one: bool(one.rule and one.rule.until)),
    "NEO: the nth weekday": neo_rule(lambda one: everyweek(one) in {"1", "2", "3", "4"}),
    "NEO: the fifth weekday": neo_rule(lambda one: everyweek(one) == "5"),
    "NEO: the last weekday": neo_rule(lambda one: everyweek(one) not in {"", "1", "2", "3", "4", "5"}),
    "NEO: day 31": neo_rule(lambda one: letter(one) == "m" and not everyweek(one) and one.first.day == 31),
    "NEO: 29 February": neo_rule(lambda one: letter(one) == "y" and (one.first.month, one.first.day) == (2, 29)),
    "NEO: a cancelled date": lambda held: sum(value is None for _, _, value in held.exceptions()),
    "NEO: a changed date": lambda held: sum(value is not None and value.first == day for _, day, value in held.exceptions()),
    "NEO: a date moved to another day": lambda held: sum(
        value is not None and value.first != day for _, day, value in held.exceptions()
    ),
    "NEO: this and following, changed": lambda held: sum("後半" in one.fields["detail"] for one in held.neo),
    "NEO: this and following, deleted": lambda held: sum(
        one.fields["detail"] == "見学会" and one.rule is not None and one.rule.times == 4 for one in held.neo
    ),
    "NEO: all dates, one changed before": lambda held: sum(
        "(全社)" in one.fields["detail"] and any(value is not None and value.fields["place"] for value in one.exceptions.values())
        for one in held.neo
    ),
    "NEO: several people": lambda held: sum(len(one.registered) > 1 for one in held.neo),
    "NEO: somebody else's meeting, which only its creator may change": lambda held: sum(
        one.is_read_only and any(person != one.creator for person in one.registered) for one in held.neo
    ),
    "NEO: a long title": lambda held: sum(len(one.fields["detail"]) > LONG for one in held.neo),
    "NEO: a long memo": lambda held: sum(len(one.fields["memo"]) > 10 * LONG for one in held.neo),
}


def test_the_office_of_the_demo_holds_every_kind(held: Held) -> None:
    missing = [kind for kind, count in KINDS.items() if count(held) == 0]

    assert missing == []


def test_one_thing_is_in_both_calendars_from_the_beginning(held: Held) -> None:
    in_neo, on_google = {one.fields["detail"] for one in held.neo}, {event.get("summary") for event in held.events()}

    assert len(in_neo & on_google) > 0


def test_a_kind_that_is_not_there_is_missed() -> None:
    small = held_by(make_office(users=1, events=20, seed=1, today=TODAYS[0]), TODAYS[0])

    missing = [kind for kind, count in KINDS.items() if count(small) == 0]

    assert {"Google: a declined invitation", "NEO: the fifth weekday", "NEO: a date moved to another day"} <= set(missing)
