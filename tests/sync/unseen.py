"""What a run cannot see at its beginning, so that it takes further ones until both sides are equal."""

from desksync.sync.event import Side
from desksync.sync.parts import place_of
from desksync.sync.reading import Stored
from desksync.sync.recurrence import Dates
from desksync.sync.series import touches
from tests.sync.likeness import in_sight
from tests.sync.pair import Pair


def hides_something(pair: Pair) -> bool:
    """Say whether NEO holds something outside the window that an answer to a write would show for the first time."""
    window, known = pair.policy.window, pair.known[Side.NEO]
    gone = [item for event_id, item in known.items() if event_id not in pair.neo.events]
    if any(isinstance(item, Stored) and not touches(item.event, window) for item in gone):
        return True  # A write finds out that it is gone, and the run after that does what follows.
    for event_id, event in pair.neo.events.items():
        seen = known.get(event_id)
        if isinstance(seen, Stored) and seen.event != event and not touches(event, window):
            return True
        before = seen.event.exceptions if isinstance(seen, Stored) else {}
        outside = {*event.exceptions, *before} - {*in_sight(event, window).exceptions}
        if any(event.exceptions.get(day, "regular") != before.get(day, "regular") for day in outside):
            return True
    return False


def holds_what_no_reading_shows(pair: Pair) -> bool:
    """Say whether Google holds something that changed outside the window, which a write that comes too late finds out."""
    known, window = pair.known[Side.GOOGLE], pair.policy.window
    return any(
        isinstance(seen := known.get(event_id), Stored) and seen.version != str(held.version) and not touches(held.event, window)
        for event_id, held in pair.google._events.items()
    )


def changes_form_in_neo(pair: Pair) -> bool:
    """Say whether a series of NEO is copied date by date: what is carried to NEO first is replaced a run later."""
    are_linked = any(place_of(link.neo_id) for link in pair.links.values())
    return are_linked or any(isinstance(event.repeat, Dates) for event in pair.neo.events.values())
