"""Any sequence of edits on both calendars, with any faults between, ends with equal calendars: nothing lost, nothing doubled."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from desksync.sync.event import Side
from desksync_sandbox.compare import Appointment
from desksync_sandbox.google import GoogleSwitches
from desksync_sandbox.neo.switches import NeoSwitches
from tests.whole_path.chances import FAULTS, GOOGLE_SWITCHES, NEO_SWITCHES, REPEATS, SHORT_SLOTS, SLOTS
from tests.whole_path.path import EMAIL, Machinery, WholePath, machinery
from tests.whole_path.people import MEMOS, PLACES, WORDS, Found, People, Repeat, Slot, Wish, token_of

ZONES = [ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")]
SIDES = st.sampled_from(Side)
CHECKED = ("title", "place", "memo", "is_private", "is_tentative")


@dataclass
class Deeds:
    """What people did to one event since both calendars last agreed."""

    wishes: dict[str, dict[Side, Any]] = field(default_factory=dict)
    edited_on: set[Side] = field(default_factory=set)
    deleted_on: set[Side] = field(default_factory=set)
    occurrences: list[tuple[Side, str]] = field(default_factory=list)


class BothCalendars(RuleBasedStateMachine):
    """People, time, faults and runs."""

    def __init__(self, machinery: Machinery) -> None:
        super().__init__()
        self.machinery = machinery
        self.deeds: dict[str, Deeds] = {}
        self.texts: dict[str, Wish] = {}
        self.most: Counter[str] = Counter()
        self.singles: set[str] = set()
        self.gone: set[str] = set()
        self.unmet: set[str] = set()
        self.is_interrupted = False
        self.has_unseen_edits = False

    @initialize(zone=st.sampled_from(ZONES), neo=NEO_SWITCHES, google=GOOGLE_SWITCHES)
    def begin(self, zone: ZoneInfo, neo: NeoSwitches, google: GoogleSwitches) -> None:
        self.path = WholePath(self.machinery, zone, neo, google)
        self.people = People(self.path)

    # What people do.

    @rule(side=SIDES, data=st.data(), slot=SLOTS)
    def add(self, side: Side, data: st.DataObject, slot: Slot) -> None:
        self._add(side, data, slot, None)

    @rule(side=SIDES, data=st.data(), slot=SHORT_SLOTS, repeat=REPEATS)
    def add_series(self, side: Side, data: st.DataObject, slot: Slot, repeat: Repeat) -> None:
        self._add(side, data, slot, repeat)

    @rule(data=st.data(), slot=SHORT_SLOTS)
    def add_the_same_on_both_sides(self, data: st.DataObject, slot: Slot) -> None:
        token = self._add(Side.GOOGLE, data, slot, None)
        title = next(one.title for one in self.path.everything(Side.GOOGLE) if token_of(one.title) == token)
        wish = self._wish(data, Side.NEO, title, kind="")
        self.people.add(Side.NEO, wish, self._last_slot)
        self.unmet.add(token)
        self.deeds[token].edited_on.add(Side.NEO)
        for name in CHECKED:
            self.deeds[token].wishes.setdefault(name, {})[Side.NEO] = getattr(wish, name)

    @precondition(lambda self: self._found())
    @rule(data=st.data())
    def write(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self._found()))
        name = data.draw(st.sampled_from(CHECKED))
        values: dict[str, list[Any]] = {"title": [f"{one.token} {word}" for word in WORDS], "place": PLACES, "memo": MEMOS}
        value = data.draw(st.sampled_from(values.get(name, [True, False])))
        note(f"{one} gets {name} {value!r:.60}")
        self.people.write(one, **{name: value})
        deeds = self._edited(one)
        deeds.wishes.setdefault(name, {})[one.side] = value

    @precondition(lambda self: self._found(series=False))
    @rule(data=st.data(), slot=SLOTS)
    def move(self, data: st.DataObject, slot: Slot) -> None:
        one = data.draw(st.sampled_from(self._found(series=False)))
        note(f"{one} moves to {slot}")
        self.people.move(one, self.people.unlike_any(slot))
        self._edited(one)

    @precondition(lambda self: self._found())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self._found()))
        note(f"{one} is deleted")
        self.people.delete(one)
        self._deeds(one.token).deleted_on.add(one.side)

    @precondition(lambda self: self._found(series=True))
    @rule(data=st.data(), times=st.integers(2, 5))
    def change_the_rule(self, data: st.DataObject, times: int) -> None:
        one = data.draw(st.sampled_from(self._found(series=True)))
        note(f"{one} gets {times} occurrences")
        self.people.repeat(one, times)
        self._edited(one)
        self.most[one.token] += times

    @precondition(lambda self: self._found(series=True))
    @rule(data=st.data(), what=st.sampled_from(["rename", "move", "cancel", "split"]), slot=SHORT_SLOTS)
    def touch_an_occurrence(self, data: st.DataObject, what: str, slot: Slot) -> None:
        one = data.draw(st.sampled_from(self._found(series=True)))
        original = data.draw(st.sampled_from(one.occurrences))
        note(f"{one}: {what} {original}")
        deeds = self._edited(one)
        title = f"{one.token} alone{self.people.minute}"
        match what:
            case "cancel":
                if len(one.occurrences) < 3:
                    deeds.deleted_on |= {*Side}
                self.people.cancel_one(one, original)
            case "split":
                token = self.people.new_token()
                self.people.split(one, original, f"{token} split")
                self.most[token] = len(one.occurrences)
                self._deeds(token).edited_on.add(one.side)
                there = self.people.count(one.side)
                for name in (token, one.token):
                    if not there[name]:  # All that is left has a title of its own, or nothing is left of the first series.
                        self._deeds(name).deleted_on |= {*Side}
            case _:
                self.people.change_one(one, original, title, self.people.unlike_any(slot) if what == "move" else None)
                self.most[one.token] += 1

    # What happens by itself.

    @rule(number=st.integers(1, 9))
    def days_pass(self, number: int) -> None:
        self.machinery.clock.moment += timedelta(days=number)

    @rule(keeps=st.booleans())
    def neo_is_updated(self, keeps: bool) -> None:  # noqa: FBT001 - drawn
        neo = self.machinery.neo
        neo.switches = neo.switches.model_copy(update={"changed_occurrence_keeps_sid": keeps})

    @rule()
    def sync_tokens_expire(self) -> None:
        self.path.google.expire_sync_tokens()

    # Runs.

    @rule(data=st.data(), faults=st.lists(FAULTS, max_size=2), dies=st.none() | st.integers(1, 3))
    def run_with_faults(self, data: st.DataObject, faults: list[Any], dies: int | None) -> None:
        for (side, fault), skip, times in faults:
            server = self.machinery.neo if side is Side.NEO else self.machinery.google
            server.faults.add(**fault, skip=skip, times=times)
        self.path.writes_until_death = dies
        if data.draw(st.booleans()):
            self._meanwhile(data, data.draw(st.integers(0, 5)))
        self.path.run_until_waiting()
        self.path.clear_faults()
        self.is_interrupted = True

    @rule()
    def cycle(self) -> None:
        self._cycle()

    def teardown(self) -> None:
        if hasattr(self, "path"):
            self.path.clear_faults()
            self._cycle()

    def _cycle(self) -> None:
        self.path.cycle()
        if self.has_unseen_edits:
            self.path.cycle()
            self.path.cycle()
            self.has_unseen_edits = False
        note("\n".join(f"  {line:.300}" for line in self.path.log))
        self.path.log.clear()
        self._both_are_equal()
        self._nothing_is_lost_or_doubled()
        self._wishes_came_true()
        self._nobody_was_invited()
        self._a_further_cycle_only_reads()
        seen = {token_of(one.title) for side in Side for one in self._in_window(side)} | self.gone
        self.deeds = {token: deeds for token, deeds in self.deeds.items() if token not in seen}
        self.unmet -= seen
        self.is_interrupted = False

    # What must be true.

    def _both_are_equal(self) -> None:
        found = self.path.differences()
        assert not found, "\n".join(f"only in {side}: {one}" for side, one in found)

    def _nothing_is_lost_or_doubled(self) -> None:
        counts = {side: self.people.count(side) for side in Side}
        for side in Side:
            everything = Counter(self.path.everything(side))
            twice = [one for one, number in everything.items() if number > 1]
            assert not twice, f"doubled in {side}: {twice}"
        for token, most in self.most.items():
            number = max(count[token] for count in counts.values())
            assert number <= most, f"{token} is doubled: {counts}"
            deeds = self.deeds.get(token, Deeds())
            if token in self.gone or deeds.deleted_on:
                continue
            assert number > 0, f"{token} is lost"
        for token, deeds in self.deeds.items():
            if not deeds.deleted_on:
                continue
            is_there = any(count[token] for count in counts.values())
            if not self.is_interrupted and token in self.singles and token not in self.gone | self.unmet:
                self._deletion_prevails(token, deeds)
            if not is_there:
                self.gone.add(token)

    def _deletion_prevails(self, token: str, deeds: Deeds) -> None:
        if len(deeds.deleted_on) == 2 or not deeds.edited_on - deeds.deleted_on:
            visible = {token_of(one.title) for side in Side for one in self._in_window(side)}
            assert token not in visible, f"{token} was deleted and lives"

    def _wishes_came_true(self) -> None:
        seen: dict[str, list[Appointment]] = {}
        for one in self._in_window(Side.NEO):
            seen.setdefault(token_of(one.title), []).append(one)
        for token, deeds in self.deeds.items():
            for one in seen.get(token, []) if token in self.singles else []:
                for name, by_side in deeds.wishes.items():
                    wanted = {_plain(name, value) for value in by_side.values()}
                    held = getattr(one, name)
                    is_fine = any(held.endswith(value) for value in wanted) if name == "title" else held in wanted
                    assert is_fine, f"{token}: {name} is {held!r:.200}, and people wrote {wanted}"

    def _nobody_was_invited(self) -> None:
        assert not self.path.google.mails
        assert not any("attendees" in event for event in self.path.google.events(EMAIL))
        calls = self.machinery.google.calls.all()
        assert not any("sendUpdates" in call.parameters for call in calls)
        changes = self.machinery.neo.calls.all("update_schedule")
        assert not any("otherto" in call.parameters or "plant" in call.parameters for call in changes)

    def _a_further_cycle_only_reads(self) -> None:
        self.path.forget_calls()
        self.path.cycle()
        writes = self.path.writes()
        assert not writes, f"a quiet run wrote: {writes}; {self.path.log}"
        self.path.log.clear()

    # What the model knows.

    def _add(self, side: Side, data: st.DataObject, slot: Slot, repeat: Repeat | None) -> str:
        token = self.people.new_token()
        title = f"{token} {data.draw(st.sampled_from(WORDS))}"
        wish = self._wish(data, side, title, kind=data.draw(st.sampled_from(["", "来客"])) if side is Side.NEO else "")
        self._last_slot = self.people.unlike_any(slot)
        note(f"{side} adds {wish!r:.200} {self._last_slot} {repeat}")
        self.people.add(side, wish, self._last_slot, repeat)
        self.most[token] = 1 if repeat is None else repeat.times
        deeds = self._deeds(token)
        deeds.edited_on.add(side)
        if repeat is None:
            self.singles.add(token)
            deeds.wishes = {name: {side: getattr(wish, name)} for name in CHECKED}
        return token

    def _wish(self, data: st.DataObject, side: Side, title: str, *, kind: str) -> Wish:
        place, memo = data.draw(st.sampled_from(PLACES)), data.draw(st.sampled_from(MEMOS))
        is_private, is_tentative = data.draw(st.booleans()), data.draw(st.booleans())
        is_shared = side is Side.NEO and data.draw(st.booleans())
        return Wish(title, place, memo, is_private=is_private, is_tentative=is_tentative, kind=kind, is_shared=is_shared)

    def _meanwhile(self, data: st.DataObject, calls: int) -> None:
        left = calls

        def before_call() -> None:
            nonlocal left
            left -= 1
            if left == -1 and self._found():
                self.has_unseen_edits = True
                self.write(data)

        self.path.before_call = before_call

    def _found(self, *, series: bool | None = None) -> list[Found]:
        found = self.people.found()
        unsafe = self.path.unrecorded([one.id for one in found if one.side is Side.NEO])
        return [one for one in found if series in (None, one.is_series) and one.id not in unsafe]

    def _deeds(self, token: str) -> Deeds:
        return self.deeds.setdefault(token, Deeds())

    def _edited(self, one: Found) -> Deeds:
        deeds = self._deeds(one.token)
        deeds.edited_on.add(one.side)
        if one.token in self.unmet:
            self.most[one.token] = 2  # Changed before the two ever met, they may be two.
        return deeds

    def _in_window(self, side: Side) -> list[Appointment]:
        first, last = (f"{day}" for day in (self.path.window.first, self.path.window.last))
        return [one for one in self.path.everything(side) if first < one.start[:10] < last]


def _plain(name: str, value: Any) -> Any:
    return value.strip() if name in {"title", "place", "memo"} else value


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machinery]:
    """Keep servers, clients and database for all examples."""
    with machinery(tmp_path_factory.mktemp("path")) as made:
        yield made


def _try(machine: Machinery, **how: Any) -> None:
    usual: dict[str, Any] = {
        "stateful_step_count": 15,
        "deadline": None,
        "suppress_health_check": list(HealthCheck),
        "print_blob": True,
    }
    run_state_machine_as_test(partial(BothCalendars, machine), settings=settings(**(usual | how)))  # type: ignore[arg-type] # it says class, and calls it


def test_both_calendars_end_equal_whatever_people_and_faults_do(machine: Machinery) -> None:
    _try(machine, max_examples=200, derandomize=True, database=None)


@pytest.mark.slow
def test_both_calendars_end_equal_in_two_thousand_stories(machine: Machinery) -> None:
    _try(machine, max_examples=2000, database=None)
