"""Rules R2 and R26: while a series comes to be copied in another form, no calendar shows fewer of its dates than before."""

from datetime import date, timedelta
from typing import Any

import pytest

from desksync.sync.event import AllDay, Event, Side, Window
from desksync.sync.expand import expanded
from desksync.sync.lines import Lines
from desksync.sync.parts import Place
from desksync.sync.plan import Action, Create, Delete
from desksync.sync.reading import Stored
from desksync.sync.recurrence import Dates
from desksync.sync.refusals import refusal_of_copy
from tests.builders import A_MONDAY, WINDOW, an_event, timed, weekly
from tests.sync.counting import dates_missing, dates_shown
from tests.sync.originals import SAME_DATES, SECOND, THIRD, UNSAYABLE, a_pair_of, deletions, run_until_quiet
from tests.sync.pair import Fault, Pair

UNSAYABLE_IN_THE_PAST: dict[Side, Any] = {
    Side.NEO: Lines(("RRULE:FREQ=WEEKLY;COUNT=2",), "it is said in other words"),
    Side.GOOGLE: Dates((A_MONDAY - timedelta(weeks=20), A_MONDAY - timedelta(weeks=19))),
}
MONDAYS = {A_MONDAY + timedelta(weeks=number) for number in range(5)}


def a_pair_that_counts(original: Side, repeat: Any) -> tuple[Pair, str]:
    """Return a series with its copies that never may show fewer dates than before a call, and the id of the series."""
    pair, ids = a_pair_of(made_on=original, repeat=repeat)
    seen: set[date] = set()

    def count(_action: Action | None) -> None:
        missing = dates_missing(pair, original, {ids[original]: seen})
        assert not missing, f"{missing} went"
        seen.update(shown(pair, original))

    pair.before_action = count
    return pair, ids[original]


def a_copy_that_stays_beside_its_new_dates(original: Side) -> tuple[Pair, str]:
    """Return a copied series of three dates that got two more by a rule that nobody copies; one of its dates is refused."""
    pair, series_id = a_pair_that_counts(original, weekly(3))
    pair.calendar(original).change_occurrence(series_id, SECOND, title="Forbidden")
    pair.run()
    refuse(pair, original.other, "Forbidden")
    pair.calendar(original).edit(series_id, repeat=SAME_DATES[original.other])
    pair.run()
    run_until_quiet(pair)
    return pair, series_id


def shown(pair: Pair, original: Side) -> set[date]:
    (days,) = dates_shown(pair, original).values()
    return days


def refuse(pair: Pair, side: Side, what: str) -> None:
    """Let the side take no series, no single events, or not the one of a title."""
    refuses = {
        "series": lambda event: event.repeat is not None,
        "single events": lambda event: event.repeat is None,
        "nothing": lambda _: False,
    }
    pair.calendar(side).refuses = refuses.get(what, lambda event: what in {one.title for one in _all_of(event)})


def _all_of(event: Event) -> list[Event]:
    return [event, *(one for one in event.exceptions.values() if one is not None)]


def copies(pair: Pair, original: Side) -> list[Event]:
    return list(pair.calendar(original.other).events.values())


@pytest.mark.parametrize("original", Side)
def test_a_series_is_there_before_its_single_copies_go(original: Side) -> None:
    pair, series_id = a_pair_that_counts(original, SAME_DATES[original.other])

    pair.calendar(original).edit(series_id, repeat=weekly())
    run_until_quiet(pair)

    assert copies(pair, original) == [an_event(repeat=weekly())]
    assert [type(action) for action in pair.done[-6:]] == [Create, *[Delete] * 5]


@pytest.mark.parametrize("original", Side)
def test_while_a_change_of_one_copy_is_carried_over_none_of_the_others_goes(original: Side) -> None:
    pair, series_id = a_pair_that_counts(original, SAME_DATES[original.other])
    calendar = pair.calendar(original.other)
    edited = next(event_id for event_id, event in calendar.events.items() if event.when == timed(day=SECOND))

    calendar.edit(edited, title="Renamed")
    pair.calendar(original).edit(series_id, repeat=weekly())
    pair.run()
    after_one_run = shown(pair, original)
    run_until_quiet(pair)

    assert after_one_run == shown(pair, original) == MONDAYS
    renamed = an_event(repeat=weekly(), exceptions={SECOND: an_event("Renamed", when=timed(day=SECOND))})
    assert copies(pair, original) == [renamed] == list(pair.calendar(original).events.values())


@pytest.mark.parametrize("original", Side)
def test_single_copies_stay_and_follow_when_the_series_is_refused(original: Side) -> None:
    pair, series_id = a_pair_that_counts(original, SAME_DATES[original.other])
    refuse(pair, original.other, "series")

    pair.calendar(original).edit(series_id, repeat=weekly())
    run_until_quiet(pair)
    assert shown(pair, original) == MONDAYS
    pair.calendar(original).edit(series_id, repeat=weekly(6), title="Longer")
    pair.run()
    run_until_quiet(pair)

    assert {event.title for event in copies(pair, original)} == {"Longer"}
    assert shown(pair, original) == MONDAYS | {A_MONDAY + timedelta(weeks=5)}
    assert not deletions(pair)
    assert refusal_of_copy(original.other, Stored(series_id, pair.calendar(original).events[series_id])) in pair.refused
    assert "did not take it as one series" in pair.plans[-1].skipped[0].why


@pytest.mark.parametrize("original", Side)
def test_a_copied_series_stays_and_follows_when_its_single_dates_are_refused(original: Side) -> None:
    pair, series_id = a_pair_that_counts(original, weekly())
    refuse(pair, original.other, "single events")

    pair.calendar(original).edit(series_id, repeat=SAME_DATES[original.other])
    run_until_quiet(pair)
    pair.calendar(original).edit(series_id, location="Room 1")
    pair.run()
    run_until_quiet(pair)

    assert copies(pair, original) == [an_event(repeat=weekly(), location="Room 1")]
    assert not deletions(pair)
    assert pair.refused


@pytest.mark.parametrize("original", Side)
def test_a_copied_series_stays_alone_when_one_of_its_dates_is_refused(original: Side) -> None:
    pair, series_id = a_pair_that_counts(original, weekly())
    pair.calendar(original).change_occurrence(series_id, SECOND, title="Forbidden")
    pair.run()
    refuse(pair, original.other, "Forbidden")

    pair.calendar(original).edit(series_id, repeat=SAME_DATES[original.other])
    pair.run()
    run_until_quiet(pair)

    (copy,) = copies(pair, original)
    assert copy.repeat == weekly()
    assert shown(pair, original) == MONDAYS


@pytest.mark.parametrize("original", Side)
def test_beside_a_copied_series_that_stays_come_the_dates_that_it_has_not(original: Side) -> None:
    pair, _ = a_copy_that_stays_beside_its_new_dates(original)

    assert sorted(event.repeat is None for event in copies(pair, original)) == [False, True, True]
    assert shown(pair, original) == MONDAYS


@pytest.mark.parametrize("original", Side)
def test_a_date_that_only_the_new_rule_gives_holds_up_nothing_when_it_is_refused(original: Side) -> None:
    pair, series_id = a_pair_that_counts(original, weekly(1))
    pair.calendar(original).edit(series_id, repeat=SAME_DATES[original.other])
    pair.calendar(original).change_occurrence(series_id, SECOND, title="Forbidden")
    refuse(pair, original.other, "Forbidden")

    pair.run()
    run_until_quiet(pair)

    assert {event.repeat for event in copies(pair, original)} == {None}
    assert shown(pair, original) == MONDAYS - {SECOND}


@pytest.mark.parametrize("original", Side)
@pytest.mark.parametrize("is_first_whole", [True, False])
def test_what_was_refused_changes_its_form_when_it_was_edited(original: Side, *, is_first_whole: bool) -> None:
    forms = [weekly(), SAME_DATES[original.other]]
    before, after = forms if is_first_whole else reversed(forms)
    pair, series_id = a_pair_that_counts(original, before)
    refuse(pair, original.other, "single events" if is_first_whole else "series")
    pair.calendar(original).edit(series_id, repeat=after)
    run_until_quiet(pair)
    refuse(pair, original.other, "nothing")

    pair.calendar(original).edit(series_id, title="Edited")
    run_until_quiet(pair)

    assert len(copies(pair, original)) == (5 if is_first_whole else 1)
    assert shown(pair, original) == MONDAYS


@pytest.mark.parametrize("original", Side)
def test_a_series_that_was_refused_and_gets_its_old_rule_back_has_its_old_copies(original: Side) -> None:
    pair, series_id = a_pair_that_counts(original, SAME_DATES[original.other])
    refuse(pair, original.other, "series")
    before = pair.calendar(original.other).events

    for repeat in (weekly(), SAME_DATES[original.other]):
        pair.calendar(original).edit(series_id, repeat=repeat)
        run_until_quiet(pair)

    assert pair.calendar(original.other).events == before


@pytest.mark.parametrize("original", Side)
def test_a_change_of_a_copy_that_its_original_does_not_take_keeps_the_form_and_new_dates_come(original: Side) -> None:
    pair, series_id = a_pair_that_counts(original, SAME_DATES[original.other])
    calendar = pair.calendar(original.other)
    refuse(pair, original, "Forbidden")

    calendar.edit(next(iter(calendar.events)), title="Forbidden")
    pair.calendar(original).edit(series_id, repeat=weekly(6))
    pair.run()
    run_until_quiet(pair)

    assert shown(pair, original) == MONDAYS | {A_MONDAY + timedelta(weeks=5)}
    assert not deletions(pair)
    assert "is not taken" in pair.plans[-1].skipped[0].why


@pytest.mark.parametrize("original", Side)
@pytest.mark.parametrize("fault", ["fails", "answer lost", "crash"])
@pytest.mark.parametrize("number", range(6))
def test_a_call_that_goes_wrong_leaves_no_date_without_a_copy(original: Side, number: int, fault: Fault) -> None:
    for before, after in ((weekly(), SAME_DATES[original.other]), (SAME_DATES[original.other], weekly())):
        pair, series_id = a_pair_that_counts(original, before)
        pair.calendar(original).edit(series_id, repeat=after)

        pair.run([*([None] * number), fault])
        if fault == "fails":
            assert shown(pair, original) == MONDAYS
        run_until_quiet(pair)

        assert shown(pair, original) == MONDAYS
        assert len(copies(pair, original)) == (1 if after == weekly() else 5)


@pytest.mark.parametrize("original", Side)
def test_a_person_who_deletes_an_old_copy_after_a_failed_creation_is_heeded(original: Side) -> None:
    pair, series_id = a_pair_that_counts(original, SAME_DATES[original.other])
    calendar = pair.calendar(original.other)
    pair.calendar(original).edit(series_id, repeat=weekly())
    pair.run(["fails"])

    pair.before_action = lambda _: None
    calendar.delete_event(next(event_id for event_id, event in calendar.events.items() if event.when == timed(day=THIRD)))
    pair.run()
    run_until_quiet(pair)

    assert pair.calendar(original).events[series_id].exceptions == {THIRD: None}
    assert shown(pair, original) == MONDAYS - {THIRD}


@pytest.mark.parametrize("original", Side)
@pytest.mark.parametrize("is_first_whole", [True, False])
def test_r4_a_series_that_has_left_the_window_keeps_its_copies(original: Side, *, is_first_whole: bool) -> None:
    forms = [weekly(), SAME_DATES[original.other]]
    before, after = forms if is_first_whole else reversed(forms)
    pair, ids = a_pair_of(made_on=original, repeat=before)
    held = pair.calendar(original.other).events
    pair.set_window(Window(A_MONDAY + timedelta(weeks=10), WINDOW.last))
    pair.run()

    pair.calendar(original).edit(ids[original], repeat=after)
    run_until_quiet(pair)

    assert pair.calendar(original.other).events == held


@pytest.mark.parametrize("original", Side)
def test_new_dates_of_another_rule_replace_the_old_ones(original: Side) -> None:
    pair, ids = a_pair_of(made_on=original, repeat=weekly())

    pair.calendar(original).edit(ids[original], repeat=UNSAYABLE[original.other])
    run_until_quiet(pair)

    assert {event.repeat for event in copies(pair, original)} == {None}
    assert deletions(pair) == {original.other: 1}


@pytest.mark.parametrize("original", Side)
def test_a_copy_does_not_stay_for_dates_that_its_series_has_no_more(original: Side) -> None:
    pair, ids = a_pair_of(made_on=original, repeat=weekly())
    past = A_MONDAY - timedelta(weeks=20)

    pair.calendar(original).edit(ids[original], when=timed(day=past), repeat=UNSAYABLE_IN_THE_PAST[original.other])
    run_until_quiet(pair)

    assert copies(pair, original) == []
    assert set(pair.calendar(original).events) == {ids[original]}


@pytest.mark.parametrize("original", Side)
def test_a_copied_series_stays_when_the_other_side_has_refused_what_it_became(original: Side) -> None:
    pair, series_id = a_pair_that_counts(original, weekly(5))
    pair.calendar(original).edit(series_id, repeat=UNSAYABLE[original.other])
    edited = Stored(series_id, pair.calendar(original).events[series_id])

    view = expanded(
        original,
        {series_id: edited},
        pair.links.values(),
        {event_id: Stored(event_id, event) for event_id, event in pair.calendar(original.other).events.items()},
        pair.policy,
        {refusal_of_copy(original.other, edited)},
    )

    assert view.superseded == frozenset()
    assert view.known[series_id] == edited


@pytest.mark.parametrize("original", Side)
def test_single_dates_beside_a_copy_stay_where_the_copy_does_not_take_the_new_rule(original: Side) -> None:
    pair, series_id = a_copy_that_stays_beside_its_new_dates(original)

    pair.calendar(original).edit(series_id, repeat=weekly(5))
    pair.run()
    run_until_quiet(pair)

    assert shown(pair, original) == MONDAYS


@pytest.mark.parametrize("moved", [SECOND, THIRD])
def test_r26_of_two_dates_at_one_time_the_one_by_the_rule_goes_on_when_the_series_becomes_one_event(moved: date) -> None:
    pair = Pair()
    three_days = AllDay(A_MONDAY, A_MONDAY + timedelta(days=2))
    google_id = pair.google.add(an_event(when=three_days, repeat=weekly(3)))
    pair.google.change_occurrence(google_id, moved, when=three_days)
    pair.run()
    first = pair.partner(Side.GOOGLE, str(Place(google_id, A_MONDAY)))

    pair.google.edit(google_id, repeat=None)
    pair.run()

    assert first is not None
    assert list(pair.links) == [(first, google_id)]
    assert list(pair.neo.events) == [first]
