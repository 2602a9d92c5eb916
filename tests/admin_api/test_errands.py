from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from desksync.store import errands
from desksync.store.audit import Party
from desksync.store.errands import Errand
from desksync.store.web_states import ErrandKind, ErrandState
from desksync.worker.desk import LeaseLost
from desksync.worker.errors import RetryLater
from desksync.worker.standstill import RunUnderWay
from desksync_admin_api.doors import Tell
from desksync_admin_api.errands.loop import LEASE, ErrandLoop
from desksync_admin_api.errands.work import REFUSALS, SHOWN, works
from desksync_admin_api.errands.work import _shortened as shortened
from tests.admin_api.office import WebOffice
from tests.builders import an_event
from tests.worker.desks import desks
from tests.worlds import World, a_world

ASKER = Party("account", "1", "administrator")


@dataclass
class Desk:
    """Where errands are ordered, and a loop that carries them out when told."""

    office: WebOffice
    work: Callable[[Errand, Tell], Mapping[str, Any]]
    turned: list[int] = field(default_factory=list)

    def order(self, kind: ErrandKind = ErrandKind.PREVIEW, **arguments: Any) -> int:
        with self.office.begin() as session:
            return errands.order(session, kind, self.office.user_id(), arguments, ASKER, self.office.clock())

    def loop(self) -> ErrandLoop:
        kinds = dict.fromkeys(ErrandKind, self.work)
        return ErrandLoop(self.office.begin, kinds, REFUSALS, self.office.clock, lambda: self.turned.append(1))

    def seen(self, errand_id: int) -> Errand:
        with self.office.begin() as session:
            found = errands.get_errand(session, errand_id)
        assert found is not None
        return found


def raising(error: Exception) -> Callable[[Errand, Tell], Mapping[str, Any]]:
    def work(_errand: Errand, _tell: Tell) -> Mapping[str, Any]:
        raise error

    return work


def test_an_errand_is_carried_out_and_its_result_kept(office: WebOffice) -> None:
    desk = Desk(office, lambda errand, _tell: {"double": errand.arguments["number"] * 2})
    ordered = desk.order(number=21)

    did = [desk.loop().turn(), desk.loop().turn()]

    assert did == [True, False]
    assert (desk.seen(ordered).state, desk.seen(ordered).result) == (ErrandState.DONE, {"double": 42})


def test_progress_is_in_the_row_while_it_goes_on(office: WebOffice) -> None:
    seen = []

    def work(errand: Errand, tell: Tell) -> Mapping[str, Any]:
        for done in range(4):
            tell(done, 4)
            seen.append((desk.seen(errand.id).done, desk.seen(errand.id).total))
            office.clock.forward(seconds=0.6)
        return {}

    desk = Desk(office, work)
    desk.order()

    desk.loop().turn()

    assert seen == [(0, 4), (0, 4), (2, 4), (2, 4)]  # About once a second, and not for every event.
    assert len(desk.turned) == 4


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RetryLater("Google Server Error (HTTP 503)."), "Google Server Error (HTTP 503)."),
        (ZeroDivisionError("a secret detail"), "Something went wrong on our side. The log of the program says what."),
    ],
)
def test_what_comes_to_nothing_says_why_and_shows_no_mistake_of_ours(office: WebOffice, error: Exception, said: str) -> None:
    desk = Desk(office, raising(error))
    ordered = desk.order()

    desk.loop().turn()

    assert (desk.seen(ordered).state, desk.seen(ordered).error) == (ErrandState.FAILED, said)


@pytest.mark.parametrize("error", [RunUnderWay("a run"), LeaseLost("a ticket")])
def test_an_errand_waits_for_a_run_and_gives_up_after_a_while(office: WebOffice, error: Exception) -> None:
    desk = Desk(office, raising(error))
    ordered = desk.order()

    desk.loop().turn()
    at_once = desk.loop().turn()
    office.clock.forward(seconds=10)
    again = desk.loop().turn()
    waiting = desk.seen(ordered).state
    office.clock.forward(minutes=20)
    desk.loop().turn()

    assert (at_once, again, waiting) == (False, True, ErrandState.WAITING)
    assert desk.seen(ordered).state is ErrandState.FAILED


def test_an_errand_whose_loop_died_is_done_by_another_one(office: WebOffice) -> None:
    desk = Desk(office, raising(OperationalError("", None, Exception("gone"))))
    ordered = desk.order()
    with pytest.raises(OperationalError):
        desk.loop().turn()
    other = Desk(office, lambda _errand, _tell: {"done": True})

    before = other.loop().turn()
    office.clock.forward(seconds=LEASE.total_seconds() + 1)
    after = other.loop().turn()

    assert (before, after) == (False, True)
    assert desk.seen(ordered).result == {"done": True}


def test_a_loop_that_was_overtaken_stops_and_keeps_nothing(office: WebOffice) -> None:
    def slow(_errand: Errand, tell: Tell) -> Mapping[str, Any]:
        office.clock.forward(seconds=LEASE.total_seconds() + 1)
        Desk(office, lambda _errand, _tell: {"by": "the other"}).loop().turn()
        tell(1, 2)
        raise AssertionError("it went on")

    desk = Desk(office, slow)
    ordered = desk.order()

    desk.loop().turn()

    assert desk.seen(ordered).result == {"by": "the other"}


def test_an_errand_that_kills_its_loop_each_time_is_given_up(office: WebOffice) -> None:
    desk = Desk(office, raising(OperationalError("", None, Exception("gone"))))
    ordered = desk.order()

    for _ in range(3):
        with pytest.raises(OperationalError):
            desk.loop().turn()
        office.clock.forward(seconds=LEASE.total_seconds() + 1)
    desk.loop().turn()

    assert desk.seen(ordered).state is ErrandState.FAILED


def the_work(world: World, office: WebOffice, kind: ErrandKind, **arguments: Any) -> Mapping[str, Any]:
    """Do the real work of an errand about the user of a world."""
    errand = Errand(
        1, kind, world.user_id, arguments, ASKER, ErrandState.RUNNING, 1, 0, None, None, None, office.clock(), None, None
    )
    return works(world.begin, desks(world), office.neo, world.clock)[kind](errand, lambda _done, _of: None)


def test_a_preview_tells_what_a_run_would_do(office: WebOffice) -> None:
    world = a_world(neo=[an_event("Stand-up")])

    result = the_work(world, office, ErrandKind.PREVIEW)

    assert [one["title"] for one in result["creates"]] == ["Stand-up"]
    assert result["creates_number"] == 1
    assert world.google.calls("create") == 0


def test_an_undo_puts_back_what_a_run_wrote(office: WebOffice) -> None:
    world = a_world(neo=[an_event("Stand-up"), an_event("Review")])
    run = world.sync()

    result = the_work(world, office, ErrandKind.UNDO, run_id=run.id)

    assert (result["number"], result["lines_number"]) == (2, 2)
    assert world.google.titles() == []


def test_a_cleaning_removes_our_copies(office: WebOffice) -> None:
    world = a_world(neo=[an_event("Stand-up"), an_event("Review")])
    world.sync()

    result = the_work(world, office, ErrandKind.CLEAN, side="google")

    assert (result["removed"], result["left"]) == (2, [])
    assert world.google.titles() == []


def test_an_errand_about_somebody_who_is_gone_says_so(office: WebOffice) -> None:
    world = a_world()
    kinds = works(world.begin, desks(world), office.neo, world.clock)
    desk = Desk(office, lambda errand, tell: kinds[errand.kind](replace(errand, user_id=999), tell))
    ordered = desk.order()

    desk.loop().turn()

    assert desk.seen(ordered).error == "There is no such user any more."


def test_the_list_of_users_is_refreshed(office: WebOffice) -> None:
    world = a_world()

    assert the_work(world, office, ErrandKind.DIRECTORY) == {"added": 0, "returned": 0, "vanished": 0}


def test_a_long_list_is_cut_and_its_length_is_kept() -> None:
    result = shortened({"creates": list(range(SHOWN + 5)), "matched": 3})

    assert (len(result["creates"]), result["creates_number"], result["matched"]) == (SHOWN, SHOWN + 5, 3)
