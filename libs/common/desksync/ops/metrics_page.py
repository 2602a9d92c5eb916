"""Writes `docs/metrics.md` from the numbers themselves: `python -m desksync.ops.metrics_page > docs/metrics.md`."""

import sys

from desksync.ops.metrics import Declared, Metrics

_HEAD = """\
# Numbers

<!-- Written by `make docs` from libs/common/desksync/ops/metrics.py. Change it there. -->

Every program tells its numbers to Prometheus at `/metrics` on `DESKSYNC_HEALTH_PORT`, and to nobody who comes by the port of the
pages. [deploy/monitoring](../deploy/monitoring) holds what Prometheus and Grafana need: what to read, alert rules with a
[page for each](runbooks/README.md), and dashboards. No number bears anybody's name.

Counters are of one program, to be added up. What the database holds (users, deletions, tickets that wait) is told by every
scheduler alike: take the largest, as `max by (state) (desksync_users)` does. While the database does not answer it is not told.
A histogram has three: `_bucket`, `_count` and `_sum`.

| Number | Kind | Labels | Meaning |
| --- | --- | --- | --- |
"""


def metrics_page() -> str:
    """Return the page in Markdown."""
    return _HEAD + "\n".join(_row(one) for one in Metrics(version="").declared()) + "\n"


def _row(one: Declared) -> str:
    name = one.series[0].removesuffix("_bucket")
    return f"| `{name}` | {one.kind} | {', '.join(f'`{label}`' for label in one.labels) or '–'} | {one.meaning} |"


if __name__ == "__main__":
    sys.stdout.write(metrics_page())
