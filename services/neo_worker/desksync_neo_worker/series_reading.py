"""Reads one series of NEO: what the list shows of it, and as few questions as possible for the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from desksync.sync.event import Event, Window, first_day, occurrence_on
from desksync.sync.reading import Odd, Stored
from desksync.sync.recurrence import gives
from desksync.sync.series import touches
from desksync.worker.calendar import Account
from desksync_neo_worker.client import NeoClient
from desksync_neo_worker.entries import MASKED, Single, original_of
from desksync_neo_worker.mapping import (
    SHARED,
    Extra,
    Eyes,
    fields_of,
    is_editable,
    is_masked,
    is_shared,
    read_event,
    read_extra,
    read_series,
)
from desksync_neo_worker.names import Named, named
from desksync_neo_worker.offshoots import Offshoots, adopted, fitting, noted, remembered
from desksync_neo_worker.series import Sight
from desksync_neo_worker.untranslatable import Strange
from desksync_neo_worker.values import Record
from desksync_neo_worker.wire import Field, Sign


@dataclass(frozen=True, slots=True)
class Seen:
    """A series, and those of its occurrences of which there is no telling which date they were."""

    series: Stored
    odd: tuple[Odd, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesReader:
    """Reads the series of one list. `strangers` are the plain events of the list that nobody knew before."""

    client: NeoClient
    account: Account
    eyes: Eyes
    window: Window
    singles: Mapping[str, Single]
    strangers: Mapping[str, Event]

    def read(self, sid: str, entries: Sequence[Record], kept: Stored | None) -> Seen | None:
        """Return the series, `None` if it is gone. Raises `Strange`, and the four error kinds.

        NEO is asked for the rule only where the entries do not fit what is kept. A change of the rule that shows in the window
        nowhere (a later end, for one) is found when the window has moved there.
        """
        if kept is not None and entries and (same := self._unchanged(entries, kept)):
            return Seen(same)
        record = self.client.get_schedule(self.account, sid)
        if record is None and entries:
            raise Strange("It vanished while NEO was read.")
        if record is None:
            return None
        return self.assembled(sid, record, entries, kept)

    def assembled(self, sid: str, record: Record, entries: Sequence[Record], kept: Stored | None) -> Seen:
        """Return the series that this record begins. Raises `Strange`, and the four error kinds."""
        base, extra = read_base(record, self.eyes)
        if base.repeat is None:
            if len({original_of(entry) for entry in entries}) > 1:
                raise Strange("NEO lists it on several dates, and not as a series.")
            return Seen(Stored(sid, base, extra=extra, is_editable=is_editable(record)))
        offshoots = fitting(base, remembered(kept.extra)) if kept else {}
        before = kept.event.exceptions if kept else {}
        names = self._names(base, extra, entries, before)
        if entries and not names.shown:
            raise Strange("In NEO it is on dates that its rule does not give.")
        sight = self._sight(base, names, before, offshoots)
        puzzles = sight.puzzles()
        lost, former = [day for day in puzzles if day not in offshoots], kept.event.title if kept else None
        found = adopted(base, lost, _cancelled(sight), self.strangers, former=former)
        answers = {day: self._answer(sid, record, base, extra, day, offshoots) for day in puzzles if day not in found}
        for day, one in answers.items():
            if one is not None and touches(one, self.window) and not names.name(day, one):
                answers[day] = None  # The list is complete: what it lacks is not in the window.
        living = {day: one for day, one in offshoots.items() if answers.get(day, base) is not None} | found
        if names.unnamed and kept is not None:
            # One of these dates may have become what nobody can name: they stay as they were known.
            answers |= {day: _known(kept, day) for day, one in answers.items() if one is None and day not in offshoots}
        event = self._sight(base, names, before, living).assembled(answers)
        return Seen(
            Stored(
                sid,
                event,
                extra=noted(self._with_shared(extra, entries), living),
                is_editable=is_editable(record) and all(is_editable(entry) for entry in entries),
            ),
            tuple(_without_name(sid, one) for one in names.unnamed),
        )

    def _unchanged(self, entries: Sequence[Record], kept: Stored) -> Stored | None:
        base = replace(kept.event, exceptions={})
        names = self._names(base, kept.extra, entries, kept.event.exceptions)
        sight = self._sight(base, names, kept.event.exceptions, remembered(kept.extra))
        if names.unnamed or sight.puzzles() or adopted(sight.base, (), _cancelled(sight), self.strangers):
            return None
        if sight.assembled({}) != kept.event:
            return None
        may_change = all(is_editable(entry) for entry in entries)
        return replace(kept, extra=self._with_shared(kept.extra, entries), is_editable=may_change)

    def _names(self, base: Event, extra: Extra, entries: Sequence[Record], before: Mapping[date, Event | None]) -> Named:
        return named(base, [(original_of(entry), self._occurrence(entry, base, extra)) for entry in entries], before)

    def _sight(self, base: Event, names: Named, before: Mapping[date, Event | None], offshoots: Offshoots) -> Sight:
        alone = {original: self.singles[sid].event for original, sid in offshoots.items() if sid in self.singles}
        return Sight(base, self.window, names.shown | alone, before)

    def _answer(self, sid: str, record: Record, base: Event, extra: Extra, original: date, offshoots: Offshoots) -> Event | None:
        """Return what became of a date that the list does not name, `None` if it was cancelled."""
        if original in offshoots:
            found = self.client.get_schedule(self.account, offshoots[original])
        else:
            found = self.client.get_schedule(self.account, sid, original)
            if found is not None and _range(found) == _range(record):
                return None  # The series itself was answered instead of its occurrence.
        return None if found is None else self._occurrence(found, base, extra)

    def _occurrence(self, entry: Record, base: Event, extra: Extra) -> Event:
        if is_masked(entry):
            raise Strange(MASKED)
        # What an entry does not mention is as in its series.
        one = read_event({**fields_of(replace(base, repeat=None), extra, self.eyes.zone), **entry}, self.eyes)
        if Field.PEOPLE in entry or Field.FACILITIES in entry:
            return one
        return replace(one, attendance=base.attendance)

    def _with_shared(self, extra: Extra, entries: Sequence[Record]) -> dict[str, str]:
        told = [entry for entry in entries if Field.PEOPLE in entry]
        if not told:
            return dict(extra)
        rest = {name: value for name, value in extra.items() if name != SHARED}
        return rest | {SHARED: Sign.ON.value} if any(is_shared(entry, self.eyes) for entry in told) else rest


def read_base(record: Record, eyes: Eyes) -> tuple[Event, dict[str, str]]:
    """Return a series without its exceptions, or a plain event, and its extra. Raises `Strange`."""
    if is_masked(record):
        raise Strange(MASKED)
    return read_series(record, eyes), read_extra(record, eyes)


def _known(kept: Stored, original: date) -> Event | None:
    rule = kept.event.repeat
    if rule is None or not gives(rule, first_day(kept.event.when), original):
        return None
    return kept.event.exceptions.get(original, occurrence_on(kept.event, original))


def _without_name(sid: str, one: Event) -> Odd:
    day = first_day(one.when)
    return Odd(f"{sid}@{day}", f"In NEO one of its dates is on {day} now, and NEO does not tell which. That one is not copied.")


def _cancelled(sight: Sight) -> list[date]:
    return [original for original, one in sight.before.items() if one is None and original not in sight.shown]


def _range(record: Record) -> tuple[object, object]:
    return record.get(Field.FIRST), record.get(Field.LAST)
