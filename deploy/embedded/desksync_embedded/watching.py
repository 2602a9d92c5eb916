"""The live view of a trial: a line for each run that wrote something, as it happens."""

from collections.abc import Mapping

from rich.cells import set_cell_size
from rich.console import Console

from desksync.broker.consumer import subscribe
from desksync.contracts.messages import Event as Happened
from desksync.contracts.messages import StateChanged, SyncError, SyncResult
from desksync.ops.service import Loop
from desksync.sync.event import Side
from desksync_embedded.report import writes_on
from desksync_embedded.trial import Trial

_SIDES = {Side.NEO: "NEO", Side.GOOGLE: "Google"}
_NAME_WIDTH = 12
"""In columns of a terminal, on which a Japanese character takes two."""


def watching(company: Trial, console: Console) -> Loop:
    """Return the loop that shows what happens in the trial."""

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
            case StateChanged(state=state, reason=reason):
                console.print(f"          {name}  [red]{state} because of {reason}[/red]", highlight=False, soft_wrap=True)

    return subscribe(company.resources.settings.broker_url, "#", show).run


def _told(counts: Mapping[str, int]) -> str:
    parts = [f"{called} {writes}" for side, called in _SIDES.items() if (writes := writes_on(side, counts))]
    return " · ".join(parts)
