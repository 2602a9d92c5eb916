"""Compares what the two stand-ins hold for one person, occurrence by occurrence, by rules of its own.

Written apart from the program on purpose: it decides whether a trial was a success, and must not share a mistake with what
it judges.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_OPEN_END = timedelta(minutes=30)
_BLOCK = "―― NEO "
_NOTHING = {"", "--"}


@dataclass(frozen=True, slots=True, order=True)
class Appointment:
    """One occurrence, in the words that both sides share. Instants are UTC; whole days are dates, the end exclusive."""

    start: str
    end: str
    title: str
    place: str
    memo: str
    is_private: bool
    is_tentative: bool


def differences(
    neo: Iterable[Mapping[str, Any]], google: Iterable[Mapping[str, Any]], zone: ZoneInfo
) -> list[tuple[str, Appointment]]:
    """Return the appointments that only one side holds, with the side's name. Doubled ones count as often as they stand there.

    `neo` are items of `list_schedules`, `google` instances and single events of the Calendar API, both for the same days.
    """
    left = Counter(in_neo(item, zone) for item in neo)
    right = Counter(in_google(event) for event in google)
    return sorted([("neo", one) for one in (left - right).elements()] + [("google", one) for one in (right - left).elements()])


def may_travel(event: Mapping[str, Any], owner: str) -> bool:
    """Say whether an event is meant to be in NEO too: an ordinary one, which the owner of the calendar has not declined."""
    declined = (one["email"] for one in event.get("attendees", ()) if one.get("responseStatus") == "declined")
    return event.get("eventType", "default") == "default" and owner not in declined


def in_neo(item: Mapping[str, Any], zone: ZoneInfo) -> Appointment:
    """Return a list item of NEO as an appointment."""
    first, last = _date(item["startdate"]), _date(item["enddate"])
    if not item["starttime"]:
        start, end = first.isoformat(), (last + timedelta(days=1)).isoformat()
    else:
        begins = datetime.combine(first, _time(item["starttime"]), tzinfo=zone)
        if not item["endtime"]:
            ends = begins + _OPEN_END
        else:
            ends = datetime.combine(last, _time(item["endtime"]), tzinfo=zone)
            if ends < begins:
                ends = datetime.combine(last + timedelta(days=1), _time(item["endtime"]), tzinfo=zone)
        start, end = _instant(begins), _instant(ends)
    places = list(dict.fromkeys(text for text in (item["place"], item["other"]) if text not in _NOTHING))
    return Appointment(
        start=start,
        end=end,
        title=": ".join(text for text in (item["event"], item["detail"]) if text not in _NOTHING).strip(),
        place=" ".join(places).strip(),
        memo=item["memo"].replace("\r\n", "\n").strip(),
        is_private=item["public_level"] in {"secret", "permission"},
        is_tentative=item["reserve"] == "1",
    )


def in_google(event: Mapping[str, Any]) -> Appointment:
    """Return an event of Google as an appointment; the block of participants below the description is not part of it."""
    description = event.get("description", "")
    return Appointment(
        start=_moment(event["start"]),
        end=_moment(event["end"]),
        title=event.get("summary", "").strip(),
        place=event.get("location", "").strip(),
        memo=description.split(_BLOCK)[0].replace("\r\n", "\n").strip(),
        is_private=event.get("visibility") in {"private", "confidential"},
        is_tentative=event.get("status") == "tentative",
    )


def _moment(edge: Mapping[str, str]) -> str:
    if "date" in edge:
        return edge["date"]
    moment = datetime.fromisoformat(edge["dateTime"])
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(edge["timeZone"]))
    return _instant(moment)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _date(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()


def _time(text: str) -> time:
    return time(int(text[:2]), int(text[2:]))
