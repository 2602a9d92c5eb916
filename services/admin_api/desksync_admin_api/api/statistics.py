"""Numbers that stand alone: how many people are in which state, what waits, and what went on in the last hours."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from desksync.store.activity import take_activity
from desksync.store.census import take_census
from desksync.store.states import State, StopReason
from desksync_admin_api.access.gate import Watching
from desksync_admin_api.api.problems import problems
from desksync_admin_api.errors import NotAllowed, NotSignedIn
from desksync_admin_api.transactions import Reading
from desksync_admin_api.web import TheWeb

router = APIRouter(prefix="/api/v1/statistics", tags=["statistics"])


class HourView(BaseModel):
    """What began in one hour: runs in which something happened, and errors."""

    begin: datetime
    runs: int = Field(examples=[120])
    errors: int = Field(examples=[2])


class Statistics(BaseModel):
    """What the database held at one moment, as the overview shows it. Who has vanished from NEO is not counted."""

    at: datetime
    users: dict[State, int] = Field(examples=[{"disabled": 2, "stopped": 1, "waiting": 90, "running": 7}])
    stopped: dict[StopReason, int] = Field(
        description="Who may sync and is stopped, by why.", examples=[{"user": 1, "administrator": 0, "errors": 0, "consent": 0}]
    )
    held: int = Field(description="For how many users deletions wait.", examples=[1])
    tickets_waiting: int = Field(description="How many runs wait for a worker.", examples=[3])
    tickets_late_seconds: float = Field(description="For how long the longest waiting one has.", examples=[1.5])
    hours: list[HourView] = Field(description="The last 24 hours, the oldest first, and the present one among them.")
    hours_are_cut: bool = Field(description="There was more than is counted; the oldest hours say too little.", examples=[False])


@router.get("", responses=problems(NotSignedIn, NotAllowed))
def statistics(_caller: Watching, web: TheWeb, session: Reading) -> Statistics:
    """Count."""
    now = web.now()
    census, activity = take_census(session, now), take_activity(session, now)
    return Statistics(
        at=now,
        users=dict(census.states),
        stopped=dict(census.stopped),
        held=census.held,
        tickets_waiting=census.waiting,
        tickets_late_seconds=census.late.total_seconds(),
        hours=[HourView(begin=hour.begin, runs=hour.runs, errors=hour.errors) for hour in activity.hours],
        hours_are_cut=activity.is_cut,
    )
