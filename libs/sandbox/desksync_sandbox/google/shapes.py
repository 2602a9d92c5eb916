"""Which JSON types an event may be sent with. What is unknown is ignored; a wrong type is a parse error."""

from typing import Any

from desksync_sandbox.google.errors import bad_request

Shape = Any
"""A type; a list with the shape of its items; or the shapes of an object's fields, with `*` for any name."""

_WHEN = {"date": str, "dateTime": str, "timeZone": str}
_PERSON = {"id": str, "email": str, "displayName": str, "self": bool}
_DECLINING = {"autoDeclineMode": str, "declineMessage": str}
EVENT: Shape = {
    "anyoneCanAddSelf": bool,
    "attachments": [{"fileId": str, "fileUrl": str, "iconLink": str, "mimeType": str, "title": str}],
    "attendees": [
        {
            **_PERSON,
            "additionalGuests": int,
            "comment": str,
            "optional": bool,
            "organizer": bool,
            "resource": bool,
            "responseStatus": str,
        }
    ],
    "attendeesOmitted": bool,
    "birthdayProperties": {"contact": str, "customTypeName": str, "type": str},
    "colorId": str,
    "conferenceData": {"conferenceId": str, "notes": str, "signature": str},
    "creator": _PERSON,
    "description": str,
    "end": _WHEN,
    "eventLabelId": str,
    "eventType": str,
    "extendedProperties": {"private": {"*": str}, "shared": {"*": str}},
    "focusTimeProperties": {**_DECLINING, "chatStatus": str},
    "guestsCanInviteOthers": bool,
    "guestsCanModify": bool,
    "guestsCanSeeOtherGuests": bool,
    "hangoutLink": str,
    "iCalUID": str,
    "id": str,
    "location": str,
    "locked": bool,
    "organizer": _PERSON,
    "originalStartTime": _WHEN,
    "outOfOfficeProperties": _DECLINING,
    "recurrence": [str],
    "recurringEventId": str,
    "reminders": {"useDefault": bool, "overrides": [{"method": str, "minutes": int}]},
    "sequence": int,
    "source": {"title": str, "url": str},
    "start": _WHEN,
    "status": str,
    "summary": str,
    "transparency": str,
    "visibility": str,
    "workingLocationProperties": {
        "type": str,
        "homeOffice": {},
        "customLocation": {"label": str},
        "officeLocation": {"buildingId": str, "deskId": str, "floorId": str, "floorSectionId": str, "label": str},
    },
}
"""What the stand-in keeps of an event."""
BY_HAND = frozenset(
    {
        "attachments",
        "attendeesOmitted",
        "conferenceData",
        "creator",
        "eventLabelId",
        "hangoutLink",
        "locked",
        "organizer",
    }
)
"""Fields that the API keeps to itself, or opens by a query parameter; seeds and Google's own pages set them."""
WRITABLE = frozenset(EVENT) - BY_HAND - {"iCalUID", "id", "originalStartTime", "recurringEventId"}
"""Fields that a client may always write; others are silently ignored."""


def shaped(value: Any, shape: Shape) -> Any:
    """Return what is known of a value; `null` stands for itself. Raises `GoogleError` (400) for a wrong type."""
    if value is None:
        return None
    match shape:
        case [item]:
            if not isinstance(value, list) or any(one is None for one in value):
                raise bad_request("Parse Error")
            return [shaped(one, item) for one in value]
        case {"*": held}:
            if not isinstance(value, dict):
                raise bad_request("Parse Error")
            return {name: shaped(one, held) for name, one in value.items()}
        case dict():
            if not isinstance(value, dict):
                raise bad_request("Parse Error")
            return {name: shaped(one, shape[name]) for name, one in value.items() if name in shape}
        case _:
            if type(value) is not shape:
                raise bad_request("Parse Error")
            return value
