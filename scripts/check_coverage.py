"""Fails when a branch of the core or of the two mappings was run by no test: a mistake there loses somebody an appointment."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_NEO = "services/neo_worker/desksync_neo_worker"
_GOOGLE = "services/google_worker/desksync_google_worker"
COVERED = (
    "libs/common/desksync/sync/*",
    *(f"{_NEO}/{name}.py" for name in ("mapping", "texts", "times", "recurrence", "values", "untranslatable")),
    *(f"{_GOOGLE}/{name}.py" for name in ("mapping", "description", "lines", "recurrence", "rule_parts")),
)
"""What has to be run branch by branch: `desksync.sync`, and both mappings with what they are made of."""


def report(root: Path) -> int:
    """Show what `.coverage` in that folder lacks, and return coverage's exit code: 2 where anything is missing."""
    options = ["--include", ",".join(COVERED), "--show-missing", "--skip-covered", "--fail-under=100"]
    return subprocess.run([sys.executable, "-m", "coverage", "report", *options], cwd=root, check=False).returncode


if __name__ == "__main__":
    sys.exit(report(ROOT))
