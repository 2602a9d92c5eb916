"""`desksync users preview|undo|clean|refused`: what an administrator does when something looks wrong."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from desksync.store import runs
from desksync.store.states import SyncState
from desksync.store.users import User, get_user
from desksync.sync.event import Side
from desksync.worker import clean, undo
from desksync.worker.desk import LeaseLost
from desksync.worker.errors import CalendarError
from desksync.worker.preview import preview
from desksync.worker.preview_told import told
from desksync.worker.quarantine import left_alone
from desksync.worker.resources import Resources
from desksync_embedded.desks import both_desks
from desksync_embedded.users_commands import NotDone, require_user, say

_NAMES = {Side.NEO: "NEO", Side.GOOGLE: "Google"}


def show_preview(resources: Resources, console: Console, name: str, *, as_json: bool) -> None:
    """Print what a run of the user would do now. Nothing is written anywhere."""
    user = _user(resources, name)
    with both_desks(resources) as desks:
        shown = {"user": user.login_id, "is_running": user.is_running, **told(preview(desks, user))}
    if as_json:
        print(json.dumps(shown, ensure_ascii=False, indent=2))  # noqa: T201 - asked for
        return
    for heading, key in (("Would create", "creates"), ("Would change", "updates"), ("Would delete", "deletes"), ("Held", "held")):
        table = Table("Where", "Day", "Title", "Fields", title=f"{heading}: {len(shown[key])}", title_justify="left")
        for one in shown[key]:
            table.add_row(_NAMES[Side(one["side"])], one["day"], escape(one["title"]), ", ".join(one.get("fields", ())))
        if shown[key]:
            console.print(table)
    for one in shown["skipped"]:
        console.print(
            f"{_NAMES[Side(one['side'])]}: {escape(one['title'])}: {escape(one['why'])}", highlight=False, soft_wrap=True
        )
    words = ("creates", "updates", "deletes", "held", "skipped")
    numbers = ", ".join(f"{len(shown[key])} {key}" for key in words)
    console.print(
        f"{numbers}, {shown['matched']} matched, {shown['left_alone']} left alone. Nothing was written.", highlight=False
    )


def undo_run(resources: Resources, console: Console, run_id: int, confirm: Callable[[str], bool]) -> bool:
    """Put back what a run wrote, after `confirm` has been asked, print what came of it, and say whether all was put back."""
    with resources.begin() as session:
        run = runs.get_run(session, run_id)
        user = None if run is None else get_user(session, run.user_id, resources.now())
    if user is None:
        raise NotDone(f"There is no run {run_id}, or its history was deleted by age.")
    with resources.begin() as session:
        ahead = undo.ahead(session, user, run_id)
    question = (
        f"{len(ahead.lines)} changes that run {run_id} made for {user.name} will be put back, as far as nobody has changed them "
        f"since; {len(ahead.staying)} stay. Go on?"
    )
    if not confirm(question):
        raise NotDone("Nothing was put back.")
    with _alone(), both_desks(resources) as desks, _progress(console, "Undoing") as tell:
        done = undo.undo(desks, user, run_id, tell)
    words = {"created": "created again", "updated": "written back", "deleted": "taken back", "not_undone": "not undone"}
    for line in done.lines:
        where = "" if line.side is None else _NAMES[line.side]
        why = f": {line.text}" if line.text else ""
        say(
            console,
            f"{where:<6}  {words.get(line.kind, line.kind):<13}  {escape(line.title)}{escape(why)}",
        )
    console.print(
        f"{done.number} of {len(done.lines)} changes of run {run_id} were put back, in run {done.run_id}.", highlight=False
    )
    return done.number == len(done.lines)


def clean_side(resources: Resources, console: Console, name: str, side: Side, confirm: Callable[[str], bool]) -> bool:
    """Remove from a side what we wrote there, after `confirm` has been asked, and say whether nothing had to be left."""
    user = _user(resources, name)
    with resources.begin() as session:
        counted = clean.count(session, user, side)
    if not counted.number and not counted.unsure:
        raise NotDone(f"DeskSync has created nothing in {user.name}'s {_NAMES[side]} calendar that is still linked.")
    stops = " The account is stopped first." if user.sync_state is SyncState.SYNC else ""
    begun = (
        f" {counted.unsure} more may have been created by a run that was cut off, and are looked for." if counted.unsure else ""
    )
    question = (
        f"{counted.number} events that DeskSync created on {_NAMES[side]} for {user.name} will be removed; {counted.others} "
        f"other linked events stay, and nothing is removed from {_NAMES[side.other]}.{begun}{stops} Go on?"
    )
    if not confirm(question):
        raise NotDone("Nothing was removed.")
    try:
        with _alone(), both_desks(resources) as desks, _progress(console, "Removing") as tell:
            done = clean.clean(desks, user, side, tell)
    except CalendarError as problem:
        raise NotDone(f"{problem}\n{_cut_off(resources, user)}") from problem
    for line in done.left:
        say(console, f"left  {escape(line.title)}: {escape(line.text)}")
    say(
        console,
        f"{done.removed} events were removed from {_NAMES[side]}, in run {done.run_id}. The account is stopped; set to sync "
        "again, it copies everything anew.",
    )
    return not done.left


def _cut_off(resources: Resources, user: User) -> str:
    """Say how far a cleaning came that did not come to its end, and what to do."""
    with resources.begin() as session:
        [run] = runs.list_runs(session, user.id, 1)
        now = get_user(session, user.id, resources.now())
    removed = sum(number for what, number in run.counts.items() if what.endswith("_deleted"))
    stopped = "The account is stopped. " if now is not None and now.sync_state is SyncState.STOPPED else ""
    return f"{removed} events were removed before that, in run {run.id}. {stopped}Say it again: it goes on where it was."


def show_refused(resources: Resources, console: Console, name: str, *, as_json: bool) -> None:
    """Print the events of a user that do not sync, with reasons and remedies."""
    with resources.begin() as session:
        found = left_alone(session, require_user(session, name, resources.now()).id)
    if as_json:
        listed = [
            {
                "side": one.side.value,
                "held_by": one.held_by.value,
                "event_id": one.event_id,
                "title": one.title,
                "day": None if one.day is None else one.day.isoformat(),
                "why": one.why,
                "remedy": one.remedy,
                "since": None if one.since is None else one.since.isoformat(),
            }
            for one in found
        ]
        print(json.dumps(listed, ensure_ascii=False, indent=2))  # noqa: T201 - asked for
        return
    if not found:
        console.print("Every event syncs.")
    for one in found:
        say(
            console,
            f"{_day(one.day)}  [bold]{escape(one.title)}[/bold]\n"
            f"    {_NAMES[one.side]}: {escape(one.why)}\n    {escape(one.remedy)}",
        )


def _user(resources: Resources, name: str) -> User:
    with resources.begin() as session:
        return require_user(session, name, resources.now())


def _day(day: date | None) -> str:
    return " " * 10 if day is None else day.isoformat()


@contextmanager
def _alone() -> Iterator[None]:
    try:
        yield
    except LeaseLost as lost:
        raise NotDone("A run has begun meanwhile. When it has ended, say it again: it goes on where it was.") from lost


@contextmanager
def _progress(console: Console, what: str) -> Iterator[Callable[[int, int], None]]:
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)
