import pytest

from desksync.ops.metrics import Metrics
from desksync.sync.event import Side
from desksync.worker.calls import Calls


def told(metrics: Metrics) -> dict[str, float]:
    """Return what is told of calls, by operation and status."""
    [family] = [one for one in metrics.registry.collect() if one.name == "desksync_remote_calls"]
    totals = [sample for sample in family.samples if sample.name.endswith("_total")]
    return {" ".join(sample.labels.values()): sample.value for sample in totals}


def test_a_request_is_counted_by_its_status_and_timed() -> None:
    metrics, seconds = Metrics(version="x"), iter((10.0, 12.5))

    with Calls(metrics, Side.NEO, lambda: next(seconds))("list_schedules") as call:
        call.answered(429)

    assert told(metrics) == {"neo list_schedules 429": 1}
    of = {"side": "neo", "operation": "list_schedules"}
    assert metrics.registry.get_sample_value("desksync_remote_call_seconds_sum", of) == 2.5


def test_a_request_without_an_answer_is_counted_as_such() -> None:
    metrics = Metrics(version="x")

    with pytest.raises(TimeoutError), Calls(metrics, Side.GOOGLE)("events.list"):
        raise TimeoutError

    assert told(metrics) == {"google events.list no_answer": 1}
