"""NEO's records as neutral events and back (rules R14 to R17, R20 to R23). Pure; decides nothing about what to write."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from desksync.sync.bounds import beyond
from desksync.sync.event import Access, Event, When, first_day
from desksync.sync.recurrence import gives
from desksync.sync.text import tidy
from desksync_neo_worker.recurrence import RULE_FIELDS, letter_of, read_rule, rule_fields
from desksync_neo_worker.texts import LOCATION, TITLE, first_part, one_line
from desksync_neo_worker.times import read_when, when_fields
from desksync_neo_worker.untranslatable import Inexpressible, Strange
from desksync_neo_worker.values import Fields, Record, members, text, written_day
from desksync_neo_worker.wire import Field, Key, Level, Sign

KIND: Final = "kind"
PLACE: Final = "first place"
SHARED: Final = "shared"
"""Keys of `Stored.extra`: what 予定 and 場所 add to title and location, and whether others are registered as well."""

Extra = Mapping[str, str]

_WHEN_FIELDS: Final = frozenset(field.value for field in (Field.FIRST, Field.LAST, Field.START, Field.END))
_TITLE_FIELDS: Final = frozenset({Field.KIND.value, Field.DETAIL.value})
_LOCATION_FIELDS: Final = frozenset({Field.PLACE.value, Field.PLACE_DETAIL.value})
_RIGHTS: Final = (Field.LEVEL, Field.MAY_OPEN, Field.MAY_CHANGE, Field.MAY_DELETE)
_FULL_TEXTS: Final = (Field.DETAIL, Field.PLACE, Field.PLACE_DETAIL, Field.MEMO)
_OUT_OF_RANGE: Final = "Its dates are out of the range that can be computed."
_LEVELS: Final = {Level.OPEN.value: Access.OPEN, Level.SECRET.value: Access.SECRET, "": Access.OPEN}


@dataclass(frozen=True, slots=True)
class Eyes:
    """As whom records are read: the user's NEO ID and zone, and whether participants and facilities are shown (rule R17)."""

    own_id: str
    zone: ZoneInfo
    shows_attendance: bool = True


def read_event(record: Record, eyes: Eyes) -> Event:
    """Return a plain event or one occurrence; whatever says that it repeats is ignored. Raises `Strange`."""
    when = _computable(record, eyes)
    title = TITLE.joined(text(record, Field.KIND), text(record, Field.DETAIL))
    return Event(
        when=when,
        title="" if title == Sign.PLACEHOLDER else title,
        location=LOCATION.joined(text(record, Field.PLACE), text(record, Field.PLACE_DETAIL)),
        description=tidy(text(record, Field.MEMO)),
        attendance=_attendance(record, eyes) if eyes.shows_attendance else "",
        access=_access(record),
        is_tentative=text(record, Field.TENTATIVE).strip() == Sign.ON,
    )


def read_series(record: Record, eyes: Eyes) -> Event:
    """Return a series without its exceptions, at its first occurrence. A plain record gives a plain event. Raises `Strange`."""
    if not letter_of(record):
        return read_event(record, eyes)
    rule, first = read_rule(record)
    on_first = {**record, Field.FIRST.value: written_day(first), Field.LAST.value: written_day(first)}
    event = replace(read_event(on_first, eyes), repeat=rule)
    if not gives(rule, first_day(event.when), first_day(event.when)):
        raise Strange("In NEO it begins at 24:00, on a date that its rule does not give.")
    return event


def read_extra(record: Record, eyes: Eyes) -> dict[str, str]:
    """Return what the neutral form cannot say, as far as writing needs it. Raises `Strange`."""
    found = {KIND: first_part(text(record, Field.KIND)), PLACE: first_part(text(record, Field.PLACE))}
    if is_shared(record, eyes):
        found[SHARED] = Sign.ON.value
    return {name: value for name, value in found.items() if value}


def is_shared(record: Record, eyes: Eyes) -> bool:
    """Say whether others than the user are registered for it. Raises `Strange`."""
    return bool(_others(record, eyes.own_id))


def is_masked(record: Record) -> bool:
    """Say whether only its time, or its time and 予定, is shown: no level, no right and no other text (rule R20)."""
    return not any(text(record, field).strip() for field in (*_RIGHTS, *_FULL_TEXTS))


def is_editable(record: Record) -> bool:
    """Say whether the account may change it. Where NEO does not tell, it finds out by trying."""
    return Field.MAY_CHANGE not in record or text(record, Field.MAY_CHANGE).strip() not in {Sign.NOTHING, Sign.OFF}


def fields_of(event: Event, extra: Extra, zone: ZoneInfo) -> Fields:
    """Return every field that an event fills, empty ones included, so that two events can be compared as NEO sees them.

    Participants and facilities are never written (rule R17). Raises `Inexpressible`.
    """
    kind, detail = TITLE.parted(one_line(event.title), extra.get(KIND, ""))
    place, place_detail = LOCATION.parted(one_line(event.location), extra.get(PLACE, ""))
    fields = {
        Field.KIND.value: kind,
        Field.DETAIL.value: detail if TITLE.joined(kind, detail) else Sign.PLACEHOLDER.value,
        Field.PLACE.value: place,
        Field.PLACE_DETAIL.value: place_detail,
        Field.MEMO.value: tidy(event.description),
        Field.LEVEL.value: _written_access(event.access),
        Field.TENTATIVE.value: Sign.ON.value if event.is_tentative else Sign.NOTHING.value,
        **({} if event.repeat else when_fields(event.when, zone)),
        **rule_fields(event.when, event.repeat, zone),
    }
    if not all(_is_sendable(value) for value in fields.values()):
        raise Inexpressible("Its texts hold half characters (lone surrogates), which cannot be sent.")
    return fields


def settled_access(held: Access | None, wanted: Access) -> Access:
    """Return the level to write: a restricted event is never loosened, and only NEO knows to whom it may be shown (rule R15)."""
    if held is Access.RESTRICTED:
        return Access.RESTRICTED
    return Access.SECRET if wanted is Access.RESTRICTED else wanted


def new_fields(event: Event, extra: Extra, zone: ZoneInfo) -> Fields:
    """Return the fields to post for a new event, without its exceptions. Raises `Inexpressible`."""
    fields = fields_of(replace(event, access=settled_access(None, event.access)), extra, zone)
    return {name: value for name, value in fields.items() if value}


def changed_fields(held: Event, wanted: Event, extra: Extra, zone: ZoneInfo) -> Fields:
    """Return the fields to post so that the held event becomes the wanted one; exceptions do not count. Raises `Inexpressible`.

    Dates, times and rule go together, because NEO reads the end date of a series as its end. So do the two parts of a text: a
    changed occurrence may have a first part of its own, which `extra` does not know.
    """
    before = fields_of(held, extra, zone)
    after = fields_of(replace(wanted, access=settled_access(held.access, wanted.access)), extra, zone)
    different = {name for name, value in after.items() if value != before[name]}
    timing = _WHEN_FIELDS | (frozenset(RULE_FIELDS) if held.repeat or wanted.repeat else frozenset())
    for group in (timing, _TITLE_FIELDS, _LOCATION_FIELDS):
        if different & group:
            different |= group
    return {name: value for name, value in after.items() if name in different}


def after_writing(held: Event | None, posted: Fields, extra: Extra, eyes: Eyes) -> tuple[Event, dict[str, str]]:
    """Return what NEO holds after it took the posted fields, read as its own answer would be (rule R8), and the new extra.

    `held` is what it held before, `None` for a new event; exceptions are not part of it. NEO's answer to a write is an ID only.
    """
    record = posted if held is None else fields_of(held, extra, eyes.zone) | posted
    kept = {name: value for name, value in extra.items() if name not in {KIND, PLACE}}
    attendance = "" if held is None else held.attendance
    return replace(read_series(record, eyes), attendance=attendance), kept | read_extra(record, eyes)


def _computable(record: Record, eyes: Eyes) -> When:
    try:
        when = read_when(record, eyes.zone)
    except OverflowError as error:
        raise Strange(_OUT_OF_RANGE) from error
    if beyond(when) is not None:
        raise Strange(_OUT_OF_RANGE)
    return when


def _is_sendable(value: str) -> bool:
    return value.encode("utf-8", "replace").decode() == value


def _access(record: Record) -> Access:
    level = text(record, Field.LEVEL).strip()
    if not level and text(record, Field.IS_RESTRICTED).strip() == Sign.ON:
        return Access.RESTRICTED
    # A level that is not known is taken for a restricted one, which is shown to nobody and never overwritten.
    return _LEVELS.get(level, Access.RESTRICTED)


def _written_access(access: Access) -> str:
    return {Access.OPEN: Level.OPEN, Access.SECRET: Level.SECRET, Access.RESTRICTED: Level.RESTRICTED}[access].value


def _attendance(record: Record, eyes: Eyes) -> str:
    lines = [f"参加者: {name}" for name in _others(record, eyes.own_id)]
    lines += [f"設備: {name}" for _, name in _entries(record, Field.FACILITIES)]
    return "\n".join(dict.fromkeys(lines))


def _others(record: Record, own_id: str) -> list[str]:
    return [name for number, name in _entries(record, Field.PEOPLE) if number != own_id]


def _entries(record: Record, field: Field) -> list[tuple[str, str]]:
    found = []
    for one in members(record.get(field), Key.ITEM):
        if not isinstance(one, Mapping):
            raise Strange(f"NEO sent no users or facilities as {field!s}.")
        number = text(one, Key.ID).strip()
        found.append((number, first_part(text(one, Key.NAME)) or number))
    return found
