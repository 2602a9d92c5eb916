from typing import Any

import pytest

from desksync.store.audit import Entry, NewEntry, Party, Wanted, add_entry, list_deeds, list_entries, purge_entries
from desksync.store.engine import Begin
from tests.store.builders import NOW, later

ABE, SATO = Party("account", "1", "abe"), Party("user", "7", "佐藤 100%")


def an_entry(begin: Begin, hours: float = 0, **changes: Any) -> None:
    values: dict[str, Any] = {
        "who": ABE,
        "what": "permission_changed",
        "about": SATO,
        "before": {"permission": "disabled"},
        "after": {"permission": "enabled"},
        "address": "192.0.2.1",
        "request_id": "r",
    } | changes
    with begin() as session:
        add_entry(session, NewEntry(**values), later(hours=hours))


def listed(begin: Begin, wanted: Wanted = Wanted(), **page: int) -> list[Entry]:  # noqa: B008 - frozen
    with begin() as session:
        return list_entries(session, wanted, **page)


def test_an_entry_comes_back_as_it_was_written(begin: Begin) -> None:
    an_entry(begin)

    (found,) = listed(begin)

    assert found.at == NOW
    assert found.entry == NewEntry(
        ABE, "permission_changed", SATO, {"permission": "disabled"}, {"permission": "enabled"}, "192.0.2.1", "r"
    )


def test_what_has_no_before_and_no_after_has_none_later_either(begin: Begin) -> None:
    an_entry(begin, before=None, after=None)

    assert (listed(begin)[0].entry.before, listed(begin)[0].entry.after) == (None, None)


@pytest.mark.parametrize(
    ("wanted", "hours"),
    [
        (Wanted(), [3, 2, 1]),
        (Wanted(first=later(hours=2)), [3, 2]),
        (Wanted(last=later(hours=2)), [1]),
        (Wanted(what="signed_in"), [2]),
        (Wanted(who_kind="user"), [3]),
        (Wanted(about=("user", "7")), [3, 1]),
        (Wanted(text="佐藤"), [3, 1]),
        (Wanted(text="ABE"), [2, 1]),
        (Wanted(text="100%"), [3, 1]),
        (Wanted(text="%"), [3, 1]),
        (Wanted(text="_"), []),
        (Wanted(what="signed_in", text="佐藤"), []),
    ],
)
def test_entries_are_found_by_what_is_wanted(begin: Begin, wanted: Wanted, hours: list[int]) -> None:
    an_entry(begin, 1)
    an_entry(begin, 2, what="signed_in", about=Party("", "", ""))
    an_entry(begin, 3, who=SATO)

    assert [one.at for one in listed(begin, wanted)] == [later(hours=hour) for hour in hours]


def test_entries_come_in_pages_from_the_newest(begin: Begin) -> None:
    for hour in range(5):
        an_entry(begin, hour)

    first = listed(begin, limit=3)
    rest = listed(begin, before=first[-1].id, limit=3)

    assert [one.at for one in [*first, *rest]] == [later(hours=hour) for hour in (4, 3, 2, 1, 0)]


def test_the_deeds_that_occur_are_listed_once(begin: Begin) -> None:
    for what in ("b", "a", "b"):
        an_entry(begin, what=what)

    with begin() as session:
        assert list_deeds(session) == ["a", "b"]


def test_old_entries_are_purged_in_portions_the_oldest_first(begin: Begin) -> None:
    for hour in range(5):
        an_entry(begin, hour)

    with begin() as session:
        purged = [purge_entries(session, later(hours=3), 2), purge_entries(session, later(hours=3), 2)]

    assert purged == [2, 1]
    assert [one.at for one in listed(begin)] == [later(hours=4), later(hours=3)]
