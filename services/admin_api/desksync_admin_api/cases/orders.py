"""Orders what takes longer than an answer: a run at once, a preview, an undo, a cleaning. Each order is written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from desksync.store.errands import order
from desksync.store.states import State
from desksync.store.tickets import hasten, leave_to_sweep, open_tickets
from desksync.store.users import User
from desksync.store.web_states import ErrandKind
from desksync.worker.undo import ahead
from desksync_admin_api.access.audit import Deed, about_user, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.web import Web

NOTHING_TO_SYNC = T("Nothing can be synced: the account is stopped or disabled, or Google or the calendar is missing.")
NOTHING_TO_SEE = T("There is nothing to look at yet: Google or the calendar is missing.")

_DEEDS = {
    ErrandKind.PREVIEW: Deed.PREVIEW_ORDERED,
    ErrandKind.UNDO: Deed.UNDO_ORDERED,
    ErrandKind.CLEAN: Deed.CLEAN_ORDERED,
}


class RunOrder(StrEnum):
    """What became of the order of a run."""

    IMPOSSIBLE = "impossible"
    UNDER_WAY = "under_way"
    BEGINS = "begins"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class OrderedRun:
    """An order, and the ticket of the run that it began or hastened."""

    order: RunOrder
    ticket_id: str | None = None


class NothingToSee(Exception):
    """There are no two calendars yet. `why` is a sentence for whoever asked."""

    why: Text = NOTHING_TO_SEE


def order_run(session: Session, web: Web, caller: Caller, user: User) -> OrderedRun:
    """Open a ticket, or hasten the one that waits; the scheduler sends it within seconds. A run under way is not doubled."""
    if not user.may_run:
        return OrderedRun(RunOrder.IMPOSSIBLE)
    if user.state is State.RUNNING:
        return OrderedRun(RunOrder.UNDER_WAY)
    opened = [*open_tickets(session, [user.id], web.now()), *hasten(session, [user.id], web.now())]
    leave_to_sweep(session, [ticket.id for ticket in opened])
    record(session, caller, Deed.SYNC_ORDERED, web.now(), about=about_user(user))
    return OrderedRun(RunOrder.BEGINS, opened[0].id) if opened else OrderedRun(RunOrder.AHEAD)


def order_preview(session: Session, web: Web, caller: Caller, user: User) -> int:
    """Order a preview and return its errand. Who is stopped may look all the same. Raises `NothingToSee`."""
    if user.google_token is None or user.settings.calendar_id is None:
        raise NothingToSee
    return ordered(session, web, caller, ErrandKind.PREVIEW, user, {})


def order_undo(session: Session, web: Web, caller: Caller, user: User, run_id: int) -> int:
    """Order the undo of a run and return its errand. Raises `NothingToUndo`."""
    ahead(session, user, run_id)
    return ordered(session, web, caller, ErrandKind.UNDO, user, {"run_id": run_id})


def ordered(session: Session, web: Web, caller: Caller, kind: ErrandKind, user: User, arguments: Mapping[str, Any]) -> int:
    """Order an errand about a user, write it down, and return its number. The same order, while it is open, is the same one."""
    errand_id = order(session, kind, user.id, arguments, caller.party, web.now())
    record(session, caller, _DEEDS[kind], web.now(), about=about_user(user), after={"errand": errand_id, **arguments})
    return errand_id
