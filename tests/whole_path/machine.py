"""The state machine: people, time, faults and runs in any order."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from desksync.sync.event import Side
from desksync_sandbox.google import GoogleSwitches
from desksync_sandbox.neo.switches import NeoSwitches
from tests.whole_path.chances import FAULTS, GOOGLE_SWITCHES, NEO_SWITCHES, RULES, SHORT_SLOTS, SLOTS
from tests.whole_path.expectations import Deeds, Expectations
from tests.whole_path.found import Found, found_on, seen_on
from tests.whole_path.machinery import Machinery
from tests.whole_path.path import Making, WholePath
from tests.whole_path.people import MEMOS, PLACES, WORDS, People, later
from tests.whole_path.repeats import GoogleRule, NeoRule
from tests.whole_path.words import FIELDS, Slot, Wish

ZONES = [ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")]
SIDES = st.sampled_from(Side)


class BothCalendars(RuleBasedStateMachine):
    """Any story of what may happen to one user's two calendars."""

    def __init__(self, machinery: Machinery, making: Making) -> None:
        super().__init__()
        self.machinery = machinery
        self.making = making
        self.has_unseen_edits = False

    @initialize(zone=st.sampled_from(ZONES), neo=NEO_SWITCHES, google=GOOGLE_SWITCHES, resets=st.booleans())
    def begin(self, zone: ZoneInfo, neo: NeoSwitches, google: GoogleSwitches, resets: bool) -> None:  # noqa: FBT001 - drawn
        self.path = WholePath(self.machinery, zone, neo, google, self.making, resets=resets)
        self.people = People(self.path)
        self.model = Expectations(self.path)

    # What people do.

    @rule(side=SIDES, data=st.data(), slot=SLOTS)
    def add(self, side: Side, data: st.DataObject, slot: Slot) -> None:
        self._add(side, data, slot, None)

    @rule(side=SIDES, data=st.data(), slot=SHORT_SLOTS)
    def add_series(self, side: Side, data: st.DataObject, slot: Slot) -> None:
        self._add(side, data, slot, data.draw(RULES[side]))

    @rule(data=st.data(), slot=SHORT_SLOTS)
    def add_the_same_on_both_sides(self, data: st.DataObject, slot: Slot) -> None:
        token = self._add(Side.GOOGLE, data, slot, None)
        (there,) = seen_on(self.path, Side.GOOGLE)[token]
        wish = self._wish(data, Side.NEO, there.title, kind="")
        with self._deed(Side.NEO, token) as deeds:
            self.people.add(Side.NEO, wish, self._last_slot)
        self.model.unmet.add(token)
        self.model.homes[token] = None
        for name in FIELDS:
            deeds.wishes.setdefault(name, {})[Side.NEO] = getattr(wish, name)

    @precondition(lambda self: self._found())
    @rule(data=st.data())
    def write(self, data: st.DataObject) -> None:
        self._write(data.draw(st.sampled_from(self._found())), data.draw(st.sampled_from(FIELDS)), data)

    @precondition(lambda self: self._found())
    @rule(data=st.data(), slot=SLOTS)
    def move(self, data: st.DataObject, slot: Slot) -> None:
        self._move(data.draw(st.sampled_from(self._found())), slot)

    @precondition(lambda self: self._found())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self._found()))
        note(f"{one} is deleted")
        with self._deed(one.side, one.token):
            self.people.delete(one)

    @precondition(lambda self: self._found_at_home())
    @rule(data=st.data())
    def change_the_rule(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self._found_at_home()))
        to = data.draw(st.none() | RULES[one.side]) if one.is_series else data.draw(RULES[one.side])
        note(f"{one} repeats {to}")
        with self._deed(one.side, one.token):
            self.people.repeat(one, to)
        self.model.singles.discard(one.token)

    @precondition(lambda self: self._found(series=True))
    @rule(data=st.data(), what=st.sampled_from(["rename", "move", "back", "cancel", "restore", "split", "end"]), slot=SHORT_SLOTS)
    def touch_an_occurrence(self, data: st.DataObject, what: str, slot: Slot) -> None:
        one = data.draw(st.sampled_from(self._found(series=True)))
        original = data.draw(st.sampled_from(one.occurrences))
        note(f"{one}: {what} {original}")
        with self._deed(one.side, one.token, spare=1 if what in {"rename", "move", "restore"} else 0):
            match what:
                case "rename":
                    self.people.change_one(one, original, self.people.new_name(one), None)
                case "move":
                    self.people.change_one(one, original, self.people.new_name(one), self.people.unlike_any(slot))
                case "back":
                    self.people.change_one_back(one, original)
                case "cancel":
                    self.people.cancel_one(one, original)
                case "restore":
                    if one.cancelled:
                        self.people.restore_one(data.draw(st.sampled_from(one.cancelled)))
                case "split":
                    self.people.split(one, original, f"{self.people.new_token()} split")
                case _:
                    self.people.end(one, original)

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

    @rule(
        data=st.data(),
        faults=st.lists(FAULTS, max_size=2),
        dies=st.none() | st.tuples(st.sampled_from(["call", "write", "write"]), st.integers(1, 4)),
    )
    def run_with_faults(self, data: st.DataObject, faults: list[Any], dies: tuple[str, int] | None) -> None:
        for (side, fault), skip, times in faults:
            server = self.machinery.neo if side is Side.NEO else self.machinery.google
            server.faults.add(**fault, skip=skip, times=times)
        match dies:
            case ("call", number):
                self.path.calls_until_death = number
            case (_, number):
                self.path.writes_until_death = number
        if data.draw(st.booleans()):
            self._meanwhile(data, data.draw(st.integers(0, 5)))
        self.path.run_until_waiting()
        self.path.clear_faults()
        self.model.is_interrupted = True
        self._at_once(data)

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
        self.model.check()
        self._a_further_cycle_only_reads()

    def _a_further_cycle_only_reads(self) -> None:
        self.path.forget_calls()
        self.path.cycle()
        writes = self.path.writes()
        assert not writes, f"a quiet run wrote: {writes}; {self.path.log}"
        self.path.log.clear()

    # How it is done.

    def _add(self, side: Side, data: st.DataObject, slot: Slot, kind: NeoRule | GoogleRule | None) -> str:
        token = self.people.new_token()
        title = f"{token} {data.draw(st.sampled_from(WORDS))}"
        wish = self._wish(data, side, title, kind=data.draw(st.sampled_from(["", "来客"])) if side is Side.NEO else "")
        self._last_slot = self.people.unlike_any(slot if kind is None else self.people.fitted(slot, kind))
        note(f"{side} adds {wish!r:.200} {self._last_slot} {kind}")
        with self._deed(side, token) as deeds:
            self.people.add(side, wish, self._last_slot, kind)
        if kind is None:
            self.model.singles.add(token)
            deeds.wishes.update({name: {side: getattr(wish, name)} for name in FIELDS})
        return token

    def _wish(self, data: st.DataObject, side: Side, title: str, *, kind: str) -> Wish:
        place, memo = data.draw(st.sampled_from(PLACES)), data.draw(st.sampled_from(MEMOS))
        is_private, is_tentative = data.draw(st.booleans()), data.draw(st.booleans())
        is_shared = side is Side.NEO and data.draw(st.booleans())
        return Wish(title, place, memo, is_private=is_private, is_tentative=is_tentative, kind=kind, is_shared=is_shared)

    @contextmanager
    def _deed(self, side: Side, token: str, *, spare: int = 0) -> Iterator[Deeds]:
        before = seen_on(self.path, side)
        deeds = self.model.of(token)
        yield deeds
        self.model.did(side, token, before, spare=spare)

    def _write(self, one: Found, name: str, data: st.DataObject) -> None:
        values: dict[str, list[Any]] = {"title": [f"{one.token} {word}" for word in WORDS], "place": PLACES, "memo": MEMOS}
        value = data.draw(st.sampled_from(values.get(name, [True, False])))
        note(f"{one} gets {name} {value!r:.60}")
        with self._deed(one.side, one.token) as deeds:
            self.people.write(one, **{name: value})
        deeds.wishes.setdefault(name, {})[one.side] = value

    def _move(self, one: Found, slot: Slot) -> None:
        to = self.people.unlike_any(slot)
        if one.is_series:
            if one.starts is None or to.start is None or one.minutes > 60 or (to.minutes or 0) > 60:
                return
            to = later(one, to)
        note(f"{one} moves to {to}")
        with self._deed(one.side, one.token):
            self.people.move(one, to)

    def _at_once(self, data: st.DataObject) -> None:
        """Let somebody change what has just been in a run that went wrong, before anybody knows what came of it."""
        pending = [one for one in self._found() if one.token in self.model.deeds]
        deed = data.draw(st.sampled_from(["none", "write", "move"]))
        if pending and deed != "none":
            one = data.draw(st.sampled_from(pending))
            if deed == "write":
                self._write(one, "title", data)
            else:
                self._move(one, data.draw(SHORT_SLOTS))

    def _meanwhile(self, data: st.DataObject, calls: int) -> None:
        left = calls

        def before_call() -> None:
            nonlocal left
            left -= 1
            if left == -1 and self._found():
                self.has_unseen_edits = True
                deed = data.draw(st.sampled_from([self.write, self.write, self.delete]))
                deed(data)

        self.path.before_call = before_call

    def _found(self, *, series: bool | None = None) -> list[Found]:
        found = found_on(self.path)
        unsafe = self.path.unrecorded([one.id for one in found if one.side is Side.NEO])
        return [one for one in found if series in (None, one.is_series) and one.id not in unsafe]

    def _found_at_home(self) -> list[Found]:
        """Return what may be given another rule: whose copy is ours, and whose times are certain."""
        return [
            one
            for one in self._found()
            if self.model.homes.get(one.token) is one.side
            and one.token not in self.model.unmet
            and not (one.starts is not None and self.people.is_uncertain(one.minutes))
        ]
