"""Whether a side holds what was to be written to it, though it may have cut a text (rule R21)."""

import pytest

from desksync.sync.text import SURE_LENGTH
from desksync.sync.views import shows
from tests.builders import an_event

LONG = "長い説明です" * SURE_LENGTH


@pytest.mark.parametrize(
    ("held", "before", "is_shown"),
    [
        (LONG, "old", True),
        (LONG[:200], "old", True),
        (LONG[:SURE_LENGTH], "old", True),
        (LONG[: SURE_LENGTH - 1], "old", False),
        (LONG[:200], LONG[:200], False),
        (LONG[:200], LONG[:300], False),
        (LONG[:300], LONG[:200], True),
        ("other" * 40, "old", False),
        ("", "old", False),
    ],
)
def test_a_text_counts_as_cut_where_a_side_can_have_cut_it(held: str, before: str, *, is_shown: bool) -> None:
    holds, wanted, was = (an_event(description=text) for text in (held, LONG, before))

    assert shows("description", holds, wanted, was) is is_shown


def test_what_was_there_before_does_not_count_where_there_was_nothing() -> None:
    assert shows("title", an_event(LONG[:200]), an_event(LONG))


def test_what_is_no_text_is_never_cut() -> None:
    assert not shows("is_tentative", an_event(is_tentative=False), an_event(is_tentative=True))
