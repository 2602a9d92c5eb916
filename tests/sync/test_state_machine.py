"""Any sequence of edits on both calendars, with any faults between, ends with equal calendars: nothing lost, nothing doubled."""

import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desksync.sync.event import Access, Event, Side, Window, first_day, occurrence_on
from desksync.sync.horizon import cut_like
from desksync.sync.merge import GROUPS
from desksync.sync.plan import Action, Delete
from desksync.sync.policy import Direction, Policy
from desksync.sync.reading import Stored
from desksync.sync.recurrence import days_between
from desksync.sync.sayable import obstacle
from desksync.sync.series import touches
from desksync.sync.text import tidy
from desksync.sync.views import comparable, kept_by
from tests.fakes import NEO_TITLE_LIMIT
from tests.sync import strategies as people
from tests.sync.pair import Fault, Pair

FORBIDDEN = people.FORBIDDEN


def _token(event: Event) -> str:
    return unicodedata.normalize("NFKC", event.title).casefold().split()[0]


@dataclass(frozen=True)
class _Deletion:
    """A linked event that a person deleted on one side, until the other side has followed or has prevailed."""

    token: str
    side: Side
    partner: str
    link: tuple[str, str]


class TwoCalendars(RuleBasedStateMachine):
    """People, time, faults and runs."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()
        self.zone = people.ZONES[0]
        self.tokens = 0
        self.least: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.restricted: set[str] = set()
        self.deletions: list[_Deletion] = []
        self.has_unseen_edits = False
        self.is_settled = True

    @initialize(
        zone=st.sampled_from(people.ZONES), winner=st.sampled_from(Side), direction=st.sampled_from([Direction.BOTH, *Direction])
    )
    def begin(self, zone: ZoneInfo, winner: Side, direction: Direction) -> None:
        self.zone = zone
        self.pair.policy = Policy(people.FIRST_WINDOW, "scope", direction, winner)
        for side in Side:
            self.pair.calendar(side).refuses = lambda event: FORBIDDEN in event.title

    # What people do.

    @rule(data=st.data(), side=st.sampled_from(Side))
    def add(self, data: st.DataObject, side: Side) -> None:
        token = self._new_token()
        self._added(side, _as_one(people.event(data.draw, side, self.zone, token)))

    @rule(data=st.data())
    def add_the_same_on_both_sides(self, data: st.DataObject) -> None:
        token = self._new_token()
        event = _as_one(people.event(data.draw, Side.GOOGLE, self.zone, token))
        self._added(Side.GOOGLE, event)
        self.pair.neo.add(people.variation(data.draw, event, Side.NEO))

    @precondition(lambda self: self._any_event())
    @rule(data=st.data())
    def add_a_twin(self, data: st.DataObject) -> None:
        side, event_id = data.draw(self._events())
        # A copy of Google's page would bring the block of participants along; it is text there until NEO has participants.
        event = kept_by(Side.NEO, self.pair.calendar(side).events[event_id])
        if self._unlinked_namesakes(side.other, event):
            self.least[_token(event)] -= 1  # The two may be taken for one another: to people they are the same.
        self._added(side, event)

    @precondition(lambda self: self._any_event())
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        side, event_id = data.draw(self._events())
        event = self.pair.calendar(side).events[event_id]
        changes = people.edit(data.draw, side, self.zone, event, _token(event))
        changes["repeat"] = _as_one(replace(event, **changes)).repeat
        self._touched(side, event_id)
        self.pair.calendar(side).edit(event_id, **changes)

    @precondition(lambda self: self._any_event())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        side, event_id = data.draw(self._events())
        token = _token(self.pair.calendar(side).events[event_id])
        self._touched(side, event_id)
        partner = self.pair.partner(side, event_id)
        self.pair.calendar(side).delete_event(event_id)
        self.least[token] -= 1
        if partner is not None:
            link = (event_id, partner) if side is Side.NEO else (partner, event_id)
            self.deletions.append(_Deletion(token, side, partner, link))

    @precondition(lambda self: self._any_series())
    @rule(data=st.data(), what=st.sampled_from(["change", "change", "cancel", "restore"]))
    def touch_an_occurrence(self, data: st.DataObject, what: str) -> None:
        side, event_id = data.draw(self._events(series=True))
        calendar = self.pair.calendar(side)
        event = calendar.events[event_id]
        day = data.draw(st.sampled_from(_some_days(event)))
        self._touched(side, event_id)
        match what:
            case "change":
                changes = people.edit(data.draw, side, self.zone, event, _token(event), is_occurrence=True)
                calendar.change_occurrence(event_id, day, **changes)
            case "cancel":
                calendar.cancel_occurrence(event_id, day)
            case _:
                calendar.restore_occurrence(event_id, day)

    @precondition(lambda self: self._any_event())
    @rule(data=st.data(), is_editable=st.booleans())
    def lock(self, data: st.DataObject, is_editable: bool) -> None:  # noqa: FBT001 - drawn
        side, event_id = data.draw(self._events())
        self._touched(side, event_id)
        self.pair.calendar(side).set_editable(event_id, is_editable=is_editable)

    @precondition(lambda self: self._any_event())
    @rule(data=st.data(), why=st.sampled_from([None, "odd"]))
    def make_odd(self, data: st.DataObject, why: str | None) -> None:
        side, event_id = data.draw(self._events())
        self._touched(side, event_id)
        self.pair.calendar(side).set_odd(event_id, why)

    @rule(number=st.integers(1, 9))
    def days_pass(self, number: int) -> None:
        self.is_settled = False
        window = self.pair.policy.window
        ahead = timedelta(days=number)
        self.pair.set_window(Window(window.first + ahead, window.last + ahead))

    @rule(direction=st.sampled_from([Direction.BOTH, *Direction]))
    def turn(self, direction: Direction) -> None:
        self.is_settled = False
        self.pair.set_direction(direction)

    @rule()
    def expire_cursors(self) -> None:
        self.pair.google.expire_cursors()

    # Runs.

    @rule(data=st.data(), faults=st.lists(st.sampled_from([None, "fails", "answer lost", "crash"]), min_size=1, max_size=5))
    def run_with_faults(self, data: st.DataObject, faults: list[Fault | None]) -> None:
        self.is_settled = False
        if data.draw(st.booleans()):
            edited = data.draw(st.integers(0, 3))

            def meanwhile(action: Action) -> None:
                nonlocal edited
                edited -= 1
                if edited == -1 and action.side is Side.GOOGLE and not isinstance(action, Delete) and self._any_event():
                    self.edit(data)
                    self.has_unseen_edits = True

            self.pair.before_action = meanwhile
        self._run(faults)
        self.pair.before_action = lambda _: None

    @rule()
    def run(self) -> None:
        doomed = self._doomed()
        surprises = self.has_unseen_edits or self._hides_something()
        self._run([])
        if surprises:
            # What changed behind our back while we wrote is found by the next reading.
            self._run([])
            self._run([])
            self.has_unseen_edits = False
        elif self.pair.policy.direction is Direction.BOTH:
            for deletion in doomed:
                assert deletion.partner not in self.pair.calendar(deletion.side.other).events, deletion
        self._settle_deletions()
        self.is_settled = True
        self._both_are_equal()
        self._nothing_is_left_to_do()

    def _hides_something(self) -> bool:
        """Say whether NEO holds something outside the window that an answer to a write would show for the first time."""
        window, known = self.pair.policy.window, self.pair.known[Side.NEO]
        gone = [item for event_id, item in known.items() if event_id not in self.pair.neo.events]
        if any(isinstance(item, Stored) and not touches(item.event, window) for item in gone):
            return True  # A write finds out that it is gone, and the run after that does what follows.
        for event_id, event in self.pair.neo.events.items():
            seen = known.get(event_id)
            if isinstance(seen, Stored) and seen.event != event and not touches(event, window):
                return True
            before = seen.event.exceptions if isinstance(seen, Stored) else {}
            outside = {*event.exceptions, *before} - {*_in_sight(event, window).exceptions}
            if any(event.exceptions.get(day, "regular") != before.get(day, "regular") for day in outside):
                return True
        return False

    def _run(self, faults: list[Fault | None]) -> None:
        survivors = self._survivors()
        self.restricted = {id_ for id_, event in self.pair.neo.events.items() if event.access is Access.RESTRICTED}
        self.pair.run(faults)
        note(f"links: {list(self.pair.links)}")
        for deletion in survivors:
            assert deletion.partner in self.pair.calendar(deletion.side.other).events, "an edited event was deleted"
        for event_id in self.restricted & self.pair.neo.events.keys():
            assert self.pair.neo.events[event_id].access is Access.RESTRICTED, "a restricted event was loosened"

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        counts = [Counter(_token(event) for event in self.pair.calendar(side).events.values()) for side in Side]
        for token in self.least:
            assert max(count[token] for count in counts) >= self.least[token], f"{token} is lost"
            assert max(count[token] for count in counts) <= self.most[token], f"{token} is doubled"

    def _nothing_is_left_to_do(self) -> None:
        writes, links = self.pair.writes(), dict(self.pair.links)
        assert self.pair.run()
        assert self.pair.writes() == writes, f"a quiet run wrote: {self.pair.plans[-3:]}"
        assert self.pair.links == links
        assert not self.pair.plans[-1].actions

    def _both_are_equal(self) -> None:
        pair = self.pair
        for side in Side:
            if not pair.policy.direction.may_write(side.other):
                continue
            for event_id, event in pair.calendar(side).events.items():
                if not touches(event, pair.policy.window) or self._is_excused(side, event_id):
                    continue
                partner = pair.partner(side, event_id)
                assert partner is not None, f"{side} {event} has no partner"
                if self._is_excused(side.other, partner):
                    continue
                neo_id, google_id = (event_id, partner) if side is Side.NEO else (partner, event_id)
                self._is_equal(neo_id, google_id)

    def _is_excused(self, side: Side, event_id: str) -> bool:
        held = self.pair.calendar(side)._events[event_id]
        if held.odd_why or FORBIDDEN in held.event.title:
            return True
        if any(one is not None and FORBIDDEN in one.title for one in held.event.exceptions.values()):
            return True
        partner = self.pair.partner(side, event_id)
        other = None if partner is None else self.pair.calendar(side.other)._events.get(partner)
        may = [
            one
            for one, stored in ((side, held), (side.other, other))
            if (stored is None or stored.is_editable) and self.pair.policy.direction.may_write(one)
        ]
        return not may

    def _is_equal(self, neo_id: str, google_id: str) -> None:
        window = self.pair.policy.window
        neo, google = (
            _in_sight(self.pair.calendar(side).events[event_id], window)
            for side, event_id in ((Side.NEO, neo_id), (Side.GOOGLE, google_id))
        )
        follows = self.pair.policy.direction.may_write(Side.GOOGLE) and self.pair.google._events[google_id].is_editable
        waiting = set() if follows else {"attendance", *(["access"] if neo.access is Access.RESTRICTED else [])}
        if neo_id in self.pair.neo.copies:
            waiting.add("attendance")  # What a copied block says stays until NEO has participants.
        _assert_equal(neo, cut_like(neo, google, window), waiting)
        for day in {*neo.exceptions, *google.exceptions}:
            one, other = (series.exceptions.get(day, occurrence_on(series, day)) for series in (neo, google))
            assert (one is None) == (other is None), (day, one, other)
            if one is not None and other is not None:
                _assert_equal(one, other, waiting | ({"access"} if not follows and one.access is Access.RESTRICTED else set()))

    # What the model knows.

    def _new_token(self) -> str:
        self.tokens += 1
        return f"t{self.tokens}"

    def _added(self, side: Side, event: Event) -> None:
        self.is_settled = False
        token = _token(event)
        self.least[token] += 1
        self.most[token] += 1
        self.pair.calendar(side).add(event)

    def _any_event(self) -> bool:
        return bool(self._candidates(series=False))

    def _any_series(self) -> bool:
        return bool(self._candidates(series=True))

    def _events(self, *, series: bool = False) -> st.SearchStrategy[tuple[Side, str]]:
        return st.sampled_from(self._candidates(series=series))

    def _candidates(self, *, series: bool) -> list[tuple[Side, str]]:
        return [
            (side, event_id)
            for side in Side
            for event_id, event in self.pair.calendar(side).events.items()
            if (not series or event.repeat is not None) and not self._is_unrecorded_copy(side, event_id)
        ]

    def _is_unrecorded_copy(self, side: Side, event_id: str) -> bool:
        """Say that it is our copy without a record, which a person changing it at once would make indistinguishable."""
        return bool(self.pair.begun) and self.pair.partner(side, event_id) is None and event_id not in self.pair.known[side]

    def _touched(self, side: Side, event_id: str) -> None:
        self.is_settled = False
        self.restricted.discard(event_id)
        pair = self.pair
        event = pair.calendar(side).events[event_id]
        if side is Side.NEO and not touches(event, pair.policy.window):
            self.has_unseen_edits = True
        if pair.partner(side, event_id) is None:
            self.most[_token(event)] += self._unlinked_namesakes(side.other, event)

    def _unlinked_namesakes(self, side: Side, event: Event) -> int:
        there = self.pair.calendar(side).events
        return sum(_token(one) == _token(event) and self.pair.partner(side, id_) is None for id_, one in there.items())

    def _edited(self, deletion: _Deletion) -> bool | None:
        """Say whether the partner of a deleted event was edited, or `None` where there is no saying."""
        pair, side = self.pair, deletion.side.other
        held = pair.calendar(side)._events.get(deletion.partner)
        link = pair.links.get(deletion.link)
        if held is None or link is None or not held.is_editable or held.odd_why or FORBIDDEN in held.event.title:
            return None
        if pair.policy.direction is not Direction.BOTH or not touches(held.event, pair.policy.window):
            return None
        if side is Side.GOOGLE and not touches(link.neo, pair.policy.window):
            return None
        whole = [replace(comparable(one), attendance="") for one in (held.event, link.base_on(side))]
        if side is Side.GOOGLE:
            return comparable(kept_by(Side.NEO, held.event)) != comparable(kept_by(Side.NEO, link.google))
        now, base = (_in_sight(one, pair.policy.window) for one in whole)
        if now == base and whole[0] != whole[1]:
            return None  # An occurrence outside the window was: whether that is known depends on the side.
        return now != base

    def _is_back(self, deletion: _Deletion) -> bool:
        return deletion.link[list(Side).index(deletion.side)] in self.pair.calendar(deletion.side).events

    def _survivors(self) -> list[_Deletion]:
        return [deletion for deletion in self.deletions if self._edited(deletion)]

    def _doomed(self) -> list[_Deletion]:
        return [deletion for deletion in self.deletions if self._edited(deletion) is False]

    def _settle_deletions(self) -> None:
        """Count anew where a deletion has run its course. One that the other side could neither follow nor undo goes on."""
        open_ones = [one for one in self.deletions if one.link in self.pair.links and not self._is_back(one)]
        for token in {deletion.token for deletion in self.deletions}:
            counts = [sum(_token(one) == token for one in self.pair.calendar(side).events.values()) for side in Side]
            self.least[token] = min(self.most[token], max(counts)) - sum(one.token == token for one in open_ones)
        self.deletions = open_ones


def _as_one(event: Event) -> Event:
    """Return the event as one that both sides can hold as one; the others are tried where parts are (rule R26)."""
    return event if obstacle(event, Side.NEO) is None else replace(event, repeat=None)


def _some_days(series: Event) -> list[date]:
    assert series.repeat is not None
    first = first_day(series.when)
    return days_between(series.repeat, first, first, first + timedelta(days=60))


def _in_sight(event: Event, window: Window) -> Event:
    return replace(event, exceptions={day: one for day, one in event.exceptions.items() if window.first <= day <= window.last})


def _assert_equal(neo: Event, google: Event, waiting: set[str]) -> None:
    """Check every field but those of NEO that Google does not follow for now."""
    plain_neo, plain_google = comparable(neo), comparable(google)
    for name in {name for group in GROUPS for name in group} - waiting:
        mine, theirs = getattr(plain_neo, name), getattr(plain_google, name)
        if name == "title" and len(theirs) >= NEO_TITLE_LIMIT - 1:
            theirs = tidy(theirs[:NEO_TITLE_LIMIT])
        assert mine == theirs, (name, mine, theirs)


TestTwoCalendars = TwoCalendars.TestCase
