"""What every calendar promises to whoever syncs it: the port `Calendar`, line by line."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from desksync.sync.event import Event, Side, Window, occurrence_on
from desksync.sync.reading import Stored
from desksync.sync.views import comparable
from desksync.worker.calendar import Account
from desksync.worker.errors import CalendarError, EventRefused, RetryLater, SideUnreadable
from tests.builders import A_MONDAY, WINDOW, all_day, an_event, timed
from tests.calendars.subjects import KEY, MONDAYS, OTHER_KEY, WEEK, How, Person, Reader
from tests.fakes import Kind

SECOND, THIRD, FOURTH = A_MONDAY + WEEK, A_MONDAY + 2 * WEEK, A_MONDAY + 3 * WEEK


# Reading.


def test_the_first_reading_is_complete_and_holds_everything(person: Person, reader: Reader) -> None:
    single, series = person.add("Single"), person.add("Series", repeats=True)

    reading = reader.read()

    assert reading.is_complete
    assert not reading.is_unchanged
    assert {stored.id: stored.event.title for stored in reading.events} == {single: "Single", series: "Series"}
    assert reader.stored(single).event.when == timed()
    assert reader.stored(series).event.repeat is not None


def test_an_empty_calendar_is_read_completely(reader: Reader) -> None:
    reading = reader.read()

    assert reading.is_complete
    assert (reading.events, reading.odd) == ((), ())


def test_reading_again_says_that_nothing_changed(person: Person, reader: Reader) -> None:
    person.add("Single")
    reader.read()

    again = reader.read()

    assert again.is_unchanged
    assert (again.events, again.occurrences, again.gone) == ((), (), frozenset())


def test_reading_again_tells_what_was_added_changed_and_removed(person: Person, reader: Reader) -> None:
    changed, removed = person.add("Before"), person.add("Removed")
    reader.read()

    person.rename(changed, "After")
    person.remove(removed)
    added = person.add("Added")
    reader.read()

    assert {known: reader.stored(known).event.title for known in reader.known} == {changed: "After", added: "Added"}


def test_r3_what_was_not_asked_for_is_not_said_to_be_gone(person: Person, reader: Reader) -> None:
    event = person.add("Later", day=A_MONDAY + 20 * WEEK)
    reader.read()

    reading = reader.read(Window(WINDOW.first, A_MONDAY + 2 * WEEK))

    assert event not in reading.gone
    assert event in reader.known


def test_changed_and_cancelled_occurrences_are_read_with_their_series(person: Person, reader: Reader) -> None:
    series = person.add("Series", repeats=True)
    reader.read()

    person.move_one(series, THIRD)
    person.cancel_one(series, FOURTH)
    reader.read()

    exceptions = reader.stored(series).event.exceptions
    assert exceptions.keys() == {THIRD, FOURTH}
    assert exceptions[FOURTH] is None
    changed = exceptions[THIRD]
    assert changed is not None
    assert (changed.title, changed.when) == ("Series", timed(15, day=THIRD))


# Looking.


def test_looking_shows_what_a_reading_shows(person: Person, reader: Reader) -> None:
    single, series = person.add("Single"), person.add("Series", repeats=True)
    person.cancel_one(series, THIRD)
    reader.read()

    looked = [person.calendar.look(person.account, one) for one in (single, series)]

    assert [one.event for one in looked if isinstance(one, Stored)] == [reader.stored(one).event for one in (single, series)]


def test_looking_finds_what_lies_outside_every_window(person: Person) -> None:
    event = person.add("Far", day=A_MONDAY + 200 * WEEK)

    found = person.calendar.look(person.account, event)

    assert isinstance(found, Stored)
    assert found.event.title == "Far"


def test_looking_for_what_was_removed_finds_nothing(person: Person) -> None:
    event = person.add("Removed")
    person.remove(event)

    assert person.calendar.look(person.account, event) is None


# Creating.


def test_r8_creating_answers_what_the_next_reading_shows(person: Person, reader: Reader) -> None:
    event = an_event("Made", location="Room", description="memo\nsecond line", is_tentative=True)

    made = reader.keep(person.calendar.create(person.account, event, KEY))
    reader.read()

    assert reader.stored(made.id).event == made.event
    assert comparable(made.event) == comparable(event)
    assert not made.is_adopted


def test_r22_whole_days_are_created_as_whole_days(person: Person, reader: Reader) -> None:
    made = reader.keep(person.calendar.create(person.account, an_event(when=all_day(days=3)), KEY))
    reader.read()

    assert reader.stored(made.id).event.when == made.event.when == all_day(days=3)


def test_r27_a_series_is_created_with_its_exceptions(person: Person, reader: Reader) -> None:
    series = an_event("Series", repeat=MONDAYS)
    alone = replace(occurrence_on(series, THIRD), title="Alone")

    made = reader.keep(person.calendar.create(person.account, replace(series, exceptions={THIRD: alone, FOURTH: None}), KEY))
    reader.read()

    assert reader.stored(made.id).event == made.event
    assert person.titles() == ["Series", "Series", "Alone", "Series"]


def test_r9_creating_again_after_a_lost_answer_doubles_nothing(person: Person, reader: Reader) -> None:
    person.lose_answer("create")
    with pytest.raises(RetryLater):
        person.calendar.create(person.account, an_event("Once"), KEY)

    if person.calendar.side is Side.GOOGLE:
        assert person.calendar.create(person.account, an_event("Once"), KEY).is_adopted  # The id that we chose tells.
    reader.read()

    assert person.titles() == ["Once"]  # In NEO the caller has to read before it tries again, and finds it.
    assert [one.event.title for one in reader.known.values() if isinstance(one, Stored)] == ["Once"]


def test_two_keys_make_two_events(person: Person) -> None:
    made = [person.calendar.create(person.account, an_event("Twice"), key) for key in (KEY, OTHER_KEY)]

    assert made[0].id != made[1].id
    assert person.titles() == ["Twice", "Twice"]


# Updating.


def test_updating_changes_what_differs_and_answers_what_is_held(person: Person, reader: Reader) -> None:
    event = person.add("Before")
    reader.read()
    stored = reader.stored(event)

    answered = reader.keep(person.calendar.update(person.account, stored, replace(stored.event, title="After", when=timed(15))))
    reader.read()

    assert (answered.id, answered.event.title, answered.event.when) == (event, "After", timed(15))
    assert reader.stored(event).event == answered.event


def test_updating_what_is_the_same_already_changes_nothing(person: Person, reader: Reader) -> None:
    event = person.add("Same")
    reader.read()
    stored = reader.stored(event)

    answered = person.calendar.update(person.account, stored, stored.event)

    assert answered.event == stored.event
    assert person.titles() == ["Same"]


def test_r27_updating_a_series_brings_single_occurrences_to_what_is_wanted(person: Person, reader: Reader) -> None:
    event = person.add("Series", repeats=True)
    reader.read()
    stored = reader.stored(event)
    alone = replace(occurrence_on(stored.event, THIRD), title="Alone")

    answered = reader.keep(
        person.calendar.update(person.account, stored, replace(stored.event, exceptions={THIRD: alone, FOURTH: None}))
    )
    reader.read()

    assert answered.event.exceptions == {THIRD: alone, FOURTH: None}
    assert reader.stored(event).event == answered.event
    assert person.titles() == ["Series", "Series", "Alone", "Series"]


def test_r27_updating_a_series_takes_its_exceptions_back(person: Person, reader: Reader) -> None:
    event = person.add("Series", repeats=True)
    person.move_one(event, THIRD)
    reader.read()
    stored = reader.stored(event)

    answered = reader.keep(person.calendar.update(person.account, stored, replace(stored.event, exceptions={})))
    reader.read()

    assert answered.event.exceptions == reader.stored(event).event.exceptions == {}
    assert person.titles() == ["Series"] * 5


def test_updating_what_is_gone_is_refused_as_stale(person: Person, reader: Reader) -> None:
    event = person.add("Removed")
    reader.read()
    stored = reader.stored(event)
    person.remove(event)

    with pytest.raises(EventRefused) as refused:
        person.calendar.update(person.account, stored, replace(stored.event, title="Too late"))

    assert refused.value.is_stale
    assert person.titles() == []


@pytest.mark.parametrize("kind", ["update", "delete"])
def test_an_outdated_write_is_refused_just_where_the_side_says_that_it_checks_versions(
    person: Person, reader: Reader, kind: Kind
) -> None:
    event = person.add("Meeting")
    reader.read()
    stored = reader.stored(event)
    person.rename(event, "By hand")

    try:
        if kind == "update":
            person.calendar.update(person.account, stored, replace(stored.event, title="Ours"))
        else:
            person.calendar.delete(person.account, stored)
        is_refused = False
    except EventRefused as refused:
        is_refused = refused.is_stale

    assert is_refused is person.calendar.checks_versions
    assert (person.titles() == ["By hand"]) is is_refused


DATES: dict[str, Callable[[Stored], Mapping[date, Event | None]]] = {
    "change": lambda stored: {THIRD: replace(occurrence_on(stored.event, THIRD), title="Ours")},
    "cancel": lambda _: {THIRD: None},
}


@pytest.mark.parametrize("title", ["Series", "Renamed"])
@pytest.mark.parametrize("kind", DATES)
def test_r2_an_edit_of_one_date_made_meanwhile_survives_where_the_side_says_that_it_checks_versions(
    person: Person, reader: Reader, kind: str, title: str
) -> None:
    event = person.add("Series", repeats=True)
    reader.read()
    stored = reader.stored(event)
    person.move_one(event, THIRD)

    try:
        person.calendar.update(person.account, stored, replace(stored.event, title=title, exceptions=DATES[kind](stored)))
        is_refused = False
    except EventRefused as refused:
        is_refused = refused.is_stale
    reader.read()

    alone = reader.stored(event).event.exceptions.get(THIRD)
    has_survived = alone is not None and (alone.title, alone.when) == ("Series", timed(15, day=THIRD))
    # NEO checks nothing: it may refuse all the same, where a changed date has a sid of its own, and promises nothing by that.
    assert (is_refused and has_survived) or not person.calendar.checks_versions


@pytest.mark.parametrize("how", ["changed again", "cancelled"])
def test_r2_a_changed_date_that_is_taken_back_is_left_alone_when_it_was_edited_meanwhile(
    person: Person, reader: Reader, how: str
) -> None:
    event = person.add("Series", repeats=True)
    person.move_one(event, THIRD)
    reader.read()
    stored = reader.stored(event)
    by_hand = None if how == "cancelled" else replace(occurrence_on(stored.event, THIRD), title="By hand")
    edited = person.calendar.update(person.account, stored, replace(stored.event, exceptions={THIRD: by_hand}))

    try:
        person.calendar.update(person.account, stored, replace(stored.event, exceptions={}))
        is_refused = False
    except EventRefused as refused:
        is_refused = refused.is_stale
    held = person.calendar.look(person.account, event)

    assert is_refused or not person.calendar.checks_versions
    assert isinstance(held, Stored)
    assert not is_refused or held.event.exceptions == edited.event.exceptions


# Deleting.


@pytest.mark.parametrize("repeats", [False, True])
def test_deleting_takes_the_whole_event_away(person: Person, reader: Reader, *, repeats: bool) -> None:
    event = person.add("Gone", repeats=repeats)
    if repeats:
        person.move_one(event, THIRD)
    reader.read()

    person.calendar.delete(person.account, reader.stored(event))
    reader.read()

    assert person.titles() == []
    assert reader.known == {}


def test_deleting_twice_is_success(person: Person, reader: Reader) -> None:
    event = person.add("Gone")
    reader.read()
    stored = reader.stored(event)

    person.calendar.delete(person.account, stored)
    person.calendar.delete(person.account, stored)

    assert person.titles() == []


# Errors.

CALLS: dict[Kind, Callable[[Person, Stored], object]] = {
    "read": lambda person, _: person.calendar.read(person.account, None, WINDOW, dict),
    "look": lambda person, stored: person.calendar.look(person.account, stored.id),
    "create": lambda person, stored: person.calendar.create(person.account, stored.event, KEY),
    "update": lambda person, stored: person.calendar.update(person.account, stored, replace(stored.event, title="Other")),
    "delete": lambda person, stored: person.calendar.delete(person.account, stored),
}


@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize(
    ("how", "error"), [("away", RetryLater), ("too many", RetryLater), ("no calendar", SideUnreadable), ("half", SideUnreadable)]
)
def test_every_call_names_its_trouble_by_what_is_done_next(
    person: Person, reader: Reader, kind: Kind, how: How, error: type[CalendarError]
) -> None:
    event = person.add("Untouched", day=A_MONDAY + timedelta(days=1))
    reader.read()

    person.break_next(kind, how)

    with pytest.raises(error) as raised:
        CALLS[kind](person, reader.stored(event))
    assert "Untouched" not in str(raised.value)
    if how == "too many":
        assert isinstance(raised.value, RetryLater)
        assert not raised.value.is_fault


@pytest.mark.parametrize("kind", ["update", "delete"])
def test_a_write_whose_answer_is_lost_is_tried_again_later(person: Person, reader: Reader, kind: Kind) -> None:
    event = person.add("Before")
    reader.read()
    person.lose_answer(kind)

    with pytest.raises(RetryLater):
        CALLS[kind](person, reader.stored(event))

    assert person.titles() == (["Other"] if kind == "update" else [])


# Being at work.

BUSY: dict[Kind, Callable[[Person, Account, Stored], object]] = {
    "read": lambda person, account, _: person.calendar.read(account, None, WINDOW, dict),
    "look": lambda person, account, stored: person.calendar.look(account, stored.id),
    "create": lambda person, account, stored: person.calendar.create(account, stored.event, KEY),
    "update": lambda person, account, stored: person.calendar.update(account, stored, replace(stored.event, exceptions={})),
    "delete": lambda person, account, stored: person.calendar.delete(account, stored),
}


@pytest.mark.parametrize("kind", BUSY)
def test_somebody_at_work_says_so_before_each_request(person: Person, reader: Reader, kind: Kind) -> None:
    event = person.add("Series", repeats=True)
    person.move_one(event, SECOND)
    person.cancel_one(event, THIRD)
    reader.read()
    stored, before = reader.stored(event), person.requests()
    heard: list[int] = []

    BUSY[kind](person, replace(person.account, beat=lambda: heard.append(person.requests() - before)), stored)

    sent = person.requests() - before
    assert sent > 0
    assert set(range(sent)) <= set(heard)


class LostTheLease(Exception):
    pass


@pytest.mark.parametrize("kind", BUSY)
def test_whoever_is_told_to_stop_before_a_request_does_not_send_it(person: Person, reader: Reader, kind: Kind) -> None:
    event = person.add("Series", repeats=True)
    person.move_one(event, SECOND)
    reader.read()
    stored, before = reader.stored(event), person.requests()

    def stop() -> None:
        raise LostTheLease

    with pytest.raises(LostTheLease):
        BUSY[kind](person, replace(person.account, beat=stop), stored)

    assert person.titles() == ["Series"] * 5
    assert person.requests() == before
