import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project.files import ROOT, python_sources

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]

ONE_WAY = "Dependencies run one way"
EVERY_PACKAGE = "Inside the library every package has its layer"
STAND_INS = "The stand-ins import nothing of DeskSync"
PURE = "The core is pure"
CASES = "Pages and the API stand side by side on what is done"
SQL = "Only the store knows SQL"

LIBRARY = ("sync", "contracts", "ops", "store", "broker", "worker")
WEB = ("cases", "pages", "api")


def a_skeleton(folder: Path) -> Path:
    """Make the packages of DeskSync without their content, and the contracts of this repository for them."""
    for package in (
        *CONTRACTS["root_packages"],
        *(f"desksync/{name}" for name in LIBRARY),
        *(f"desksync_admin_api/{name}" for name in WEB),
    ):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").touch()
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def linted(folder: Path) -> tuple[int, str]:
    """Run import-linter on the packages below that folder."""
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(  # noqa: S603 - a tool of this repository
        [lint, "--no-cache"],
        cwd=folder,
        # The folder comes before the real packages, which are installed as editable.
        env={**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


VIOLATIONS = {
    ONE_WAY: [
        ("desksync.sync", "desksync.store"),
        ("desksync.contracts", "desksync.ops"),
        ("desksync.ops", "desksync.store"),
        ("desksync.store", "desksync.broker"),
        ("desksync.broker", "desksync.worker"),
        ("desksync.worker", "desksync_neo_worker"),
        ("desksync_neo_worker", "desksync_google_worker"),
        ("desksync_scheduler", "desksync_sandbox"),
        ("desksync_admin_api", "desksync_embedded"),
        ("desksync_embedded", "desksync_local"),
    ],
    EVERY_PACKAGE: [("desksync.sync", "desksync.store")],
    STAND_INS: [("desksync_sandbox", "desksync.sync"), ("desksync_sandbox", "desksync_embedded")],
    PURE: [("desksync.sync", outside) for outside in ("sqlalchemy", "kombu", "pydantic", "time", "random", "logging", "os")],
    CASES: [("desksync_admin_api.cases", "desksync_admin_api.pages"), ("desksync_admin_api.cases", "desksync_admin_api.api")],
    SQL: [("desksync.broker", "sqlalchemy"), ("desksync.ops", "alembic"), ("desksync_neo_worker", "psycopg")],
}
"""Imports that a contract forbids: from which package, to what."""


def test_the_contracts_hold_for_a_skeleton(tmp_path: Path) -> None:
    code, told = linted(a_skeleton(tmp_path))

    assert code == 0, told
    assert f"Contracts: {len(VIOLATIONS)} kept, 0 broken." in told


def test_every_contract_is_seen_to_fail_when_it_is_broken(tmp_path: Path) -> None:
    a_skeleton(tmp_path)
    wrong = {(package, to): f"wrong_{to.replace('.', '_')}" for cases in VIOLATIONS.values() for package, to in cases}
    for (package, to), module in wrong.items():
        (tmp_path / package.replace(".", "/") / f"{module}.py").write_text(f"import {to}\n", encoding="utf-8")

    code, told = linted(tmp_path)

    assert code == 1
    assert f"Contracts: 0 kept, {len(VIOLATIONS)} broken." in told
    for contract, cases in VIOLATIONS.items():
        reported = section(told, contract)
        assert [case for case in cases if f"{case[0]}.{wrong[case]} -> {case[1]} " not in reported] == []


def test_a_package_without_a_layer_is_reported(tmp_path: Path) -> None:
    misc = a_skeleton(tmp_path) / "desksync" / "misc"
    misc.mkdir()
    (misc / "__init__.py").touch()

    code, told = linted(tmp_path)

    assert code == 1
    assert "- desksync.misc" in section(told, EVERY_PACKAGE)


def section(told: str, contract: str) -> str:
    """Return what import-linter says about one broken contract."""
    _, _, broken = told.partition("Broken contracts")
    _, _, after = broken.partition(f"{contract}\n---")
    return re.split(r"\n-{5,}\n", after)[0]


def test_every_contract_is_among_those_seen_to_fail() -> None:
    assert {contract["name"] for contract in CONTRACTS["contracts"]} == set(VIOLATIONS)


COMPOSITION_ROOTS = ("app.py", "launcher.py")
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}


def commits(tree: ast.AST) -> list[int]:
    """Return the lines that call `commit()` on anything."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [func.lineno for func in calls if isinstance(func, ast.Attribute) and func.attr == "commit"]


def clocks(tree: ast.AST) -> list[int]:
    """Return the lines that name the clock of the machine, called or handed on."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and ((isinstance(node.value, ast.Name) and (node.value.id, node.attr) in CLOCKS) or node.attr == "utcnow")
    ]


def threads(tree: ast.AST) -> list[int]:
    """Return the lines that make a thread, or a pool of them."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made = {"Thread", "Timer", "ThreadPoolExecutor", "ThreadingHTTPServer"}
    return [func.lineno for func in calls if (func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")) in made]


def coroutines(tree: ast.AST) -> list[int]:
    """Return the lines that define a coroutine."""
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]


def found_in(look: Callable[[ast.AST], list[int]], *, roots_may: bool) -> list[str]:
    """Return where the product breaks one of the rules above."""
    return [
        f"{path.relative_to(ROOT)}:{line}"
        for path in python_sources()
        if not (roots_may and path.name.endswith(COMPOSITION_ROOTS))
        for line in look(ast.parse(path.read_text(encoding="utf-8")))
    ]


def test_nobody_calls_commit() -> None:
    assert found_in(commits, roots_may=False) == []


def test_only_composition_roots_read_the_clock() -> None:
    assert found_in(clocks, roots_may=True) == []


def test_threads_are_started_in_the_service_and_for_the_work_of_messages() -> None:
    allowed = {"libs/common/desksync/ops/service.py", "libs/common/desksync/broker/handlers.py"}

    found = {place.rpartition(":")[0] for place in found_in(threads, roots_may=False)}

    assert {place for place in found if not place.startswith("libs/sandbox/")} == allowed


def test_nothing_is_asynchronous_but_the_stand_ins_pages_and_what_uvicorn_calls() -> None:
    web = "services/admin_api/desksync_admin_api"
    allowed = {f"{web}/server.py", f"{web}/access/guard.py"}

    found = {place.rpartition(":")[0] for place in found_in(coroutines, roots_may=False)}

    assert {place for place in found if not place.startswith("libs/sandbox/")} == allowed


@pytest.mark.parametrize(
    ("line", "look"),
    [
        ("session.commit()", commits),
        ("begin().connection().commit()", commits),
        ("now = datetime.now(UTC)", clocks),
        ("run(now=datetime.now)", clocks),
        ("import datetime; datetime.datetime.utcnow()", clocks),
        ("day = date.today()", clocks),
        ("at = time.time()", clocks),
        ("threading.Thread(target=work).start()", threads),
        ("with ThreadPoolExecutor(4) as pool: ...", threads),
        ("async def handle(): ...", coroutines),
    ],
)
def test_the_rules_are_seen_to_fail(line: str, look: Callable[[ast.AST], list[int]]) -> None:
    assert look(ast.parse(line)) == [1]


def test_every_package_says_why_it_exists() -> None:
    silent = [
        path.parent.relative_to(ROOT).as_posix()
        for path in python_sources()
        if path.name == "__init__.py" and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]

    assert silent == []


def test_every_folder_with_code_is_a_package() -> None:
    # Alembic loads migrations by their path, and the image's health check is a program that stands alone.
    folders = {path.parent for path in python_sources() if not {"versions", "docker"} & set(path.parts)}

    assert [folder.relative_to(ROOT).as_posix() for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_name_says_nothing() -> None:
    empty = {"common", "utils", "util", "helpers", "helper", "manager", "misc"}

    named_so = [path for path in python_sources() if path.stem in empty]

    assert named_so == []
