"""Runs, their lines and errors as the API shows them."""

from datetime import datetime

from pydantic import BaseModel, Field

from desksync.store.errors import KeptError
from desksync.store.runs import Line, Run
from desksync.sync.event import Side


class RunView(BaseModel):
    """One run. `outcome` is null while it goes on. `counts` tells how many lines of which kind there are, by side."""

    id: int = Field(examples=[41])
    user_id: int = Field(examples=[7])
    ticket_id: str = Field(examples=["3d0f5c58-3a1b-4c0e-8a6b-6a6c5b1d2e7f"])
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None = Field(examples=["ok"])
    counts: dict[str, int] = Field(examples=[{"google_created": 2, "errors": 0}])
    undoes: int | None = Field(description="The run that this one puts back.", examples=[None])


class QuietView(BaseModel):
    """Runs in a row in which nothing happened, with when the first and the last of them began."""

    number: int = Field(examples=[144])
    first: datetime
    last: datetime


class HistoryItem(BaseModel):
    """A run in which something happened or that goes on, or else the quiet time in its place."""

    run: RunView | None = None
    quiet: QuietView | None = None


class LineView(BaseModel):
    """Something that happened in a run. `title` is null where titles of other people's events are hidden."""

    id: int = Field(examples=[410])
    run_id: int = Field(examples=[41])
    at: datetime
    kind: str = Field(examples=["created"])
    side: Side | None = Field(description="The side that was written.", examples=["google"])
    title: str | None = Field(examples=["Stand-up"])
    text: str = Field(examples=[""])


class ErrorView(BaseModel):
    """A failed attempt. `counts`: it brings the user nearer to the automatic stop."""

    id: int = Field(examples=[12])
    user_id: int = Field(examples=[7])
    run_id: int | None = Field(examples=[41])
    at: datetime
    kind: str = Field(examples=["retry_later"])
    side: Side | None = Field(examples=["google"])
    text: str = Field(examples=["Google Server Error (HTTP 503)."])
    counts: bool = Field(examples=[True])


def run_view(run: Run) -> RunView:
    """Return a run as the API shows it."""
    return RunView(
        id=run.id,
        user_id=run.user_id,
        ticket_id=run.ticket_id,
        started_at=run.started_at,
        finished_at=run.finished_at,
        outcome=run.outcome,
        counts=dict(run.counts),
        undoes=run.undoes,
    )


def line_view(line: Line, *, shows_title: bool) -> LineView:
    """Return a line as somebody may see it."""
    what = line.line
    title = what.title if shows_title else None
    return LineView(id=line.id, run_id=line.run_id, at=line.at, kind=what.kind, side=what.side, title=title, text=what.text)


def error_view(kept: KeptError) -> ErrorView:
    """Return an error as the API shows it."""
    new = kept.error
    return ErrorView(
        id=kept.id,
        user_id=new.user_id,
        run_id=new.run_id,
        at=new.at,
        kind=new.kind,
        side=new.side,
        text=new.text,
        counts=new.counts,
    )
