from typing import Any

import pytest

from desksync.worker.errors import SideUnreadable
from desksync_neo_worker.listing import Page, read_page, whole


def never(offset: int) -> Page:
    raise AssertionError(f"page {offset} was not to be asked for")


@pytest.mark.parametrize(
    ("body", "page"),
    [
        ({"allcnt": "2", "list": {"item": [{"sid": "1"}, {"sid": "2"}]}}, Page(({"sid": "1"}, {"sid": "2"}), 2)),
        ({"allcnt": 1, "list": {"item": {"sid": "1"}}}, Page(({"sid": "1"},), 1)),
        ({"allcnt": "0", "list": {}}, Page((), 0)),
        ({"allcnt": "0"}, Page((), 0)),
        ({"allcnt": "0", "list": None}, Page((), 0)),
    ],
)
def test_a_page_is_read(body: dict[str, Any], page: Page) -> None:
    assert read_page(body) == page


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"list": {"item": []}}, "without saying how long"),
        ({"allcnt": "", "list": {}}, "without saying how long"),
        ({"allcnt": "many", "list": {}}, "no number"),
        ({"allcnt": {}, "list": {}}, "cannot be trusted"),
        ({"allcnt": "1", "list": "x"}, "something else in place of a list"),
    ],
)
def test_a_page_that_is_none_is_unreadable(body: dict[str, Any], why: str) -> None:
    with pytest.raises(SideUnreadable, match=why):
        read_page(body)


def test_the_user_list_may_lack_a_total() -> None:
    page = read_page({"list": {"item": {"id": "84"}}}, may_lack_count=True)

    assert page == Page(({"id": "84"},), None)
    assert whole(page, never) == [{"id": "84"}]


def test_one_page_that_holds_everything_is_enough() -> None:
    assert whole(Page(("a", "b"), 2), never) == ["a", "b"]


def test_pages_are_asked_for_until_the_total() -> None:
    items = ["a", "b", "c", "d", "e"]

    found = whole(Page(tuple(items[:2]), 5), lambda offset: Page(tuple(items[offset : offset + 2]), 5))

    assert found == items


@pytest.mark.parametrize(
    ("first", "following", "why"),
    [
        (Page(("a",), 3), Page((), 3), "half a list"),
        (Page(("a",), 3), Page(("b",), 4), "changed while it was read"),
        (Page(("a",), 3), Page(("b",), None), "changed while it was read"),
        (Page(("a",), 3), Page(("b", "c", "d"), 3), "sent 4 entries and said 3"),
        (Page(("a", "b"), 1), Page((), 1), "sent 2 entries and said 1"),
        (Page(("a",), 0), Page((), 0), "sent 1 entries and said 0"),
    ],
)
def test_pages_that_do_not_add_up_are_unreadable(first: Page, following: Page, why: str) -> None:
    with pytest.raises(SideUnreadable, match=why):
        whole(first, lambda _offset: following)
