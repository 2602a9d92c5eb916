from datetime import date, datetime
from typing import Any

import pytest

from desksync.sync.event import first_day
from desksync.sync.reading import Unread
from desksync_google_worker.reading import Viewer, collected, occurrence_of
from tests.builders import TOKYO
from tests.google_worker.items import a_cancelled_occurrence, an_item, an_occurrence

VIEWER = Viewer(TOKYO, "taro@x.example", "owner")
DECLINED = [{"email": "boss@x.example", "responseStatus": "accepted"}, {"self": True, "responseStatus": "declined"}]


def test_an_ordinary_event_is_an_event() -> None:
    found = collected([an_item()], VIEWER)

    assert [stored.id for stored in found.events] == ["abc12"]
    assert (found.occurrences, found.odd, found.gone) == ([], [], set())


def test_a_cancelled_event_is_gone() -> None:
    found = collected([{"id": "abc12", "status": "cancelled"}], VIEWER)

    assert (found.gone, found.events) == ({"abc12"}, [])


def test_a_cancelled_occurrence_says_its_original_date() -> None:
    found = collected([an_item(recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"]), a_cancelled_occurrence()], VIEWER)

    assert [(one.series_id, one.original.isoformat(), one.stored) for one in found.occurrences] == [("abc12", "2026-11-30", None)]
    assert "abc12" not in found.gone


def test_a_changed_occurrence_keeps_its_own_values() -> None:
    found = collected([an_occurrence(summary="Moved")], VIEWER)

    stored = found.occurrences[0].stored
    assert stored is not None
    assert (stored.id, stored.event.title, stored.event.repeat) == ("abc12_20261130T010000Z", "Moved", None)
    assert first_day(stored.event.when) == found.occurrences[0].original


def test_an_occurrence_whose_series_is_here_is_no_event_of_its_own() -> None:
    alone = collected([an_occurrence()], VIEWER)
    together = collected([an_occurrence(), an_item(recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"])], VIEWER)

    assert not alone.gone
    assert together.gone == {"abc12_20261130T010000Z"}


@pytest.mark.parametrize("kind", ["focusTime", "outOfOffice", "workingLocation", "birthday", "fromGmail", "some day new"])
def test_other_kinds_of_event_are_not_even_odd(kind: str) -> None:
    found = collected([an_item(eventType=kind), an_occurrence(eventType=kind)], VIEWER)

    assert found.is_empty


def test_a_declined_invitation_is_not_there() -> None:
    found = collected([an_item(attendees=DECLINED)], VIEWER)

    assert (found.events, found.gone) == ([], {"abc12"})


def test_a_declined_date_of_a_series_is_a_cancelled_one() -> None:
    found = collected([an_occurrence(attendees=DECLINED)], VIEWER)

    assert [one.stored for one in found.occurrences] == [None]


@pytest.mark.parametrize(
    "attendees", ["all", [7, {"self": True, "responseStatus": "accepted"}], [{"responseStatus": "declined"}]]
)
def test_only_the_own_answer_counts(attendees: Any) -> None:
    assert len(collected([an_item(attendees=attendees)], VIEWER).events) == 1


def test_one_item_that_makes_no_sense_is_odd_and_harms_no_other() -> None:
    found = collected([an_item("odd01", start=None), an_item("odd02", recurringEventId=7), an_item()], VIEWER)

    assert [odd.id for odd in found.odd] == ["odd01", "odd02"]
    assert len(found.events) == 1
    assert not found.is_empty


@pytest.mark.parametrize(
    ("fields", "unread"),
    [
        ({"start": None}, [Unread("abc12", date(2026, 11, 30), datetime(2026, 11, 30, 10, tzinfo=TOKYO))]),
        ({"start": None, "originalStartTime": {"date": "2026-11-30"}}, [Unread("abc12", date(2026, 11, 30))]),
        ({"originalStartTime": {"date": "soon"}}, [Unread("abc12")]),
        ({"originalStartTime": {"date": "0500-11-30"}}, [Unread("abc12")]),
        ({"recurringEventId": 7}, []),
    ],
)
def test_of_an_occurrence_that_makes_no_sense_its_series_and_date_are_told_where_they_can_be(
    fields: dict[str, Any], unread: list[Unread]
) -> None:
    found = collected([an_occurrence(**fields)], VIEWER)

    assert [odd.id for odd in found.odd] == ["abc12_20261130T010000Z"]
    assert found.unread == unread


def test_a_cancelled_occurrence_without_its_original_date_is_odd() -> None:
    found = collected([{"id": "abc12_x", "status": "cancelled", "recurringEventId": "abc12"}], VIEWER)

    assert [odd.id for odd in found.odd] == ["abc12_x"]


@pytest.mark.parametrize(("role", "is_editable"), [("owner", True), ("writer", True), ("", True), ("reader", False)])
def test_readers_may_not_change_events(role: str, is_editable: bool) -> None:  # noqa: FBT001 - a table
    found = collected([an_item()], Viewer(TOKYO, "taro@x.example", role))

    assert found.events[0].is_editable is is_editable


@pytest.mark.parametrize("role", ["reader", "writerWithoutPrivateAccess"])
def test_a_private_event_whose_details_are_hidden_is_odd(role: str) -> None:
    hidden = an_item(summary=None, visibility="private")

    assert collected([hidden], Viewer(TOKYO, "taro@x.example", role)).odd
    assert collected([hidden], VIEWER).events
    assert collected([an_item(visibility="private")], Viewer(TOKYO, "taro@x.example", role)).events
    assert collected([an_item(summary=None)], Viewer(TOKYO, "taro@x.example", role)).events


def test_an_occurrence_of_another_kind_is_like_a_cancelled_one() -> None:
    assert occurrence_of(an_occurrence(eventType="focusTime"), VIEWER).stored is None
