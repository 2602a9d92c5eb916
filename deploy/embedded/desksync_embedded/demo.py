"""`desksync demo`: a whole company on this machine, to watch or to check."""

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from rich.cells import set_cell_size
from rich.console import Console
from rich.progress import Progress

from desksync.broker.consumer import subscribe
from desksync.contracts.messages import Event as Happened
from desksync.contracts.messages import SyncError, SyncResult
from desksync.ops.service import Loop, run_service, running
from desksync.store.runs import list_runs
from desksync.sync.event import Side
from desksync_embedded.launcher import EVERYTHING, WORKERS, together
from desksync_embedded.report import CycleReport, report, table, writes_on
from desksync_embedded.trial import Trial, trial
from desksync_sandbox.office import Office

_SIDES = {Side.NEO: "NEO", Side.GOOGLE: "Google"}
_NAME_WIDTH = 12
"""In columns of a terminal, on which a Japanese character takes two."""


def run_once(office: Office, now: Callable[[], datetime], console: Console, *, as_json: bool, limit_seconds: float) -> bool:
    """Run one full cycle for everybody, and a second one that must write nothing; print it, and say whether all is equal."""
    with trial(office, now) as company:
        first, second = cycles(company, 2, console, limit_seconds=limit_seconds)
    extra = sum(second.written.values())
    if as_json:
        print(json.dumps(first.for_machines() | {"second_cycle_actions": extra}, ensure_ascii=False))  # noqa: T201 - asked for
    else:
        console.print(table(first))
        console.print(_verdict(first, second), highlight=False)
    return first.mismatches == 0 and first.errors == 0 and second.mismatches == 0 and extra == 0


def cycles(company: Trial, number: int, console: Console, *, limit_seconds: float) -> list[CycleReport]:
    """Run that many cycles for everybody, one after the other, and return their reports."""
    reports = []
    with together(company.resources, WORKERS) as loops, running("demo", loops):
        for _ in range(number):
            before = _newest_run(company)
            begun = time.monotonic()
            company.sync_all()
            with _progress(console, len(company.people)) as tell:
                company.wait(limit_seconds, tell)
            reports.append(report(company, before, time.monotonic() - begun))
    return reports


def watch(office: Office, now: Callable[[], datetime], console: Console, *, ports: tuple[int, int, int], interval: str) -> int:
    """Run the company until Ctrl-C, showing each run that did something, and return the exit code."""
    web, neo_port, google_port = ports
    with trial(office, now, neo_port=neo_port, google_port=google_port, http_port=web, sync_interval=interval) as company:
        _greet(company, console)
        with together(company.resources, EVERYTHING) as loops:
            code = run_service("demo", [*loops, ("watch", _watching(company, console))])
    console.print("Stopped. Nothing was kept.")
    return code


def _watching(company: Trial, console: Console) -> Loop:
    def show(happened: Happened) -> None:
        name = set_cell_size(company.people[happened.user_id].name, _NAME_WIDTH)
        match happened:
            case SyncResult(counts=counts, started_at=started, finished_at=finished, outcome=outcome):
                told = _told(counts)
                if told or outcome != "ok":
                    seconds = (finished - started).total_seconds()
                    line = f"{finished.astimezone():%H:%M:%S}  {name}  {told or outcome}  [dim]{seconds:.1f} s[/dim]"
                    console.print(line, highlight=False, soft_wrap=True)
            case SyncError(kind=kind, side=side):
                where = "in DeskSync" if side is None else f"on {_SIDES[Side(side)]}"
                console.print(f"          {name}  [red]{kind.replace('_', ' ')} {where}[/red]", highlight=False, soft_wrap=True)

    return subscribe(company.resources.settings.broker_url, "#", show).run


def _told(counts: Mapping[str, int]) -> str:
    parts = [f"{called} {writes}" for side, called in _SIDES.items() if (writes := writes_on(side, counts))]
    return " · ".join(parts)


def _verdict(first: CycleReport, second: CycleReport) -> str:
    differing = sum(bool(row.mismatches) for row in first.rows)
    equal = (
        f"[red]Of {len(first.rows)} people, {differing} have calendars that differ.[/red]"
        if differing
        else "[green]Everybody's two calendars hold the same events.[/green]"
    )
    extra = sum(second.written.values())
    again = f"[red]wrote {extra} events[/red]" if extra else "wrote nothing, as it should"
    return f"{equal}\nA second cycle {again} ({second.seconds:.1f} s)."


def _greet(company: Trial, console: Console) -> None:
    settings = company.resources.settings
    console.print(
        f"""
[bold]DeskSync[/bold] keeps two calendars of {len(company.people)} made-up people in step. All of it runs here; nothing is kept.

  desknet's NEO, a stand-in        {company.neo.url}/
  Google Calendar, a stand-in      {company.google.url}/
  DeskSync's health                http://{settings.http_host}:{settings.http_port}/healthz

Open the first two and choose the same person. The first cycle takes about a minute. Then add, move or delete
an event on either page: it is on the other within about {settings.sync_interval.total_seconds():.0f} seconds. Ctrl-C ends it.

[dim]Each run that wrote something:  + created   ~ changed   − deleted[/dim]
""",
        highlight=False,
        soft_wrap=True,
    )


def _newest_run(company: Trial) -> int:
    with company.resources.begin() as session:
        newest = list_runs(session, None, limit=1)
    return newest[0].id if newest else 0


@contextmanager
def _progress(console: Console, users: int) -> Iterator[Callable[[int], None]]:
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Syncing", total=users)
        yield lambda left: progress.update(task, completed=users - left)


def ports_from(first: int) -> tuple[int, int, int]:
    """Return the ports of the pages of DeskSync, NEO and Google: three in a row, or free ones where one of them is taken."""
    wanted = (first, first + 1, first + 2)
    return wanted if first and all(_is_free(port) for port in wanted) else (_free_port(), 0, 0)


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    # The web side binds it a moment later; until then somebody else could, and would be told.
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
