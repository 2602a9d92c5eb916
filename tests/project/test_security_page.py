"""The page about security says what is true: what it names exists, and each item of the standard stands there once."""

import re

from tests.project.files import ROOT
from tests.project.test_docs import existing_tests

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")

ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def test_each_item_stands_there_once_and_in_order() -> None:
    items = [tuple(map(int, row[0].split("."))) for row in ROW.findall(PAGE)]

    assert items == sorted(set(items))
    assert len(items) > 80


def test_every_item_says_how_far_it_is_done() -> None:
    wrong = [row[0] for row in ROW.findall(PAGE) if not re.match(r"(yes|no|in part|the proxy's)\b", row[2])]

    assert wrong == []


def test_what_is_done_names_a_place_and_a_test_that_exist() -> None:
    known, wrong = existing_tests(), []
    for item, _what, done, where, shown in ROW.findall(PAGE):
        places, tests = re.findall(r"`([^`]+)`", where), re.findall(r"`([^`]+)`", shown)
        is_claimed = done.startswith(("yes", "in part"))
        if is_claimed and not (places and tests):
            wrong.append((item, "names nothing"))
        wrong += [(item, place) for place in places if not (ROOT / place).exists()]
        wrong += [(item, test) for test in tests if test not in known]

    assert wrong == []
