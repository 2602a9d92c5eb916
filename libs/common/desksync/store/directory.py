"""Brings the users in step with NEO's own list. New people are added disabled; nobody is ever deleted (rule R6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from desksync.store.states import Permission, SyncState
from desksync.store.tables import users
from desksync.sync.policy import Direction


@dataclass(frozen=True, slots=True)
class ListedUser:
    """A person as NEO's user list names them."""

    neo_user_id: str
    login_id: str
    name: str


@dataclass(frozen=True, slots=True)
class DirectoryChange:
    """How many users were added, were gone and came back, and have now vanished."""

    added: int = 0
    returned: int = 0
    vanished: int = 0


def sync_directory(
    session: Session, listed: Sequence[ListedUser], now: datetime, *, time_zone: str, is_whole: bool = True
) -> DirectoryChange:
    """Add, rename and mark users so that they agree with NEO's list; `time_zone` is what new users begin with.

    An empty list proves nothing: it is what NEO answers when the list may not be read. It changes nothing. One that is not whole
    adds and renames, and says of nobody that they are gone.
    """
    if not listed:
        return DirectoryChange()
    wanted = {person.neo_user_id: person for person in listed}
    known = {row.neo_user_id: row for row in session.execute(select(users).with_only_columns(*_COMPARED))}
    added = [person for neo_user_id, person in wanted.items() if neo_user_id not in known]
    if added:
        session.execute(insert(users), [_new_user(person, now, time_zone) for person in added])
    renamed = [
        {"of": known[neo_user_id].id, "login": person.login_id, "called": person.name}
        for neo_user_id, person in wanted.items()
        if neo_user_id in known and (known[neo_user_id].login_id, known[neo_user_id].name) != (person.login_id, person.name)
    ]
    if renamed:
        naming = update(users).where(users.c.id == bindparam("of"))
        session.execute(naming.values(login_id=bindparam("login"), name=bindparam("called")), renamed)
    returned = [row.id for neo_user_id, row in known.items() if neo_user_id in wanted and row.vanished_at is not None]
    missing = [row.id for neo_user_id, row in known.items() if neo_user_id not in wanted and row.vanished_at is None]
    vanished = missing if is_whole else []
    for user_ids, moment in ((returned, None), (vanished, now)):
        if user_ids:
            marks = [{"of": user_id} for user_id in user_ids]
            session.execute(update(users).where(users.c.id == bindparam("of")).values(vanished_at=moment), marks)
    return DirectoryChange(len(added), len(returned), len(vanished))


_COMPARED = (users.c.id, users.c.neo_user_id, users.c.login_id, users.c.name, users.c.vanished_at)


def _new_user(person: ListedUser, now: datetime, time_zone: str) -> dict[str, object]:
    return {
        "neo_user_id": person.neo_user_id,
        "login_id": person.login_id,
        "name": person.name,
        "permission": Permission.DISABLED,
        "sync_state": SyncState.STOPPED,
        "time_zone": time_zone,
        "direction": Direction.BOTH,
        "shows_attendance": True,
        "next_due_at": now,
        "created_at": now,
        "settings_version": 1,
    }
