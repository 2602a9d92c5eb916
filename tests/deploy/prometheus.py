"""Where Prometheus and its tool are on this machine, and what the rules and dashboards may ask it for."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from desksync.ops.metrics import Metrics

OURS = frozenset(name for one in Metrics(version="").declared() for name in one.series)

# RabbitMQ's plugin, at /metrics and at /metrics/detailed with the families that prometheus.yaml asks for.
RABBITMQS = frozenset(
    {
        "rabbitmq_alarms_free_disk_space_watermark",
        "rabbitmq_alarms_memory_used_watermark",
        "rabbitmq_connections",
        "rabbitmq_detailed_queue_consumers",
        "rabbitmq_detailed_queue_messages_ready",
        "rabbitmq_detailed_queue_messages_unacked",
        "rabbitmq_process_resident_memory_bytes",
    }
)

# Of every target, by Prometheus itself or by the client library.
EVERYBODYS = frozenset({"up", "process_resident_memory_bytes", "process_cpu_seconds_total"})

KNOWN = OURS | RABBITMQS | EVERYBODYS

_FUNCTIONS = frozenset(
    {"absent", "avg", "clamp_min", "count", "delta", "histogram_quantile", "increase", "max", "min", "rate", "sum"}
)
_WORDS = _FUNCTIONS | {"and", "bool", "by", "ignoring", "on", "or", "unless", "vector"}
_NOT_NAMES = re.compile(r"\{[^}]*\}|\"[^\"]*\"|\[[^\]]*\]|\b(?:by|on|ignoring)\s*\([^)]*\)")
_NAME_PATTERN = re.compile(r'\{__name__=~"([^"]*)"')


def program(name: str) -> Path:
    """Return where prometheus or promtool is. Fails, in one line, where it is not."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is not here. On Debian or Ubuntu: apt-get install --no-install-recommends prometheus", pytrace=False)
    return Path(found)


def promtool(*words: str | Path, folder: Path | None = None) -> str:
    """Run promtool and return what it says. Fails, with all that it said, where it finds something wrong."""
    done = subprocess.run(  # noqa: S603 - a tool of this machine on our own files
        [program("promtool"), *words], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def names_in(expr: str) -> frozenset[str]:
    """Return the names of the series that an expression asks for."""
    patterned = {name for pattern in _NAME_PATTERN.findall(expr) for name in KNOWN if re.fullmatch(pattern, name)}
    assert len(patterned) >= len(_NAME_PATTERN.findall(expr)), expr
    plain = _NOT_NAMES.sub(" ", expr)
    words = set(re.findall(r"(?<![\w.])[a-zA-Z_:][a-zA-Z0-9_:]*", plain))
    return frozenset((words - _WORDS) | patterned)
