"""Runs the checking tools that the environment of the tests holds."""

import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(sys.executable).parent


def run(tool: str, *words: str | Path, folder: Path | None = None, environment: dict[str, str] | None = None) -> str:
    """Run a tool and return what it prints. Fails, with all that it said, where it finds something wrong."""
    done = subprocess.run(  # noqa: S603 - tools of ours
        [PROGRAMS / tool, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{tool} {' '.join(map(str, words))}\n{done.stdout}\n{done.stderr}"
    return done.stdout
