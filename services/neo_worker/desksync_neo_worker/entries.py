"""Sorts the entries of NEO's list: plain events, occurrences of series, and what is odd. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from desksync.sync.event import Event
from desksync.sync.reading import Odd
from desksync_neo_worker.mapping import Extra, Eyes, is_editable, is_masked, read_event, read_extra
from desksync_neo_worker.recurrence import letter_of
from desksync_neo_worker.untranslatable import Strange
from desksync_neo_worker.values import Record, day, text
from desksync_neo_worker.wire import Field

MASKED: Final = "Only its time is visible in NEO (閲覧権限), so it is not copied."
UNNAMED: Final = Odd("?", "An entry of NEO's list has no ID. Nothing is taken for deleted while that is so.")


@dataclass(frozen=True, slots=True)
class Single:
    """A plain event of the list."""

    event: Event
    extra: Extra
    is_editable: bool


@dataclass(frozen=True, slots=True)
class Entries:
    """What a list holds, by ID. `occurrences` are the entries of series.

    `alone` are the entries of the plain events: one may be a changed occurrence that has lost the letter of its series.
    """

    singles: dict[str, Single] = field(default_factory=dict)
    alone: dict[str, Record] = field(default_factory=dict)
    occurrences: dict[str, tuple[Record, ...]] = field(default_factory=dict)
    odd: dict[str, Odd] = field(default_factory=dict)
    has_unnamed: bool = False
    has_doubles: bool = False


def sort_entries(items: Sequence[object], eyes: Eyes) -> Entries:
    """Sort them. An entry that cannot be understood makes its event odd and leaves the others alone."""
    groups: dict[str, list[Record]] = defaultdict(list)
    for item in items:
        if isinstance(item, Mapping) and (sid := _sid(item)):
            groups[sid].append(item)
    entries = Entries(
        has_unnamed=sum(len(group) for group in groups.values()) < len(items),
        has_doubles=any(_has_doubles(group) for group in groups.values()),
    )
    for sid, group in groups.items():
        try:
            _sort(sid, group, entries, eyes)
        except Strange as strange:
            entries.odd[sid] = Odd(sid, str(strange))
    return entries


def _sort(sid: str, group: list[Record], entries: Entries, eyes: Eyes) -> None:
    if any(is_masked(record) for record in group):
        raise Strange(MASKED)
    dates = {original_of(record) for record in group}
    # A changed occurrence may have lost its letter: one entry that has it is enough, and several dates are no plain event.
    if {letter_of(record) for record in group} == {""} and len(dates) == 1:
        record = group[0]
        entries.singles[sid] = Single(read_event(record, eyes), read_extra(record, eyes), is_editable(record))
        entries.alone[sid] = record
    else:
        entries.occurrences[sid] = tuple(group)


def _sid(item: Record) -> str:
    try:
        return text(item, Field.SID).strip()
    except Strange:
        return ""  # The same as none: without an ID there is no telling which event it is.


def original_of(record: Record) -> date:
    """Return the date that names an occurrence, or the one that it has where none is told. Raises `Strange`."""
    return day(record, Field.ORIGINAL if text(record, Field.ORIGINAL).strip() else Field.FIRST)


def _has_doubles(group: list[Record]) -> bool:
    """Say whether an entry is there twice, word for word. Two occurrences on one date are none, whatever they are called."""
    return any(record in group[:place] for place, record in enumerate(group))
