"""The image: what stands in the Dockerfile, and that its build stage, carried out in a plain folder, makes programs that work."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.dockerfile import build_in, sent_files, the_steps
from tests.project.files import ROOT

BUILD, FINAL = 0, 1


def the_project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def the_packages() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders: list[str] = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return folders


def arguments(stage: int) -> dict[str, str]:
    return dict(step.rest.split("=", 1) for step in the_steps(stage, "ARG"))


def test_the_base_is_one_release_of_the_python_that_the_tests_run_on() -> None:
    minor = the_project()["requires-python"].removeprefix(">=")

    assert {step.rest for stage in (BUILD, FINAL) for step in the_steps(stage, "FROM")} == {
        "python:${PYTHON} AS build",
        "python:${PYTHON}",
    }
    assert re.fullmatch(rf"{re.escape(minor)}\.\d+-slim-[a-z]+", arguments(-1)["PYTHON"])


def test_the_image_says_the_version_of_the_project() -> None:
    assert arguments(FINAL)["VERSION"] == the_project()["version"]


def test_the_image_runs_as_a_user_with_a_number_who_is_not_root() -> None:
    [user] = the_steps(FINAL, "USER")

    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user.rest)


def test_the_image_starts_a_program_of_ours_and_asks_it_how_it_is() -> None:
    [command], [health] = the_steps(FINAL, "CMD"), the_steps(FINAL, "HEALTHCHECK")

    assert json.loads(command.rest)[0] in the_project()["scripts"]
    assert health.rest.endswith('CMD ["desksync-health"]')


def test_nothing_that_installs_or_builds_is_left_in_the_image() -> None:
    [made] = the_steps(FINAL, "RUN")
    copied = [step.rest for step in the_steps(FINAL, "COPY")]

    assert "pip uninstall" in made.rest
    assert {"setuptools", "wheel", "pip"} <= set(made.rest.split())
    assert [one for one in copied if "--from=build" in one] == ["--from=build /opt/desksync /opt/desksync"]


def test_a_build_gets_to_see_what_it_needs_and_nothing_else() -> None:
    seen = {path.relative_to(ROOT).as_posix() for path in sent_files()}
    roots = {"pyproject.toml", "README.md", "LICENSE", "requirements", "libs", "services", "deploy"}

    assert {name.partition("/")[0] for name in seen} == roots
    packages = tuple(the_packages())
    assert {name for name in seen if name.startswith(("deploy/", "requirements/")) and not name.startswith(packages)} == {
        "deploy/docker/health.py",
        "requirements/build.txt",
        "requirements/run.txt",
    }


def test_every_package_of_ours_is_copied_into_the_build() -> None:
    copied = [Path(step.rest.split()[0]) for step in the_steps(BUILD, "COPY")]

    assert [name for name in the_packages() if not any(Path(name).is_relative_to(source) for source in copied)] == []


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the environment as the build stage makes it, in a folder of its own. Its last command synced an office already."""
    return build_in(tmp_path_factory.mktemp("image"))


@pytest.mark.slow
def test_every_program_is_there_and_the_command_helps(built: Path) -> None:
    helped = subprocess.run([built / "bin" / "desksync", "--help"], capture_output=True, text=True, check=True)  # noqa: S603 - ours

    assert "Keeps desknet's NEO and Google Calendar equal" in helped.stdout
    assert {name for name in the_project()["scripts"] if (built / "bin" / name).exists()} == set(the_project()["scripts"])


@pytest.mark.slow
def test_one_description_of_an_api_is_left(built: Path) -> None:
    [documents] = built.glob("lib/python3*/site-packages/googleapiclient/discovery_cache/documents")

    assert [path.name for path in documents.iterdir()] == ["calendar.v3.json"]


@pytest.mark.slow
def test_the_environment_holds_nothing_that_installs_or_builds(built: Path) -> None:
    [packages] = built.glob("lib/python3*/site-packages")

    present = {path.name.partition("-")[0].lower() for path in packages.glob("*.dist-info")}

    assert present & {"pip", "setuptools", "wheel", "hatchling", "uv"} == set()
    assert "desksync" in present


@pytest.mark.slow
def test_the_programs_are_those_of_the_image_and_not_of_this_checkout(built: Path) -> None:
    told = subprocess.run(  # noqa: S603 - a program of ours
        [built / "bin" / "python", "-c", "import desksync; print(desksync.__file__)"],
        cwd=built,
        capture_output=True,
        text=True,
        check=True,
    )

    assert Path(told.stdout.strip()).is_relative_to(built)


@pytest.mark.slow
def test_every_file_of_our_packages_is_there(built: Path) -> None:
    [packages] = built.glob("lib/python3*/site-packages")
    folders = [ROOT / name for name in the_packages()]

    missing = [
        path
        for path in sent_files()
        for folder in folders
        if path.is_relative_to(folder) and not (packages / path.relative_to(folder.parent)).exists()
    ]

    assert missing == []


@pytest.mark.slow
def test_the_programs_write_nowhere_but_in_the_temporary_folder(built: Path, tmp_path: Path) -> None:
    [packages] = built.glob("lib/python3*/site-packages")
    # What a read-only file system refuses is refused here, to anything that asks Python for it.
    (packages / "sitecustomize.py").write_text(READ_ONLY, encoding="utf-8")
    (tmp_path / "tmp").mkdir()
    try:
        done = subprocess.run(  # noqa: S603 - a program of ours
            [built / "bin" / "desksync", "demo", "--once", "--users", "1", "--events", "4", "--json"],
            cwd=tmp_path,
            env={"LANG": "C.UTF-8", "TMPDIR": str(tmp_path / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        (packages / "sitecustomize.py").unlink()

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["mismatches"] == 0


READ_ONLY = """
import os, sys

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
TEMPORARY = os.environ.get("TMPDIR", "/tmp")

def refuse(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        writes = bool((flags or 0) & WRITES)
    elif event in {"os.mkdir", "os.remove"}:
        path, writes = arguments[0], arguments[-1] == -1  # Otherwise it is a name within a folder that was opened before.
    elif event in {"os.rename", "sqlite3.connect"}:
        path, writes = arguments[0], True
    else:
        return
    if writes and isinstance(path, (str, bytes)):
        name = os.fsdecode(path)
        if not name.startswith((TEMPORARY, "file:" + TEMPORARY, "/dev/", ":memory:")):
            raise OSError(30, "Read-only file system", name)

sys.addaudithook(refuse)
"""
