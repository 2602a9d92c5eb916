"""Whatever is written comes back as it was answered: rules R1 and R8, tried with many events against the stand-in."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from desksync.sync.event import Access, AllDay, Event, Timed, When, first_day, occurrence_on
from desksync.sync.reading import Stored
from desksync.sync.recurrence import Frequency, Recurrence, days
from desksync.sync.series import with_exceptions
from desksync_neo_worker.client import NeoClient
from desksync_sandbox.neo.app import NeoServer
from tests.builders import A_MONDAY, all_day, an_event, timed
from tests.neo_worker.office import ACCOUNT, an_office

Running = tuple[NeoServer, NeoClient]

TEXTS = st.sampled_from(["", "定例", "会議: 定例", "本社 3階", "a\r\nb \n", "--", "(無題)", " x "])
RULES = st.sampled_from(
    [
        Recurrence(Frequency.DAILY, count=6),
        Recurrence(Frequency.DAILY, interval=3, until=A_MONDAY + timedelta(days=20)),
        Recurrence(Frequency.WEEKLY, weekdays=(0,), count=5),
        Recurrence(Frequency.WEEKLY, weekdays=(0, 2, 4), count=6),
        Recurrence(Frequency.WEEKLY, interval=2, weekdays=(0, 6), until=A_MONDAY + timedelta(days=60)),
        Recurrence(Frequency.MONTHLY, count=4),
        Recurrence(Frequency.MONTHLY, weekdays=(0,), nth=4, count=4),
        Recurrence(Frequency.YEARLY, count=2),
    ]
)
PLAIN_WHENS: st.SearchStrategy[When] = st.sampled_from(
    [timed(), timed(15), timed(23, 120), timed(9, 0), Timed(timed().start, None), all_day(), all_day(days=2), timed(20, 24 * 60)]
)
SERIES_WHENS: st.SearchStrategy[When] = st.sampled_from(
    [timed(), timed(15), timed(23, 120), Timed(timed().start, None), all_day()]
)


def moved(when: When, by: int) -> When:
    days_later = timedelta(days=by)
    if isinstance(when, AllDay):
        return AllDay(when.first + days_later, when.last + days_later)
    return Timed(when.start + days_later, None if when.end is None else when.end + days_later)


@st.composite
def plain_events(draw: st.DrawFn) -> Event:
    return an_event(
        draw(TEXTS),
        when=draw(PLAIN_WHENS),
        location=draw(TEXTS),
        description=draw(TEXTS),
        access=draw(st.sampled_from([Access.OPEN, Access.SECRET])),
        is_tentative=draw(st.booleans()),
    )


@st.composite
def series(draw: st.DrawFn) -> Event:
    base = replace(draw(plain_events()), when=draw(SERIES_WHENS), repeat=draw(RULES))
    assert base.repeat is not None
    dates = list(days(base.repeat, first_day(base.when)))
    exceptions: dict[date, Event | None] = {}
    # The last date stays as the rule says: a series that has no date of its own any more is gone from NEO.
    for day in draw(st.lists(st.sampled_from(dates[:-1]), max_size=3, unique=True)):
        changed = replace(draw(plain_events()), when=moved(occurrence_on(base, day).when, draw(st.integers(-3, 3))))
        exceptions[day] = draw(st.sampled_from([None, changed, replace(occurrence_on(base, day), title="臨時")]))
    return with_exceptions(base, exceptions)


def in_neos_words(event: Event) -> Event:
    """Return the event with its texts as NEO can hold them."""

    def text(value: str) -> str:
        return "" if value in {"--", "(無題)"} else value

    def one_line(value: str) -> str:
        return text(" ".join(line.rstrip() for line in value.strip().splitlines()))

    plain = replace(
        event,
        title=one_line(event.title),
        location="" if event.location == "--" else " ".join(line.rstrip() for line in event.location.strip().splitlines()),
        description="\n".join(line.rstrip() for line in event.description.strip().splitlines()),
    )
    exceptions: Mapping[date, Event | None] = {
        day: None if one is None else in_neos_words(one) for day, one in event.exceptions.items()
    }
    return with_exceptions(plain, exceptions)


@pytest.mark.parametrize("keeps_sid", [True, False])
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(series() | plain_events(), min_size=1, max_size=4))
@example(steps=[an_event("--"), an_event("", when=all_day())])
def test_what_is_written_is_what_is_read(running_neo: Running, steps: list[Event], *, keeps_sid: bool) -> None:
    office = an_office(running_neo)
    office.turn(changed_occurrence_keeps_sid=keeps_sid)
    stored = office.keep(office.calendar.create(ACCOUNT, steps[0], "0" * 64))

    for wanted in steps:
        stored = office.calendar.update(ACCOUNT, stored, wanted)
        office.known, office.cursor = {stored.id: stored}, None
        reading = office.read()

        assert stored.event == in_neos_words(wanted)
        assert reading.events == (stored,)
        assert reading.odd == ()
        looked = office.calendar.look(ACCOUNT, stored.id)
        assert isinstance(looked, Stored)
        assert looked.event == stored.event or "offshoots" in stored.extra
