"""Rule R5: so many deletions at once wait for a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desksync.sync.event import Side
from desksync.sync.guard import Decided, HoldLimits, doubtful_pairs, guard, pair_of, still_deleted
from desksync.sync.link import Link
from desksync.sync.plan import Create, Delete, Plan
from desksync.sync.reading import Stored
from tests.builders import an_event

LIMITS = HoldLimits(deletes=10, share=0.30)


def a_delete(number: int, side: Side = Side.GOOGLE) -> Delete:
    link = Link(f"n{number}", f"g{number}", an_event(), an_event())
    return Delete(side, link, Stored(link.id_on(side), an_event()))


def a_plan(deletes: int, first: int = 0) -> Plan:
    return Plan(actions=tuple(a_delete(number) for number in range(first, first + deletes)))


@pytest.mark.parametrize(
    ("deletes", "linked", "held"),
    [
        (10, 10, 0),  # Not more than ten, whatever their share.
        (11, 11, 11),
        (11, 36, 11),
        (11, 37, 0),  # 29.7 %.
        (12, 40, 0),  # Just 30 % is not more than 30 %.
        (13, 40, 13),
        (0, 0, 0),
    ],
)
def test_r5_more_than_ten_and_more_than_thirty_percent_are_held(deletes: int, linked: int, held: int) -> None:
    plan = a_plan(deletes)

    guarded = guard(plan, linked, LIMITS, Decided())

    assert len(guarded.held) == held
    assert len(guarded.plan.actions) == deletes - held


def test_r5_both_sides_are_counted_together() -> None:
    sides = [Side.NEO] * 6 + [Side.GOOGLE] * 5
    plan = Plan(actions=tuple(a_delete(number, side) for number, side in enumerate(sides)))

    guarded = guard(plan, 20, LIMITS, Decided())

    assert (guarded.number_on(Side.NEO), guarded.number_on(Side.GOOGLE)) == (6, 5)
    assert guarded.plan.actions == ()


def test_r5_the_rest_of_the_plan_is_done() -> None:
    create = Create(Side.GOOGLE, Stored("n99", an_event()), an_event(), "key")
    plan = Plan(actions=(create, *a_plan(20).actions))

    assert guard(plan, 20, LIMITS, Decided()).plan.actions == (create,)


def test_r5_what_waits_goes_on_waiting_when_the_share_falls() -> None:
    waiting = frozenset(pair_of(delete.link) for delete in guard(a_plan(12), 20, LIMITS, Decided()).held)

    guarded = guard(a_plan(13), 1000, LIMITS, Decided(waiting=waiting))

    assert guarded.pairs == waiting
    assert [pair_of(one.link) for one in guarded.plan.actions if isinstance(one, Delete)] == [("n12", "g12")]


def test_r5_what_was_released_passes_and_is_not_counted() -> None:
    released = frozenset(pair_of(one.link) for one in a_plan(12).actions if isinstance(one, Delete))

    guarded = guard(a_plan(22), 30, LIMITS, Decided(released=released))

    assert guarded.held == ()
    assert len(guard(a_plan(23), 30, LIMITS, Decided(released=released)).held) == 11


def pairs_of(numbers: range) -> frozenset[tuple[str, str]]:
    return frozenset((f"n{number}", f"g{number}") for number in numbers)


def test_r5_what_is_missing_and_not_looked_at_yet_counts_and_is_answered_with_the_rest() -> None:
    doubtful = {Side.NEO: pairs_of(range(4, 12))}

    guarded = guard(a_plan(4), 20, LIMITS, Decided(), doubtful)

    assert len(guarded.held) == 4
    assert guarded.pairs == pairs_of(range(12))
    assert (guarded.number_on(Side.GOOGLE), guarded.number_on(Side.NEO), guarded.number_in_doubt) == (12, 0, 8)


@pytest.mark.parametrize("said", ["released", "refused"])
def test_r5_what_was_decided_of_something_missing_is_not_counted_again(said: str) -> None:
    doubtful = {Side.NEO: pairs_of(range(4, 12))}

    guarded = guard(a_plan(4), 20, LIMITS, Decided(**{said: pairs_of(range(4, 12))}), doubtful)

    assert guarded.held == ()
    assert guarded.doubtful == {}


def test_r5_something_missing_alone_holds_nothing_and_waits_for_nobody() -> None:
    doubtful = {Side.GOOGLE: pairs_of(range(20))}

    guarded = guard(Plan(), 20, LIMITS, Decided(), doubtful)

    assert guarded.pairs == frozenset()


def test_r5_what_waited_before_it_was_looked_at_goes_on_waiting_and_what_is_new_does_not() -> None:
    waiting = pairs_of(range(12))

    guarded = guard(a_plan(8), 1000, LIMITS, Decided(waiting=waiting), {Side.NEO: pairs_of(range(8, 14))})

    assert guarded.pairs == waiting


def test_r5_a_series_in_doubt_stands_for_each_of_its_parts_that_is_linked() -> None:
    links = [Link(f"7#2026-11-{day}", f"g{day}", an_event(), an_event()) for day in (23, 30)]
    links.append(Link("8", "g8", an_event(), an_event()))

    found = doubtful_pairs(links, {Side.NEO: {"7"}, Side.GOOGLE: {"g8"}})

    assert found == {Side.NEO: {("7#2026-11-23", "g23"), ("7#2026-11-30", "g30")}, Side.GOOGLE: {("8", "g8")}}


@given(linked=st.integers(1, 200), share=st.floats(0, 1), portion=st.integers(1, 50))
def test_r5_in_portions_just_that_is_held_that_would_be_held_at_once(linked: int, share: float, portion: int) -> None:
    missing = round(linked * share)
    deleted = 0

    while deleted < missing:
        looked = range(deleted, min(deleted + portion, missing))
        doubtful = {Side.NEO: pairs_of(range(looked.stop, missing))}
        guarded = guard(a_plan(len(looked), deleted), linked - deleted, LIMITS, Decided(), doubtful)
        if guarded.held:
            break
        deleted = looked.stop

    is_held = missing > LIMITS.deletes and missing > LIMITS.share * linked
    assert deleted == (0 if is_held else missing)


def test_a_decision_is_settled_when_the_link_is_gone_or_both_sides_hold_the_event() -> None:
    links = [a_delete(number).link for number in range(3)]
    pairs = {pair_of(link) for link in links} | {("n9", "g9")}
    neo = {"n0": Stored("n0", an_event()), "n1": Stored("n1", an_event())}
    google = {"g0": Stored("g0", an_event())}

    assert still_deleted(pairs, links, neo, google) == {("n1", "g1"), ("n2", "g2")}
    assert still_deleted((), links, neo, google) == frozenset()
    assert still_deleted(pairs, links, neo, google, frozenset({("n0", "g0")})) == pairs_of(range(3))
