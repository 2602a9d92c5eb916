"""Every number that DeskSync publishes, declared once. Labels are from small fixed sets: never a user, never a text.

A `Metrics` owns its registry and is passed as an argument, so that two of them in one process do not meet.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
"""The content type that belongs to `Metrics.page`."""

_CALL_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_STAGE_SECONDS = (0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300)
_LATENESS_SECONDS = (0.1, 0.5, 1, 5, 15, 60, 300, 600, 1800, 3600)


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
        self.users = Gauge("desksync_users", "Users, by sync state.", ("state",), registry=registry)
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

    def page(self) -> bytes:
        """Return the Prometheus page."""
        return generate_latest(self.registry)
