from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from desksync.store.engine import Begin
from desksync.store.links import (
    Refusal,
    add_link,
    add_links,
    drop_link,
    forget_intents,
    forget_refusal,
    intents,
    linked_ids,
    links,
    record_intents,
    record_refusal,
    refusals,
    set_bases,
)
from desksync.sync.event import Access, Side
from desksync.sync.link import Link
from desksync.sync.plan import Create
from desksync.sync.reading import Stored
from tests.builders import an_event
from tests.store.builders import NOW, a_user, later

PAIR = Link("n1", "g1", an_event(access=Access.RESTRICTED), an_event(access=Access.SECRET))
OTHER = Link("n2", "g2", an_event("Lunch"), an_event("Lunch"), origin=Side.GOOGLE)


def test_links_come_back_with_the_base_of_each_side_and_where_they_began(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session:
        add_link(session, user_id, PAIR, NOW)
        add_links(session, user_id, [OTHER], NOW)

    with begin() as session:
        assert links(session, user_id) == [PAIR, OTHER]


def test_the_linked_ids_of_each_side_are_those_of_one_user(begin: Begin) -> None:
    user_id, other_id = a_user(begin, 1), a_user(begin, 2)

    with begin() as session:
        add_links(session, user_id, [PAIR, OTHER], NOW)
        add_link(session, other_id, replace(PAIR, google_id="g3"), NOW)

    with begin() as session:
        assert linked_ids(session, user_id, Side.NEO) == ["n1", "n2"]
        assert linked_ids(session, user_id, Side.GOOGLE) == ["g1", "g2"]


@pytest.mark.parametrize("second", [replace(OTHER, neo_id="n1"), replace(OTHER, google_id="g1")])
def test_an_event_cannot_be_linked_twice(begin: Begin, second: Link) -> None:
    user_id = a_user(begin)

    with pytest.raises(IntegrityError), begin() as session:
        add_links(session, user_id, [PAIR, second], NOW)

    with begin() as session:
        assert links(session, user_id) == []


def test_two_users_may_link_the_same_neo_event(begin: Begin) -> None:
    users = [a_user(begin, 1), a_user(begin, 2)]

    with begin() as session:
        for user_id in users:
            add_link(session, user_id, PAIR, NOW)

    with begin() as session:
        assert [links(session, user_id) for user_id in users] == [[PAIR], [PAIR]]


def test_new_bases_replace_those_of_just_this_pair(begin: Begin) -> None:
    first, second = a_user(begin, 1), a_user(begin, 2)
    moved = replace(PAIR, neo=an_event("moved"), google=an_event("moved too"))
    with begin() as session:
        add_links(session, first, [PAIR, OTHER], NOW)
        add_link(session, second, PAIR, NOW)

    with begin() as session:
        set_bases(session, first, [replace(moved, origin=Side.GOOGLE)])

    with begin() as session:
        assert links(session, first) == [moved, OTHER]
        assert links(session, second) == [PAIR]


def test_a_dropped_link_is_gone_and_can_be_made_again(begin: Begin) -> None:
    user_id = a_user(begin)
    with begin() as session:
        add_links(session, user_id, [PAIR, OTHER], NOW)

    with begin() as session:
        drop_link(session, user_id, "n1", "g1")
        left = links(session, user_id)
        add_link(session, user_id, PAIR, NOW)

    with begin() as session:
        assert left == [OTHER]
        assert links(session, user_id) == [OTHER, PAIR]


def a_creation(source_id: str, *, side: Side = Side.NEO, title: str = "Stand-up", key: str = "k") -> Create:
    return Create(side, Stored(source_id, an_event(title, access=Access.RESTRICTED)), an_event(title), key)


def test_an_intent_stays_in_its_last_form_until_it_is_forgotten(begin: Begin) -> None:
    user_id = a_user(begin)
    last = a_creation("g1", title="Renamed", key="key-2")
    on_google = a_creation("n1", side=Side.GOOGLE)

    with begin() as session:
        record_intents(session, user_id, [a_creation("g1", key="key-1"), a_creation("g2"), on_google], NOW)
        record_intents(session, user_id, [last], later(minutes=1))
        forget_intents(session, user_id, [a_creation("g2")])

    with begin() as session:
        assert intents(session, user_id) == [on_google, last]


def test_a_refusal_stays_in_its_last_form_until_it_is_forgotten(begin: Begin) -> None:
    user_id = a_user(begin)
    last = Refusal("f2", "The title is too long.", later(minutes=1))

    with begin() as session:
        record_refusal(session, user_id, Side.NEO, "g1", Refusal("f1", "No.", NOW))
        record_refusal(session, user_id, Side.NEO, "g1", last)
        record_refusal(session, user_id, Side.NEO, "g2", Refusal("f3", "No.", NOW))
        forget_refusal(session, user_id, Side.NEO, "g2")

    with begin() as session:
        assert refusals(session, user_id, Side.NEO) == {"g1": last}
        assert refusals(session, user_id, Side.GOOGLE) == {}
