"""Checks answers against Google's own description of its API, as google-api-python-client ships it."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient

_ENUMS = {
    ("Event", "status"): {"confirmed", "tentative", "cancelled"},
    ("Event", "visibility"): {"default", "public", "private", "confidential"},
    ("Event", "transparency"): {"opaque", "transparent"},
    ("Event", "eventType"): {"birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation"},
    ("EventAttendee", "responseStatus"): {"needsAction", "declined", "tentative", "accepted"},
    ("Events", "accessRole"): {"none", "freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner"},
    ("CalendarListEntry", "accessRole"): {"freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner"},
}
"""Values that the description lists in words only."""
_ALWAYS = {
    "Event": {"kind", "etag", "id", "status"},
    "Events": {"kind", "etag", "summary", "updated", "timeZone", "accessRole", "defaultReminders", "items"},
    "CalendarListEntry": {"kind", "etag", "id", "summary", "timeZone", "accessRole"},
    "Calendar": {"kind", "etag", "id", "summary", "timeZone"},
}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "array": list,
}
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@cache
def description() -> dict[str, Any]:
    """Return the discovery document."""
    folder = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
    found: dict[str, Any] = json.loads((folder / "calendar.v3.json").read_text())
    return found


def methods() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every method with its name, such as `events.list`."""
    for resource, held in description()["resources"].items():
        for name, method in held["methods"].items():
            yield f"{resource}.{name}", method


def method_of(verb: str, path: str) -> dict[str, Any] | None:
    """Return the method that a request to this path below `/calendar/v3/` calls."""
    for _name, method in methods():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", method["path"])
        if method["httpMethod"] == verb and re.fullmatch(pattern, path):
            return method
    return None


def problems(value: Any, schema: str, where: str = "") -> list[str]:
    """Return what is wrong with an answer that should follow the schema."""
    return list(_object(value, description()["schemas"][schema], schema, where or schema))


def error_problems(value: Any, status: int) -> list[str]:
    """Return what is wrong with the body of an error."""
    match value:
        case {"error": {"code": int(code), "message": str(), "errors": [*errors]}} if errors:
            wrong = [] if code == status else [f"code {code} in an answer {status}"]
            return wrong + [f"incomplete error {error}" for error in errors if not {"domain", "reason", "message"} <= set(error)]
        case _:
            return [f"no error body: {value!r}"]


def _any(value: Any, schema: dict[str, Any], owner: str, where: str) -> Iterator[str]:
    if "$ref" in schema:
        yield from _object(value, description()["schemas"][schema["$ref"]], schema["$ref"], where)
        return
    kind = schema.get("type", "any")
    if kind == "any":
        return
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{where}: {value!r} is no {kind}"
        return
    held: Any = value
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    if kind == "array":
        for number, item in enumerate(held):
            yield from _any(item, schema["items"], owner, f"{where}[{number}]")
    elif kind == "object":
        yield from _object(value, schema, "", where)
    elif kind == "string":
        yield from _format(held, schema.get("format"), where)


def _object(value: Any, schema: dict[str, Any], name: str, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {value!r} is no object"
        return
    yield from (f"{where}.{missing} is missing" for missing in sorted(_ALWAYS.get(name, set()) - set(value)))
    known = schema.get("properties", {})
    for key, held in value.items():
        inner = known.get(key) or schema.get("additionalProperties")
        if inner is None:
            yield f"{where}.{key} is not known"
            continue
        yield from _any(held, inner, name, f"{where}.{key}")
        if (name, key) in _ENUMS and held not in _ENUMS[name, key]:
            yield f"{where}.{key}: {held!r} is none of the values in the description"
        if key == "kind" and "default" in inner and held != inner.get("default"):
            yield f"{where}.kind: {held!r} should be {inner.get('default')!r}"


def _format(value: str, wanted: str | None, where: str) -> Iterator[str]:
    try:
        match wanted:
            case "date-time":
                if not _RFC3339.fullmatch(value):
                    yield f"{where}: {value!r} is no RFC 3339 time"
                    return
                datetime.fromisoformat(value)
            case "date":
                date.fromisoformat(value)
            case "int64":
                int(value)
    except ValueError:
        yield f"{where}: {value!r} is no {wanted}"
