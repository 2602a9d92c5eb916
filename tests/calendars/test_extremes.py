"""Dates at the ends of time and rules without measure: they sync, or are parked with a reason, and cost no more than others."""

from contextlib import suppress
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desksync.sync.event import Event, Side, Window
from desksync.sync.expand import expanded
from desksync.sync.horizon import cut_for_neo
from desksync.sync.policy import Policy
from desksync.sync.reading import Known, Stored
from desksync.sync.reconcile import reconcile
from desksync.sync.series import touches
from desksync.sync.views import comparable, kept_by
from desksync_google_worker.mapping import Unmappable, body_of, event_of, stored_of
from desksync_neo_worker.entries import sort_entries
from desksync_neo_worker.mapping import Eyes, new_fields, read_series
from desksync_neo_worker.untranslatable import Inexpressible, Strange
from tests.builders import WINDOW
from tests.effort import at_most
from tests.google_worker.items import an_item
from tests.neo_worker.records import OWN, a_record, a_series_record

A_BREATH = 3_000_000
"""Calls for one event, all that syncing does with it together."""

ZONES = [ZoneInfo(name) for name in ("Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "Pacific/Niue", "Europe/Dublin")]
YEARS = [1, 2, 3, 1582, 1899, 1969, 1970, 2024, 2026, 2027, 2100, 2399, 2400, 9799, 9899, 9997, 9998, 9999]
days = st.builds(
    lambda year, month_day: f"{year:04}-{month_day}",
    st.sampled_from(YEARS),
    st.sampled_from(["01-01", "01-02", "02-28", "11-23", "12-30", "12-31"]),
)
times = st.sampled_from(["00:00:00", "00:30:00", "10:00:00", "23:59:59"])
offsets = st.sampled_from(["Z", "+09:00", "-12:00", "+14:00", "+23:59", ""])
zones = st.sampled_from(ZONES)


@st.composite
def moments(draw: st.DrawFn) -> dict[str, str]:
    return {"dateTime": f"{draw(days)}T{draw(times)}{draw(offsets)}", "timeZone": draw(zones).key}


huge = st.sampled_from(["0", "-1", "", "1", "2", "7", "12", "400", "1000000", "1000000000000", "9" * 5000])
frequencies = st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
ends = st.one_of(
    st.just(""),
    st.builds(lambda day: f";UNTIL={day.replace('-', '')}", days),
    st.builds(lambda day: f";UNTIL={day.replace('-', '')}T000000Z", days),
    st.builds(lambda number: f";COUNT={number}", huge),
    st.builds(lambda number, day: f";COUNT={number};UNTIL={day.replace('-', '')}", huge, days),
)
filters = st.sampled_from(
    [
        "",
        "",
        "",
        ";BYDAY=MO",
        ";BYDAY=MO,TU,WE;WKST=SU",
        ";BYDAY=5MO",
        ";BYDAY=-1FR",
        ";BYMONTHDAY=31",
        ";BYMONTHDAY=1,-1",
        ";BYMONTH=2;BYMONTHDAY=30",
        ";BYMONTH=2;BYMONTHDAY=29",
        ";BYSETPOS=9;BYDAY=MO,TU",
        ";BYYEARDAY=366",
        ";BYWEEKNO=53",
        ";BYEASTER=0",
        ";BYDAY=",
        ";BYMONTHDAY=0",
        ";BYMONTH=13",
        ";INTERVAL=3",
        ";BYDAY=99999MO",
    ]
)
rules = st.builds(lambda unit, every, only, end: f"FREQ={unit};INTERVAL={every}{only}{end}", frequencies, huge, filters, ends)
lines = st.lists(
    st.one_of(
        rules.map("RRULE:{}".format),
        rules.map("RRULE:{}".format),
        rules.map("EXRULE:{}".format),
        st.builds(lambda day: f"EXDATE;VALUE=DATE:{day.replace('-', '')}", days),
        st.builds(lambda day: f"EXDATE:{day.replace('-', '')}T010000Z", days),
        st.builds(lambda day: f"RDATE:{day.replace('-', '')}T010000Z", days),
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an event of Google."""
    if draw(st.booleans()):
        start, end = sorted((draw(days), draw(days)))
        span: dict[str, Any] = {"start": {"date": start}, "end": {"date": end}}
    else:
        span = {"start": draw(moments()), "end": draw(moments())}
        if draw(st.booleans()):
            span["end"] = span["start"]
    return an_item(**span, recurrence=draw(st.none() | lines))


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a record of NEO."""
    start, end = draw(days).replace("-", ""), draw(days).replace("-", "")
    starts, ends = draw(st.sampled_from(["", "0000", "1000", "2400"])), draw(st.sampled_from(["", "0000", "1100"]))
    rule = {
        "repeat": draw(st.sampled_from(["", "d", "w", "m", "y"])),
        "interval": draw(huge),
        "everyweek": draw(st.sampled_from(["", "1", "5", "6"])),
        "everyweekday": draw(st.sampled_from(["", "1000000", "1111111"])),
        "rependtimes": draw(st.sampled_from([""]) | huge),
    }
    return a_record(startdate=start, enddate=draw(st.sampled_from([start, end])), starttime=starts, endtime=ends, **rule)


def carried(stored: Stored, side: Side, zone: ZoneInfo) -> None:
    """Do with an event all that syncing does with it, and write it to the other side. What was written can be read again."""
    event = stored.event
    policy = Policy(WINDOW, "scope", zone=zone)
    touches(event, WINDOW)
    touches(event, Window(WINDOW.first, date.max))
    comparable(event)
    known: dict[Side, Known] = {side: {stored.id: stored}, side.other: {}}
    parts = [
        one
        for one in expanded(side, known[side], (), {}, policy).known.values()
        if isinstance(one, Stored) and touches(one.event, WINDOW)
    ]
    plan = reconcile([], known[Side.NEO], known[Side.GOOGLE], policy)
    for one in [*parts, *(action.source for action in plan.actions if action.side is side.other)]:  # type: ignore[union-attr] # only creations
        written(kept_by(side.other, one.event), side.other, zone)


def written(event: Event, side: Side, zone: ZoneInfo) -> None:
    if side is Side.GOOGLE:
        body = body_of(event, shows_attendance=True)
        try:
            event_of(body, zone)
        except Unmappable as unmappable:
            raise AssertionError("what was written cannot be read") from unmappable
        return
    with suppress(Inexpressible):
        fields = new_fields(cut_for_neo(event, WINDOW), {}, zone)
        try:
            read_series(fields, Eyes(OWN, zone))
        except Strange as strange:
            raise AssertionError("what was written cannot be read") from strange


@given(items(), zones)
def test_whatever_dates_and_rules_google_has_an_event_syncs_or_is_parked(item: dict[str, Any], zone: ZoneInfo) -> None:
    with at_most(A_BREATH), suppress(Unmappable):
        carried(stored_of(item, zone, "taro@x.example"), Side.GOOGLE, zone)


@given(records(), zones)
def test_whatever_dates_and_rules_neo_has_an_event_syncs_or_is_parked(record: dict[str, Any], zone: ZoneInfo) -> None:
    eyes = Eyes(OWN, zone)
    with at_most(A_BREATH):
        entries = sort_entries([record | {"repeat": ""}], eyes)
        for sid, single in entries.singles.items():
            carried(Stored(sid, single.event), Side.NEO, zone)
        with suppress(Strange):
            carried(Stored("501", read_series(record, eyes)), Side.NEO, zone)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("letter", ["d", "w", "m", "y"])
def test_a_series_until_the_last_day_that_a_form_takes_is_copied(letter: str, zone: ZoneInfo) -> None:
    series = read_series(a_series_record(repeat=letter, rependtimes="", enddate="99991231"), Eyes(OWN, zone))

    copied = event_of(body_of(kept_by(Side.GOOGLE, series), shows_attendance=True), zone)

    assert comparable(copied) == comparable(series)


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_an_event_at_the_end_of_time_is_parked_with_a_reason(year: str) -> None:
    item = an_item(start={"date": f"{year}-01-01"}, end={"date": f"{year}-01-02"})

    with pytest.raises(Unmappable) as google:
        stored_of(item, ZONES[0], "taro@x.example")
    odd = sort_entries([a_record(startdate=f"{year}0101", enddate=f"{year}0101")], Eyes(OWN, ZONES[0])).odd

    assert "date" in str(google.value)
    assert [one.why for one in odd.values()] == ["Its dates are out of the range that can be computed."]
