"""How a week is laid out as a grid."""

from datetime import date
from typing import Any

import pytest

from desksync_sandbox.neo.people import User
from desksync_sandbox.neo.seed import Seed
from desksync_sandbox.neo.week import week_of
from desksync_sandbox.neo.world import World
from desksync_sandbox.week import Week

MONDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 29)


def a_week(*schedules: dict[str, Any]) -> Week:
    world = World(Seed(), lambda: "key")
    world.join(User("84", "10001", "佐藤 健一"))
    for fields in schedules:
        world.add("84", **fields)
    return week_of(MONDAY, world.shelf.seen_by("84", MONDAY, SUNDAY), date(2026, 11, 24))


def timed(start: str, end: str, day: str = "20261124") -> dict[str, str]:
    return {"startdate": day, "starttime": start, "endtime": end, "detail": "x"}


def test_today_is_marked() -> None:
    week = a_week()

    assert [day.is_today for day in week.days] == [False, True, False, False, False, False, False]


def test_all_day_events_are_bars_cut_at_the_week() -> None:
    week = a_week({"startdate": "20261120", "enddate": "20261124", "detail": "出張"}, {"startdate": "20261128", "detail": "見学"})

    assert [(bar.column, bar.span) for bar in week.bars] == [(1, 2), (6, 1)]


def test_events_that_overlap_stand_side_by_side() -> None:
    week = a_week(timed("1000", "1200"), timed("1100", "1300"), timed("1200", "1400"), timed("1500", "1600"))

    assert [(card.lane, card.lanes) for card in week.days[1].cards] == [(0, 2), (1, 2), (0, 2), (0, 1)]


@pytest.mark.parametrize(
    ("fields", "tuesday", "wednesday"),
    [
        (timed("1000", "1100"), [(600, 660)], []),
        (timed("1000", ""), [(600, 630)], []),
        (timed("1000", "1010"), [(600, 630)], []),
        (timed("2200", "0000"), [(1320, 1440)], []),
        (timed("2200", "0100"), [(1320, 1440)], [(480, 510)]),
        (timed("2200", "1000") | {"enddate": "20261125"}, [(1320, 1440)], [(480, 600)]),
        (timed("2200", "0000") | {"enddate": "20261125"}, [(1320, 1440)], []),
        (timed("2350", "2355"), [(1410, 1440)], []),
    ],
)
def test_a_card_stands_at_its_minutes_of_each_day(
    fields: dict[str, str], tuesday: list[tuple[int, int]], wednesday: list[tuple[int, int]]
) -> None:
    week = a_week(fields)

    minutes = [[(card.begin, card.end) for card in day.cards] for day in week.days]
    assert minutes == [[], tuesday, wednesday, [], [], [], []]


def test_the_hours_grow_with_early_and_late_events() -> None:
    assert a_week().hours == range(8, 19)
    assert a_week(timed("0630", "0700"), timed("2000", "2130")).hours == range(6, 22)


def test_a_night_that_reaches_into_the_morning_does_not_open_the_grid() -> None:
    assert a_week(timed("2200", "0200")).hours == range(8, 24)
