"""Prometheus and Grafana beside Docker Compose: what they are told fits what runs there."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.prometheus import OURS, names_in
from tests.deploy.test_compose import our_services, read
from tests.project.files import ROOT

MONITORING = ROOT / "deploy" / "monitoring"

pytestmark = pytest.mark.wide


def loaded(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def jobs() -> dict[str, dict[str, Any]]:
    return {job["job_name"]: job for job in loaded(MONITORING / "prometheus.yaml")["scrape_configs"]}


def dashboards() -> dict[str, dict[str, Any]]:
    return {file.name: json.loads(file.read_text(encoding="utf-8")) for file in (MONITORING / "grafana" / "dashboards").iterdir()}


def mounts(service: str) -> dict[str, Path]:
    """Return where in the container what of this repository is found."""
    volumes = read("monitoring")["services"][service]["volumes"]
    return {one["target"]: Path(one["source"]) for one in volumes if one["type"] == "bind"}


def test_prometheus_reads_every_program_where_it_answers() -> None:
    services = our_services(read())
    lasting = {name for name, one in services.items() if one["restart"] != "no"}

    asked = {name: found["port"] for found in jobs()["desksync"]["dns_sd_configs"] for name in found["names"]}

    assert asked.keys() == lasting
    for name, port in asked.items():
        assert str(port) == services[name]["environment"]["DESKSYNC_HEALTH_PORT"], name


def test_what_prometheus_and_grafana_are_given_is_there() -> None:
    for service in ("prometheus", "grafana"):
        assert [path for path in mounts(service).values() if not path.exists()] == [], service
        assert all(one["read_only"] for one in read("monitoring")["services"][service]["volumes"] if one["type"] == "bind"), (
            service
        )

    inside = mounts("prometheus")["/etc/prometheus/rules"]
    assert loaded(MONITORING / "prometheus.yaml")["rule_files"] == ["rules/*.yaml"]
    assert list(inside.glob("*.yaml"))


def test_every_panel_asks_the_source_that_is_provisioned() -> None:
    [source] = loaded(MONITORING / "grafana" / "provisioning" / "datasources" / "prometheus.yaml")["datasources"]

    asked = {panel["datasource"]["uid"] for board in dashboards().values() for panel in board["panels"] if "datasource" in panel}

    assert asked == {source["uid"]}
    assert source["url"] == "http://prometheus:9090"


def test_dashboards_are_found_and_the_first_one_exists() -> None:
    [provider] = loaded(MONITORING / "grafana" / "provisioning" / "dashboards" / "desksync.yaml")["providers"]
    grafana = read("monitoring")["services"]["grafana"]
    folder = provider["options"]["path"]

    home = Path(grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])

    assert mounts("grafana")[folder] == MONITORING / "grafana" / "dashboards"
    assert home.parent.as_posix() == folder
    assert home.name in dashboards()


def test_keda_scales_by_a_number_that_there_is() -> None:
    scaling = yaml.safe_load_all((ROOT / "deploy/kubernetes/components/keda/scaling.yaml").read_text(encoding="utf-8"))
    triggers = [trigger for one in scaling if one["kind"] == "ScaledObject" for trigger in one["spec"]["triggers"]]

    asked = [names_in(trigger["metadata"]["query"]) for trigger in triggers if trigger["type"] == "prometheus"]

    assert asked
    assert frozenset().union(*asked) <= OURS
