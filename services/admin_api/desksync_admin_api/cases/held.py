"""What a person says about deletions that wait (rule R5), for exactly those that they were shown."""

from collections.abc import Callable
from enum import StrEnum

from sqlalchemy.orm import Session

from desksync.store.held import Held
from desksync.store.tickets import leave_to_sweep
from desksync.store.users import User
from desksync.worker.held import Answered, refuse, release
from desksync_admin_api.access.audit import Deed, about_user, record
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.web import Web


class Answer(StrEnum):
    """What can be said about what waits."""

    RELEASE = "release"
    REFUSE = "refuse"


_SAYING: dict[Answer, tuple[Callable[..., Answered], Deed]] = {
    Answer.RELEASE: (release, Deed.HELD_RELEASED),
    Answer.REFUSE: (refuse, Deed.HELD_REFUSED),
}


def answer_held(session: Session, web: Web, caller: Caller, user: User, answer: Answer, mark: str) -> Held | None:
    """Answer, write it down, and return what was answered for; `None` when that is not what waits any more."""
    say, deed = _SAYING[answer]
    answered = say(session, user.id, caller.name, web.now(), seen=mark)
    if answered is None:
        return None
    kept, tickets = answered
    # No transaction may be open while a message is sent; the scheduler's sweep sends it within seconds.
    leave_to_sweep(session, [ticket.id for ticket in tickets])
    record(session, caller, deed, web.now(), about=about_user(user), after={"neo": kept.neo, "google": kept.google})
    return kept
