"""`desksync admin`: local accounts of administrators and auditors, from the command line of the machine."""

import json
import os
from getpass import getuser

from rich.console import Console
from rich.table import Table

from desksync.store import accounts
from desksync.store.accounts import Account, AccountExists, UnknownAccount
from desksync.store.audit import Party
from desksync.store.web_states import WebRole
from desksync.worker.resources import Resources
from desksync_admin_api.access.audit import Deed, record
from desksync_admin_api.access.caller import Caller, CallerKind, Role
from desksync_admin_api.access.passwords import hash_password, weakness
from desksync_admin_api.locale.catalogue import say
from desksync_embedded.users_commands import NotDone


def create(resources: Resources, name: str, role: WebRole, password: str) -> str:
    """Add an account, and say so. Raises `NotDone`."""
    wanted = name.strip()
    if not wanted or not wanted.isprintable():
        raise NotDone("The name of an account is at least one letter long, and all of it can be printed.")
    hashed = _hash_of(password, wanted)
    with resources.begin() as session:
        try:
            made = accounts.create_account(session, wanted, role, hashed, resources.now())
        except AccountExists as problem:
            raise NotDone(f"{problem} `desksync admin password` sets a new password.") from problem
        record(session, _caller(), Deed.ACCOUNT_CREATED, resources.now(), about=_party(made), after={"role": role.value})
    return f"{role.value} {wanted} may sign in at {resources.settings.public_url}/sign-in/local now."


def change_password(resources: Resources, name: str, password: str) -> str:
    """Set a new password, end the sessions of the account, and say so. Raises `NotDone`."""
    hashed = _hash_of(password, name)
    with resources.begin() as session:
        try:
            changed = accounts.change_password(session, name, hashed, resources.now())
        except UnknownAccount as problem:
            raise NotDone(str(problem)) from problem
        record(session, _caller(), Deed.ACCOUNT_PASSWORD, resources.now(), about=_party(changed))
    return f"{name} has a new password; whoever was signed in as {name} is signed out."


def set_active(resources: Resources, name: str, *, is_active: bool) -> str:
    """Let the account in, or shut it out at once, and say so. Raises `NotDone`."""
    deed = Deed.ACCOUNT_ENABLED if is_active else Deed.ACCOUNT_DISABLED
    with resources.begin() as session:
        try:
            changed = accounts.set_active(session, name, is_active=is_active)
        except UnknownAccount as problem:
            raise NotDone(str(problem)) from problem
        record(session, _caller(), deed, resources.now(), about=_party(changed))
    return f"{name} may sign in." if is_active else f"{name} cannot sign in any more, and is signed out."


def show(resources: Resources, console: Console, *, as_json: bool) -> None:
    """Print all accounts."""
    with resources.begin() as session:
        found = accounts.list_accounts(session)
    if as_json:
        print(json.dumps([_for_machines(one) for one in found], ensure_ascii=False, indent=2))  # noqa: T201 - asked for
        return
    if not found:
        console.print("There are no local accounts yet. `desksync admin create NAME` makes the first one.")
        return
    table = Table("Name", "Role", "May sign in", "Signed in last", "Password of")
    for one in found:
        last = "–" if one.signed_in_at is None else f"{one.signed_in_at.astimezone():%Y-%m-%d %H:%M}"
        changed = f"{one.password_changed_at.astimezone():%Y-%m-%d}"
        table.add_row(one.name, one.role.value, "yes" if one.is_active else "no", last, changed)
    console.print(table)


def _hash_of(password: str, name: str) -> str:
    weak = weakness(password, name)
    if weak is not None:
        raise NotDone(f"This password cannot be used. {say('en', weak)}")
    return hash_password(password)


def _caller() -> Caller:
    """Return whoever works at the machine, for the audit log."""
    try:
        name = getuser()
    except (KeyError, OSError):  # A container may run as a user without a name.
        name = f"uid {os.getuid()}"
    return Caller(CallerKind.PROGRAM, name, f"{name}, at the command line", frozenset({Role.ADMINISTRATOR}))


def _party(account: Account) -> Party:
    return Party("account", str(account.id), account.name)


def _for_machines(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "role": account.role.value,
        "is_active": account.is_active,
        "created_at": account.created_at.isoformat(),
        "password_changed_at": account.password_changed_at.isoformat(),
        "signed_in_at": None if account.signed_in_at is None else account.signed_in_at.isoformat(),
    }
