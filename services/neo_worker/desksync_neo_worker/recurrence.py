"""NEO's rules as `Recurrence` and back (rules R25 and R26). Field meanings as in NEO's browser client, V3.5."""

from datetime import date
from itertools import islice
from typing import Final, cast
from zoneinfo import ZoneInfo

from desksync.sync.event import When, first_day
from desksync.sync.lines import Lines
from desksync.sync.recurrence import Dates, Frequency, Recurrence, Rule, Weekday, days, last_day_of
from desksync_neo_worker.times import occurrence_fields
from desksync_neo_worker.untranslatable import Inexpressible, Strange
from desksync_neo_worker.values import Fields, Record, day, members, number, text, written_day
from desksync_neo_worker.wire import Field, Key, Letter, Sign

_FREQUENCIES: Final = {
    Letter.DAYS.value: Frequency.DAILY,
    Letter.WEEKS.value: Frequency.WEEKLY,
    Letter.MONTHS.value: Frequency.MONTHLY,
    Letter.YEARS.value: Frequency.YEARLY,
}
_LETTERS: Final = {frequency: letter for letter, frequency in _FREQUENCIES.items()}
_WEEKDAYS_OF_A_WEEK = 7
_NTHS = range(1, 6)
_COMPARED_DAYS: Final = 60
"""How many dates tell whether weeks that begin on another day give other dates: several rounds of all seven weekdays."""

RULE_FIELDS: Final = tuple(field.value for field in (Field.REPEAT, Field.INTERVAL, Field.NTH, Field.WEEKDAYS, Field.TIMES))
"""What makes a rule, beside the dates and times that plain events have as well."""


def letter_of(record: Record) -> str:
    """Return the letter of the series that a record belongs to, empty for a plain event."""
    return text(record, Field.REPEAT).strip()


def read_rule(record: Record) -> tuple[Rule, date]:
    """Return the rule and the date of its first occurrence, which is not always the date on which the series begins in NEO.

    Where both a number of times and a last date stand, the number counts. Raises `Strange` for a rule that is not understood.
    """
    letter = letter_of(record)
    if letter == Letter.IRREGULAR:
        return _irregular(record)
    frequency = _FREQUENCIES.get(letter)
    if frequency is None:
        raise Strange("NEO sent a kind of series that is not known.")
    begins = day(record, Field.FIRST)
    weekdays, nth = _weekdays(record, frequency, begins)
    count = number(record, Field.TIMES)
    until = day(record, Field.LAST) if count is None and text(record, Field.LAST).strip() else None
    rule = Recurrence(frequency, number(record, Field.INTERVAL) or 1, weekdays, nth, count, until)
    first = next(days(rule, begins), None)
    if first is None:
        raise Strange("NEO sent a series without a single date.")
    return rule, first


def rule_fields(when: When, rule: Rule | None, zone: ZoneInfo) -> Fields:
    """Return the fields that make a series, or the same fields empty for a plain event.

    Both a number of times and a last date are sent, and they agree: NEO says which of the two it takes, but not to everybody.
    Raises `Inexpressible` for what NEO has no field for.
    """
    if rule is None:
        return dict.fromkeys(RULE_FIELDS, Sign.NOTHING.value)
    first = first_day(when)
    if isinstance(rule, Dates):
        return _irregular_fields(when, rule, zone)
    if isinstance(rule, Lines):
        raise Inexpressible("NEO has no field for this rule.")
    last = last_day_of(rule, first)
    if last is None:
        raise Inexpressible("NEO cannot hold a series without an end.")
    if (rule.weekdays or rule.nth) and rule.frequency in {Frequency.DAILY, Frequency.YEARLY}:
        raise Inexpressible("NEO cannot hold weekdays in a daily or yearly series.")
    if rule.frequency is Frequency.MONTHLY and (len(rule.weekdays) > 1 or bool(rule.weekdays) != bool(rule.nth)):
        raise Inexpressible("NEO cannot hold several weekdays in a monthly series.")
    if rule.nth is not None and rule.nth not in {*_NTHS, -1}:
        raise Inexpressible("NEO counts the weekdays of a month from 1 to 5, or takes the last one.")
    if rule.week_start and _first_dates(rule, first) != _first_dates(_weeks_from_monday(rule), first):
        raise Inexpressible("NEO's weeks begin on Monday; this series means other dates then.")
    return occurrence_fields(when, zone) | {
        Field.FIRST.value: written_day(first),
        Field.LAST.value: written_day(rule.until or last),
        Field.REPEAT.value: _LETTERS[rule.frequency],
        Field.INTERVAL.value: str(rule.interval),
        Field.NTH.value: _written_nth(rule.nth),
        Field.WEEKDAYS.value: _written_weekdays(rule, first),
        Field.TIMES.value: "" if rule.count is None else str(rule.count),
    }


def _irregular(record: Record) -> tuple[Dates, date]:
    found = [day({Field.DATES: one}, Field.DATES) for one in members(record.get(Field.DATES), Key.ITEM)]
    if not found:
        raise Strange("NEO sent an irregular series (不定期) without its dates.")
    several = tuple(sorted(set(found)))
    return Dates(several), several[0]


def _irregular_fields(when: When, rule: Dates, zone: ZoneInfo) -> Fields:
    """Return the fields of an irregular series as they are compared; they are never posted, for Google has no such series."""
    dates = {Field.FIRST.value: written_day(rule.days[0]), Field.LAST.value: written_day(rule.days[-1])}
    empty = dict.fromkeys(RULE_FIELDS, Sign.NOTHING.value)
    return occurrence_fields(when, zone) | dates | empty | {Field.REPEAT.value: Letter.IRREGULAR.value}


def _weekdays(record: Record, frequency: Frequency, begins: date) -> tuple[tuple[Weekday, ...], int | None]:
    if frequency is Frequency.WEEKLY:
        return _chosen(record) or (cast("Weekday", begins.weekday()),), None  # date.weekday() is typed as any int.
    raw = text(record, Field.NTH).strip()
    if frequency is not Frequency.MONTHLY or not raw:
        return (), None
    chosen = _chosen(record)
    if len(chosen) != 1:
        raise Strange("NEO sent a monthly series that names not just one weekday.")
    return chosen, int(raw) if raw in {str(nth) for nth in _NTHS} else -1


def _chosen(record: Record) -> tuple[Weekday, ...]:
    mask = text(record, Field.WEEKDAYS).strip()
    if mask and (len(mask) != _WEEKDAYS_OF_A_WEEK or set(mask) - {Sign.ON.value, Sign.OFF.value}):
        raise Strange("NEO sent weekdays that are not seven marks.")
    return tuple(cast("Weekday", place) for place, mark in enumerate(mask) if mark == Sign.ON)  # Seven marks: 0 to 6.


def _weeks_from_monday(rule: Recurrence) -> Recurrence:
    return Recurrence(rule.frequency, rule.interval, rule.weekdays, rule.nth, rule.count, rule.until)


def _first_dates(rule: Recurrence, first: date) -> list[date]:
    return list(islice(days(rule, first), _COMPARED_DAYS))


def _written_nth(nth: int | None) -> str:
    if nth is None:
        return Sign.NOTHING.value
    return str(nth) if nth in _NTHS else Sign.LAST_WEEK.value


def _written_weekdays(rule: Recurrence, first: date) -> str:
    if rule.frequency is not Frequency.WEEKLY and rule.nth is None:
        return Sign.NOTHING.value
    chosen = rule.weekdays or (first.weekday(),)
    return "".join(Sign.ON.value if place in chosen else Sign.OFF.value for place in range(_WEEKDAYS_OF_A_WEEK))
