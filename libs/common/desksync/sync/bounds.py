"""Which dates are computed with. Whatever lies outside is left alone, with a reason; nothing hangs on it and nothing is lost."""

from datetime import date, timedelta
from typing import Final

from desksync.sync.event import When, first_day, last_day
from desksync.sync.lines import Lines
from desksync.sync.plain_rule import LAST_DAY
from desksync.sync.recurrence import Rule

FIRST_DAY: Final = date(1000, 1, 1)
"""No calendar that people write into begins earlier, and a year of fewer than four digits is written in too many ways."""

_LINES_BEGIN: Final = date(1970, 1, 1)
_LONGEST: Final = timedelta(days=366)


def beyond(when: When, repeat: Rule | None = None) -> str | None:
    """Return why an event or series cannot be computed with, as a clause, or `None` if it can.

    A series has to have its dates one by one within the days that sync: where each lasts for long, or where only
    python-dateutil knows them (`Lines`) and it began long ago, that would be thousands of them for every run.
    """
    if first_day(when) < FIRST_DAY or last_day(when) > LAST_DAY:
        return f"its dates lie before the year {FIRST_DAY.year} or after the year {LAST_DAY.year}"
    if repeat is not None and last_day(when) - first_day(when) > _LONGEST:
        return "it repeats, and each of its dates lasts longer than a year"
    if isinstance(repeat, Lines) and first_day(when) < _LINES_BEGIN:
        return f"it began before the year {_LINES_BEGIN.year}, and its rule is not a plain one"
    return None
