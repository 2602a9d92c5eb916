"""Runs mypy and counts: a type checker that silently finds three files is content with everything."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def expected(root: Path) -> int:
    """Return how many files mypy has to look at, by the folders that pyproject.toml names."""
    folders = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]["files"]
    return sum(1 for folder in folders for _ in (root / folder).rglob("*.py"))


def checked(told: str) -> int | None:
    """Return the number of files in mypy's last line, or `None` when it found something wrong."""
    found = re.search(r"^Success: no issues found in (\d+) source files?$", told, re.MULTILINE)
    return None if found is None else int(found[1])


def main() -> int:
    """Return mypy's exit code, or 1 when files were left out."""
    run = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False)
    sys.stdout.write(run.stdout + run.stderr)
    count = checked(run.stdout)
    if run.returncode or count is None:
        return run.returncode or 1
    if count < expected(ROOT):
        sys.stderr.write(f"mypy looked at {count} files, but there are {expected(ROOT)}; see tool.mypy in pyproject.toml\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
