from dataclasses import replace
from datetime import date

from desksync.store.calendars import drop_scope
from desksync.store.changes import begun_changes, begun_ids, forget_begun, record_begun
from desksync.store.engine import Begin
from desksync.sync.event import Side
from desksync.sync.flow import Flow
from desksync.sync.link import Link
from desksync.sync.plan import Update
from desksync.sync.reading import Stored
from tests.builders import an_event
from tests.store.builders import NOW, a_user, later

LINK = Link("n1", "g1", an_event("Old"), an_event("Old"))
PENDING = Flow(frozenset({("title",), ("when", "repeat")}), frozenset({date(2026, 11, 23)}))
CHANGE = Update(Side.NEO, LINK, Stored("n1", an_event("Old")), an_event("New"), an_event("New"), PENDING)
OTHER = Update(Side.GOOGLE, LINK, Stored("g1", an_event("Old")), an_event("Newer"), an_event("Newer"), Flow())


def test_changes_that_were_begun_come_back_as_they_were_planned(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session:
        record_begun(session, user_id, [CHANGE, OTHER], NOW)

    with begin() as session:
        found = begun_changes(session, user_id, [LINK])
    assert sorted(found, key=lambda update: update.side, reverse=True) == [CHANGE, OTHER]


def test_a_change_that_is_begun_again_replaces_the_one_before(begin: Begin) -> None:
    user_id = a_user(begin)
    again = replace(CHANGE, event=an_event("Third"), other=an_event("Third"))

    with begin() as session:
        record_begun(session, user_id, [CHANGE], NOW)
        record_begun(session, user_id, [again], later(minutes=1))

    with begin() as session:
        assert begun_changes(session, user_id, [LINK]) == [again]


def test_a_change_of_a_pair_that_has_moved_on_or_is_gone_says_nothing(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session:
        record_begun(session, user_id, [CHANGE], NOW)

    with begin() as session:
        assert begun_changes(session, user_id, [replace(LINK, neo=an_event("Moved on"))]) == []
        assert begun_changes(session, user_id, [replace(LINK, google=an_event("Moved on"))]) == []
        assert begun_changes(session, user_id, []) == []


def test_only_the_changes_that_are_named_are_forgotten(begin: Begin) -> None:
    user_id, other_id = a_user(begin, 1), a_user(begin, 2)
    third = replace(CHANGE, current=replace(CHANGE.current, id="n1#2026-11-23"))
    with begin() as session:
        record_begun(session, user_id, [CHANGE, OTHER, third], NOW)
        record_begun(session, other_id, [CHANGE], NOW)

    with begin() as session:
        forget_begun(session, user_id, Side.NEO, [CHANGE.current.id])
    with begin() as session:
        first = begun_ids(session, user_id, Side.NEO)
        forget_begun(session, user_id, Side.NEO, first)
    with begin() as session:
        second = begun_changes(session, user_id, [LINK])

    assert (first, second) == (frozenset({third.current.id}), [OTHER])
    with begin() as session:
        assert begun_changes(session, other_id, [LINK]) == [CHANGE]


def test_another_calendar_forgets_what_was_begun(begin: Begin) -> None:
    user_id = a_user(begin)
    with begin() as session:
        record_begun(session, user_id, [CHANGE], NOW)

    with begin() as session:
        drop_scope(session, user_id)

    with begin() as session:
        assert begun_changes(session, user_id, [LINK]) == []
