"""Rule R5: so many deletions at once wait for a person."""

import pytest

from desksync.sync.event import Side
from desksync.sync.guard import Decided, HoldLimits, guard, pair_of, still_deleted
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


def test_a_decision_is_settled_when_the_link_is_gone_or_both_sides_hold_the_event() -> None:
    links = [a_delete(number).link for number in range(3)]
    pairs = {pair_of(link) for link in links} | {("n9", "g9")}
    neo = {"n0": Stored("n0", an_event()), "n1": Stored("n1", an_event())}
    google = {"g0": Stored("g0", an_event())}

    assert still_deleted(pairs, links, neo, google) == {("n1", "g1"), ("n2", "g2")}
    assert still_deleted((), links, neo, google) == frozenset()
