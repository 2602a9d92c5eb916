"""What a write found changed or gone is looked at, so that the next decision knows what is there."""

from desksync.store import calendars, runs
from desksync.sync.absorb import looked_at, looked_at_beside_a_list
from desksync.sync.event import Side
from desksync.sync.reading import Odd, Stored
from desksync.sync.series import touches
from desksync.worker import history
from desksync.worker.desk import Job
from desksync.worker.errors import EventRefused, RetryLater


def look_again(job: Job, known: Stored) -> bool:
    """Keep what has become of an event that is not as it was known, and say whether it was looked at.

    Where no reading need tell of it, it would be tried in vain for ever. NEO lists all that is in the window, and more of it than
    a look finds; of the dates of a series that lie outside, only a look tells. A side without room for a look, or that cannot
    tell now, is asked in the next run: the write finds the same.
    """
    desk = job.desk
    side = desk.calendar.side
    is_listed = side is Side.NEO and touches(known.event, job.window)
    if is_listed and known.event.repeat is None:
        return False
    try:
        found = desk.calendar.look(job.account, known.id, known)
    except EventRefused:
        return False  # This one event can neither be written nor looked at. It must not keep the others from being written.
    except RetryLater as busy:
        if busy.is_fault:
            raise
        return False
    now = None if found is None else looked_at(found, known)
    if is_listed:
        if not isinstance(now, Stored):
            return False
        now = looked_at_beside_a_list(now, known, job.window)
        if now.event == known.event:
            return False
    with desk.begin() as session:
        desk.hold(session, job.held)
        if now is None:
            calendars.save_seen(session, job.user.id, side, [], [known.id])
        else:
            calendars.save_seen(session, job.user.id, side, [now])
        if isinstance(now, Odd):
            runs.add_lines(session, job.run_id, job.user.id, desk.now(), [history.odd(now, side)])
    return True
