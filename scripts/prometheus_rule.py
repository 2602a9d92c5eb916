"""Writes the alert rules as the Prometheus Operator wants them, from the files that Prometheus itself reads.

`python scripts/prometheus_rule.py > deploy/monitoring/kubernetes/prometheus-rule.yaml`
"""

import sys
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).resolve().parent.parent / "deploy" / "monitoring" / "rules"

_HEAD = "# Written by `make docs` from deploy/monitoring/rules. Change it there.\n"


class _Indented(yaml.SafeDumper):
    """Indents the entries of lists, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's signature
        super().increase_indent(flow, indentless=False)


def prometheus_rule() -> str:
    """Return the file."""
    groups = [
        group for file in sorted(RULES.glob("*.yaml")) for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
    ]
    manifest: dict[str, Any] = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "desksync", "labels": {"app.kubernetes.io/name": "desksync"}},
        "spec": {"groups": groups},
    }
    return _HEAD + yaml.dump(manifest, Dumper=_Indented, sort_keys=False, allow_unicode=True, width=110)


if __name__ == "__main__":
    sys.stdout.write(prometheus_rule())
