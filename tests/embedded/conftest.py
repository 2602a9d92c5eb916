"""What the tests of the commands share: an installation, and the command itself, run in this process."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from desksync_embedded.app import app
from tests.embedded.installation import Installation, an_installation

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Take back how a command has set up logging."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.fixture
def installation(tmp_path: Path, memory_url: str) -> Iterator[Installation]:
    """Give an installation whose settings are all right, and whose database has no tables yet."""
    with an_installation(tmp_path) as made:
        assert made.settings["DESKSYNC_BROKER_URL"] == memory_url
        yield made


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Give what runs `desksync` with these words, in an empty folder, under these settings and no others."""

    def desksync(*words: str, settings: dict[str, str] | None = None, typed: str | None = None) -> Result:
        with monkeypatch.context() as patched:
            patched.chdir(tmp_path)
            for name, value in (settings or {}).items():
                patched.setenv(name, value)
            return CliRunner().invoke(app, list(words), input=typed)

    return desksync


@pytest.fixture
def login(installation: Installation) -> str:
    """Give the login of a user who syncs."""
    installation.migrate()
    installation.take_in()
    return installation.office.people[0].login_id
