"""Reads the parameters of a call. Knows their notation (`YYYYMMDD`, `HHMM`, repeated names), not what they are for."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl

from desksync_sandbox.neo.errors import Invented, Refused

_DATE = re.compile(r"[0-9]{8}")
_TIME = re.compile(r"([01][0-9]|2[0-3])[0-5][0-9]")
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2099, 12, 31)
_HIDDEN = ("access_key", "password")


@dataclass(frozen=True, slots=True)
class Posted:
    """The parameters of one call, in their order. A name that was sent empty is there with an empty value."""

    values: Mapping[str, tuple[str, ...]]

    def has(self, name: str) -> bool:
        """Say whether the name was sent, even if empty."""
        return name in self.values

    def text(self, name: str) -> str:
        """Return the first value, empty where the name was not sent."""
        return self.values.get(name, ("",))[0]

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value that is not empty, each once."""
        return tuple(dict.fromkeys(value for value in self.values.get(name, ()) if value))

    def needed(self, name: str) -> str:
        """Return the value, or refuse the call."""
        if not self.text(name):
            raise Refused(Invented.MISSING, "必須のパラメータが指定されていません。", name)
        return self.text(name)

    def day(self, name: str) -> date | None:
        """Return the date, `None` where it was not sent or empty."""
        return day_of(self.text(name), name) if self.text(name) else None

    def days(self, name: str) -> tuple[date, ...]:
        """Return the dates of a repeated name, in the order of time."""
        return tuple(sorted({day_of(value, name) for value in self.all(name)}))

    def time(self, name: str) -> str:
        """Return `HHMM`, or empty for no time."""
        value = self.text(name)
        if value and not _TIME.fullmatch(value):
            raise Refused(Invented.BAD_TIME, "時刻の形式が正しくありません(HHMM)。", name)
        return value

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """Return the number, the default where it was not sent or empty."""
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
            raise Refused(Invented.BAD_NUMBER, f"{least}から{most}までの数値を指定してください。", name)
        return int(value)

    def choice(self, name: str, choices: Iterable[str], default: str) -> str:
        """Return one of the choices, the default where it was not sent or empty."""
        value = self.text(name) or default
        allowed = tuple(choices)
        if value not in allowed:
            raise Refused(Invented.BAD_CHOICE, f"次のいずれかを指定してください: {' '.join(allowed)}", name)
        return value

    def without(self, *names: str) -> "Posted":
        """Return the same without some names."""
        return Posted({name: values for name, values in self.values.items() if name not in names})

    def shown(self) -> dict[str, str]:
        """Return what may stand in a request log: everything but keys and passwords."""
        return {name: ",".join(values) for name, values in self.values.items() if name not in _HIDDEN}


def posted(values: Mapping[str, str | Iterable[str]]) -> Posted:
    """Make parameters from Python values; a list stands for a repeated name."""
    return Posted({name: (value,) if isinstance(value, str) else tuple(value) for name, value in values.items()})


def parsed(*encoded: bytes) -> Posted:
    """Read `key=value&...` as UTF-8; what comes first wins where one value is asked for."""
    found: dict[str, list[str]] = {}
    try:
        for part in encoded:
            for name, value in parse_qsl(part.decode("ascii"), keep_blank_values=True, errors="strict"):
                found.setdefault(name, []).append(value)
    except UnicodeDecodeError as error:
        raise Refused(Invented.NOT_UTF8, "文字コードはUTF-8で指定してください。") from error
    return Posted({name: tuple(values) for name, values in found.items()})


def day_of(value: str, name: str) -> date:
    """Read `YYYYMMDD`, or refuse the call for the sake of that parameter."""
    try:
        day = date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        raise Refused(Invented.BAD_DATE, "日付の形式が正しくありません(YYYYMMDD)。", name)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Refused(Invented.BAD_DATE, f"日付は{FIRST_DAY.year}年から{LAST_DAY.year}年までです。", name)
    return day


def written(day: date) -> str:
    """Write `YYYYMMDD`."""
    return f"{day.year:04}{day.month:02}{day.day:02}"
