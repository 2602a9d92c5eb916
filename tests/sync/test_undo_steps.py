"""Deciding how one write is put back: what has to be known for it, and what the next run would not leave alone."""

from datetime import timedelta

import pytest

from desksync.sync.event import Event, Side
from desksync.sync.link import Link
from desksync.sync.parts import Place
from desksync.sync.policy import Policy
from desksync.sync.reading import Stored
from desksync.sync.recurrence import Frequency, Recurrence
from desksync.sync.relink import linked_again
from desksync.sync.undo import NotUndone, Spot, Write, Written, resting, spot, step
from desksync.sync.undo import WriteBack as Back
from tests.builders import A_MONDAY, TOKYO, WINDOW, an_event, weekly

POLICY = Policy(WINDOW, "scope", zone=TOKYO)
WEEK = timedelta(weeks=1)
EVENT = an_event("Now")


@pytest.mark.parametrize(
    ("write", "at", "why"),
    [
        (Write(Written.DELETED, Side.NEO, "n1", None, None), Spot("n1", None), "the history does not hold what was deleted"),
        (
            Write(Written.UPDATED, Side.NEO, "n1", None, EVENT),
            Spot("n1", Stored("n1", EVENT)),
            "the history does not hold what it was before",
        ),
        (
            Write(Written.UPDATED, Side.NEO, "n1", EVENT, EVENT),
            Spot("n1", Stored("n1", EVENT)),
            "nothing of it was changed",
        ),
    ],
)
def test_what_the_history_does_not_hold_cannot_be_put_back(write: Write, at: Spot, why: str) -> None:
    assert step(write, at, POLICY) == NotUndone(why)


def test_a_date_of_an_event_that_is_no_series_any_more_has_no_room() -> None:
    place = str(Place("g1", A_MONDAY))

    assert not spot(place, Stored("g1", EVENT), TOKYO).has_room
    assert not spot(place, None, TOKYO).has_room
    assert spot(place, Stored("g1", an_event(repeat=weekly())), TOKYO).has_room


def test_a_change_between_two_forms_of_a_series_does_not_rest() -> None:
    several_days = an_event(repeat=Recurrence(Frequency.WEEKLY, 2, (0, 6), count=6, week_start=6))
    link = Link("n1", "g1", neo=several_days, google=several_days, origin=Side.GOOGLE)

    rest = resting(Back(Stored("n1", several_days), an_event("Before", repeat=weekly())), link, Side.NEO, POLICY)

    assert rest == NotUndone("the next run would write it again")


@pytest.mark.parametrize("side", Side)
def test_what_the_partner_became_meanwhile_counts_as_its_change(side: Side) -> None:
    first, second, third = (A_MONDAY + number * WEEK for number in range(3))
    put_back = an_event("Old", repeat=weekly(5), exceptions={second: None, third: an_event("Third")})
    partner = an_event("New", repeat=weekly(5), exceptions={first: an_event("First"), third: an_event("Third")})

    link = linked_again(side, Stored("1", put_back), Stored("2", partner), WINDOW)

    expected: dict[Side, Event] = {side: put_back, side.other: put_back}
    assert {one: link.base_on(one) for one in Side} == expected
    assert (link.id_on(side), link.id_on(side.other), link.origin) == ("1", "2", side.other)
