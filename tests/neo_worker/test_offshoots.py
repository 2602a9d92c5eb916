from dataclasses import replace
from datetime import date, timedelta

import pytest

from desksync.sync.event import Event, Timed, When
from desksync_neo_worker.offshoots import adopted, noted, remembered
from tests.builders import A_MONDAY, all_day, an_event, at, timed, weekly

SERIES = an_event("定例", repeat=weekly(5))
LOST = A_MONDAY + timedelta(days=7)
ANOTHER_DAY = LOST + timedelta(days=2)


def test_offshoots_are_remembered_beside_the_rest() -> None:
    offshoots = {LOST: "503", A_MONDAY: "502"}

    extra = noted({"kind": "会議"}, offshoots)

    assert remembered(extra) == offshoots
    assert extra["kind"] == "会議"


def test_new_offshoots_take_the_place_of_older_ones() -> None:
    extra = noted(noted({}, {LOST: "503"}), {A_MONDAY: "502"})

    assert remembered(extra) == {A_MONDAY: "502"}
    assert noted(extra, {}) == remembered({}) == {}


@pytest.mark.parametrize("when", [timed(day=LOST), timed(15, day=LOST), timed(day=ANOTHER_DAY), all_day(LOST)])
def test_an_unknown_event_with_the_title_on_that_date_or_at_that_time_is_the_lost_occurrence(when: When) -> None:
    assert adopted(SERIES, [LOST], [], {"503": an_event("定例", when=when)}) == {LOST: "503"}


def test_an_unknown_event_with_the_title_that_the_series_had_before_is_the_lost_occurrence_too() -> None:
    stranger = {"503": an_event("前の題名", when=timed(day=LOST))}

    assert adopted(SERIES, [LOST], [], stranger, former="前の題名") == {LOST: "503"}
    assert adopted(SERIES, [LOST], [], stranger, former="別") == {}


@pytest.mark.parametrize(
    "stranger",
    [
        an_event("別", when=timed(day=LOST)),
        an_event("定例", when=timed(15, day=ANOTHER_DAY)),
        an_event("定例", when=all_day(ANOTHER_DAY)),
    ],
)
def test_another_unknown_event_is_not(stranger: Event) -> None:
    assert adopted(SERIES, [LOST], [], {"503": stranger}) == {}


def test_a_date_cancelled_long_ago_comes_back_on_that_very_date_only() -> None:
    assert adopted(SERIES, [], [LOST], {"503": an_event("定例", when=timed(15, day=LOST))}) == {LOST: "503"}
    assert adopted(SERIES, [], [LOST], {"503": an_event("定例", when=timed(day=ANOTHER_DAY))}) == {}


def test_the_nearest_of_several_is_taken_and_each_only_once() -> None:
    strangers = {"503": an_event("定例", when=timed(day=ANOTHER_DAY)), "504": an_event("定例", when=timed(day=LOST))}
    later = LOST + timedelta(days=7)

    assert adopted(SERIES, [LOST], [], strangers) == {LOST: "504"}
    assert adopted(SERIES, [LOST, later], [], strangers) == {LOST: "504", later: "503"}


def test_an_all_day_series_and_an_open_end_are_compared_by_their_length() -> None:
    all_days = replace(SERIES, when=all_day())
    open_end = replace(SERIES, when=Timed(at(10), None))

    assert adopted(all_days, [LOST], [], {"503": an_event("定例", when=all_day(ANOTHER_DAY))}) == {LOST: "503"}
    assert adopted(all_days, [LOST], [], {"503": an_event("定例", when=all_day(ANOTHER_DAY, days=2))}) == {}
    assert adopted(open_end, [LOST], [], {"503": an_event("定例", when=Timed(at(10, day=ANOTHER_DAY), None))}) == {LOST: "503"}


def test_nothing_is_adopted_without_strangers() -> None:
    assert adopted(SERIES, [LOST], [date(2026, 12, 7)], {}) == {}
