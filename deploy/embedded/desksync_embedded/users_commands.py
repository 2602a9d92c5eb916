"""`desksync users`: look at users, bring them in from NEO, and order runs."""

import json
from datetime import datetime

from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

import desksync_neo_worker.app
from desksync.store import tickets
from desksync.store.states import REASON_WORDS, WORDS, Permission, SyncState
from desksync.store.users import User, find_user, list_users
from desksync.worker.resources import Resources
from desksync_embedded.desks import both_gates
from desksync_neo_worker.refresh import refresh_users


class NotDone(Exception):
    """The command could not do what was asked; `str()` says why and what to do."""


def show_users(resources: Resources, console: Console, *, as_json: bool) -> None:
    """Print all users."""
    with resources.begin() as session:
        everybody = list_users(session, resources.now())
    if as_json:
        print(json.dumps([_for_machines(user) for user in everybody], ensure_ascii=False, indent=2))  # noqa: T201 - asked for
        return
    if not everybody:
        console.print("There are no users yet. `desksync users refresh` brings them in from NEO.")
        return
    shown = Table("No.", "NEO user", "Login", "Name", "状態", "Google calendar", "Next run")
    for user in everybody:
        why = f"\n[dim]{REASON_WORDS[user.stop_reason]}[/dim]" if user.stop_reason is not None else ""
        shown.add_row(
            str(user.id),
            user.neo_user_id,
            user.login_id,
            user.name,
            WORDS[user.state].administrator + why,
            user.settings.calendar_id or "–",
            f"{user.next_due_at.astimezone():%m-%d %H:%M}" if user.sync_state is SyncState.SYNC else "–",
        )
    console.print(shown)


def refresh(resources: Resources) -> str:
    """Bring the users into agreement with NEO's list, and say what changed."""
    settings, key = resources.settings, resources.settings.neo_access_key
    with both_gates(resources) as gates, desksync_neo_worker.app.client(settings, gates.neo) as neo:
        change = refresh_users(
            resources.begin,
            neo,
            "" if key is None else key.get_secret_value(),
            resources.now,
            time_zone=str(settings.time_zone),
        )
    return f"{change.added} users added, {change.returned} came back, {change.vanished} are gone from NEO."


def sync_now(resources: Resources, names: list[str] | None) -> str:
    """Order runs for the named users, or for everybody who syncs, and say how many. Raises `NotDone` when one cannot be synced.

    Nothing is published: on `memory://` a message of this process would reach nobody. The rows are left to the sweep of the
    scheduler, which looks every second.
    """
    now = resources.now()
    with resources.begin() as session:
        everybody = list_users(session, now)
        wanted = [user for user in everybody if _hindrance(user) is None] if names is None else _named(session, names, now)
        ids = list(dict.fromkeys(user.id for user in wanted))
        ordered = [*tickets.open_tickets(session, ids, now), *tickets.hasten(session, ids, now)]
        tickets.leave_to_sweep(session, [one.id for one in ordered])
    running = len(ids) - len({one.user_id for one in ordered})
    left_out = len(everybody) - len(ids) if names is None else 0
    said = [
        f"{_counted(len(ordered), 'run')} ordered; the scheduler begins with them within seconds, or as soon as it is started.",
        f"{_counted(running, 'user')} had a run ahead or under way already." if running else "",
        f"{_counted(left_out, 'user')} left out, because they do not sync; `desksync users list` says why." if left_out else "",
    ]
    return "\n".join(line for line in said if line)


def require_user(session: Session, name: str, now: datetime) -> User:
    """Return the user. Raises `NotDone` when there is none."""
    user = find_user(session, name, now)
    if user is None:
        raise NotDone(f"There is no user {name!r}. `desksync users list` shows them.")
    return user


def say(console: Console, text: str) -> None:
    """Print a line as it is, however long."""
    console.print(text, highlight=False, soft_wrap=True)


def _named(session: Session, names: list[str], now: datetime) -> list[User]:
    wanted = []
    for name in names:
        user = find_user(session, name, now)
        if user is None:
            raise NotDone(f"There is no user {name!r}. `desksync users list` shows them; nobody was synced.")
        if why := _hindrance(user):
            raise NotDone(f"{name} cannot be synced: {why} Nobody was synced.")
        wanted.append(user)
    return wanted


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _hindrance(user: User) -> str | None:
    """Return why the user cannot be synced, or `None`."""
    if user.permission is Permission.DISABLED:
        return "no administrator has permitted it."
    if user.sync_state is SyncState.STOPPED:
        return f"the account is stopped. {REASON_WORDS[user.stop_reason] if user.stop_reason else ''}".strip()
    if user.vanished_at is not None:
        return "NEO does not list this user any more."
    if user.google_token is None or user.settings.calendar_id is None:
        return "no Google calendar is connected."
    return None


def _for_machines(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "neo_user_id": user.neo_user_id,
        "login_id": user.login_id,
        "name": user.name,
        "permission": user.permission.value,
        "sync_state": user.sync_state.value,
        "state": user.state.value,
        "stop_reason": None if user.stop_reason is None else user.stop_reason.value,
        "calendar_id": user.settings.calendar_id,
        "direction": user.settings.direction.value,
        "next_due_at": user.next_due_at.isoformat(),
    }
