from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desksync.sync.event import Event, Timed, Window, occurrence_on
from desksync.sync.recurrence import days_between
from desksync_neo_worker.series import Sight
from tests.builders import A_MONDAY, an_event, at, timed, weekly

DAYS = [A_MONDAY + timedelta(days=7 * number) for number in range(5)]
WINDOW = Window(A_MONDAY, DAYS[-1] + timedelta(days=30))
SERIES = an_event(repeat=weekly(5))


def on(day: date, **changes: object) -> Event:
    return replace(occurrence_on(SERIES, day), **changes)  # type: ignore[arg-type]


def shown(*lacking: date, **changed: Event) -> dict[date, Event]:
    return {day: on(day) for day in DAYS if day not in lacking} | {
        date.fromisoformat(day.removeprefix("on_").replace("_", "-")): one for day, one in changed.items()
    }


def test_a_series_that_is_shown_as_its_rule_says_has_no_exceptions() -> None:
    sight = Sight(SERIES, WINDOW, shown(), {})

    assert sight.puzzles() == []
    assert sight.assembled({}) == SERIES


def test_a_date_that_the_list_lacks_is_a_puzzle() -> None:
    assert Sight(SERIES, WINDOW, shown(DAYS[1], DAYS[3]), {}).puzzles() == [DAYS[1], DAYS[3]]


def test_a_date_known_to_be_cancelled_is_no_puzzle() -> None:
    sight = Sight(SERIES, WINDOW, shown(DAYS[1]), {DAYS[1]: None})

    assert sight.puzzles() == []
    assert sight.assembled({}).exceptions == {DAYS[1]: None}


def test_a_date_known_to_have_left_the_window_is_no_puzzle() -> None:
    away = on(DAYS[1], when=timed(day=WINDOW.last + timedelta(days=3)))
    sight = Sight(SERIES, WINDOW, shown(DAYS[1]), {DAYS[1]: away})

    assert sight.puzzles() == []
    assert sight.assembled({}).exceptions == {DAYS[1]: away}


def test_a_changed_date_that_is_not_shown_any_more_is_a_puzzle() -> None:
    moved = on(DAYS[1], when=timed(15, day=DAYS[1]))

    assert Sight(SERIES, WINDOW, shown(DAYS[1]), {DAYS[1]: moved}).puzzles() == [DAYS[1]]


def test_a_date_before_the_window_that_was_moved_into_it_is_a_puzzle_when_it_is_not_shown() -> None:
    window = Window(DAYS[1], WINDOW.last)
    moved = on(DAYS[0], when=timed(day=DAYS[1]))

    assert Sight(SERIES, window, shown(DAYS[0]), {DAYS[0]: moved}).puzzles() == [DAYS[0]]


def test_dates_outside_the_window_are_no_puzzles() -> None:
    window = Window(DAYS[1], DAYS[2])

    assert Sight(SERIES, window, {DAYS[1]: on(DAYS[1]), DAYS[2]: on(DAYS[2])}, {}).puzzles() == []


def test_an_occurrence_that_differs_is_an_exception() -> None:
    changed = on(DAYS[1], title="変更")
    sight = Sight(SERIES, WINDOW, shown() | {DAYS[1]: changed}, {})

    assert sight.assembled({}).exceptions == {DAYS[1]: changed}


def test_an_occurrence_that_is_as_the_rule_says_again_is_none() -> None:
    sight = Sight(SERIES, WINDOW, shown(), {DAYS[1]: None, DAYS[2]: on(DAYS[2], title="変更")})

    assert sight.assembled({}).exceptions == {}


def test_the_answers_say_what_became_of_the_puzzles() -> None:
    away = on(DAYS[2], when=timed(day=WINDOW.last + timedelta(days=3)))
    sight = Sight(SERIES, WINDOW, shown(DAYS[1], DAYS[2]), {})

    assert sight.assembled({DAYS[1]: None, DAYS[2]: away}).exceptions == {DAYS[1]: None, DAYS[2]: away}


def test_exceptions_before_the_window_stay_as_they_were_known() -> None:
    window = Window(DAYS[2], WINDOW.last)
    before = {DAYS[0]: None, DAYS[1]: on(DAYS[1], title="変更")}

    series = Sight(SERIES, window, shown(DAYS[0], DAYS[1]), before).assembled({})

    assert series.exceptions == before


def test_exceptions_that_the_rule_does_not_give_any_more_are_dropped() -> None:
    sight = Sight(SERIES, WINDOW, shown(), {DAYS[1] + timedelta(days=1): None})

    assert sight.assembled({}).exceptions == {}


def test_the_evening_before_the_window_may_be_shown_or_not() -> None:
    night = an_event(when=Timed(at(22), at(2, day=A_MONDAY + timedelta(days=1))), repeat=weekly(5))
    window = Window(DAYS[1] + timedelta(days=1), WINDOW.last)
    rest = {day: occurrence_on(night, day) for day in DAYS[2:]}

    without = Sight(night, window, rest, {})
    with_it = Sight(night, window, rest | {DAYS[1]: occurrence_on(night, DAYS[1])}, {})

    assert without.puzzles() == with_it.puzzles() == []
    assert without.assembled({}) == with_it.assembled({}) == night


def test_a_plain_event_gives_no_dates() -> None:
    sight = Sight(an_event(), WINDOW, {}, {})

    assert sight.puzzles() == []
    assert sight.assembled({}) == an_event()


@given(
    exceptions=st.dictionaries(st.sampled_from(DAYS), st.none() | st.sampled_from(["変更", "別"])),
    first=st.sampled_from(DAYS),
    length=st.integers(0, 40),
)
def test_what_is_shown_and_what_is_known_give_the_whole_series(
    exceptions: dict[date, str | None], first: date, length: int
) -> None:
    window = Window(first, first + timedelta(days=length))
    truth = {day: None if title is None else on(day, title=title) for day, title in exceptions.items()}
    listed = {
        day: one
        for day in days_between(weekly(5), A_MONDAY, window.first, window.last)
        if (one := truth.get(day, on(day))) is not None
    }
    sight = Sight(SERIES, window, listed, truth)

    series = sight.assembled(dict.fromkeys(sight.puzzles()))

    assert sight.puzzles() == []
    assert series.exceptions == truth
