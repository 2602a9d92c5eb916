"""Builders of NEO records, as its list and its single answer send them."""

from typing import Any

from desksync_neo_worker.mapping import Eyes
from tests.builders import TOKYO

OWN = "84"
EYES = Eyes(OWN, TOKYO)


def a_record(sid: object = "501", **fields: Any) -> dict[str, Any]:
    """Return a plain event on a Monday from 10 to 11; a field given as `...` is left out."""
    record: dict[str, Any] = {
        "sid": sid,
        "seldate": "20261123",
        "startdate": "20261123",
        "enddate": "20261123",
        "starttime": "1000",
        "endtime": "1100",
        "event": "",
        "detail": "朝会",
        "place": "",
        "other": "",
        "memo": "",
        "reserve": "",
        "public_level": "open",
        "repeat": "",
        "otherto": {"item": {"id": OWN, "name": "佐藤 健一"}},
        "plant": {},
        "accessopen": "1",
        "accessmod": "1",
        "accessdel": "1",
    }
    return {name: value for name, value in (record | fields).items() if value is not ...}


def a_series_record(sid: str = "501", **fields: Any) -> dict[str, Any]:
    """Return the record of a weekly series on five Mondays."""
    rule = {"repeat": "w", "interval": "1", "everyweek": "", "everyweekday": "1000000", "rependtimes": "5", "enddate": "20261221"}
    return a_record(sid, **(rule | fields))


def a_masked_record(sid: str = "501", **fields: Any) -> dict[str, Any]:
    """Return an event of which only the time is visible."""
    empty = dict.fromkeys(("detail", "public_level", "accessopen", "accessmod", "accessdel"), "")
    return a_record(sid, **({**empty, "otherto": {}} | fields))
