"""Changes that were begun and of which no answer came: whether they were written, told by what the side holds now. Pure.

A server may do what it is told without our hearing of it. Taken for an edit of a person, our own write would then stand against
the next edit on the other side, and might prevail over it (rules R2 and R8).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from desksync.sync.event import Event, Side
from desksync.sync.flow import Flow, date_of, flow_between, keeping
from desksync.sync.link import Link
from desksync.sync.parts import found
from desksync.sync.plan import Update
from desksync.sync.reading import Known, Stored
from desksync.sync.record import recorded
from desksync.sync.views import comparable, shows


def resumed(begun: Iterable[Update], known: Mapping[Side, Known], zone: ZoneInfo | None) -> list[Link]:
    """Return the links of those of the changes that were written, wholly or in part, as if their answers had come.

    `known` is what both sides hold. `zone` is the user's.
    """
    links = []
    for update in begun:
        now = found(update.current.id, known[update.side], zone)
        if isinstance(now, Stored) and (link := _resumed(update, now)) is not None:
            links.append(link)
    return links


def _resumed(update: Update, now: Stored) -> Link | None:
    before, wanted = update.current.event, update.event
    asked = flow_between(before, wanted)
    done = _done(asked, now.event, before, wanted)
    if not done:
        return None
    left = Flow(asked.groups - done.groups, asked.days - done.days)
    written = replace(update, event=keeping(wanted, before, unless=done), pending=update.pending | left)
    return recorded(written, now).link


def _done(asked: Flow, now: Event, before: Event, wanted: Event) -> Flow:
    held, was, wished = comparable(now), comparable(before), comparable(wanted)
    return Flow(
        frozenset(group for group in asked.groups if all(shows(name, held, wished, was) for name in group)),
        frozenset(day for day in asked.days if date_of(held, day) == date_of(wished, day)),
    )
