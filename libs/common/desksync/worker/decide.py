"""Loads what is known, lets the core decide, and writes down what needs no remote call."""

from sqlalchemy.orm import Session

from desksync.store import calendars, links, runs
from desksync.store.links import Refusal
from desksync.sync.event import Side
from desksync.sync.fingerprint import fingerprint_of_text
from desksync.sync.plan import Plan, Skipped
from desksync.sync.reading import Known, Stored
from desksync.sync.reconcile import reconcile
from desksync.worker import history
from desksync.worker.desk import Job


def decide(session: Session, job: Job) -> Plan:
    """Return the plan as of now. New links, moved bases and links without events are recorded in the same transaction."""
    user_id, now = job.user.id, job.desk.now()
    neo = calendars.known(session, user_id, Side.NEO)
    google = calendars.known(session, user_id, Side.GOOGLE)
    refusals = {side: links.refusals(session, user_id, side) for side in Side}
    plan = reconcile(
        links.links(session, user_id),
        neo,
        google,
        job.policy,
        frozenset((side, source_id, one.fingerprint) for side in Side for source_id, one in refusals[side].items()),
        links.intents(session, user_id),
    )
    for link in plan.forgotten:
        links.drop_link(session, user_id, link.neo_id, link.google_id)
    links.add_links(session, user_id, plan.adopted, Side.NEO, now)
    links.set_bases(session, user_id, plan.settled)
    lines = [history.matched(len(plan.adopted))] if plan.adopted else []
    known = {Side.NEO: neo, Side.GOOGLE: google}
    for one in plan.skipped:
        refusal = Refusal(fingerprint_of_text(one.why), one.why, now)
        before = refusals[one.side.other].get(one.event_id)
        if before is None or before.fingerprint != refusal.fingerprint:
            links.record_refusal(session, user_id, one.side.other, one.event_id, refusal)
            lines.append(history.skipped(one, _title(known[one.side], one)))
    runs.add_lines(session, job.run_id, user_id, now, lines)
    return plan


def sides_left(session: Session, job: Job) -> frozenset[Side]:
    """Decide, and return the sides that have to be written. With none left, both readings count as carried over."""
    sides = decide(session, job).sides()
    if not sides:
        for side in Side:
            calendars.set_dirty(session, job.user.id, side, is_dirty=False)
    return sides


def _title(known: Known, one: Skipped) -> str:
    item = known.get(one.event_id)
    return item.event.title if isinstance(item, Stored) else ""
