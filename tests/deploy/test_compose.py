"""The files for Docker Compose, as Compose itself reads them: what runs, what it may do, and that it fits DeskSync's settings.

Compose needs no Docker for reading. Whether the containers start has to be tried where there is one.
"""

import json
import re
import tomllib
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from desksync.ops.service import GRACE
from desksync.ops.settings import Settings
from desksync.ops.settings_loading import load_settings, variable
from desksync_sandbox.google.exchange import API_PATH
from desksync_sandbox.google.oauth import AUTH_PATH, REVOKE_PATH, TOKEN_PATH
from desksync_sandbox.neo.app import NEO_PATH
from desksync_sandbox.office import CLIENT_ID, CLIENT_SECRET, SITE_KEY
from scripts.env_example import SET_BY_COMPOSE, env_example, is_secret
from tests.deploy.tools import run
from tests.project.files import ROOT

COMPOSE = ROOT / "deploy" / "compose"
ADDED = [(), ("trial",), ("monitoring",), ("trial", "monitoring")]
"""What is put on top of compose.yaml."""

OURS = (
    "desksync",
    "desksync-scheduler",
    "desksync-error-counter",
    "desksync-neo-worker",
    "desksync-google-worker",
    "desksync-admin-api",
)

pytestmark = pytest.mark.wide


@cache
def read(*added: str) -> dict[str, Any]:
    """Return what Compose makes of the files: merged, filled in, and checked against its schema."""
    files = [word for name in ("compose", *added) for word in ("-f", f"{name}.yaml")]
    told = run(
        "docker-compose", "--profile", "admin", *files, "config", "--format", "json", folder=COMPOSE, environment={"HOME": "/"}
    )
    project: dict[str, Any] = json.loads(told)
    return project


def our_services(project: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in project["services"].items() if one["image"].startswith("desksync:")}


def secrets_of(service: dict[str, Any]) -> set[str]:
    return {one["source"] for one in service.get("secrets", [])}


@pytest.mark.parametrize("added", ADDED)
def test_compose_reads_every_combination_of_the_files(added: tuple[str, ...]) -> None:
    assert "scheduler" in read(*added)["services"]


def test_every_program_of_the_project_has_a_service() -> None:
    programs = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"])

    started = {(one.get("entrypoint") or one["command"])[0] for one in our_services(read()).values()}

    assert started == programs == set(OURS)


@pytest.mark.parametrize("added", ADDED)
def test_our_containers_may_do_nothing_to_the_machine(added: tuple[str, ...]) -> None:
    for name, one in our_services(read(*added)).items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert not one.get("volumes"), name
        assert not one.get("privileged"), name


@pytest.mark.parametrize("added", ADDED)
def test_every_container_has_limits_and_what_lasts_is_restarted_and_watched(added: tuple[str, ...]) -> None:
    for name, one in read(*added)["services"].items():
        assert {"cpus", "memory", "pids"} <= set(one["deploy"]["resources"]["limits"]), name
        if one["restart"] == "no":
            assert one["healthcheck"] == {"disable": True}, name
        else:
            assert one["restart"] == "unless-stopped", name
            assert one["healthcheck"]["test"][0] == "CMD", name


@pytest.mark.parametrize("added", ADDED)
def test_every_image_is_one_version(added: tuple[str, ...]) -> None:
    images = {one["image"] for one in read(*added)["services"].values()}

    assert [image for image in images if not re.search(r":v?\d+\.\d+(\.\d+)?(-[a-z]+)?$", image)] == []


@pytest.mark.parametrize("added", ADDED)
def test_only_this_machine_reaches_what_is_published(added: tuple[str, ...]) -> None:
    ports = [port for one in read(*added)["services"].values() for port in one.get("ports", [])]

    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}


def test_database_and_broker_are_in_a_network_that_leads_nowhere() -> None:
    project = read("trial", "monitoring")

    assert project["networks"]["inside"]["internal"] is True
    for name in ("postgres", "rabbitmq", "migrate", "scheduler", "error-counter"):
        assert set(project["services"][name]["networks"]) == {"inside"}, name


def test_what_needs_the_tables_waits_for_the_migration() -> None:
    for name, one in our_services(read()).items():
        waits = {needed: how["condition"] for needed, how in one["depends_on"].items()}
        assert waits["postgres"] == "service_healthy", name
        assert name == "migrate" or waits["migrate"] == "service_completed_successfully", name


def test_programs_have_longer_to_end_than_they_take() -> None:
    for name, one in our_services(read()).items():
        given = re.fullmatch(r"(?:(\d+)m)?(\d+)s", one["stop_grace_period"])
        assert given is not None, name
        assert timedelta(minutes=int(given[1] or 0), seconds=int(given[2])) >= GRACE + timedelta(seconds=10), name


@pytest.mark.parametrize("added", ADDED)
def test_every_setting_and_secret_that_is_given_exists(added: tuple[str, ...]) -> None:
    project = read(*added)
    settings = {variable(name) for name in Settings.model_fields}
    given = {name for one in project["services"].values() for name in one.get("environment") or {}}

    assert {name for name in given if name.startswith("DESKSYNC_")} - settings == set()
    assert {name for name in project["secrets"] if name.startswith("DESKSYNC_")} == {
        variable(name) for name, field in Settings.model_fields.items() if is_secret(field)
    }


def test_no_program_gets_a_secret_that_it_does_not_need() -> None:
    services = read()["services"]
    at_all = {"DESKSYNC_DATABASE_URL", "DESKSYNC_BROKER_URL"}

    assert secrets_of(services["migrate"]) == {"DESKSYNC_DATABASE_URL"}
    assert secrets_of(services["scheduler"]) == secrets_of(services["error-counter"]) == at_all
    assert secrets_of(services["neo-worker"]) == {*at_all, "DESKSYNC_SECRET_KEYS", "DESKSYNC_NEO_ACCESS_KEY"}
    assert secrets_of(services["google-worker"]) == {*at_all, "DESKSYNC_SECRET_KEYS", "DESKSYNC_GOOGLE_CLIENT_SECRET"}
    assert secrets_of(services["postgres"]) == {"postgres-password"}
    assert secrets_of(services["rabbitmq"]) == {"rabbitmq-user"}


def test_no_password_stands_in_an_environment() -> None:
    told = json.dumps([one.get("environment") for one in read("monitoring")["services"].values()])

    assert re.findall(r'"(\w*(?:PASSWORD|SECRET|KEY)\w*)": "(?!/run/secrets/)', told) == []


def test_the_trial_leads_to_the_stand_ins_and_to_nothing_else() -> None:
    services = read("trial")["services"]
    fixed = {variable(name) for name in SET_BY_COMPOSE}
    settings = {name: value for name, value in services["google-worker"]["environment"].items() if name not in fixed}

    assert settings["DESKSYNC_NEO_BASE_URL"] == f"http://neo:8001{NEO_PATH}"
    assert settings["DESKSYNC_NEO_ACCESS_KEY"] == SITE_KEY
    assert (settings["DESKSYNC_GOOGLE_CLIENT_ID"], settings["DESKSYNC_GOOGLE_CLIENT_SECRET"]) == (CLIENT_ID, CLIENT_SECRET)
    assert settings["DESKSYNC_GOOGLE_API_URL"] == f"http://google:8002{API_PATH}"
    assert settings["DESKSYNC_GOOGLE_TOKEN_URL"] == f"http://google:8002{TOKEN_PATH}"
    assert settings["DESKSYNC_GOOGLE_REVOKE_URL"] == f"http://google:8002{REVOKE_PATH}"
    assert settings["DESKSYNC_GOOGLE_AUTH_URL"] == f"http://127.0.0.1:8002{AUTH_PATH}"
    for name, one in our_services(read("trial")).items():
        if name not in {"migrate", "neo", "google"}:
            assert settings.items() <= one["environment"].items(), name


def test_the_trial_begins_to_sync_when_its_people_are_connected() -> None:
    waits = read("trial")["services"]["scheduler"]["depends_on"]

    assert waits["connect"]["condition"] == "service_completed_successfully"
    assert waits["migrate"]["condition"] == "service_completed_successfully"


def test_the_example_names_every_setting_and_every_variable_of_the_files() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in COMPOSE.glob("*.yaml"))
    example = env_example()
    told = set(re.findall(r"^#([A-Z_]+)=", example, re.MULTILINE))

    assert {name for name in told if not name.startswith("DESKSYNC_")} == set(re.findall(r"\$\{([A-Z_]+)", texts))
    assert {name for name in told if name.startswith("DESKSYNC_")} == {
        variable(name) for name, field in Settings.model_fields.items() if not is_secret(field) and name not in SET_BY_COMPOSE
    }
    assert all(f"secrets/{variable(name)}" in example for name, field in Settings.model_fields.items() if is_secret(field))


def test_every_line_of_the_example_can_be_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in re.findall(r"^#(DESKSYNC_[A-Z_]+)=(.*)$", env_example(), re.MULTILINE):
        monkeypatch.setenv(name, value)

    settings = load_settings()

    assert settings.error_limit == Settings.model_fields["error_limit"].default
    assert settings.neo_base_url == "https://neo.example.co.jp/cgi-bin/dneo/dneo.cgi"
