"""What tools say about files that no Python tool reads: the Dockerfile, shell scripts and YAML."""

import pytest

from tests.deploy.dockerfile import DOCKERFILE
from tests.deploy.tools import run
from tests.project.files import ROOT, kept_files

pytestmark = pytest.mark.wide


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    assert run("hadolint", DOCKERFILE) == ""


def test_shellcheck_finds_nothing_in_the_scripts() -> None:
    scripts = [path for path in kept_files() if path.suffix == ".sh"]

    assert len(scripts) > 2
    assert run("shellcheck", *scripts, ROOT / ".ci" / "run") == ""


def test_yamllint_finds_nothing() -> None:
    files = [path for path in kept_files() if path.suffix in {".yaml", ".yml"}]

    assert len(files) > 5
    assert run("yamllint", "--strict", *files, folder=ROOT) == ""
