"""The script that begins the secrets of an installation with Compose: what it makes fits together, and it never overwrites."""

import shutil
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from desksync.ops.settings_loading import load_settings
from tests.deploy.test_compose import COMPOSE, read

pytestmark = pytest.mark.wide


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """Give a folder with a copy of the script."""
    shutil.copy(COMPOSE / "make-secrets.sh", tmp_path)
    return tmp_path


def make(installation: Path) -> str:
    told = subprocess.run([installation / "make-secrets.sh"], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert told.stderr == ""
    return told.stdout


def contents(installation: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (installation / "secrets").iterdir()}


def test_every_file_that_compose_hands_over_is_made(installation: Path) -> None:
    make(installation)

    wanted = {Path(one["file"]).name for one in read("monitoring")["secrets"].values()}

    assert set(contents(installation)) == wanted


def test_the_files_are_settings_that_fit_together(installation: Path) -> None:
    make(installation)
    settings = load_settings(secrets_folder=installation / "secrets")
    made = contents(installation)

    database, broker = urlsplit(settings.database_url), urlsplit(settings.broker_url)

    assert (database.hostname, broker.hostname) == ("postgres", "rabbitmq")
    assert database.password == made["postgres-password"]
    assert f"default_user = {broker.username}\ndefault_pass = {broker.password}\n" == made["rabbitmq-user.conf"]
    assert len(settings.secret_keys) == 1
    assert settings.neo_access_key is None
    assert settings.google_client_secret is None


def test_a_second_time_changes_nothing(installation: Path) -> None:
    make(installation)
    (installation / "secrets" / "DESKSYNC_NEO_ACCESS_KEY").write_text("a key")
    before = contents(installation)

    told = make(installation)

    assert contents(installation) == before
    assert "DESKSYNC_NEO_ACCESS_KEY is empty" not in told
    assert "DESKSYNC_GOOGLE_CLIENT_SECRET is empty" in told


def test_only_the_owner_enters_the_folder_and_any_container_reads_its_files(installation: Path) -> None:
    make(installation)
    folder = installation / "secrets"

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) & 0o477 for path in folder.iterdir()} == {0o444}


def test_two_installations_have_nothing_in_common(installation: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    shutil.copy(COMPOSE / "make-secrets.sh", other)
    make(installation)
    make(other)

    ours, theirs = contents(installation), contents(other)

    assert {name for name in ours if ours[name] and ours[name] == theirs[name]} == set()
