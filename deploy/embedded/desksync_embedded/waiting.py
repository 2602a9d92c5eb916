"""Waits until another program has brought the database up to date: what a container does before the program in it starts."""

import time
from datetime import timedelta

from sqlalchemy import Engine

from desksync.store.engine import DatabaseProblem, make_engine
from desksync.store.schema import REMEDIES, SchemaState, schema_state

_LOOK_SECONDS = 1.0


def wait_for_migration(url: str, limit: timedelta) -> None:
    """Return once the tables are those of this program. Changes nothing.

    Raises `DatabaseProblem` when they are not within the limit, and at once when a newer program has made them: waiting
    does not mend that.
    """
    engine = make_engine(url)
    until = time.monotonic() + limit.total_seconds()
    try:
        while (hindrance := _hindrance(engine)) is not None:
            if time.monotonic() > until:
                raise DatabaseProblem(f"Waited {limit.total_seconds():.0f} s for the database in vain. {hindrance}")
            time.sleep(_LOOK_SECONDS)
    finally:
        engine.dispose()


def _hindrance(engine: Engine) -> str | None:
    try:
        state = schema_state(engine)
    except DatabaseProblem as problem:
        return str(problem)  # It may come up yet.
    match state:
        case SchemaState.CURRENT:
            return None
        case SchemaState.AHEAD:
            raise DatabaseProblem(REMEDIES[state])
        case SchemaState.EMPTY | SchemaState.BEHIND:
            return REMEDIES[state]
