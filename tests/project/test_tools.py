"""The commands of this repository, tried on copies of it in temporary folders. Nothing is fetched and nothing is installed."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

from scripts.check_coverage import COVERED, report
from scripts.check_types import checked, expected
from tests.project.files import ROOT

# Where setup found a Python with pip and without ensurepip, the environment of these tests has no pip of its own.
PYTHON = sys.executable if find_spec("pip") else sys._base_executable  # type: ignore[attr-defined]
SH = shutil.which("sh") or "/bin/sh"


def a_script(folder: Path, name: str, text: str) -> Path:
    """Write a program into the folder that is looked at before all others."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!{SH}\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def a_machine(folder: Path, *tools: str) -> dict[str, str]:
    """Return an environment in which only these programs exist, besides those of the folder's `bin`."""
    for tool in tools:
        found = shutil.which(tool)
        assert found is not None, tool
        (folder / "bin").mkdir(exist_ok=True)
        (folder / "bin" / tool).symlink_to(found)
    return {"PATH": str(folder / "bin"), "HOME": str(folder), "LANG": "C.UTF-8"}


def run(command: list[str | Path], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own


def a_tiny_checkout(folder: Path) -> Path:
    """Make a checkout whose project needs nothing, so that it can be set up without a network."""
    checkout = folder / "checkout"
    (checkout / "scripts").mkdir(parents=True)
    (checkout / "requirements").mkdir()
    (checkout / "requirements" / "dev.txt").write_text("# nothing\n", encoding="utf-8")
    shutil.copy(ROOT / "scripts" / "setup.sh", checkout / "scripts" / "setup.sh")
    (checkout / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "tiny"\nversion = "1"\n',
        encoding="utf-8",
    )
    (checkout / "backend.py").write_text(BACKEND, encoding="utf-8")
    return checkout


BACKEND = """
import pathlib, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "tiny-1-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
        wheel.writestr("tiny.pth", "")
        wheel.writestr("tiny-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n")
        wheel.writestr("tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("tiny-1.dist-info/RECORD", "")
    return name
"""

SETUP_NEEDS = ("sh", "dirname", "cat", "rm", "id")


def test_setup_makes_an_environment_once_and_then_does_nothing(tmp_path: Path) -> None:
    checkout = a_tiny_checkout(tmp_path)
    # A Python like Debian's, which has pip but keeps ensurepip in another package.
    a_script(tmp_path, "python3", f'case "$*" in *ensurepip*) exit 1;; esac\nexec {PYTHON} "$@"')
    machine = a_machine(tmp_path, *SETUP_NEEDS)

    first = run([SH, "scripts/setup.sh"], checkout, machine)
    stamp = (checkout / ".venv" / "setup-stamp").stat()
    second = run([SH, "scripts/setup.sh"], checkout, machine)

    assert first.returncode == 0, first.stdout + first.stderr
    assert "making .venv with Python 3." in first.stdout
    assert list((checkout / ".venv").glob("lib/python*/site-packages/tiny-1.dist-info"))
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert (checkout / ".venv" / "setup-stamp").stat().st_mtime_ns == stamp.st_mtime_ns


def test_setup_after_a_change_of_the_list_keeps_the_environment_and_removes_what_is_not_listed(tmp_path: Path) -> None:
    checkout = a_tiny_checkout(tmp_path)
    a_script(tmp_path, "python3", f'case "$*" in *ensurepip*) exit 1;; esac\nexec {PYTHON} "$@"')
    machine = a_machine(tmp_path, *SETUP_NEEDS)
    run([SH, "scripts/setup.sh"], checkout, machine)
    (packages,) = (checkout / ".venv").glob("lib/python*/site-packages")
    stray = packages / "stray-1.dist-info"
    stray.mkdir()
    (stray / "METADATA").write_text("Metadata-Version: 2.1\nName: stray\nVersion: 1\n", encoding="utf-8")
    (stray / "RECORD").write_text("stray-1.dist-info/METADATA,,\nstray-1.dist-info/RECORD,,\n", encoding="utf-8")
    (checkout / "requirements" / "dev.txt").write_text("# nothing else\n", encoding="utf-8")

    again = run([SH, "scripts/setup.sh"], checkout, machine)

    assert again.returncode == 0, again.stdout + again.stderr
    assert "bringing .venv up to date" in again.stdout
    assert not stray.exists()
    assert (packages / "tiny-1.dist-info").exists()


def test_setup_without_a_new_enough_python_says_what_to_do(tmp_path: Path) -> None:
    checkout = a_tiny_checkout(tmp_path)
    a_script(tmp_path, "python3", "exit 1")

    tried = run([SH, "scripts/setup.sh"], checkout, a_machine(tmp_path, *SETUP_NEEDS))

    assert tried.returncode == 1
    assert "Python 3.11 or newer was not found" in tried.stderr
    assert "PYTHON=" in tried.stderr
    assert not (checkout / ".venv").exists()


def test_setup_without_any_way_to_make_an_environment_names_the_package(tmp_path: Path) -> None:
    checkout = a_tiny_checkout(tmp_path)
    a_script(tmp_path, "python3", f'case "$*" in *ensurepip*|*venv*|*virtualenv*) exit 1;; esac\nexec {PYTHON} "$@"')
    a_script(tmp_path, "id", "echo 1000")

    tried = run([SH, "scripts/setup.sh"], checkout, a_machine(tmp_path, *(one for one in SETUP_NEEDS if one != "id")))

    assert tried.returncode == 1
    assert "apt-get install python3-venv" in tried.stderr


def test_setup_that_failed_half_way_starts_again(tmp_path: Path) -> None:
    checkout = a_tiny_checkout(tmp_path)
    a_script(tmp_path, "python3", f'case "$*" in *ensurepip*) exit 1;; esac\nexec {PYTHON} "$@"')
    (checkout / "requirements" / "dev.txt").write_text(
        "certainly-not-there==1 --hash=sha256:" + "0" * 64 + "\n", encoding="utf-8"
    )
    machine = a_machine(tmp_path, *SETUP_NEEDS) | {"PIP_NO_INDEX": "1"}

    failed = run([SH, "scripts/setup.sh"], checkout, machine)

    assert failed.returncode == 1
    assert "The packages could not be installed" in failed.stderr
    assert not (checkout / ".venv" / "setup-stamp").exists()


SERVERS_NEED = ("sh", "cat")


def try_servers(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Look for servers on a machine of a user who is not root, where all programs are below the folder."""
    a_script(folder, "id", "echo 1000")
    machine = a_machine(folder, *SERVERS_NEED) | {"ROOT": str(folder)} | settings
    return run([SH, ROOT / "scripts" / "servers.sh", *words], folder, machine)


def a_program(folder: Path, name: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True)
    path.write_text("", encoding="utf-8")
    path.chmod(0o755)


def test_missing_servers_are_named_with_three_ways_out(tmp_path: Path) -> None:
    tried = try_servers(tmp_path)

    assert tried.returncode == 1
    assert "sudo apt-get install --no-install-recommends rabbitmq-server postgresql" in tried.stderr
    assert "Docker" in tried.stderr
    assert "DESKSYNC_TEST_DATABASE_URL" in tried.stderr
    assert "make check" in tried.stderr


def test_only_what_is_missing_is_named(tmp_path: Path) -> None:
    a_program(tmp_path, "usr/lib/postgresql/17/bin/initdb")

    tried = try_servers(tmp_path)

    assert tried.returncode == 1
    assert "servers: rabbitmq-server is needed, which" in tried.stderr


def test_servers_that_are_installed_are_enough(tmp_path: Path) -> None:
    a_program(tmp_path, "usr/lib/postgresql/17/bin/initdb")
    a_program(tmp_path, "usr/lib/rabbitmq/bin/rabbitmq-server")

    assert try_servers(tmp_path).returncode == 0


def test_servers_that_are_named_are_enough(tmp_path: Path) -> None:
    tried = try_servers(tmp_path, DESKSYNC_TEST_DATABASE_URL="postgresql://x/y", DESKSYNC_TEST_BROKER_URL="amqp://x")

    assert tried.returncode == 0


def test_docker_is_enough(tmp_path: Path) -> None:
    a_script(tmp_path, "docker", '[ "$1" = info ]')

    assert try_servers(tmp_path).returncode == 0


def test_where_programs_are_wanted_neither_docker_nor_named_servers_are_enough(tmp_path: Path) -> None:
    a_script(tmp_path, "docker", '[ "$1" = info ]')
    a_program(tmp_path, "usr/lib/postgresql/17/bin/initdb")

    tried = try_servers(tmp_path, "programs", DESKSYNC_TEST_BROKER_URL="amqp://x")

    assert tried.returncode == 1
    assert "sudo apt-get install --no-install-recommends rabbitmq-server" in tried.stderr


def try_rabbitmq4(folder: Path, *tools: str) -> subprocess.CompletedProcess[str]:
    machine = a_machine(folder, "grep", "head", *tools) | {"PATCHELF": str(folder / "bin" / "patchelf")}
    return run([SH, ROOT / "scripts" / "rabbitmq4.sh", folder / "rabbitmq"], folder, machine)


def test_a_rabbitmq_that_was_unpacked_is_not_fetched_again(tmp_path: Path) -> None:
    a_program(tmp_path, "rabbitmq/usr/lib/rabbitmq/bin/rabbitmq-server")

    assert try_rabbitmq4(tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("there", "missing"), [((), "apt-get is needed"), (("apt-get", "dpkg-deb"), "patchelf is needed, which is not here.")]
)
def test_fetching_a_rabbitmq_says_what_it_needs(tmp_path: Path, there: tuple[str, ...], missing: str) -> None:
    for program in there:
        a_script(tmp_path, program, "exit 1")

    tried = try_rabbitmq4(tmp_path)

    assert tried.returncode == 1
    assert missing in tried.stderr
    assert not (tmp_path / "rabbitmq").exists()


def test_fetching_a_rabbitmq_stops_where_no_mirror_is_known(tmp_path: Path) -> None:
    keys = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    for program in ("apt-get", "dpkg-deb", "patchelf"):
        a_script(tmp_path, program, "exit 0")

    tried = try_rabbitmq4(tmp_path)

    assert tried.returncode == 1
    assert ("apt knows no mirror" if keys.exists() else "install debian-archive-keyring") in tried.stderr


def test_make_alone_lists_every_target() -> None:
    make = shutil.which("make")
    assert make is not None
    text = (ROOT / "Makefile").read_text(encoding="utf-8")

    listed = run([make, "--no-print-directory"], ROOT, dict(os.environ))

    assert listed.returncode == 0
    assert set(re.findall(r"^  make ([a-z0-9-]+) ", listed.stdout, re.MULTILINE)) == set(
        re.findall(r"^([a-z0-9-]+):", text, re.MULTILINE)
    )


@pytest.mark.parametrize("target", ["demo", "test", "production-local"])
def test_the_commands_begin_with_setup(target: str) -> None:
    assert re.search(rf"^{target}: setup\b", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("target", "least"), [("check", 20), ("test", 200), ("test-all", 2000)])
def test_each_command_tries_so_many_examples_of_every_property(target: str, least: int) -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")

    recipe = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", text, re.MULTILINE)
    named = None if recipe is None else re.search(r"HYPOTHESIS_PROFILE=(\w+)", recipe[1])

    assert settings.get_profile("default" if named is None else named[1]).max_examples == least


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ("Success: no issues found in 12 source files\n", 12),
        ("note\nSuccess: no issues found in 1 source file\n", 1),
        ("Found 1 error in 1 file (checked 12 source files)\n", None),
        ("", None),
    ],
)
def test_the_files_that_mypy_looked_at_are_counted(told: str, count: int | None) -> None:
    assert checked(told) == count


def test_all_python_files_of_the_folders_are_expected(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.mypy]\nfiles = ["libs", "tests"]\n', encoding="utf-8")
    for name in ("libs/a/b/one.py", "libs/two.py", "tests/three.py", "elsewhere/four.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert expected(tmp_path) == 3


CHOOSE = "def choose(is_so: bool) -> str:\n    if is_so:\n        return 'so'\n    return 'not so'\n\n\n"


@pytest.mark.parametrize(("calls", "code"), [("choose(True)\nchoose(False)\n", 0), ("choose(True)\n", 2)])
@pytest.mark.parametrize("name", ["libs/common/desksync/sync/one.py", "services/neo_worker/desksync_neo_worker/mapping.py"])
def test_a_branch_of_the_core_or_a_mapping_that_no_test_runs_is_an_error(
    tmp_path: Path, name: str, calls: str, code: int
) -> None:
    for each in (name, "elsewhere.py"):
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).write_text(CHOOSE + (calls if each == name else "choose(True)\n"), encoding="utf-8")
        measured = run([sys.executable, "-m", "coverage", "run", "--append", "--branch", each], tmp_path, dict(os.environ))
        assert measured.returncode == 0, measured.stderr

    assert report(tmp_path) == code


def test_every_file_that_has_to_be_run_branch_by_branch_is_there_and_make_test_looks() -> None:
    recipe = re.search(r"^test:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert [name for name in COVERED if not list(ROOT.glob(name))] == []
    assert recipe is not None
    assert "scripts/check_coverage.py" in recipe[1]
