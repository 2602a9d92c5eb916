"""What the Kubernetes overlays say: what every pod may do, that programs get their settings and secrets, and who reaches whom."""

import json
import re
import tomllib
from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import desksync_embedded.web_app
import desksync_google_worker.app
import desksync_neo_worker.app
from desksync.contracts.topology import GOOGLE_QUEUE, NEO_QUEUE
from desksync.ops.service import GRACE
from desksync.ops.settings import Settings
from desksync.ops.settings_loading import load_settings, variable
from desksync_sandbox.google.exchange import API_PATH
from desksync_sandbox.google.oauth import AUTH_PATH, REVOKE_PATH, TOKEN_PATH
from desksync_sandbox.neo.app import NEO_PATH
from desksync_sandbox.office import CLIENT_ID, CLIENT_SECRET, SITE_KEY
from scripts.env_example import is_secret
from tests.deploy.manifests import Manifest, built, called, containers, named, of_kind, pods, secret_files, settings_of
from tests.deploy.network import NOWHERE, labels_of, may_talk
from tests.project.files import ROOT

OVERLAYS = ("trial", "production")
MONITORING = ROOT / "deploy" / "monitoring"

PROGRAMS = ("scheduler", "error-counter", "neo-worker", "google-worker", "admin-api")
REQUIRED = {
    "neo-worker": desksync_neo_worker.app.REQUIRED,
    "google-worker": desksync_google_worker.app.REQUIRED,
    "admin-api": desksync_embedded.web_app.REQUIRED,
}

pytestmark = pytest.mark.wide


def our_deployments(overlay: str) -> dict[str, Manifest]:
    """Return the Deployments of our programs, by the name of the program."""
    return {
        one["metadata"]["labels"]["app.kubernetes.io/component"]: one
        for one in of_kind(overlay, "Deployment")
        if one["metadata"]["labels"]["app.kubernetes.io/name"] == "desksync"
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_program_of_the_project_has_a_deployment(overlay: str) -> None:
    scripts = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"])

    started = {one["spec"]["template"]["spec"]["containers"][0]["command"][0] for one in our_deployments(overlay).values()}

    assert started == scripts - {"desksync"} == {f"desksync-{name}" for name in PROGRAMS}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_pod_asks_for_more_than_the_restricted_standard_allows(overlay: str) -> None:
    [namespace] = of_kind(overlay, "Namespace")

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, pod in pods(overlay):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["runAsUser"] > 0, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is False, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec), name
        assert {next(key for key in volume if key != "name") for volume in spec["volumes"]} <= {"emptyDir", "projected"}, name
        for container in containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            }, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_container_says_what_it_needs_and_what_is_too_much(overlay: str) -> None:
    for name, pod in pods(overlay):
        for container in containers(pod):
            assert set(container["resources"]) == {"requests", "limits"}, name
            assert all(set(amounts) == {"cpu", "memory"} for amounts in container["resources"].values()), name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_image_is_one_version(overlay: str) -> None:
    images = {container["image"] for _, pod in pods(overlay) for container in containers(pod)}

    assert [image for image in images if not re.search(r":\d+\.\d+(\.\d+)?(-[a-z]+)?$", image)] == []


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_programs_are_asked_where_they_answer(overlay: str) -> None:
    settings = settings_of(overlay)
    for name, one in our_deployments(overlay).items():
        [program] = one["spec"]["template"]["spec"]["containers"]
        ports = {port["name"]: str(port["containerPort"]) for port in program["ports"]}
        probes = {kind: program[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}

        pages = {"http": settings["DESKSYNC_HTTP_PORT"]} if name == "admin-api" else {}
        assert ports == {"health": settings["DESKSYNC_HEALTH_PORT"]} | pages, name
        assert {probe["port"] for probe in probes.values()} == {"health"}, name
        assert [probe["path"] for probe in probes.values()] == ["/healthz", "/healthz", "/readyz"], name
    assert (settings["DESKSYNC_HTTP_HOST"], settings["DESKSYNC_HEALTH_HOST"]) == ("0.0.0.0", "0.0.0.0")  # noqa: S104 - in a pod


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_programs_have_longer_to_end_than_they_take(overlay: str) -> None:
    for name, one in our_deployments(overlay).items():
        given = timedelta(seconds=one["spec"]["template"]["spec"]["terminationGracePeriodSeconds"])
        assert given >= GRACE + timedelta(seconds=10), name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_programs_wait_for_the_job_that_makes_the_tables(overlay: str) -> None:
    job = named(overlay, "Job", "desksync-migrate")

    assert job["spec"]["template"]["spec"]["containers"][0]["command"] == ["desksync", "migrate"]
    for name, one in our_deployments(overlay).items():
        [first] = one["spec"]["template"]["spec"]["initContainers"]
        assert first["command"] == ["desksync", "migrate", "--wait"], name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_programs_are_spread_and_never_all_away_at_once(overlay: str) -> None:
    budgets = {one["metadata"]["name"]: one["spec"] for one in of_kind(overlay, "PodDisruptionBudget")}
    for one in our_deployments(overlay).values():
        budget = budgets[one["metadata"]["name"]]
        assert budget["selector"] == one["spec"]["selector"], called(one)
        assert budget["maxUnavailable"] == 1, called(one)
        spread = one["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert [each["topologyKey"] for each in spread] == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"], called(one)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_setting_that_is_given_exists_and_no_secret_is_among_them(overlay: str) -> None:
    plain = {variable(name) for name, field in Settings.model_fields.items() if not is_secret(field)}

    assert settings_of(overlay).keys() <= plain


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_programs_get_the_settings_without_which_they_do_not_start(
    overlay: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {
        "DESKSYNC_DATABASE_URL": "postgresql://desksync:x@desksync-postgres-rw.desksync:5432/desksync",
        "DESKSYNC_BROKER_URL": "amqp://desksync:x@desksync-rabbitmq.desksync.svc:5672/",
        "DESKSYNC_SECRET_KEYS": f"trial:{'A' * 43}=",
        "DESKSYNC_NEO_ACCESS_KEY": "x",
        "DESKSYNC_GOOGLE_CLIENT_SECRET": "x",
        "DESKSYNC_OIDC_CLIENT_SECRET": "x",
    }
    for name, value in settings_of(overlay).items():
        monkeypatch.setenv(name, value)
    for name, one in our_deployments(overlay).items():
        files = secret_files(one["spec"]["template"])
        mounted = as_kubernetes_lays_out(tmp_path / name, {file: values[file] for _, _, file in files})

        settings = load_settings(required=REQUIRED.get(name, ()), secrets_folder=mounted)

        assert settings.database_url.startswith("postgresql://"), name
        assert settings.broker_url.startswith("amqp://"), name


def as_kubernetes_lays_out(folder: Path, files: dict[str, str]) -> Path:
    """Lay a projected volume out: names are links into a folder that is swapped as a whole when a secret changes."""
    inner = folder / "..2026_11_25_02_00_00.000000001"
    inner.mkdir(parents=True)
    (folder / "..data").symlink_to(inner.name)
    for name, value in files.items():
        (inner / name).write_text(value)
        (folder / name).symlink_to(f"..data/{name}")
    return folder


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_program_gets_a_secret_that_it_does_not_need(overlay: str) -> None:
    at_all = {"DESKSYNC_DATABASE_URL", "DESKSYNC_BROKER_URL"}
    neo, google = {"DESKSYNC_NEO_ACCESS_KEY"}, {"DESKSYNC_GOOGLE_CLIENT_SECRET"}
    allowed = {
        "scheduler": at_all,
        "error-counter": at_all,
        "neo-worker": at_all | neo | {"DESKSYNC_SECRET_KEYS"},
        "google-worker": at_all | google | {"DESKSYNC_SECRET_KEYS"},
        "admin-api": at_all | neo | google | {"DESKSYNC_SECRET_KEYS", "DESKSYNC_OIDC_CLIENT_SECRET"},
    }

    given = {
        name: {file for _, _, file in secret_files(one["spec"]["template"])} for name, one in our_deployments(overlay).items()
    }

    assert given == allowed
    [migrate] = [pod for name, pod in pods(overlay) if name == "Job desksync-migrate"]
    assert {file for _, _, file in secret_files(migrate)} == {"DESKSYNC_DATABASE_URL"}


def test_in_production_the_addresses_of_database_and_broker_are_those_that_the_operators_tell() -> None:
    cluster, rabbitmq = named("production", "Cluster", "desksync"), named("production", "RabbitmqCluster", "desksync")
    database = (f"{cluster['metadata']['name']}-app", "uri", "DESKSYNC_DATABASE_URL")
    broker = (f"{rabbitmq['metadata']['name']}-default-user", "connection_string", "DESKSYNC_BROKER_URL")

    for name, pod in pods("production"):
        files = secret_files(pod)
        assert database in files, name
        assert broker in files or name == "Job desksync-migrate", name
    [asked] = named("production", "TriggerAuthentication", "desksync-broker")["spec"]["secretTargetRef"]
    assert (asked["name"], asked["key"]) == broker[:2]


def test_workers_become_more_with_their_own_queue_and_with_how_late_the_oldest_ticket_is() -> None:
    for program, queue in (("neo-worker", NEO_QUEUE), ("google-worker", GOOGLE_QUEUE)):
        scaled = named("production", "ScaledObject", f"desksync-{program}")["spec"]
        by_queue, by_time = scaled["triggers"]

        assert scaled["scaleTargetRef"]["name"] == our_deployments("production")[program]["metadata"]["name"]
        assert "replicas" not in our_deployments("production")[program]["spec"], "KEDA decides it"
        assert (by_queue["type"], by_queue["metadata"]["queueName"]) == ("rabbitmq", queue)
        assert (by_time["type"], by_time["metadata"]["query"]) == ("prometheus", "max(desksync_oldest_due_ticket_seconds)")


def test_in_the_trial_everybody_reaches_what_they_need_and_nothing_else() -> None:
    labels = {name.split()[1]: labels_of("trial", name.split()[1]) for name, _ in pods("trial")}
    programs = [f"desksync-{name}" for name in PROGRAMS]
    ports = {"postgres": 5432, "rabbitmq": 5672, "neo": 8001, "google": 8002}

    for program in (*programs, "desksync-migrate", "desksync-connect"):
        for server in ("postgres", "rabbitmq"):
            assert may_talk("trial", labels[program], labels[server], ports[server]), (program, server)
    for program in ("desksync-neo-worker", "desksync-google-worker", "desksync-admin-api"):
        assert may_talk("trial", labels[program], labels["neo"], 8001), program
        assert may_talk("trial", labels[program], labels["google"], 8002), program
    for server, port in ports.items():
        assert not may_talk("trial", NOWHERE, labels[server], port), server
        assert not may_talk("trial", labels[server], NOWHERE, 443), server
        assert not may_talk("trial", labels["neo"], labels[server], port), server
    assert not may_talk("trial", NOWHERE, labels["desksync-scheduler"], 9000)


def test_in_production_only_who_calls_calendars_leaves_the_namespace() -> None:
    labels = {name: labels_of("production", f"desksync-{name}") for name in PROGRAMS}

    leaves = {name for name in PROGRAMS if may_talk("production", labels[name], NOWHERE, 443)}

    assert leaves == {"neo-worker", "google-worker", "admin-api"}


def test_in_production_programs_reach_database_and_broker() -> None:
    database = {"cnpg.io/cluster": named("production", "Cluster", "desksync")["metadata"]["name"]}
    broker = {"app.kubernetes.io/name": named("production", "RabbitmqCluster", "desksync")["metadata"]["name"]}

    for name in PROGRAMS:
        assert may_talk("production", labels_of("production", f"desksync-{name}"), database, 5432), name
        assert may_talk("production", labels_of("production", f"desksync-{name}"), broker, 5672), name
    assert may_talk("production", labels_of("production", "desksync-migrate"), database, 5432)
    assert may_talk("production", database, database, 5432)
    assert may_talk("production", broker, broker, 25672)
    assert not may_talk("production", broker, database, 5432)


def test_the_address_of_the_pages_leads_to_them() -> None:
    [ingress], [service] = of_kind("production", "Ingress"), of_kind("production", "Service")
    [rule] = ingress["spec"]["rules"]
    [path] = rule["http"]["paths"]

    assert path["backend"]["service"] == {
        "name": service["metadata"]["name"],
        "port": {"name": service["spec"]["ports"][0]["name"]},
    }
    assert service["spec"]["selector"] == our_deployments("production")["admin-api"]["spec"]["template"]["metadata"]["labels"]
    assert f"https://{rule['host']}" == settings_of("production")["DESKSYNC_PUBLIC_URL"]
    assert ingress["spec"]["tls"][0]["hosts"] == [rule["host"]]


def test_the_trial_leads_to_the_stand_ins_and_to_nothing_else() -> None:
    settings = settings_of("trial")
    opened = {name: b64decode(value).decode() for one in of_kind("trial", "Secret") for name, value in one["data"].items()}

    assert settings["DESKSYNC_NEO_BASE_URL"] == f"http://neo:8001{NEO_PATH}"
    assert settings["DESKSYNC_GOOGLE_CLIENT_ID"] == CLIENT_ID
    assert settings["DESKSYNC_GOOGLE_API_URL"] == f"http://google:8002{API_PATH}"
    assert settings["DESKSYNC_GOOGLE_TOKEN_URL"] == f"http://google:8002{TOKEN_PATH}"
    assert settings["DESKSYNC_GOOGLE_REVOKE_URL"] == f"http://google:8002{REVOKE_PATH}"
    assert settings["DESKSYNC_GOOGLE_AUTH_URL"] == f"http://127.0.0.1:8002{AUTH_PATH}"
    assert opened["DESKSYNC_NEO_ACCESS_KEY"] == SITE_KEY
    assert opened["DESKSYNC_GOOGLE_CLIENT_SECRET"] == CLIENT_SECRET
    assert "DESKSYNC_SECRET_KEYS" not in opened


def test_prometheus_finds_every_program_and_the_broker() -> None:
    monitors = {one["metadata"]["name"]: one["spec"] for one in of_kind("production", "PodMonitor")}
    for name, one in our_deployments("production").items():
        wanted = monitors["desksync"]["selector"]["matchLabels"]
        template = one["spec"]["template"]
        assert wanted.items() <= template["metadata"]["labels"].items(), name
        [asked] = monitors["desksync"]["podMetricsEndpoints"]
        ports = {port["name"]: port["containerPort"] for port in template["spec"]["containers"][0]["ports"]}
        assert str(ports[asked["port"]]) == settings_of("production")["DESKSYNC_HEALTH_PORT"], name
    broker = named("production", "RabbitmqCluster", "desksync")["metadata"]["name"]
    assert monitors["desksync-rabbitmq"]["selector"]["matchLabels"] == {"app.kubernetes.io/name": broker}


def test_every_dashboard_is_handed_to_grafana() -> None:
    kept = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in (MONITORING / "grafana" / "dashboards").iterdir()}

    handed: dict[str, Any] = named("production", "ConfigMap", "desksync-dashboards")["data"]

    assert {name: json.loads(text) for name, text in handed.items()} == kept
    assert len({one["uid"] for one in kept.values()}) == len(kept)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_two_objects_have_the_same_name(overlay: str) -> None:
    names = [called(one) for one in built(overlay)]

    assert len(names) == len(set(names))
