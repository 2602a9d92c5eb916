import ast
import runpy
import sys
from pathlib import Path

import pytest

import desksync_neo_worker
from desksync_neo_worker.wire import TABLE, ErrorNumber, Field, Http, Mark, Size
from desksync_neo_worker.wire_page import render

PACKAGE = Path(desksync_neo_worker.__file__).parent
PAGE = PACKAGE.parents[2] / "docs" / "neo-wire.md"
NAMES = {
    str(name.value)
    for names in TABLE
    for name in names
    if isinstance(name.value, str) and (len(name.value) > 1 or name.value.isalpha())
}
NUMBERS = {int(name) for names in (ErrorNumber, Http, Size) for name in names if abs(int(name)) > 10}


def literals(source: str) -> set[object]:
    """Return the strings and numbers of a module, less its docstrings."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    found: set[object] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in prose:
            found.add(node.value)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            found.add(-node.operand.value)  # type: ignore[operator]
    return found


def test_no_other_module_spells_a_name_of_the_wire() -> None:
    modules = [path for path in PACKAGE.glob("*.py") if path.name != "wire.py"]

    spelled = {(path.name, literal) for path in modules for literal in literals(path.read_text()) & (NAMES | NUMBERS)}

    assert len(modules) > 15
    assert spelled == set()


def test_a_spelled_name_would_be_found() -> None:
    source = '"""About seldate."""\nx = {"seldate": -10008}\n'

    assert literals(source) & (NAMES | NUMBERS) == {"seldate", -10008}


def test_every_name_has_its_evidence_and_meaning() -> None:
    entries = [name for names in TABLE for name in names]

    assert len(entries) > 70
    assert all(isinstance(name.mark, Mark) and name.meaning for name in entries)


def test_a_name_stands_wherever_its_text_can() -> None:
    assert {"sid": "501"}[Field.SID] == "501"
    assert f"{Field.SID}" == "sid"


def test_the_page_is_made_from_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == render(), "docs/neo-wire.md is old; run: python -m desksync_neo_worker.wire_page > docs/neo-wire.md"


def test_the_page_can_be_written_by_a_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "desksync_neo_worker.wire_page")

    runpy.run_module("desksync_neo_worker.wire_page", run_name="__main__")

    assert capsys.readouterr().out == render()


def test_the_page_says_that_the_schedule_calls_are_assumed() -> None:
    assert "| `list_schedules` | assumed |" in render()
    assert "| `list_users` | documented |" in render()
