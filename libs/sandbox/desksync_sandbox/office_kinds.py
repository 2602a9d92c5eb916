"""What a real office has and a drawn one would lack: guests, answers, other types of events, long texts, others' meetings.

Each kind has a name, so that a test can say which one an office has not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from desksync_sandbox.office_series import Kind, a_schedule, an_event, kinds_of_series

_GUEST = "guest@example.com"
_ORGANIZER = "organizer@example.com"


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose calendars a kind is put into, and who else is there in NEO."""

    neo_user_id: str
    email: str
    colleague_id: str


def kinds_for(seat: Seat, today: date) -> tuple[Kind, ...]:
    """Return one of each kind, with the seat's people in it."""
    return (*kinds_of_series(today), *_with_others(seat, today), *_other_types(today), _long_texts(today))


def _with_others(seat: Seat, today: date) -> Iterator[Kind]:
    day = today + timedelta(days=3)
    here = {"email": seat.email}
    invited = {"organizer": {"email": _ORGANIZER}}
    yield Kind(
        "guests",
        google=(an_event("people1", "お客様との打合せ", day, 10) | _guests(here | {"responseStatus": "accepted"}),),
        neo=(a_schedule("合同打合せ", day, 11, otherto=[seat.neo_user_id, seat.colleague_id]),),
    )
    yield Kind(
        "an invitation that was accepted",
        google=(an_event("people2", "取引先の説明会", day, 13) | invited | _guests(here | {"responseStatus": "accepted"}),),
    )
    yield Kind(
        "an invitation that was declined",
        google=(an_event("people3", "懇親会のお誘い", day, 19) | invited | _guests(here | {"responseStatus": "declined"}),),
    )
    yield Kind(
        "somebody else's meeting in NEO",
        neo=(
            a_schedule(
                "部長会議", day, 15, otherto=[seat.colleague_id, seat.neo_user_id], creator=seat.colleague_id, readonly=True
            ),
        ),
    )


def _other_types(today: date) -> Iterator[Kind]:
    day = today + timedelta(days=4)
    whole = {"start": {"date": f"{day}"}, "end": {"date": f"{day + timedelta(days=1)}"}}
    place = {
        "workingLocationProperties": {"type": "homeOffice", "homeOffice": {}},
        "visibility": "public",
        "transparency": "transparent",
    }
    yield Kind("focus time", google=(an_event("type1", "集中作業", day, 9) | {"eventType": "focusTime"},))
    yield Kind("out of office", google=(an_event("type2", "不在", day, 14) | {"eventType": "outOfOffice"},))
    yield Kind("a working place", google=({"id": "type3", "summary": "自宅", "eventType": "workingLocation"} | whole | place,))
    yearly = {"recurrence": ["RRULE:FREQ=YEARLY"], "visibility": "private", "transparency": "transparent"}
    yield Kind("a birthday", google=({"id": "type4", "summary": "誕生日", "eventType": "birthday"} | whole | yearly,))
    yield Kind("an event from mail", google=(an_event("type5", "羽田 → 新千歳", day, 7) | {"eventType": "fromGmail"},))


def _long_texts(today: date) -> Kind:
    day = today + timedelta(days=5)
    title = "全社キックオフ「" + "、".join(f"議題{number}" for number in range(1, 100)) + "」"
    memo = "\n".join(f"{number}. 資料の第{number}章を読み、気づいた点を書き込んでおくこと。" for number in range(1, 120))
    texts: dict[str, Any] = {"location": "本社 5階 大会議室、" * 12 + "受付", "description": memo}
    return Kind(
        "long texts",
        google=(an_event("long1", title, day, 10) | texts,),
        neo=(a_schedule(f"{title} (部門別)", day, 13, place="横浜支店 3階 研修室、" * 12 + "受付", memo=memo),),
    )


def _guests(own: dict[str, str]) -> dict[str, Any]:
    return {"attendees": [own, {"email": _GUEST, "displayName": "来客 一郎", "responseStatus": "needsAction"}]}
