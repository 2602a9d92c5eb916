"""概要: what an administrator sees first. Who needs somebody, how many are in which state, and what went on in the last day."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from desksync.store.activity import take_activity
from desksync.store.census import Census, take_census
from desksync.store.states import State, StopReason
from desksync.store.trouble import trouble_by_side
from desksync_admin_api.access.gate import Watching
from desksync_admin_api.locale.texts import T
from desksync_admin_api.pages.bars import shares, upright
from desksync_admin_api.pages.history_words import SIDES
from desksync_admin_api.pages.page import page
from desksync_admin_api.pages.words import STATES, STOP_REASON_NAMES
from desksync_admin_api.transactions import Reading
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)

_TOLERATED = timedelta(minutes=5)
"""A wait that is shorter is nothing to look at, whatever the interval."""


_LATELY = timedelta(hours=1)

_OWN = {"database": T("Database"), "broker": T("Message broker")}
"""What DeskSync itself stands on, by the names of the health checks."""


@router.get("/admin")
def overview(request: Request, _caller: Watching, web: TheWeb, session: Reading) -> Response:
    """Show what there is to be done, the people by state, and the last hours."""
    census, activity = take_census(session, web.now()), take_activity(session, web.now())
    trouble, health = trouble_by_side(session, web.now() - _LATELY, web.now()), web.health.readiness()
    return page(
        request,
        "overview.html",
        sides=[(SIDES[side], met) for side, met in trouble.items()],
        own=[(words, health.wrong.get(name), name in health.well) for name, words in _OWN.items()],
        held=census.held,
        consent=census.stopped[StopReason.CONSENT],
        failed=census.stopped[StopReason.ERRORS],
        by_state=[(state, STATES[state], census.states[state]) for state in State],
        share=shares([census.states[state] for state in State]),
        total=sum(census.states.values()),
        stopped=[(reason, STOP_REASON_NAMES[reason], census.stopped[reason]) for reason in StopReason],
        waiting=census.waiting,
        late=census.late,
        is_late=_is_late(census, web.options.sync_interval),
        activity=activity,
        runs=upright([hour.runs for hour in activity.hours]),
        errors=upright([hour.errors for hour in activity.hours]),
    )


def _is_late(census: Census, interval: timedelta) -> bool:
    """Say whether somebody has waited for longer than a whole round may last."""
    return census.late > max(interval, _TOLERATED)
