"""Any sequence of edits on both calendars, with any faults between, ends with equal calendars: nothing lost, nothing doubled."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desksync.sync.event import Access, AllDay, Event, Side, Window, first_day, seen_from
from desksync.sync.expand import comes_in_parts
from desksync.sync.parts import Place, owner_of
from desksync.sync.plan import Action, Delete
from desksync.sync.policy import Direction, Policy
from desksync.sync.reading import Stored
from desksync.sync.recurrence import days_between
from desksync.sync.sayable import obstacle
from desksync.sync.series import touches
from desksync.sync.views import kept_by
from tests.sync import strategies as people
from tests.sync import unseen
from tests.sync.counting import appointments, dates_missing, dates_shown, is_linked, partners_of, stands_for_a_date, token_of
from tests.sync.deletions import Deletion, is_back, was_edited
from tests.sync.likeness import assert_equal
from tests.sync.namesakes import any_namesake_is_divided, is_to_be_divided, unlinked_namesakes
from tests.sync.pair import Fault, Pair

FORBIDDEN = people.FORBIDDEN


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
        self.shown: dict[Side, dict[str, set[date]]] = {}
        self.made: set[tuple[Side, str]] = set()
        """What people made and nobody has deleted, neither here nor by deleting what it is linked with."""
        self.deletions: list[Deletion] = []
        self.has_unseen_edits = False
        self.is_settled = True

    @initialize(
        zone=st.sampled_from(people.ZONES), winner=st.sampled_from(Side), direction=st.sampled_from([Direction.BOTH, *Direction])
    )
    def begin(self, zone: ZoneInfo, winner: Side, direction: Direction) -> None:
        self.zone = zone
        self.pair.policy = Policy(people.FIRST_WINDOW, "scope", direction, winner)
        self.pair.set_zone(zone)
        for side in Side:
            self.pair.calendar(side).refuses = lambda event: FORBIDDEN in event.title
        self.pair.before_action = lambda _: self._each_date_is_still_shown()

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
        self.made.add((Side.NEO, self.pair.neo.add(people.variation(data.draw, event, Side.NEO))))

    @precondition(lambda self: self._any_event())
    @rule(data=st.data())
    def add_a_twin(self, data: st.DataObject) -> None:
        side, event_id = data.draw(self._events())
        # A copy of Google's page would bring the block of participants along; it is text there until NEO has participants.
        event = kept_by(Side.NEO, self.pair.calendar(side).events[event_id])
        if unlinked_namesakes(self.pair, side.other, event) or is_to_be_divided(self.pair, side, event_id):
            self.least[token_of(event)] -= 1  # The two may be taken for one another: to people they are the same.
        self._added(side, event)

    @precondition(lambda self: self._any_event())
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        side, event_id = data.draw(self._events())
        event = self.pair.calendar(side).events[event_id]
        changes = people.edit(data.draw, side, self.zone, event, token_of(event))
        changes["repeat"] = _as_one(replace(event, **changes)).repeat
        self._touched(side, event_id)
        self.pair.calendar(side).edit(event_id, **changes)

    @precondition(lambda self: self._any_event())
    @rule(data=st.data())
    def make_it_what_the_other_side_cannot_say(self, data: st.DataObject) -> None:
        side, event_id = data.draw(self._events())
        event = self.pair.calendar(side).events[event_id]
        self._touched(side, event_id)
        self.pair.calendar(side).edit(event_id, **people.unsayable(data.draw, side, self.zone, event))
        # A date of it may be taken for a namesake that nobody has seen yet.
        self.least[token_of(event)] -= unlinked_namesakes(self.pair, side.other, event)

    @precondition(lambda self: self._any_event())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        side, event_id = data.draw(self._events())
        token = token_of(self.pair.calendar(side).events[event_id])
        self._touched(side, event_id)
        partner = self.pair.partner(side, event_id)
        is_a_date = stands_for_a_date(self.pair, side, event_id)
        self.made -= {(side, event_id), *((side.other, one) for one in partners_of(self.pair, side, event_id))}
        here, there = (appointments(self.pair, one)[token] for one in (side, side.other))
        self.pair.calendar(side).delete_event(event_id)
        # Where this side has what the other one does not get, the last copy of a date may be what made it have the most.
        self.least[token] -= 0 if is_a_date and here <= there else 1
        if partner is not None and not is_a_date:
            link = (event_id, partner) if side is Side.NEO else (partner, event_id)
            self.deletions.append(Deletion(token, side, partner, link))

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
                changes = people.edit(data.draw, side, self.zone, event, token_of(event), is_occurrence=True)
                calendar.change_occurrence(event_id, day, **changes)
            case "cancel":
                # In a sync towards this side its copy is put back, as an event of its own (rule R13).
                self.most[token_of(event)] += self.pair.partner(side, str(Place(event_id, day))) is not None
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

    @precondition(lambda self: self._any_series())
    @rule(data=st.data())
    def let_a_series_be_odd_for_a_while(self, data: st.DataObject) -> None:
        self.run()
        if not self._any_series():
            return
        side, event_id = data.draw(self._events(series=True))
        self._touched(side, event_id)
        self.pair.calendar(side).set_odd(event_id, "odd")
        self.run()
        if event_id in self.pair.calendar(side).events:
            self._touched(side, event_id)
            self.pair.calendar(side).set_odd(event_id, None)
            self.run()

    @precondition(lambda self: self._any_series())
    @rule(
        data=st.data(),
        refused=st.sampled_from([None, "series", "single events", FORBIDDEN]),
        faults=st.lists(st.sampled_from([None, None, "fails", "answer lost", "crash"]), max_size=4),
    )
    def change_the_form_of_a_series(self, data: st.DataObject, refused: str | None, faults: list[Fault | None]) -> None:
        self.run()
        series = [(side, event_id) for side, event_id in self._candidates(series=True) if (side, event_id) in self.made]
        if not series:
            return
        side, event_id = data.draw(st.sampled_from(series))
        event = self.pair.calendar(side).events[event_id]
        begins = event.when if isinstance(event.when, AllDay) else seen_from(event.when, self.zone)
        weekly = people.weekly_on(first_day(begins))
        changes = people.unsayable(data.draw, side, self.zone, event)
        if comes_in_parts(side, Stored(event_id, event), self.pair.policy):
            changes = {"when": begins, "repeat": _as_one(replace(event, when=begins, repeat=weekly)).repeat}
        there = self.pair.calendar(side.other).events
        copies = sorted({one for one in map(owner_of, partners_of(self.pair, side, event_id)) if one in there})
        if copies and data.draw(st.sampled_from([True, False])):
            copy_id = data.draw(st.sampled_from(copies))
            self._touched(side.other, copy_id)
            self.pair.calendar(side.other).edit(copy_id, description=f"{there[copy_id].description} by hand")
        self._touched(side, event_id)
        if self.pair.policy.direction is not Direction.BOTH:
            # The copies of dates that are gone are put back as events of their own (rule R13).
            self.most[token_of(event)] += len(copies)
        self.pair.calendar(side).edit(event_id, **changes)
        self.least[token_of(event)] -= unlinked_namesakes(self.pair, side.other, event)
        if refused == FORBIDDEN:
            changed = self.pair.calendar(side).events[event_id]
            for day in [] if changed.repeat is None else _some_days(changed)[-1:]:
                self.pair.calendar(side).change_occurrence(event_id, day, title=f"{event.title.split()[0]} {FORBIDDEN}")
        elif refused is not None:
            self.refuse_new(side.other, refused)
        self.run_with_faults(data, faults or [None])
        self.run()
        self.refuse_new(side.other, "nothing")

    @rule(zone=st.sampled_from(people.ZONES))
    def move_to(self, zone: ZoneInfo) -> None:
        self.is_settled = False
        self.zone = zone
        self.pair.set_zone(zone)
        for event_id, event in self.pair.neo.events.items():
            if not is_linked(self.pair, Side.NEO, event_id):
                # What had been the same on both sides is at another time now.
                self.most[token_of(event)] += unlinked_namesakes(self.pair, Side.GOOGLE, event)
                self.least[token_of(event)] -= any_namesake_is_divided(self.pair, event)

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

    @rule(side=st.sampled_from(Side), what=st.sampled_from(["nothing", "series", "single events"]))
    def refuse_new(self, side: Side, what: str) -> None:
        self.is_settled = False
        self.pair.calendar(side).refuses_new = {
            "nothing": lambda _: False,
            "series": lambda event: event.repeat is not None,
            "single events": lambda event: event.repeat is None,
        }[what]

    # Runs.

    @rule(data=st.data(), faults=st.lists(st.sampled_from([None, "fails", "answer lost", "crash"]), min_size=1, max_size=5))
    def run_with_faults(self, data: st.DataObject, faults: list[Fault | None]) -> None:
        self.is_settled = False
        if data.draw(st.booleans()):
            edited = data.draw(st.integers(0, 3))

            def meanwhile(action: Action) -> None:
                nonlocal edited
                edited -= 1
                self._each_date_is_still_shown()
                if edited == -1 and action.side is Side.GOOGLE and not isinstance(action, Delete) and self._any_event():
                    self.edit(data)
                    self.has_unseen_edits = True
                    self.shown = {}

            self.pair.before_action = meanwhile
        self._run(faults)
        self.pair.before_action = lambda _: self._each_date_is_still_shown()

    @rule()
    def run(self) -> None:
        doomed = [one for one in self.deletions if was_edited(self.pair, one) is False]
        surprises = (
            self.has_unseen_edits
            or unseen.hides_something(self.pair)
            or unseen.holds_what_no_reading_shows(self.pair)
            or unseen.changes_form_in_neo(self.pair)
        )
        refused = len(self.pair.refused)
        self._run([])
        if surprises or len(self.pair.refused) > refused:
            # What changed behind our back while we wrote is found by the next reading, and what was refused has its way to go.
            self._run([])
            self._run([])
            self.has_unseen_edits = False
        elif self.pair.policy.direction is Direction.BOTH:
            for deletion in doomed:
                assert deletion.partner not in self.pair.calendar(deletion.side.other).events, deletion
        self._settle_deletions()
        self.is_settled = True
        assert_equal(self.pair)
        self._nothing_is_left_to_do()

    def _run(self, faults: list[Fault | None]) -> None:
        survivors = [one for one in self.deletions if was_edited(self.pair, one)]
        self.restricted = {id_ for id_, event in self.pair.neo.events.items() if event.access is Access.RESTRICTED}
        self.shown = {side: dates_shown(self.pair, side) for side in Side}
        self.pair.run(faults)
        self._each_date_is_still_shown()
        note(f"links: {list(self.pair.links)}")
        for deletion in survivors:
            assert deletion.partner in self.pair.calendar(deletion.side.other).events, "an edited event was deleted"
        for event_id in self.restricted & self.pair.neo.events.keys():
            assert self.pair.neo.events[event_id].access is Access.RESTRICTED, "a restricted event was loosened"

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        counts = [appointments(self.pair, side) for side in Side]
        for token in self.least:
            assert max(count[token] for count in counts) >= self.least[token], f"{token} is lost"
            assert max(count[token] for count in counts) <= self.most[token], f"{token} is doubled"

    def _each_date_is_still_shown(self) -> None:
        """Check that no date of a series that was shown on the other side before the run is missing there while it has it."""
        for side, shown in self.shown.items():
            missing = dates_missing(self.pair, side, shown)
            assert not missing, f"{missing} went from {side.other}"

    @invariant()
    def what_people_made_is_there(self) -> None:
        for side, event_id in self.made:
            assert event_id in self.pair.calendar(side).events, f"{event_id} was made by a person"

    def _nothing_is_left_to_do(self) -> None:
        writes, links = self.pair.writes(), dict(self.pair.links)
        assert self.pair.run()
        assert self.pair.writes() == writes, f"a quiet run wrote: {self.pair.plans[-3:]}"
        assert self.pair.links == links
        assert not self.pair.plans[-1].actions

    # What the model knows.

    def _new_token(self) -> str:
        self.tokens += 1
        return f"t{self.tokens}"

    def _added(self, side: Side, event: Event) -> None:
        self.is_settled = False
        token = token_of(event)
        self.least[token] += 1
        self.most[token] += 1
        event_id = self.pair.calendar(side).add(event)
        if not any(on is side and token_of(create.event) == token for (on, _), create in self.pair.begun.items()):
            self.made.add((side, event_id))  # Else it and a copy of ours without a record may be taken for one another.

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
        # The other side's events of single dates go with those dates.
        dates = {one for one in partners_of(pair, side, event_id) if stands_for_a_date(pair, side.other, one)}
        self.made -= {(side.other, one) for one in dates}
        # A copy whose answer was lost is recognised by what it stands for; and what a person changed in the copy of one date is
        # an appointment of its own when that date is gone.
        self.most[token_of(event)] += sum(token_of(create.event) == token_of(event) for create in pair.begun.values())
        self.most[token_of(event)] += stands_for_a_date(pair, side, event_id)
        if side is Side.NEO and not touches(event, pair.policy.window):
            self.has_unseen_edits = True
        if not is_linked(pair, side, event_id):
            self.most[token_of(event)] += unlinked_namesakes(self.pair, side.other, event)

    def _settle_deletions(self) -> None:
        """Count anew where a deletion has run its course. One that the other side could neither follow nor undo goes on."""
        open_ones = [one for one in self.deletions if one.link in self.pair.links and not is_back(self.pair, one)]
        for token in {deletion.token for deletion in self.deletions}:
            counts = [appointments(self.pair, side)[token] for side in Side]
            self.least[token] = min(self.most[token], max(counts)) - sum(one.token == token for one in open_ones)
        self.deletions = open_ones


def _as_one(event: Event) -> Event:
    """Return the event as one that both sides can hold as one; the others are tried where parts are (rule R26)."""
    return event if obstacle(event, Side.NEO) is None else replace(event, repeat=None)


def _some_days(series: Event) -> list[date]:
    assert series.repeat is not None
    first = first_day(series.when)
    return days_between(series.repeat, first, first, first + timedelta(days=60))


TestTwoCalendars = TwoCalendars.TestCase
