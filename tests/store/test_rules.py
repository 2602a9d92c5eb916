"""Rules that no linter knows, read from the source."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = [ROOT / folder for folder in ("libs", "services", "deploy")]


def commits(source: str) -> list[int]:
    """Return the lines on which a session or connection is committed or rolled back by hand."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"commit", "rollback"}
    ]


@pytest.mark.parametrize("source", ["session.commit()", "def f():\n    self.session.rollback()", "begin().commit()"])
def test_a_commit_by_hand_is_seen(source: str) -> None:
    assert commits(source)


def test_transactions_end_with_their_block_and_nowhere_else() -> None:
    files = [file for folder in PRODUCT for file in folder.rglob("*.py")]

    found = {
        str(file.relative_to(ROOT)): lines for file in files if (lines := commits(file.read_text())) and file.name != "engine.py"
    }

    assert len(files) > 20
    assert found == {}
