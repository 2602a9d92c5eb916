"""Judges one HTTP answer of NEO: its body, or one of the four error kinds. Knows no call."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import httpx

from desksync.worker.errors import Reason, RetryLater, SideUnreadable, UserMustAct
from desksync_neo_worker.untranslatable import Strange
from desksync_neo_worker.values import text
from desksync_neo_worker.wire import ErrorNumber, Http, Key, Status

_LONGEST_TEXT: Final = 300
_LONGEST_PAUSE: Final = timedelta(hours=1)
_MOST_DIGITS: Final = 9
_SERVER_FAULTS: Final = range(500, 600)


class Refused(Exception):
    """NEO answered `"status": "ng"`. `number` is its error number, 0 where it sent none; `str()` is its text."""

    def __init__(self, number: int, said: str) -> None:
        super().__init__(f"NEO answered {said or 'with an error'} ({number}).")
        self.number = number

    @property
    def is_no_data(self) -> bool:
        """Say whether there is simply nothing there."""
        return self.number == ErrorNumber.NO_DATA

    @property
    def is_no_right(self) -> bool:
        """Say whether the key's user lacks a right."""
        return self.number == ErrorNumber.NO_RIGHT


def opened(response: httpx.Response) -> Mapping[str, Any]:
    """Return the JSON object of a successful answer.

    Raises `Refused` for NEO's own refusal, and `SideUnreadable` for everything that is no answer of the program at all. NEO
    answers 200 even where it refuses (NEO common API).
    """
    body = _json_object(response.content)
    match body.get(Key.STATUS):
        case Status.OK:
            return body
        case Status.FAILED:
            raise Refused(_number(body), _said(body))
        case _:
            raise SideUnreadable("NEO answered JSON that does not say whether the call succeeded; is NEO_BASE_URL right?")


def answered(response: httpx.Response) -> httpx.Response:
    """Return the response, if its status says that the program answered.

    Raises `UserMustAct`, `RetryLater` or `SideUnreadable` otherwise.
    """
    status = response.status_code
    if status in {Http.KEY_UNKNOWN, Http.KEY_FORBIDDEN}:
        raise UserMustAct(
            Reason.KEY_REFUSED,
            f"NEO refused the access key (HTTP {status}). Issue a new key (アクセスキー設定) and enter it,"
            " and see that the use of keys is allowed from this address.",
        )
    if status == Http.BUSY:
        raise RetryLater("NEO is busy (HTTP 429).", after=_asked_pause(response.headers.get("retry-after", "")), is_fault=False)
    if status in _SERVER_FAULTS:
        raise RetryLater(f"NEO Server Error (HTTP {status}).")
    if status != httpx.codes.OK:
        raise SideUnreadable(f"NEO answered HTTP {status} instead of a calendar; is NEO_BASE_URL right?")
    return response


def _asked_pause(retry_after: str) -> timedelta:
    """Return the wait that NEO asks for. It is not known to say (NEO common API), and then refuses for about ten seconds."""
    asked = retry_after.strip()
    if not asked.isdecimal():
        return timedelta(seconds=int(Http.BUSY_SECONDS))
    return min(timedelta(seconds=int(asked[:_MOST_DIGITS])), _LONGEST_PAUSE)


def _json_object(content: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise SideUnreadable("NEO answered a page or half an answer instead of JSON: maintenance, or a login page.") from error
    if not isinstance(body, Mapping):
        raise SideUnreadable("NEO answered JSON that is no object; is NEO_BASE_URL right?")
    return body


def _number(body: Mapping[str, Any]) -> int:
    try:
        return int(text(body, Key.ERROR_NUMBER))
    except ValueError:  # Strange is one, too.
        return 0


def _said(body: Mapping[str, Any]) -> str:
    parts = []
    for key in (Key.ERROR_TEXT, Key.ERROR_DETAIL):
        try:
            parts.append(text(body, key).strip())
        except Strange:
            continue  # An odd explanation is left out; the number still tells.
    return " ".join(part for part in parts if part)[:_LONGEST_TEXT]
