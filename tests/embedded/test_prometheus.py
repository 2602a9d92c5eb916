"""A real Prometheus reads a running installation, answers what the dashboards ask, and raises an alert when something breaks."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.deploy.prometheus import program
from tests.embedded.installation import Installation, a_free_port
from tests.embedded.test_together import _up
from tests.project.files import ROOT
from tests.waiting import eventually

MONITORING = ROOT / "deploy" / "monitoring"
PATIENCE = 60.0

UNTOLD_WHEN_QUIET = re.compile(r"rabbitmq|_(errors|actions|automatic_stops|parked_messages|web_request_seconds)_|== 0")
"""Questions that bring nothing where there is no RabbitMQ, and nothing has gone wrong, been written or been looked at."""

pytestmark = [pytest.mark.slow, pytest.mark.wide]


@contextmanager
def a_prometheus(folder: Path, target: str) -> Iterator[httpx.Client]:
    """Run one that reads the target every second, with our rules; what has to last for minutes is raised at once."""
    rules = re.sub(r"(?m)^( +for: ).*$", r"\g<1>0s", (MONITORING / "rules" / "desksync.yaml").read_text(encoding="utf-8"))
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    read = {"targets": [target.removeprefix("http://")], "labels": {"service": "everything"}}
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [{"job_name": "desksync", "static_configs": [read]}],
    }
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    url = f"127.0.0.1:{a_free_port()}"
    words = ["--config.file=prometheus.yaml", "--storage.tsdb.path=data", f"--web.listen-address={url}"]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen([program("prometheus"), *words], cwd=folder, stdout=log, stderr=log)  # noqa: S603 - a tool of this machine
        try:
            with httpx.Client(base_url=f"http://{url}/api/v1", timeout=20, trust_env=False) as client:
                yield client
        finally:
            running.terminate()
            running.wait(30)


def found(client: httpx.Client, expr: str) -> list[Any]:
    """Return what a question brings; nothing while it is not there yet. Fails where Prometheus does not understand it."""
    try:
        answer = client.get("/query", params={"query": expr})
    except httpx.ConnectError:
        return []
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        return []
    assert answer.status_code == httpx.codes.OK, f"{expr}: {answer.text}"
    result: list[Any] = answer.json()["data"]["result"]
    return result


def test_a_running_installation_answers_what_the_dashboards_ask(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installation.migrate()
    installation.take_in()
    boards = [json.loads(file.read_text(encoding="utf-8")) for file in (MONITORING / "grafana" / "dashboards").iterdir()]
    questions = [target["expr"] for board in boards for panel in board["panels"] for target in panel["targets"]]

    with _up(installation, monkeypatch) as (_, url), a_prometheus(tmp_path, url) as prometheus:
        eventually(lambda: bool(found(prometheus, 'desksync_tickets_total{outcome="done"} > 1')), within=PATIENCE)
        eventually(lambda: bool(found(prometheus, "rate(desksync_remote_calls_total[1m])")), within=PATIENCE)
        answers = {question: found(prometheus, question) for question in questions}

    silent = {question for question, answer in answers.items() if not answer}
    assert {question for question in silent if not UNTOLD_WHEN_QUIET.search(question)} == set()


def test_a_broker_that_is_away_raises_its_alert_and_no_other_about_servers(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installation.migrate()
    nowhere = f"amqp://ds:sesame@127.0.0.1:{a_free_port()}//"
    with (
        _up(installation, monkeypatch, DESKSYNC_BROKER_URL=nowhere) as (_, url),
        a_prometheus(tmp_path, url) as prometheus,
    ):
        eventually(
            lambda: bool(found(prometheus, 'ALERTS{alertname="DeskSyncBrokerDown", alertstate="firing"}')), within=PATIENCE
        )
        others = found(prometheus, 'ALERTS{alertname=~"DeskSync(DatabaseDown|KeysWrong|ProgramDown)"}')

    assert others == []
