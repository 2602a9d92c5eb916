"""Sets a made-up office up: in the stand-ins, and in DeskSync as an administrator and every user would in the browser."""

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from desksync.ops.secrets import Cipher
from desksync.store import users
from desksync.store.directory import ListedUser, sync_directory
from desksync.store.engine import Begin
from desksync.store.states import Permission, SyncState
from desksync.worker.accounts import GOOGLE_TOKEN
from desksync_sandbox.google.app import GoogleServer
from desksync_sandbox.neo.app import NeoServer
from desksync_sandbox.neo.posted import posted
from desksync_sandbox.office import ZONE, Office, Person
from desksync_sandbox.server import THIS_MACHINE


def start_neo(office: Office, now: Callable[[], datetime], port: int = 0, host: str = THIS_MACHINE) -> NeoServer:
    """Start a stand-in for NEO that holds the office; stop it with `stop`. Raises `OSError` when the port is taken."""
    neo = NeoServer(office.neo, now=_in_tokyo(now))
    for edit in office.neo_edits:
        day = f"{edit.day:%Y%m%d}"
        if edit.fields is None:
            neo.world.delete(edit.sid, modkind=edit.modkind, seldate=day)
        else:
            neo.world.update(edit.sid, edit.modkind, day, posted(edit.fields), keeps_sid=True)
    neo.start(port, host)
    return neo


def start_google(office: Office, now: Callable[[], datetime], port: int = 0, host: str = THIS_MACHINE) -> GoogleServer:
    """Start a stand-in for Google that holds the office; stop it with `stop`. Raises `OSError` when the port is taken."""
    return GoogleServer(office.google, now=now).start(port, host)


def take_in(begin: Begin, people: Sequence[Person], cipher: Cipher, now: Callable[[], datetime]) -> dict[int, Person]:
    """Add the people, permit them, connect each to their Google calendar, set them to sync, and return them by user number.

    All of them are due at once.
    """
    taken: dict[int, Person] = {}
    with begin() as session:
        listed = [ListedUser(one.neo_user_id, one.login_id, one.name) for one in people]
        sync_directory(session, listed, now(), time_zone=ZONE)
        for person in people:
            user = users.find_user(session, person.neo_user_id, now())
            if user is None:
                raise LookupError(f"NEO user {person.neo_user_id} was not added.")
            users.set_permission(session, user.id, Permission.ENABLED)
            sealed = cipher.seal(person.refresh_token, purpose=GOOGLE_TOKEN, user_id=user.id)
            users.save_google_consent(session, user.id, person.email, sealed)
            users.save_settings(session, user.id, users.Settings(calendar_id=person.email, time_zone=ZONE))
            users.set_sync_state(session, user.id, SyncState.SYNC, now())
            taken[user.id] = person
    return taken


def _in_tokyo(now: Callable[[], datetime]) -> Callable[[], datetime]:
    return lambda: now().astimezone(ZoneInfo(ZONE))
