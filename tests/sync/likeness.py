"""Whether two calendars in memory are equal after a finished run, as far as anybody can ask for it."""

from desksync.sync.event import Access, Event, Side, Window, occurrence_on
from desksync.sync.expand import comes_in_parts
from desksync.sync.flow import GROUPS
from desksync.sync.horizon import cut_like
from desksync.sync.parts import Place, days_in_sight, found, owner_of, part_of, place_of
from desksync.sync.reading import Odd, Stored
from desksync.sync.refusals import refusal_of_copy
from desksync.sync.series import touches
from desksync.sync.text import tidy
from desksync.sync.views import comparable
from tests.fakes import NEO_TITLE_LIMIT
from tests.sync.pair import Pair
from tests.sync.strategies import FORBIDDEN


def assert_equal(pair: Pair) -> None:
    """Check that whatever lies in the window has its partner, and that the two hold the same."""
    for side in Side:
        if not pair.policy.direction.may_write(side.other):
            continue
        for event_id, event in pair.calendar(side).events.items():
            if touches(event, pair.policy.window) and not _is_excused(pair, side, event_id):
                _has_its_like(pair, side, event_id, event)


def in_sight(event: Event, window: Window) -> Event:
    """Return the event with those exceptions only whose original dates lie in the window."""
    return Event(
        **{name: getattr(event, name) for group in GROUPS for name in group},
        exceptions={day: one for day, one in event.exceptions.items() if window.first <= day <= window.last},
    )


def _has_its_like(pair: Pair, side: Side, event_id: str, event: Event) -> None:
    partner = pair.partner(side, event_id)
    if partner is not None:
        _pair_is_equal(pair, side, event_id, partner)
        return
    series = Stored(event_id, event)
    if _is_refused(pair, side, event_id):
        return
    linked = [link for link in pair.links.values() if owner_of(link.id_on(side)) == event_id]
    assert linked or comes_in_parts(side, series, pair.policy), f"{side} {event} has no partner"
    for day in days_in_sight(event, pair.policy.window, pair.policy.zone):
        part_id = str(Place(event_id, day))
        part = part_of(series, day, pair.policy.zone)
        if part is None or FORBIDDEN in part.event.title or _is_refused(pair, side, part_id):
            continue
        partner = pair.partner(side, part_id)
        assert partner is not None, f"{side} {event} has no partner on {day}"
        _pair_is_equal(pair, side, part_id, partner)


def _pair_is_equal(pair: Pair, side: Side, event_id: str, partner: str) -> None:
    neo_id, google_id = (event_id, partner) if side is Side.NEO else (partner, event_id)
    if _held(pair, side.other, partner) is None:
        if _stand_apart(pair, neo_id, google_id):
            return  # It went outside the window, and nothing has been written to it since.
        if _is_refused(pair, side, event_id):
            return  # It was to be made anew.
    may = [
        one
        for one, owner in ((side, owner_of(event_id)), (side.other, owner_of(partner)))
        if pair.calendar(one)._events[owner].is_editable and pair.policy.direction.may_write(one)
    ]
    if may and not _is_excused(pair, side.other, owner_of(partner)):
        _is_equal(pair, neo_id, google_id)


def _is_refused(pair: Pair, side: Side, event_id: str) -> bool:
    """Say whether the other side took no copy of the event as it is known."""
    source = found(event_id, pair.known[side], pair.policy.zone)
    return isinstance(source, Stored) and refusal_of_copy(side.other, source) in pair.refused


def _keeps_its_old_form(pair: Pair, side: Side, event_id: str) -> bool:
    """Say whether the event could only be copied date by date, and the other side refused a date of it."""
    if place_of(event_id) is not None:
        return False
    series = Stored(event_id, pair.calendar(side).events[event_id])
    days = days_in_sight(series.event, pair.policy.window, pair.policy.zone)
    return comes_in_parts(side, series, pair.policy) and any(_is_refused(pair, side, str(Place(event_id, day))) for day in days)


def _is_excused(pair: Pair, side: Side, event_id: str) -> bool:
    held = pair.calendar(side)._events[event_id]
    if held.odd_why or FORBIDDEN in held.event.title:
        return True
    return any(one is not None and FORBIDDEN in one.title for one in held.event.exceptions.values())


def _is_equal(pair: Pair, neo_id: str, google_id: str) -> None:
    window = pair.policy.window
    neo, google = (
        in_sight(_event(pair, side, event_id), window) for side, event_id in ((Side.NEO, neo_id), (Side.GOOGLE, google_id))
    )
    follows = pair.policy.direction.may_write(Side.GOOGLE) and pair.google._events[owner_of(google_id)].is_editable
    waiting = set() if follows else {"attendance", *(["access"] if neo.access is Access.RESTRICTED else [])}
    if owner_of(neo_id) in pair.neo.copies:
        waiting.add("attendance")  # What a copied block says stays until NEO has participants.
    if _stand_apart(pair, neo_id, google_id) or any(
        _keeps_its_old_form(pair, side, event_id) for side, event_id in ((Side.NEO, neo_id), (Side.GOOGLE, google_id))
    ):
        waiting |= {"when", "repeat"}
    _fields_are_equal(neo, cut_like(neo, google, window), waiting)
    for day in {*neo.exceptions, *google.exceptions} if "repeat" not in waiting else set():
        one, other = (series.exceptions.get(day, occurrence_on(series, day)) for series in (neo, google))
        assert (one is None) == (other is None), (day, one, other)
        if one is not None and other is not None:
            _fields_are_equal(one, other, waiting | ({"access"} if not follows and one.access is Access.RESTRICTED else set()))


def _event(pair: Pair, side: Side, event_id: str) -> Event:
    stored = _held(pair, side, event_id)
    assert isinstance(stored, Stored), f"{side} {event_id} is not there"
    return stored.event


def _held(pair: Pair, side: Side, event_id: str) -> Stored | Odd | None:
    """Return the event, or the one date of a series, as that side has it."""
    known = {owner: Stored(owner, event) for owner, event in pair.calendar(side).events.items()}
    return found(event_id, known, pair.policy.zone if place_of(event_id) else None)


def _stand_apart(pair: Pair, neo_id: str, google_id: str) -> bool:
    """Say whether the history tells that the two keep their own times, because one of them cannot say the other's (rule R26)."""
    told = {(one.side, one.event_id) for one in pair.plans[-1].skipped if one.why.startswith("Its times and its rule")}
    return not told.isdisjoint({(Side.NEO, neo_id), (Side.GOOGLE, google_id)})


def _fields_are_equal(neo: Event, google: Event, waiting: set[str]) -> None:
    """Check every field but those of NEO that Google does not follow for now."""
    plain_neo, plain_google = comparable(neo), comparable(google)
    for name in {name for group in GROUPS for name in group} - waiting:
        mine, theirs = getattr(plain_neo, name), getattr(plain_google, name)
        if name == "title" and len(theirs) >= NEO_TITLE_LIMIT - 1:
            theirs = tidy(theirs[:NEO_TITLE_LIMIT])
        assert mine == theirs, (name, mine, theirs)
