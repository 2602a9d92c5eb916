"""Writes down what has happened, when a test has found something lost or doubled: the site itself is gone a moment later."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from desksync.store.runs import list_lines, list_runs
from desksync_embedded.trial import Trial
from desksync_sandbox.faults import Call

_MANY = 1_000_000


def keep(company: Trial, edits: Iterable[str], folder: Path) -> None:
    """Write the calls of both stand-ins, the edits of people, the runs and their lines into files of that folder."""
    _write(folder / "neo.txt", map(_call, company.neo.calls.all()))
    _write(folder / "google.txt", map(_call, company.google.calls.all()))
    _write(folder / "people.txt", edits)
    with company.resources.begin() as session:
        _write(folder / "runs.txt", (f"{run}" for run in reversed(list_runs(session, None, _MANY))))
        lines = sorted((line for user in company.people for line in list_lines(session, user, _MANY)), key=lambda line: line.id)
    _write(folder / "lines.txt", (f"{line.at.isoformat()} {asdict(line)}" for line in lines))


def _call(call: Call) -> str:
    return f"{call.time} {call.operation} answered {call.status}, done {call.done} {dict(call.parameters)}"


def _write(file: Path, lines: Iterable[str]) -> None:
    file.write_text("".join(f"{line}\n" for line in lines))
