"""Puts a worker together around one calendar. Written once, used by the composition roots of both workers."""

import random
import time
from datetime import timedelta
from threading import Event

from desksync.ops.service import Loop
from desksync.sync.guard import HoldLimits
from desksync.worker.accounts import AccountOf
from desksync.worker.calendar import Calendar
from desksync.worker.desk import Desk, Limits
from desksync.worker.resources import Resources
from desksync.worker.runner import TicketRunner
from desksync.worker.window import WindowSize


def worker_loop(resources: Resources, queue: str, calendar: Calendar, account_of: AccountOf) -> tuple[str, Loop]:
    """Return the loop that carries the tickets of a queue through the stages of the calendar's side."""
    settings = resources.settings
    asked_to_stop: list[Event] = []
    desk = Desk(
        calendar=calendar,
        begin=resources.begin,
        account_of=account_of,
        size=WindowSize(settings.window_past_days, settings.window_future_days),
        limits=Limits(
            lease=settings.ticket_lease,
            seconds=min(settings.ticket_lease / 2, timedelta(seconds=60)),
            longest_wait=settings.sync_interval,
        ),
        now=resources.now,
        is_stopping=lambda: any(stop.is_set() for stop in asked_to_stop),
        hold_limits=HoldLimits(settings.held_deletes, settings.held_share),
        chance=random.random,
        sleep=time.sleep,
        progress=resources.health.progress,
    )
    consumer = resources.ticket_consumer(queue, TicketRunner(desk, resources.publish, resources.metrics).handle)

    def run(stop: Event) -> None:
        asked_to_stop.append(stop)
        consumer.run(stop)

    return f"{calendar.side.value}-worker", run
