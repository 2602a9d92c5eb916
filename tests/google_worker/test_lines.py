"""Lines of a series that no plain rule can say, on their way in and back."""

from datetime import date, timedelta

import pytest

from desksync.sync.lines import Lines
from desksync.sync.recurrence import Dates
from desksync_google_worker.lines import read_lines, write_lines
from desksync_google_worker.rule_parts import NotSayable
from tests.builders import A_MONDAY, TOKYO, all_day, an_event, timed

MONTHLY = "RRULE:FREQ=MONTHLY;BYMONTHDAY=23,30;COUNT=4"
LATER = A_MONDAY + timedelta(days=3)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([f"{MONTHLY};BYEASTER=1"], "it repeats by the date of Easter"),
        (["RRULE:FREQ=MONTHLY;BYMONTHDAY=23,30;UNTIL=soon"], "its rule has no readable end"),
        ([MONTHLY, "RDATE:soonTsoon"], "one of its RDATE lines is unreadable"),
        ([MONTHLY] * 11, "it repeats by more than 10 rules"),
        ([MONTHLY, f"RDATE:{A_MONDAY:%Y%m%d}T083000Z"], "it repeats several times on one day"),
        ([MONTHLY, "RRULE:FREQ=NEVER"], "it repeats by more than one rule"),
    ],
)
def test_lines_that_cannot_be_followed_say_why(lines: list[str], why: str) -> None:
    with pytest.raises(NotSayable) as caught:
        read_lines(lines, timed(), TOKYO, TOKYO)

    assert str(caught.value) == why


@pytest.mark.parametrize(
    ("when", "written"), [(timed(), f"RDATE:{LATER:%Y%m%d}T010000Z"), (all_day(), f"RDATE;VALUE=DATE:{LATER:%Y%m%d}")]
)
def test_extra_dates_are_written_as_the_event_says_its_times(when: object, written: str) -> None:
    rule = Lines(("RRULE:FREQ=MONTHLY;BYMONTHDAY=23,30;COUNT=4", f"RDATE:{LATER:%Y%m%d}"), "it repeats on several days")

    assert write_lines(an_event(when=when, repeat=rule)) == [rule.lines[0], written]


@pytest.mark.parametrize(("end", "written"), [("20270101", "20270101T145959Z"), ("99991231", "99991231")])
def test_the_end_of_a_rule_is_written_as_a_moment_unless_it_is_the_end_of_time(end: str, written: str) -> None:
    rule = Lines((f"RRULE:FREQ=MONTHLY;BYMONTHDAY=23,30;UNTIL={end}",), "it repeats on several days")

    assert write_lines(an_event(repeat=rule)) == [f"RRULE:FREQ=MONTHLY;BYMONTHDAY=23,30;UNTIL={written}"]


@pytest.mark.parametrize("repeat", [None, Dates((A_MONDAY, date(2027, 1, 4)))])
def test_irregular_dates_and_no_rule_have_no_lines(repeat: Dates | None) -> None:
    with pytest.raises(NotSayable, match="no irregular dates"):
        write_lines(an_event(repeat=repeat))
