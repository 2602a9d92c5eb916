"""Finds every text that the web side says, in its code and in its templates."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2.ext import babel_extract

import desksync_admin_api

PACKAGE = Path(desksync_admin_api.__file__).parent

Key = str | tuple[str, str]
"""A text, or the two forms of one that depends on a number."""


def texts() -> dict[Key, str]:
    """Return every text, and a file that says it."""
    found: dict[Key, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        found |= dict.fromkeys(marked(ast.parse(path.read_text(encoding="utf-8"))), path.relative_to(PACKAGE).as_posix())
    for path in sorted(PACKAGE.rglob("*.html")):
        found |= dict.fromkeys(_in_template(path), path.relative_to(PACKAGE).as_posix())
    return found


def marked(tree: ast.AST) -> Iterator[Key]:
    """Yield what `T(...)` marks. Its words must be written out, so that they can be found."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "T":
            words = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            assert len(words) == min(len(node.args), 2), f"line {node.lineno}: the words of T() must be written out"
            yield words[0] if len(words) == 1 else (words[0], words[1])


def _in_template(path: Path) -> Iterator[Key]:
    options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    with path.open("rb") as source:
        for _line, _function, words, _comments in babel_extract(source, ("_", "gettext", "ngettext"), (), options):
            several = [words] if isinstance(words, str) else [one for one in words or () if one is not None]
            yield several[0] if len(several) == 1 else (several[0], several[1])


def placeholders(text: str) -> set[str]:
    """Return the values that a text wants."""
    return set(re.findall(r"%\((\w+)\)", text))
