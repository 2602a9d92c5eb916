from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Engine
from sqlalchemy import event as sqlalchemy_event

from desksync.store.calendars import (
    ReadingState,
    drop_scope,
    fingerprints,
    known,
    reading_state,
    save_reading_state,
    save_seen,
    set_dirty,
    unlooked,
)
from desksync.store.engine import Begin
from desksync.store.links import Refusal, add_link, intents, links, record_intents, record_refusal, refusals
from desksync.store.users import get_user
from desksync.sync.event import Access, Side
from desksync.sync.fingerprint import fingerprint
from desksync.sync.link import Link
from desksync.sync.plan import Create
from desksync.sync.reading import Odd, Stored
from tests.builders import WINDOW, all_day, an_event, timed, weekly
from tests.store.builders import NOW, a_user, later

FULL = Stored(
    "neo-1",
    an_event(
        title="定例: 進捗",
        when=timed(23, 120),
        location="会議室A",
        description="一行目\n二行目",
        attendance="山田\n会議室A",
        access=Access.RESTRICTED,
        is_tentative=True,
        repeat=weekly(),
        exceptions={date(2026, 11, 30): None, date(2026, 12, 7): an_event(title="moved")},
    ),
    version='"etag"',
    extra={"kind": "会議"},
    is_editable=False,
)
PLAIN = Stored("neo-2", an_event(when=all_day(days=3)))
ODD = Odd("neo-3", "It repeats in a way that nobody knows.")


def a_state(**fields: object) -> ReadingState:
    usual = {"cursor": "c1", "window": WINDOW, "read_at": NOW, "scope": "s", "settings_version": 3, "is_dirty": False}
    return ReadingState(**(usual | fields))  # type: ignore[arg-type]  # the builder's whole point


def present_version(begin: Begin, user_id: int) -> int:
    with begin() as session:
        user = get_user(session, user_id, NOW)
    assert user is not None
    return user.settings_version


def test_what_was_seen_comes_back_as_it_was(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session:
        save_seen(session, user_id, Side.NEO, [FULL, PLAIN, ODD])

    with begin() as session:
        assert known(session, user_id, Side.NEO) == {"neo-1": FULL, "neo-2": PLAIN, "neo-3": ODD}


def test_nothing_is_known_of_a_side_that_was_never_read(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session:
        assert known(session, user_id, Side.GOOGLE) == {}
        assert reading_state(session, user_id, Side.GOOGLE) is None


def test_sides_and_users_are_kept_apart(begin: Begin) -> None:
    first, second = a_user(begin, 1), a_user(begin, 2)

    with begin() as session:
        save_seen(session, first, Side.NEO, [PLAIN])
        save_seen(session, second, Side.NEO, [FULL])
        save_seen(session, first, Side.GOOGLE, [ODD])
        save_seen(session, second, Side.NEO, [], gone=["neo-2"])

    with begin() as session:
        assert known(session, first, Side.NEO) == {"neo-2": PLAIN}
        assert known(session, second, Side.NEO) == {"neo-1": FULL}
        assert known(session, first, Side.GOOGLE) == {"neo-3": ODD}


def test_a_changed_event_replaces_the_old_one_and_a_gone_one_is_forgotten(begin: Begin) -> None:
    user_id = a_user(begin)
    changed = Stored("neo-2", an_event(title="changed"), version="2")
    with begin() as session:
        save_seen(session, user_id, Side.NEO, [FULL, PLAIN, ODD])

    with begin() as session:
        save_seen(session, user_id, Side.NEO, [changed], gone=["neo-3", "never-seen"])

    with begin() as session:
        assert known(session, user_id, Side.NEO) == {"neo-1": FULL, "neo-2": changed}


def test_an_event_may_become_odd_and_ordinary_again(begin: Begin) -> None:
    user_id = a_user(begin)
    odd = Odd(FULL.id, "No time can be read.")
    remembered = replace(odd, last=FULL)

    seen = []
    for state in (FULL, odd, remembered, FULL):
        with begin() as session:
            save_seen(session, user_id, Side.NEO, [state])
            seen.append(known(session, user_id, Side.NEO)[FULL.id])

    assert seen == [FULL, odd, remembered, FULL]


def test_what_was_missing_and_not_looked_at_is_kept_with_the_reading(begin: Begin) -> None:
    user_id = a_user(begin)
    kept = []

    for ids in (frozenset({"会議-2", "neo-1"}), frozenset[str]()):
        with begin() as session:
            save_reading_state(session, user_id, Side.NEO, a_state(unlooked=ids))
        with begin() as session:
            state = reading_state(session, user_id, Side.NEO)
            kept.append((state and state.unlooked, unlooked(session, user_id, Side.NEO), unlooked(session, user_id, Side.GOOGLE)))

    some = frozenset({"会議-2", "neo-1"})
    assert kept == [(some, some, frozenset()), (frozenset(), frozenset(), frozenset())]


def test_fingerprints_are_known_without_the_events(begin: Begin) -> None:
    user_id = a_user(begin)

    with begin() as session:
        save_seen(session, user_id, Side.NEO, [FULL, PLAIN, ODD])

    with begin() as session:
        assert fingerprints(session, user_id, Side.NEO) == {
            "neo-1": fingerprint(FULL.event),
            "neo-2": fingerprint(PLAIN.event),
        }


def test_the_number_of_statements_does_not_grow_with_the_number_of_events(begin: Begin, engine: Engine) -> None:
    user_id = a_user(begin)
    many = [Stored(str(number), an_event(when=timed(day=date(2026, 1, 1) + timedelta(number)))) for number in range(300)]
    statements: list[str] = []
    sqlalchemy_event.listen(engine, "before_cursor_execute", lambda _conn, _cursor, sql, *_: statements.append(sql))

    with begin() as session:
        save_seen(session, user_id, Side.NEO, many, gone=[f"gone-{number}" for number in range(300)])
        found = known(session, user_id, Side.NEO)

    assert len(found) == 300
    assert len([sql for sql in statements if not sql.startswith(("PRAGMA", "BEGIN"))]) == 3


def test_how_far_a_side_was_read_comes_back_as_it_was(begin: Begin) -> None:
    user_id = a_user(begin)
    state = a_state(settings_version=present_version(begin, user_id))

    with begin() as session:
        save_reading_state(session, user_id, Side.NEO, a_state(cursor="older", window=None, scope="t"))
        save_reading_state(session, user_id, Side.NEO, state)

    with begin() as session:
        assert reading_state(session, user_id, Side.NEO) == state
        assert reading_state(session, user_id, Side.GOOGLE) is None


def test_a_reading_under_settings_of_before_has_to_be_done_again(begin: Begin) -> None:
    user_id = a_user(begin)
    outdated = present_version(begin, user_id) - 1

    with begin() as session:
        save_reading_state(session, user_id, Side.NEO, a_state(settings_version=outdated))

    with begin() as session:
        assert reading_state(session, user_id, Side.NEO) == a_state(cursor=None, settings_version=outdated, is_dirty=True)


def test_a_side_stays_dirty_until_it_was_carried_over(begin: Begin) -> None:
    user_id = a_user(begin)
    version = present_version(begin, user_id)
    with begin() as session:
        for side in Side:
            save_reading_state(session, user_id, side, a_state(settings_version=version, is_dirty=True))

    with begin() as session:
        set_dirty(session, user_id, Side.NEO, is_dirty=False)

    with begin() as session:
        states = {side: reading_state(session, user_id, side) for side in Side}
    assert {side: state.is_dirty for side, state in states.items() if state} == {Side.NEO: False, Side.GOOGLE: True}


def test_dropping_a_scope_forgets_everything_of_that_user_and_of_nobody_else(begin: Begin) -> None:
    users = [a_user(begin, 1), a_user(begin, 2)]
    for user_id in users:
        with begin() as session:
            save_seen(session, user_id, Side.NEO, [PLAIN])
            save_reading_state(session, user_id, Side.NEO, a_state())
            add_link(session, user_id, Link("n", "g", an_event(), an_event()), NOW)
            record_intents(session, user_id, [Create(Side.GOOGLE, Stored("n2", an_event()), an_event(), "k")], NOW)
            record_refusal(session, user_id, Side.GOOGLE, "n3", Refusal("f", "No.", later(minutes=1)))

    with begin() as session:
        drop_scope(session, users[0])

    with begin() as session:
        left = [
            (
                len(known(session, user_id, Side.NEO)),
                reading_state(session, user_id, Side.NEO) is not None,
                len(links(session, user_id)),
                len(intents(session, user_id)),
                len(refusals(session, user_id, Side.GOOGLE)),
            )
            for user_id in users
        ]
    assert left == [(0, False, 0, 0, 0), (1, True, 1, 1, 1)]
