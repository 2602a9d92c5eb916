"""Builders of Google event resources as the API sends them."""

from typing import Any


def an_item(event_id: str = "abc12", **fields: Any) -> dict[str, Any]:
    """Return a timed event on a Monday from 10 to 11 in Tokyo; a field given as `None` is left out."""
    item: dict[str, Any] = {
        "kind": "calendar#event",
        "id": event_id,
        "etag": '"1"',
        "status": "confirmed",
        "summary": "Stand-up",
        "organizer": {"email": "taro@x.example", "self": True},
        "start": {"dateTime": "2026-11-23T10:00:00+09:00", "timeZone": "Asia/Tokyo"},
        "end": {"dateTime": "2026-11-23T11:00:00+09:00", "timeZone": "Asia/Tokyo"},
        "iCalUID": f"{event_id}@google.com",
        "eventType": "default",
    }
    return {name: value for name, value in (item | fields).items() if value is not None}


def an_occurrence(series_id: str = "abc12", stamp: str = "20261130T010000Z", **fields: Any) -> dict[str, Any]:
    """Return an occurrence of a weekly series, an hour later than the rule says."""
    return an_item(
        f"{series_id}_{stamp}",
        **{
            "recurringEventId": series_id,
            "originalStartTime": {"dateTime": "2026-11-30T10:00:00+09:00", "timeZone": "Asia/Tokyo"},
            "start": {"dateTime": "2026-11-30T11:00:00+09:00", "timeZone": "Asia/Tokyo"},
            "end": {"dateTime": "2026-11-30T12:00:00+09:00", "timeZone": "Asia/Tokyo"},
        }
        | fields,
    )


def a_cancelled_occurrence(series_id: str = "abc12", stamp: str = "20261130T010000Z") -> dict[str, Any]:
    """Return a cancelled occurrence with nothing but what Google guarantees."""
    return {
        "kind": "calendar#event",
        "id": f"{series_id}_{stamp}",
        "status": "cancelled",
        "recurringEventId": series_id,
        "originalStartTime": {"dateTime": "2026-11-30T10:00:00+09:00", "timeZone": "Asia/Tokyo"},
    }
