"""The dashboards: Grafana can load them, and every question they ask is about numbers that there are."""

import json
from itertools import combinations
from typing import Any

import pytest

from tests.deploy.prometheus import KNOWN, OURS, names_in
from tests.project.files import ROOT

FOLDER = ROOT / "deploy" / "monitoring" / "grafana" / "dashboards"
BOARDS: dict[str, dict[str, Any]] = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.iterdir())}


def questions() -> list[tuple[str, str]]:
    """Return every question, with the board and panel that ask it."""
    return [
        (f"{name}: {panel['title']}", target["expr"])
        for name, board in BOARDS.items()
        for panel in board["panels"]
        for target in panel["targets"]
    ]


def test_there_is_one_for_service_level_workers_remotes_and_people() -> None:
    assert set(BOARDS) == {"overview", "people", "remotes", "workers"}
    assert {board["uid"] for board in BOARDS.values()} == {f"desksync-{name}" for name in BOARDS}


def test_questions_are_about_numbers_that_there_are() -> None:
    asked = {where: names_in(expr) for where, expr in questions()}

    assert {where: names - KNOWN for where, names in asked.items() if names - KNOWN or not names} == {}


def test_every_number_of_ours_is_on_a_dashboard() -> None:
    asked = frozenset(name for _, expr in questions() for name in names_in(expr))
    families = {name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum") for name in asked & OURS}

    assert {name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum") for name in OURS} - families == set()


@pytest.mark.parametrize("name", BOARDS)
def test_panels_lie_beside_each_other_and_are_told_apart(name: str) -> None:
    panels = BOARDS[name]["panels"]
    places = [(panel["title"], panel["gridPos"]) for panel in panels]

    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    assert [title for title, place in places if place["x"] + place["w"] > 24] == []
    assert [(one, other) for (one, a), (other, b) in combinations(places, 2) if _overlap(a, b)] == []


def _overlap(a: dict[str, int], b: dict[str, int]) -> bool:
    return all(a[at] < b[at] + b[size] and b[at] < a[at] + a[size] for at, size in (("x", "w"), ("y", "h")))
