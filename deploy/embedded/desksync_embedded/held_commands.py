"""`desksync users held|release|refuse`: an administrator looks at deletions that wait, and answers for what was shown."""

import json
from collections.abc import Callable
from typing import Any, Final

from rich.console import Console
from rich.markup import escape

from desksync.store import held, tickets
from desksync.store.held import Held
from desksync.store.users import User, get_user
from desksync.sync.event import Side
from desksync.worker import held as deciding
from desksync.worker.resources import Resources
from desksync_embedded.users_commands import NotDone, require_user, say

_NAMES = {Side.NEO: "NEO", Side.GOOGLE: "Google"}
_BY = "the command"

OTHERS: Final = "Something else waits by now. Nothing was changed; `desksync users held` shows what waits, with its mark."


def show_held(resources: Resources, console: Console, name: str | None, *, as_json: bool) -> None:
    """Print the deletions that wait for a person, of one user or of all."""
    now = resources.now()
    with resources.begin() as session:
        user = None if name is None else require_user(session, name, resources.now())
        waiting = held.list_waiting(session, None if user is None else user.id)
        owners = {one.user_id: get_user(session, one.user_id, now) for one in waiting}
    if as_json:
        print(json.dumps([_held_for_machines(one, owners[one.user_id]) for one in waiting], ensure_ascii=False, indent=2))  # noqa: T201 - asked for
        return
    if not waiting:
        console.print("Nothing is held.")
    for one in waiting:
        owner = owners[one.user_id]
        login = "" if owner is None else owner.login_id
        _show(console, one, owner)
        say(
            console,
            f"`desksync users release {login}` deletes them, `desksync users refuse {login}` puts them back. Both ask first; a "
            f"script says `--mark {one.mark} --yes`.",
        )


def release(resources: Resources, console: Console, name: str, mark: str | None, confirm: Callable[[str], bool]) -> str:
    """Let the next run carry out what waits, and say how much that is."""
    question = "They will be deleted. Go on?"
    answered = _answered(resources, console, name, mark, deciding.release, lambda: confirm(question))
    return f"{answered.number} deletions are released: {answered.neo} in NEO, {answered.google} on Google. A run is ordered."


def refuse(resources: Resources, console: Console, name: str, mark: str | None, confirm: Callable[[str], bool]) -> str:
    """Let the next run put back what waits, and say how much that is."""
    question = "They will be created again where they were deleted. Go on?"
    answered = _answered(resources, console, name, mark, deciding.refuse, lambda: confirm(question))
    return f"{answered.number} events are created again where they were deleted. A run is ordered."


def _answered(
    resources: Resources,
    console: Console,
    name: str,
    mark: str | None,
    answer: Callable[..., deciding.Answered],
    is_confirmed: Callable[[], bool],
) -> Held:
    """Show what waits and answer for just that, after `is_confirmed`. `mark` is that of what `held` has shown before."""
    with resources.begin() as session:
        user = require_user(session, name, resources.now())
        waiting = held.list_waiting(session, user.id)
    if not waiting:
        raise NotDone(f"Nothing of {name} is held. `desksync users held` shows what is.")
    [shown] = waiting
    if mark not in (None, shown.mark):
        raise NotDone(OTHERS)
    _show(console, shown, user)
    if not is_confirmed():
        raise NotDone("Nothing was changed.")
    with resources.begin() as session:
        answered = answer(session, user.id, _BY, resources.now(), seen=shown.mark)
        if answered is None:
            raise NotDone(OTHERS)
        kept, ordered = answered
        # On `memory://` a message of this process would reach nobody; the scheduler's sweep looks every second.
        tickets.leave_to_sweep(session, [one.id for one in ordered])
    return kept


def _show(console: Console, one: Held, owner: User | None) -> None:
    name, login = ("", "") if owner is None else (owner.name, owner.login_id)
    say(
        console,
        f"[bold]{escape(name)}[/bold] ({escape(login)}): {one.number} deletions wait since "
        f"{one.at.astimezone():%Y-%m-%d %H:%M}: {one.neo} in NEO, {one.google} on Google. For example:",
    )
    for sample in one.sample:
        say(console, f"  {sample.day}  {_NAMES[sample.side]:<6}  {escape(sample.title)}")


def _held_for_machines(one: Held, owner: User | None) -> dict[str, Any]:
    return {
        "user_id": one.user_id,
        "login_id": None if owner is None else owner.login_id,
        "at": one.at.isoformat(),
        "neo": one.neo,
        "google": one.google,
        "mark": one.mark,
        "sample": [{"side": each.side.value, "title": each.title, "day": each.day.isoformat()} for each in one.sample],
    }
