"""A copy that is about to be deleted by us is told from one that a person deleted, and nothing is lost where it stays."""

from datetime import timedelta

import pytest

from desksync.sync.codec import from_json, to_json
from desksync.sync.event import Access, AllDay, Event, Side
from desksync.sync.link import Link, with_base
from desksync.sync.policy import Policy
from desksync.sync.reading import Known, Stored
from desksync.sync.reconcile import reconcile
from desksync.sync.refusals import refusal_of_copy
from desksync.sync.replacing import is_announced, marked, recovered, unmarked
from tests.builders import A_MONDAY, WINDOW, an_event, weekly

POLICY = Policy(WINDOW, "scope")
SERIES = an_event("One", repeat=weekly(3), exceptions={A_MONDAY + timedelta(days=7): None}, access=Access.RESTRICTED)
LINK = Link("n1", "g1", SERIES, an_event("One"))
STORED = {Side.NEO: Stored("n1", SERIES), Side.GOOGLE: Stored("g1", an_event("One"))}


def known(*sides: Side) -> dict[Side, Known]:
    return {side: {STORED[side].id: STORED[side]} if side in sides else {} for side in Side}


@pytest.mark.parametrize("copy", Side)
def test_a_marked_link_is_kept_as_any_other_and_gives_its_base_back(copy: Side) -> None:
    link = marked(LINK, copy)
    kept = with_base(link, copy.other, from_json(to_json(link.base_on(copy.other))))

    assert is_announced(kept, copy.other)
    assert not is_announced(kept, copy)
    assert unmarked(kept) == LINK
    assert marked(kept, copy) == kept
    assert unmarked(LINK) == LINK


def test_a_mark_of_an_older_version_says_the_same_and_has_no_base_to_give_back() -> None:
    old = with_base(LINK, Side.NEO, Event(AllDay(A_MONDAY.min, A_MONDAY.min)))

    assert is_announced(old, Side.NEO)
    assert unmarked(old) == old


@pytest.mark.parametrize("copy", Side)
def test_a_marked_pair_is_what_it_was_where_both_are_there_and_stays_marked_where_one_is_not(copy: Side) -> None:
    link = marked(LINK, copy)

    assert recovered(link, known(*Side)) == LINK
    assert recovered(link, known(copy.other)) == link


@pytest.mark.parametrize("copy", Side)
def test_a_missing_copy_of_a_marked_pair_is_made_anew_unless_it_was_taken_back(copy: Side) -> None:
    link, there = marked(LINK, copy), known(copy.other)
    refusal = refusal_of_copy(copy, STORED[copy.other])

    anew = reconcile([link], there[Side.NEO], there[Side.GOOGLE], POLICY)
    away = reconcile([link], there[Side.NEO], there[Side.GOOGLE], POLICY, {refusal})

    assert [action.side for action in anew.actions] == [copy]
    assert away.actions == ()
    assert away.forgotten == (link,)
    assert away.shunned == {refusal}


def test_the_base_of_a_pair_of_which_it_is_not_certain_that_both_are_there_does_not_move() -> None:
    link = marked(Link("n1", "g1", an_event("One"), an_event("One")), Side.GOOGLE)
    neo, google = ({name: Stored(name, an_event("Two"))} for name in ("n1", "g1"))

    assert reconcile([link], neo, google, POLICY).settled == ()
