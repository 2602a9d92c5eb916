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
    metrics.census.users.labels(state="waiting").set(5)
    metrics.census.told()
    metrics.parked_messages.labels(queue="desksync.neo").inc()

    page = metrics.page().decode()
    assert 'desksync_actions_total{kind="create",side="google"} 2.0' in page
    assert 'desksync_users{state="waiting"} 5.0' in page
    assert 'desksync_build_info{version="1.2.3"} 1.0' in page
    assert 'desksync_stage_seconds_count{stage="pull_neo"} 1.0' in page


def test_what_the_database_held_is_told_only_while_it_is_known() -> None:
    metrics = Metrics(version="x")

    metrics.census.held_plans.set(3)
    before = metrics.page().decode()
    metrics.census.told()
    known = metrics.page().decode()
    metrics.census.forget()
    after = metrics.page().decode()

    assert "desksync_held_plans 3.0" in known
    assert "desksync_held_plans" not in before + after


def test_every_metric_explains_itself_and_is_named_alike() -> None:
    metrics = Metrics(version="x")
    metrics.census.told()
    families = [one for one in text_string_to_metric_families(metrics.page().decode()) if one.name.startswith("desksync")]

    assert len(families) == 24
    for family in families:
        assert re.fullmatch(r"desksync(_[a-z]+)+", family.name)
        assert family.documentation.endswith(".")


def test_what_is_declared_has_the_names_under_which_it_is_told() -> None:
    series = {name for one in Metrics(version="x").declared() for name in one.series}

    assert {"desksync_actions_total", "desksync_stage_seconds_bucket", "desksync_build_info", "desksync_held_plans"} <= series


def test_no_label_can_name_a_person_or_an_event() -> None:
    metrics = Metrics(version="x")

    labels = {label for one in metrics.declared() for label in one.labels}

    few = {"stage", "outcome", "side", "kind", "operation", "status", "state", "queue", "version", "reason", "check", "use"}
    assert labels == few


def test_two_programs_in_one_process_do_not_meet() -> None:
    first, second = Metrics(version="x"), Metrics(version="x")

    first.actions.labels(side="neo", kind="create").inc()

    assert "desksync_actions_total{" not in second.page().decode()
