"""Single dates that somebody edits while their series is being changed: NEO checks no versions, and the edit must outlive it."""

from dataclasses import replace
from datetime import date

import pytest

from desksync.sync.event import Access, AllDay, Event, occurrence_on
from desksync.worker.errors import EventRefused
from desksync_neo_worker.meanwhile import edited
from desksync_neo_worker.offshoots import remembered
from tests.builders import all_day, timed
from tests.neo_worker.dates import FOURTH, SECOND, SERIES, THIRD, on
from tests.neo_worker.office import ACCOUNT, Office

NAMED = replace(SERIES, title="新定例")


def person_edits(office: Office, sid: str, day: date, **fields: str) -> None:
    """Let a person edit a date, wherever this NEO keeps it."""
    offshoot = remembered(office.stored(sid).extra).get(day)
    if offshoot is None:
        office.change_one(sid, f"{day:%Y%m%d}", **fields)
    else:
        office.change(offshoot, **fields)


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_a_date_that_is_edited_while_it_and_its_series_are_changed_is_stale(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = office.create(replace(SERIES, exceptions={THIRD: on(THIRD, title="臨時")}))
    person_edits(office, stored.id, THIRD, memo="持ち物")

    with pytest.raises(EventRefused) as caught:
        office.calendar.update(ACCOUNT, stored, replace(NAMED, exceptions={THIRD: on(THIRD, title="変更")}))

    office.read()
    assert caught.value.is_stale
    assert office.stored(stored.id).event == replace(NAMED, exceptions={THIRD: on(THIRD, title="臨時", description="持ち物")})


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_what_was_stale_is_written_after_the_next_reading(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = office.create(replace(SERIES, exceptions={THIRD: on(THIRD, title="臨時")}))
    person_edits(office, stored.id, THIRD, memo="持ち物")
    with pytest.raises(EventRefused):
        office.calendar.update(ACCOUNT, stored, replace(NAMED, exceptions={THIRD: on(THIRD, title="変更")}))
    office.read()
    merged = replace(NAMED, exceptions={THIRD: on(THIRD, title="変更", description="持ち物")})

    changed = office.update(office.stored(stored.id), merged)

    assert changed.event == merged
    assert office.is_settled(changed)


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_a_date_that_is_edited_while_only_its_series_is_changed_is_left_to_the_next_reading(
    office: Office, *, keeps_sid: bool
) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = office.create(SERIES)
    wanted = replace(NAMED, exceptions={FOURTH: None})
    office.change_one(stored.id, f"{SECOND:%Y%m%d}", memo="持ち物")

    changed = office.update(stored, wanted)

    office.read()
    dates = {item["startdate"]: (item["detail"], item["memo"]) for item in office.items()}
    assert changed.event == wanted
    assert dates.pop("20261130") == ("定例", "持ち物")
    assert set(dates.values()) == {("新定例", "")}
    assert len(dates) == 3


def test_a_date_that_is_cancelled_while_its_series_is_changed_stays_cancelled(office: Office) -> None:
    stored = office.create(SERIES)
    office.cancel(stored.id, f"{SECOND:%Y%m%d}")

    office.update(stored, NAMED)

    office.read()
    assert office.stored(stored.id).event == replace(NAMED, exceptions={SECOND: None})


@pytest.mark.parametrize("keeps_sid", [True, False])
def test_a_changed_date_that_is_cancelled_while_its_series_is_changed_is_stale(office: Office, *, keeps_sid: bool) -> None:
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = office.create(replace(SERIES, exceptions={THIRD: on(THIRD, title="臨時")}))
    offshoot = remembered(stored.extra).get(THIRD)
    office.cancel(offshoot or stored.id, f"{THIRD:%Y%m%d}")

    with pytest.raises(EventRefused) as caught:
        office.calendar.update(ACCOUNT, stored, replace(NAMED, exceptions=stored.event.exceptions))

    office.read()
    assert caught.value.is_stale
    assert office.stored(stored.id).event == replace(NAMED, exceptions={THIRD: None})


def series_of(**days: Event | None) -> Event:
    return replace(NAMED, exceptions={{"second": SECOND, "third": THIRD}[name]: one for name, one in days.items()})


@pytest.mark.parametrize(
    "now",
    [
        None,
        on(THIRD, title="臨時"),
        on(THIRD, title="新定例"),
        on(THIRD, title="定例"),
        on(THIRD, title="変更"),
        on(THIRD, title="変更", when=timed(15, day=THIRD)),
        on(THIRD, title="臨時", attendance="参加者: 鈴木 美咲"),
    ],
)
def test_what_was_known_or_wanted_or_is_as_the_rule_says_is_no_edit(now: Event | None) -> None:
    """Whether a changed date outlives a change of its series, or follows it, is NEO's affair."""
    before = replace(SERIES, exceptions={THIRD: None if now is None else on(THIRD, title="臨時")})
    wanted = series_of(third=on(THIRD, title="変更", when=timed(15, day=THIRD)))

    assert edited(before, wanted, series_of(third=now)) == set()


@pytest.mark.parametrize(
    "now",
    [
        None,
        on(THIRD, title="別"),
        on(THIRD, location="5F"),
        on(THIRD, description="持ち物"),
        on(THIRD, access=Access.SECRET),
        on(THIRD, is_tentative=True),
        on(THIRD, when=timed(16, day=THIRD)),
        on(THIRD, when=AllDay(THIRD, THIRD)),
    ],
)
def test_anything_else_is_an_edit(now: Event | None) -> None:
    assert edited(replace(SERIES, exceptions={THIRD: on(THIRD, title="臨時")}), NAMED, series_of(third=now)) == {THIRD}
    assert edited(SERIES, NAMED, series_of(third=now)) == {THIRD}


def test_a_date_that_is_put_back_with_other_contents_while_its_series_is_changed_is_an_edit() -> None:
    before = replace(SERIES, exceptions={THIRD: None})

    assert edited(before, series_of(third=None), series_of(third=on(THIRD, title="別"))) == {THIRD}
    assert edited(before, series_of(third=None), NAMED) == set()


def test_where_a_date_is_tells_nothing_when_the_series_is_moved() -> None:
    moved = replace(NAMED, when=timed(15))
    now = replace(moved, exceptions={THIRD: on(THIRD, title="臨時", when=timed(13, day=THIRD))})

    assert edited(replace(SERIES, exceptions={THIRD: on(THIRD, title="臨時")}), moved, now) == set()


def test_a_date_that_only_the_new_rule_gives_is_no_edit() -> None:
    daily = replace(SERIES, when=all_day(SECOND))

    assert edited(daily, NAMED, replace(NAMED, exceptions={THIRD: occurrence_on(NAMED, THIRD)})) == set()


def test_a_date_that_became_an_event_of_its_own_while_its_series_was_renamed_is_still_a_date_of_it(office: Office) -> None:
    office.turn(changed_occurrence_keeps_sid=False)
    stored = office.create(SERIES)
    office.change_one(stored.id, f"{SECOND:%Y%m%d}", memo="持ち物")
    with pytest.raises(EventRefused) as caught:
        office.calendar.update(ACCOUNT, stored, replace(NAMED, exceptions={SECOND: on(SECOND, title="変更")}))

    found = office.read().events

    assert caught.value.is_stale
    assert [(one.id, one.event) for one in found] == [
        (stored.id, replace(NAMED, exceptions={SECOND: on(SECOND, description="持ち物")}))
    ]
