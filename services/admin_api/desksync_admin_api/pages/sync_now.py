"""Orders a run at once, for oneself or for somebody else. A run that is under way is not doubled."""

from sqlalchemy.orm import Session

from desksync.store.states import State
from desksync.store.tickets import hasten, leave_to_sweep, open_tickets
from desksync.store.users import User
from desksync_admin_api.access.audit import Deed, about_user, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.locale.texts import T
from desksync_admin_api.pages.told import Told, Tone
from desksync_admin_api.web import Web


def order_run(session: Session, web: Web, caller: Caller, user: User) -> Told:
    """Open a ticket, or hasten the one that waits, and return what to say. The scheduler's sweep sends it within seconds."""
    if not user.may_run:
        return Told(
            T("Nothing can be synced: the account is stopped or disabled, or Google or the calendar is missing."), Tone.BAD
        )
    if user.state is State.RUNNING:
        return Told(T("A run is under way already."), Tone.NOTE)
    opened = [*open_tickets(session, [user.id], web.now()), *hasten(session, [user.id], web.now())]
    leave_to_sweep(session, [ticket.id for ticket in opened])
    record(session, caller, Deed.SYNC_ORDERED, web.now(), about=about_user(user))
    return Told(T("A run begins in a moment.") if opened else T("A run is ahead already."))
