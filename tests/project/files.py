"""Finds the files of this repository, so that rules can be checked on all of them."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("libs", "services", "deploy")

_NOT_OURS = {".git", ".venv", "var", "__pycache__", "node_modules"}


def kept_files() -> list[Path]:
    """Return the files that git keeps, or all but the made ones where there is no git."""
    git = shutil.which("git")
    if git is not None and (ROOT / ".git").exists():
        listed = subprocess.run(  # noqa: S603 - arguments are ours
            [git, "-c", f"safe.directory={ROOT}", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        )
        found = [ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
        return [path for path in found if path.is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and _NOT_OURS.isdisjoint(path.relative_to(ROOT).parts)]


def kept_texts() -> Iterator[tuple[str, str]]:
    """Yield the name and the content of every kept file that is text."""
    for path in kept_files():
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def python_sources() -> list[Path]:
    """Return the Python files of the product: libraries, services and launcher, without tests."""
    return [path for folder in SOURCES for path in sorted((ROOT / folder).rglob("*.py"))]
