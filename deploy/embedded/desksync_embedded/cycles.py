"""Full cycles for everybody, judged by what the stand-ins hold then, and told to people or to machines."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

from desksync.store.runs import list_runs
from desksync_embedded.report import CycleReport, report, table
from desksync_embedded.trial import Trial


def cycles(company: Trial, begin: Sequence[Callable[[], None]], console: Console, *, limit_seconds: float) -> list[CycleReport]:
    """Run one cycle for everybody after the other, and return their reports. `begin` holds what sets off each.

    Raises `CycleTookTooLong`.
    """
    reports = []
    for set_off in begin:
        before = _newest_run(company)
        begun = time.monotonic()
        set_off()
        with _progress(console, len(company.people)) as tell:
            company.wait(limit_seconds, tell, after_run=before)
        reports.append(report(company, before, time.monotonic() - begun))
    return reports


def judge(first: CycleReport, second: CycleReport) -> bool:
    """Say whether all is equal: no difference and no error in the first cycle, and nothing left to write in the second."""
    return first.mismatches == 0 and first.errors == 0 and second.mismatches == 0 and not _extra(second)


def show(
    first: CycleReport, second: CycleReport, console: Console, *, as_json: bool, more: Mapping[str, object] | None = None
) -> None:
    """Print both cycles. `more` is added for machines."""
    if as_json:
        told = first.for_machines() | {"second_cycle_actions": _extra(second)} | dict(more or {})
        print(json.dumps(told, ensure_ascii=False))  # noqa: T201 - asked for
    else:
        console.print(table(first))
        console.print(_verdict(first, second), highlight=False)


def _extra(second: CycleReport) -> int:
    return sum(second.written.values())


def _verdict(first: CycleReport, second: CycleReport) -> str:
    differing = sum(bool(row.mismatches) for row in first.rows)
    equal = (
        f"[red]Of {len(first.rows)} people, {differing} have calendars that differ.[/red]"
        if differing
        else "[green]Everybody's two calendars hold the same events.[/green]"
    )
    extra = _extra(second)
    again = f"[red]wrote {extra} events[/red]" if extra else "wrote nothing, as it should"
    return f"{equal}\nA second cycle {again} ({second.seconds:.1f} s)."


def _newest_run(company: Trial) -> int:
    with company.resources.begin() as session:
        newest = list_runs(session, None, limit=1)
    return newest[0].id if newest else 0


@contextmanager
def _progress(console: Console, users: int) -> Iterator[Callable[[int], None]]:
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Syncing", total=users)
        yield lambda left: progress.update(task, completed=users - left)
