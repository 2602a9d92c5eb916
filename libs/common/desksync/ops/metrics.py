"""Every number that DeskSync publishes, declared once. Labels are from small fixed sets: never a user, never a text.

A `Metrics` owns its registry and is passed as an argument, so that two of them in one process do not meet. What one process did
may be added up; what the database holds is told by each scheduler alike, and the largest is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST
"""The content type that belongs to `Metrics.page`."""

_CALL_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_STAGE_SECONDS = (0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300)
_LATENESS_SECONDS = (0.1, 0.5, 1, 5, 15, 60, 300, 600, 1800, 3600)


class CensusNumbers(Collector):
    """What the database holds, as schedulers count it. Nothing is told before `told` and after `forget`.

    So an old number is never taken for a new one, and a program that does not count tells none.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._is_known = False
        self.users = Gauge("desksync_users", "Users in NEO's list, by state.", ("state",), registry=None)
        self.stopped_users = Gauge(
            "desksync_stopped_users",
            "Users who may sync and are stopped, by reason; consent and errors mean that DeskSync has stopped them by itself.",
            ("reason",),
            registry=None,
        )
        self.held_plans = Gauge("desksync_held_plans", "Users whose deletions wait for a decision.", registry=None)
        self.parked_messages_kept = Gauge(
            "desksync_parked_messages_kept", "Messages that were set aside and that nobody has dealt with yet.", registry=None
        )
        self.due_tickets = Gauge("desksync_due_tickets", "Tickets that could be worked on and that nobody has.", registry=None)
        self.oldest_due_ticket_seconds = Gauge(
            "desksync_oldest_due_ticket_seconds",
            "For how long the longest waiting of them could have been worked on, in seconds; 0 where none waits.",
            registry=None,
        )
        registry.register(self)

    def told(self) -> None:
        """Let the numbers be told: they are all set."""
        self._is_known = True

    def forget(self) -> None:
        """Tell them no more."""
        self._is_known = False

    def describe(self) -> Iterator[Metric]:
        """Name the numbers, for the registry."""
        return self._found()

    def collect(self) -> Iterator[Metric]:
        """Tell the numbers."""
        return self._found() if self._is_known else iter(())

    def _found(self) -> Iterator[Metric]:
        gauges = (
            self.users,
            self.stopped_users,
            self.held_plans,
            self.parked_messages_kept,
            self.due_tickets,
            self.oldest_due_ticket_seconds,
        )
        return (metric for gauge in gauges for metric in gauge.collect())


@dataclass(frozen=True, slots=True)
class Declared:
    """A number as it is declared. `series` are its names on the page: of a counter `…_total`, of a histogram three."""

    series: tuple[str, ...]
    kind: str
    meaning: str
    labels: tuple[str, ...]


def _declared(one: MetricWrapperBase) -> Declared:
    [family] = one.describe()
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(family.type, ("",))
    return Declared(tuple(f"{family.name}{ending}" for ending in endings), family.type, family.documentation, one._labelnames)  # noqa: SLF001 - it is told nowhere else


class Metrics:
    """The numbers of one program."""

    def __init__(self, *, version: str) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        registry = self.registry
        ProcessCollector(registry=registry)

        self.tickets = Counter(
            "desksync_tickets", "Stages of tickets that ended, by stage and outcome.", ("stage", "outcome"), registry=registry
        )
        self.stage_seconds = Histogram(
            "desksync_stage_seconds",
            "How long one stage of one ticket took, in seconds.",
            ("stage",),
            registry=registry,
            buckets=_STAGE_SECONDS,
        )
        self.ticket_lateness_seconds = Histogram(
            "desksync_ticket_lateness_seconds",
            "How long after it was due a stage of a ticket began, in seconds.",
            ("stage",),
            registry=registry,
            buckets=_LATENESS_SECONDS,
        )
        self.actions = Counter(
            "desksync_actions",
            "Events created, updated and deleted, by the side written to.",
            ("side", "kind"),
            registry=registry,
        )
        self.errors = Counter(
            "desksync_errors", "Errors that became a row, by side and kind.", ("side", "kind"), registry=registry
        )
        self.automatic_stops = Counter(
            "desksync_automatic_stops", "Users whom DeskSync has stopped by itself, by reason.", ("reason",), registry=registry
        )
        self.remote_calls = Counter(
            "desksync_remote_calls",
            "Requests to NEO and Google, by operation and HTTP status; a status that is a word means no answer came.",
            ("side", "operation", "status"),
            registry=registry,
        )
        self.remote_call_seconds = Histogram(
            "desksync_remote_call_seconds",
            "How long NEO and Google took to answer, in seconds.",
            ("side", "operation"),
            registry=registry,
            buckets=_CALL_SECONDS,
        )
        self.remote_waits = Counter(
            "desksync_remote_waits",
            "Requests that had to wait for the limits of a side (waited), or came back later because of them (put_off).",
            ("side", "outcome"),
            registry=registry,
        )
        self.remote_pauses = Counter(
            "desksync_remote_pauses", "Refusals of a side because there were too many requests.", ("side",), registry=registry
        )
        self.census = CensusNumbers(registry)
        self.unsent_messages = Counter(
            "desksync_unsent_messages",
            "Messages that could not be sent; their rows stay, and the scheduler sends them again.",
            registry=registry,
        )
        self.checks = Gauge(
            "desksync_check_ok",
            "Whether what a program needs is there, by check, as `/readyz` tells it: 1, or 0.",
            ("check",),
            registry=registry,
        )
        self.database_connections = Gauge(
            "desksync_database_connections", "Open connections to the database, by use.", ("use",), registry=registry
        )
        self.database_connections_most = Gauge(
            "desksync_database_connections_most",
            "How many connections to the database this program opens at most.",
            registry=registry,
        )
        self.web_request_seconds = Histogram(
            "desksync_web_request_seconds",
            "How long the web side took to answer, in seconds, by the first digit of the HTTP status.",
            ("status",),
            registry=registry,
            buckets=_CALL_SECONDS,
        )
        self.parked_messages = Counter(
            "desksync_parked_messages",
            "Messages that could not be read and were set aside, by queue.",
            ("queue",),
            registry=registry,
        )
        self.build_info = Gauge(
            "desksync_build_info", "Always 1; the label says which version runs.", ("version",), registry=registry
        )
        self.build_info.labels(version=version).set(1)

    def declared(self) -> list[Declared]:
        """Return every number there is, told at present or not. Rules, dashboards and a page are made and checked by them."""
        everything = [*vars(self).values(), *vars(self.census).values()]
        return sorted((_declared(one) for one in everything if isinstance(one, MetricWrapperBase)), key=lambda one: one.series)

    def page(self) -> bytes:
        """Return the Prometheus page."""
        return generate_latest(self.registry)
