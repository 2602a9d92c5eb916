"""What must be true of both calendars after a run, from what people did. Knows no rule of syncing but those that it checks."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from desksync.sync.event import Side
from desksync_sandbox.compare import Appointment
from tests.whole_path.found import Seen, seen_on, token_of
from tests.whole_path.machinery import EMAIL
from tests.whole_path.path import WholePath


@dataclass
class Deeds:
    """What people did to one event since both calendars last agreed.

    `left` is how a side looked after the last deed there. `is_hidden`: some of it was done in NEO outside the days that sync, and
    is seen when they reach it. `orphans` are dates that were taken out of a series on Google after a run that was interrupted: a
    copy of which no record came about may be in NEO, is a person's event for all that anybody knows, and is copied back.
    """

    wishes: dict[str, dict[Side, Any]] = field(default_factory=dict)
    edited_on: set[Side] = field(default_factory=set)
    deleted_on: set[Side] = field(default_factory=set)
    left: dict[Side, Counter[Appointment]] = field(default_factory=dict)
    is_hidden: bool = False
    orphans: Counter[Appointment] = field(default_factory=Counter)


@dataclass
class Expectations:
    """The model. `singles` are tokens of events that never repeated, `most` how many occurrences a token may have at most."""

    path: WholePath
    deeds: dict[str, Deeds] = field(default_factory=dict)
    most: Counter[str] = field(default_factory=Counter)
    singles: set[str] = field(default_factory=set)
    homes: dict[str, Side | None] = field(default_factory=dict)
    """Where the event of a token was made, `None` for both: neither is a copy that may be replaced (ADR 24)."""
    gone: set[str] = field(default_factory=set)
    unmet: set[str] = field(default_factory=set)
    """Tokens of events that were added on both sides and have not been matched yet."""
    twins: set[str] = field(default_factory=set)
    """Tokens of such events that were changed before the two met, so that they are two."""
    living: set[str] = field(default_factory=set)
    """Tokens of events that were deleted in NEO, and changed on Google after that: the change wins (rule R12)."""
    is_interrupted: bool = False
    agreed: Mapping[Side, Seen] = field(default_factory=lambda: {side: {} for side in Side})

    # What people did.

    def did(self, side: Side, token: str, before: Seen, *, spare: int = 0) -> Deeds:
        """Take note of a deed on that side, given how it looked before. `spare` more occurrences may be there than now."""
        after = seen_on(self.path, side)
        touched = {one for one in {*before, *after} if before.get(one) != after.get(one)} | {token}
        for one in touched:
            self.homes.setdefault(one, side)
            was, shown = before.get(one, Counter()), after.get(one, Counter())
            deeds = self.of(one)
            is_one_of_two_gone = one in self.twins and shown.total() < was.total()
            (deeds.edited_on if shown and not is_one_of_two_gone else deeds.deleted_on).add(side)
            deeds.left[side] = shown
            if side is Side.GOOGLE and was != shown and shown and Side.NEO in deeds.deleted_on:
                self.living.add(one)
            elif not shown:
                self.living.discard(one)
                self.homes[one] = side.other  # Should it live on there, what comes back here is a copy.
                for by_side in deeds.wishes.values():
                    by_side.pop(side, None)  # They went with the event.
            if side is Side.GOOGLE and self.is_interrupted and shown.total() < was.total():
                deeds.orphans |= was - shown
            self.most[one] = max(self.most[one], shown.total()) + spare
            if one in self.unmet:
                self.twins.add(one)
                self.most[one] = max(self.most[one], was.total() + shown.total())
            if side is Side.NEO and self._lies_outside((was - shown) + (shown - was)):
                deeds.is_hidden = True
        return self.of(token)

    def of(self, token: str) -> Deeds:
        """Return what was done to an event."""
        return self.deeds.setdefault(token, Deeds())

    # What must be true.

    def check(self) -> None:
        """Look at both calendars after runs that nothing disturbed."""
        found = self.path.differences()
        assert not found, "\n".join(f"only in {side}: {one}" for side, one in found)
        seen = {side: seen_on(self.path, side) for side in Side}
        self._nothing_is_doubled(seen)
        self._nothing_is_lost(seen)
        self._what_one_side_did_stands(seen)
        self._wishes_came_true()
        self._nobody_was_invited()
        self._agree(seen)

    def _nothing_is_doubled(self, seen: Mapping[Side, Seen]) -> None:
        for side in Side:
            counts = [count for token, count in seen[side].items() if token not in self.twins]
            twice = [one for count in counts for one, number in count.items() if number > 1]
            assert not twice, f"doubled in {side}: {twice}"
        for token, most in self.most.items():
            numbers = [seen[side].get(token, Counter()).total() for side in Side]
            most_now = most + self.deeds.get(token, Deeds()).orphans.total()
            assert max(numbers) <= most_now, f"{token} is doubled: {numbers}, at most {most}"

    def _nothing_is_lost(self, seen: Mapping[Side, Seen]) -> None:
        for token in self.most:
            is_there = any(seen[side].get(token) for side in Side)
            deeds = self.deeds.get(token, Deeds())
            if token in self.living & self.singles - self.twins:
                assert is_there, f"{token} was changed after it had been deleted on the other side, and is lost"
            if not deeds.deleted_on:
                assert is_there or token in self.gone, f"{token} is lost"
                continue
            if not self.is_interrupted and token in self.singles and token not in self.gone | self.unmet | self.twins:
                self._deletion_prevails(token, deeds)
            if not is_there:
                self.gone.add(token)

    def _deletion_prevails(self, token: str, deeds: Deeds) -> None:
        if len(deeds.deleted_on) == 2 or not deeds.edited_on - deeds.deleted_on:
            visible = {token_of(one.title) for side in Side for one in self._in_window(side)}
            assert token not in visible, f"{token} was deleted and lives"

    def _what_one_side_did_stands(self, seen: Mapping[Side, Seen]) -> None:
        """Expect each side as people left it where nobody touched the other one: nothing of ours flows back."""
        for token, deeds in self.deeds.items():
            sides = deeds.edited_on | deeds.deleted_on
            if len(sides) > 1 or token in self.unmet or (deeds.deleted_on and self.is_interrupted):
                continue
            (side,) = sides
            now, left = seen[side].get(token, Counter()), deeds.left[side]
            assert now - deeds.orphans == left - deeds.orphans, (
                f"{token} was touched in {side} only, and is not as it was left: gained {now - left}, lost {left - now}"
            )
        for side in Side:
            for token, before in self.agreed[side].items():
                lost = before - seen[side].get(token, Counter())
                assert not lost or token in self.deeds, f"nobody touched {token}, and {side} lost {lost}"

    def _wishes_came_true(self) -> None:
        shown: dict[str, list[Appointment]] = {}
        for one in self._in_window(Side.NEO):
            shown.setdefault(token_of(one.title), []).append(one)
        for token, deeds in self.deeds.items():
            for one in shown.get(token, []) if token in self.singles - self.twins else []:
                for name, by_side in deeds.wishes.items():
                    wanted = {_plain(name, value) for value in by_side.values()}
                    held = getattr(one, name)
                    is_fine = any(held.endswith(value) for value in wanted) if name == "title" else held in wanted
                    assert is_fine or not wanted, f"{token}: {name} is {held!r:.200}, and people wrote {wanted}"

    def _nobody_was_invited(self) -> None:
        assert not self.path.google.mails
        assert not any("attendees" in event for event in self.path.google.events(EMAIL))
        calls = self.path.machinery.google.calls.all()
        assert not any("sendUpdates" in call.parameters for call in calls)
        changes = self.path.machinery.neo.calls.all("update_schedule")
        assert not any("otherto" in call.parameters or "plant" in call.parameters for call in changes)

    # What the model forgets.

    def _agree(self, seen: Mapping[Side, Seen]) -> None:
        """Begin anew with everything on which both sides agree."""
        visible = {token_of(one.title) for side in Side for one in self._in_window(side)} | self.gone
        self.deeds = {
            token: deeds
            for token, deeds in self.deeds.items()
            if token not in visible or (deeds.is_hidden and seen[Side.NEO].get(token) != seen[Side.GOOGLE].get(token))
        }
        self.unmet -= visible
        self.living.clear()
        self.agreed = seen
        self.is_interrupted = False

    def _in_window(self, side: Side) -> list[Appointment]:
        return [one for one in self.path.everything(side) if not self._lies_outside([one])]

    def _lies_outside(self, several: Iterable[Appointment]) -> bool:
        first, last = (f"{day}" for day in (self.path.window.first, self.path.window.last))
        return any(not first < one.start[:10] < last for one in several)


def _plain(name: str, value: Any) -> Any:
    return value.strip() if name in {"title", "place", "memo"} else value
