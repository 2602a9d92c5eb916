"""Everything in one process, as `up` puts it together: health, a broker that is away, and messages that nobody can read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from kombu.messaging import Producer

from desksync.broker.connection import connect
from desksync.broker.declare import declare
from desksync.contracts.topology import TICKETS
from desksync.ops.service import running
from desksync.ops.settings_loading import load_settings
from desksync.store.parked import list_parked
from desksync.store.runs import list_runs
from desksync.worker.program import CannotListen, health_server
from desksync.worker.resources import Resources, opened
from desksync_embedded.launcher import together
from tests.embedded.installation import Installation, a_free_port, asked
from tests.waiting import eventually

QUEUES = ("desksync.neo.v1", "desksync.google.v1", "desksync.error-counter.v1")


@contextmanager
def _up(installation: Installation, monkeypatch: pytest.MonkeyPatch, **changes: str) -> Iterator[tuple[Resources, str]]:
    """Run everything in this process, and give what it runs on and where it tells how it is."""
    for name, value in (installation.settings | changes).items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    with (
        opened(settings, lambda: datetime.now(UTC)) as resources,
        together(resources) as loops,
        health_server(resources) as health,
        running("up", [("health", health.run), *loops]),
    ):
        yield resources, health.url


def test_health_readiness_and_numbers_are_told(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    installation.migrate()

    with _up(installation, monkeypatch) as (resources, url):
        eventually(lambda: asked(f"{url}/readyz")[0] == 200)
        alive, ready, numbers = (asked(f"{url}/{page}") for page in ("healthz", "readyz", "metrics"))
        pages = f"http://127.0.0.1:{resources.settings.http_port}"
        outside = {page: asked(f"{pages}/{page}")[0] for page in ("healthz", "readyz", "metrics")}

    assert alive[0] == 200
    assert set(json.loads(alive[1])["well"]) >= {"web", "scheduler", *QUEUES}
    keys = {"keys of Google tokens", "keys of NEO access keys"}
    assert set(json.loads(ready[1])["well"]) == {"database", "broker", *keys, *QUEUES}
    assert numbers[0] == 200
    assert 'desksync_build_info{version="' in numbers[1]
    assert outside == {"healthz": 200, "readyz": 200, "metrics": 404}


def test_a_broker_that_is_away_leaves_it_alive_and_not_ready_and_says_what_to_look_at(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    installation.migrate()
    nowhere = f"amqp://ds:sesame@127.0.0.1:{a_free_port()}//"

    with _up(installation, monkeypatch, DESKSYNC_BROKER_URL=nowhere) as (_, url):
        eventually(lambda: "trying again" in caplog.text)
        alive, ready = asked(f"{url}/healthz"), asked(f"{url}/readyz")

    assert alive[0] == 200
    assert ready[0] == 503
    wrong = json.loads(ready[1])["wrong"]
    assert set(wrong) == {"broker", *QUEUES}
    assert all("DESKSYNC_BROKER_URL" in wrong[queue] for queue in QUEUES)
    assert wrong["broker"].startswith("RabbitMQ does not answer at 127.0.0.1")
    reasons = [str(vars(record).get("why", "")) for record in caplog.records]
    assert any("Check that it runs and listens there" in reason for reason in reasons)
    assert not [reason for reason in reasons if "sesame" in reason]


def test_a_message_that_nobody_can_read_is_set_aside_and_the_next_one_is_handled(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.migrate()

    with _up(installation, monkeypatch, DESKSYNC_SYNC_INTERVAL="1h") as (resources, url):
        connection = connect(resources.settings.broker_url)
        declare(connection)
        for body in (b"\xff\x00 no message", b'{"v": 1, "ticket_id": "x", "stage": "unheard-of", "user_id": 1}'):
            Producer(connection.channel()).publish(body, exchange=TICKETS, routing_key="neo", content_type="application/json")
        connection.release()

        def parked() -> list[bytes]:
            with resources.begin() as session:
                return [message.body for message in list_parked(session, 10)]

        eventually(lambda: len(parked()) == 2)
        installation.take_in()
        eventually(lambda: _has_ended(resources))
        numbers = asked(f"{url}/metrics")[1]

    assert 'desksync_parked_messages_total{queue="desksync.neo.v1"} 2.0' in numbers


def _has_ended(resources: Resources) -> bool:
    with resources.begin() as session:
        return [run.outcome for run in list_runs(session, None, limit=10)] == ["ok", "ok"]


def test_a_port_that_is_taken_is_told_with_the_setting_to_change(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.migrate()
    taken = installation.neo.url.rpartition(":")[2]

    with (
        pytest.raises(CannotListen, match=f"127.0.0.1:{taken} .*DESKSYNC_HTTP_PORT"),
        _up(installation, monkeypatch, DESKSYNC_HTTP_PORT=taken),
    ):
        pass
