"""Runs the state machine, in the usual way or for a test of the test."""

from functools import partial
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.whole_path.machine import BothCalendars
from tests.whole_path.machinery import Machinery
from tests.whole_path.path import Making


def tell(machinery: Machinery, making: Making | None = None, **how: Any) -> None:
    """Try as many stories as the profile says. Raises what is wrong at the end of the first that ends wrong."""
    story = partial(BothCalendars, machinery, making or Making())
    usual: dict[str, Any] = {"stateful_step_count": 15, "suppress_health_check": list(HealthCheck)}
    run_state_machine_as_test(story, settings=settings(**(usual | how)))  # type: ignore[arg-type] # it says class, and calls it
