import re

from prometheus_client.parser import text_string_to_metric_families

from desksync.ops.metrics import Metrics


def test_what_is_counted_is_on_the_page() -> None:
    metrics = Metrics(version="1.2.3")

    metrics.tickets.labels(stage="pull_neo", outcome="done").inc()
    metrics.stage_seconds.labels(stage="pull_neo").observe(0.2)
    metrics.ticket_lateness_seconds.labels(stage="pull_neo").observe(3)
    metrics.actions.labels(side="google", kind="create").inc(2)
    metrics.errors.labels(side="neo", kind="retry_later").inc()
    metrics.remote_calls.labels(side="google", operation="list", status="200").inc()
    metrics.remote_call_seconds.labels(side="google", operation="list").observe(0.1)
    metrics.users.labels(state="sync").set(5)
    metrics.parked_messages.labels(queue="desksync.neo").inc()

    page = metrics.page().decode()
    assert 'desksync_actions_total{kind="create",side="google"} 2.0' in page
    assert 'desksync_users{state="sync"} 5.0' in page
    assert 'desksync_build_info{version="1.2.3"} 1.0' in page
    assert 'desksync_stage_seconds_count{stage="pull_neo"} 1.0' in page


def test_every_metric_explains_itself_and_is_named_alike() -> None:
    families = [
        one for one in text_string_to_metric_families(Metrics(version="x").page().decode()) if one.name.startswith("desksync")
    ]

    assert len(families) == 14
    for family in families:
        assert re.fullmatch(r"desksync(_[a-z]+)+", family.name)
        assert family.documentation.endswith(".")


def test_no_label_can_name_a_person_or_an_event() -> None:
    metrics = Metrics(version="x")

    labels = {label for one in vars(metrics).values() for label in getattr(one, "_labelnames", ())}

    assert labels == {"stage", "outcome", "side", "kind", "operation", "status", "state", "queue", "version", "reason"}


def test_two_programs_in_one_process_do_not_meet() -> None:
    first, second = Metrics(version="x"), Metrics(version="x")

    first.actions.labels(side="neo", kind="create").inc()

    assert "desksync_actions_total{" not in second.page().decode()
