"""Runs as people look through them: those in which something happened, with the quiet times between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from desksync.store.history import QuietTime, Sought, quiet_times, seek_runs
from desksync.store.runs import Run, get_run
from desksync.store.users import User, get_user
from desksync.sync.event import Side
from desksync.sync.undo import Written
from desksync_admin_api.errors import NotFound
from desksync_admin_api.web import Web


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the list: a run, or the quiet time in its place."""

    run: Run | None
    quiet: QuietTime | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list; `older` is the number before which the next one begins."""

    rows: Sequence[Shown]
    older: int | None


def listed(session: Session, web: Web, sought: Sought, before: int | None, limit: int) -> Listed:
    """Return one page of runs. Those of one user have the quiet times between them, each as one line."""
    found = seek_runs(session, sought, limit + 1, before=before)
    runs, has_more = found[:limit], len(found) > limit
    names: dict[int, str] = {}
    for user_id in {one.user_id for one in runs}:
        user = get_user(session, user_id, web.now())
        names[user_id] = "" if user is None else user.name
    quiet: dict[int, QuietTime] = {}
    if sought.user_id is not None and not sought.is_about_what_happened:
        # Behind the last run of a page that is not the last one, the next page goes on.
        quiet = quiet_times(session, sought, before=before, after=runs[-1].id if has_more else 0)
    rows: list[Shown] = []
    for place, one in enumerate([*runs, None]):
        if place in quiet:
            rows.append(Shown(None, quiet[place]))
        if one is not None:
            rows.append(Shown(one, name=names[one.user_id]))
    return Listed(rows, runs[-1].id if has_more else None)


def run_of(session: Session, web: Web, run_id: int, own: int | None) -> tuple[Run, User]:
    """Return a run and whose it is. Raises `NotFound`, also for another's where `own` names the user who sees nothing else."""
    found = get_run(session, run_id)
    user = None if found is None else get_user(session, found.user_id, web.now())
    if found is None or user is None or own not in {None, found.user_id}:
        raise NotFound
    return found, user


def wrote_something(run: Run) -> bool:
    """Say whether the run has ended and wrote something that an undo may put back."""
    return run.finished_at is not None and any(run.counts.get(f"{side.value}_{kind}") for side in Side for kind in Written)


def shows_titles(web: Web, user_id: int, looking: int | None) -> bool:
    """Say whether the titles of that user's events are shown to whoever is looking: to the user, or to all by a setting."""
    return user_id == looking or web.options.history_shows_titles
