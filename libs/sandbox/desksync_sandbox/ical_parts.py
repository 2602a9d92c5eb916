"""Takes an iCalendar file apart into its entries, each with the lines that count, so that none can harm another.

A file is not read as a whole: one broken alarm, zone or line would make all of it unreadable. Of an entry is kept what becomes
part of an event; its alarms, guests and attachments may be as odd as they like. Knows no events.
"""

import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from icalendar import Component

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LINE_END = re.compile(r"\r\n|\r|\n")
_NAME = re.compile(r"[A-Za-z0-9-]+(?=[;:])")
_CALENDAR, _ZONE = "VCALENDAR", "VTIMEZONE"
_ENTRIES = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", _ZONE})
"""What never stands inside another entry: where it does, the end of that one is missing."""
_OF_A_ZONE = frozenset({"TZID", "X-LIC-LOCATION", "TZOFFSETTO"})
_OF_AN_EVENT = frozenset(
    {"UID", "SUMMARY", "LOCATION", "DESCRIPTION", "STATUS", "TRANSP", "CLASS"}
    | {"DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "EXDATE", "RDATE", "RECURRENCE-ID"}
)
_ODD = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, OSError)
"""What the library raises for odd lines; `OSError` for names of zones that are no names of files, or those of folders."""
_BEGIN, _END = "BEGIN:X-ENTRY", "END:X-ENTRY"
"""Under a name that the library does not know it reads lines only, and does not make a zone of them that may be broken."""


class NotACalendar(ValueError):
    """The file is no iCalendar file at all; `str()` says why and what to do."""


class Unreadable(Exception):
    """Something of one entry makes no sense; `str()` says what, without quoting the entry's texts."""


@dataclass
class Entry:
    """What stands between a BEGIN and its END. Without that it was cut off."""

    name: str
    lines: list[str] = field(default_factory=list)
    has_end: bool = False

    def component(self) -> Component:
        """Return it as the library reads it. Raises `Unreadable`."""
        if not self.has_end:
            raise Unreadable("its end is missing")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # It warns of zones that it guesses; `Zones` decides that.
                return Component.from_ical("\r\n".join([_BEGIN, *self.lines, _END, ""]))
        except _ODD as error:
            raise Unreadable("one of its dates or rules cannot be read") from error


@dataclass
class Part:
    """One calendar of a file: its zones, the zone that it names for itself, and its entries in their order."""

    zones: list[Entry] = field(default_factory=list)
    zone_name: str = ""
    entries: list[Entry] = field(default_factory=list)


def is_ical(content: bytes) -> bool:
    """Say whether a file begins as an iCalendar file does."""
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
    return content[:200].decode(encoding, "replace").lstrip().upper().startswith("BEGIN:VCALENDAR")


def parts_of(content: bytes) -> list[Part]:
    """Return the calendars of a file. Raises `NotACalendar`."""
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotACalendar("The file is not written in UTF-8. Save it as UTF-8 and try again.") from error
    if not text.strip():
        raise NotACalendar("The file is empty.")
    found = _taken_apart(_unfolded(text))
    if not found:
        raise NotACalendar("The file is no iCalendar file: it has no line BEGIN:VCALENDAR.")
    return found


def _unfolded(text: str) -> Iterator[str]:
    whole: list[str] = []
    for line in _LINE_END.split(text):
        if line[:1] in {" ", "\t"} and whole:
            whole.append(line[1:])
            continue
        yield "".join(whole)
        whole = [line]
    yield "".join(whole)


def _taken_apart(lines: Iterable[str]) -> list[Part]:
    parts: list[Part] = []
    entry: Entry | None = None
    inner: list[str] = []
    for line in lines:
        match _mark(line):
            case "BEGIN", name if name == _CALENDAR:
                parts.append(Part())
                entry = None
            case "BEGIN", name if parts and (entry is None or name in _ENTRIES):
                entry, inner = Entry(name), []
                (parts[-1].zones if name == _ZONE else parts[-1].entries).append(entry)
            case "BEGIN", name:
                inner.append(name)
            case "END", name if name in inner:
                del inner[inner.index(name) :]
            case "END", name if entry is not None and name in {entry.name, _CALENDAR}:
                entry.has_end = name == entry.name
                entry = None
            case "X-WR-TIMEZONE", name if parts and entry is None:
                parts[-1].zone_name = parts[-1].zone_name or line.partition(":")[2].strip()
            case _:
                _keep(entry, line, inner)
    return parts


def _mark(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().upper(), value.strip().upper()


def _keep(entry: Entry | None, line: str, inner: list[str]) -> None:
    """Keep a line where it counts: of an event its own ones, of a zone those of its observances too."""
    found = _NAME.match(line)
    if entry is None or found is None:
        return
    name = found[0].upper()
    if name in _OF_A_ZONE if entry.name == _ZONE else (name in _OF_AN_EVENT and not inner):
        entry.lines.append(line)
