"""`desksync users runs`: the runs of a user, with the numbers by which they are undone."""

import json

from rich.console import Console

from desksync.store import runs
from desksync.store.runs import Run
from desksync.worker.resources import Resources
from desksync_embedded.users_commands import require_user, say


def show_runs(resources: Resources, console: Console, name: str, limit: int, *, as_json: bool) -> None:
    """Print the runs of a user in which something happened, the newest first."""
    with resources.begin() as session:
        user = require_user(session, name, resources.now())
        listed = runs.list_runs(session, user.id, limit, quiet=False)
    if as_json:
        print(json.dumps([_for_machines(run) for run in listed], ensure_ascii=False, indent=2))  # noqa: T201 - asked for
        return
    if not listed:
        console.print("There are no runs in which something happened.")
    for run in listed:
        counts = ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in run.counts.items() if number)
        undoes = "" if run.undoes is None else f" of run {run.undoes}"
        outcome = f"{run.outcome or 'under way'}{undoes}"
        say(console, f"{run.id:>8}  {run.started_at.astimezone():%Y-%m-%d %H:%M}  {outcome:<12}  {counts}")


def _for_machines(run: Run) -> dict[str, object]:
    return {
        "run": run.id,
        "started_at": run.started_at.isoformat(),
        "finished_at": None if run.finished_at is None else run.finished_at.isoformat(),
        "outcome": run.outcome,
        "undoes": run.undoes,
        "counts": dict(run.counts),
    }
