"""Every object of the Kubernetes overlays is one that Kubernetes, or the operator whose type it is, takes as it stands."""

from collections.abc import Callable
from typing import Any

import kubernetes_validate
import pytest
import yaml
from cloudcoil.models.keda import v1alpha1 as keda
from cloudcoil.models.prometheus_operator import v1 as monitoring
from pydantic import BaseModel, ValidationError

from scripts.prometheus_rule import RULES
from tests.deploy.manifests import Manifest, built, called, named
from tests.deploy.operators import Cluster, RabbitmqCluster

OVERLAYS = ("trial", "production")

VERSIONS = ("1.29", "1.33", "1.37")
"""Kubernetes from the oldest that docs/install.md names to the newest whose schemas we have."""

OPERATORS: dict[str, type[BaseModel]] = {
    "ScaledObject": keda.ScaledObject,
    "TriggerAuthentication": keda.TriggerAuthentication,
    "PodMonitor": monitoring.PodMonitor,
    "PrometheusRule": monitoring.PrometheusRule,
    "RabbitmqCluster": RabbitmqCluster,
    "Cluster": Cluster,
}

pytestmark = pytest.mark.wide


def refusal(one: Manifest, version: str) -> str | None:
    """Return why Kubernetes would not take the object, or `None`."""
    try:
        kubernetes_validate.validate(one, version, strict=True)
    except kubernetes_validate.ValidationError as problem:
        return f"{called(one)}: {problem.message}"
    return None


def operators_refusal(one: Manifest, model: type[BaseModel]) -> str | None:
    """Return why the operator would not take the object as it stands, or `None`. A field that it does not know would be lost."""
    try:
        taken = model.model_validate(one).model_dump(mode="json", by_alias=True, exclude_unset=True)
    except ValidationError as problem:
        return f"{called(one)}: {problem}"
    lost = sorted(_lost(one, taken))
    return f"{called(one)}: unknown {', '.join(lost)}" if lost else None


def _lost(given: Any, taken: Any, where: str = "") -> list[str]:
    match given, taken:
        case dict(), dict():
            return [
                name
                for key, value in given.items()
                for name in ([f"{where}.{key}"] if key not in taken else _lost(value, taken[key], f"{where}.{key}"))
            ]
        case list(), list():
            return [name for one, other in zip(given, taken, strict=True) for name in _lost(one, other, where)]
        case _:
            return []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kubernetes_takes_every_object_of_its_own_kinds(overlay: str, version: str) -> None:
    found = [refusal(one, version) for one in built(overlay) if one["kind"] not in OPERATORS]

    assert len(found) > 15
    assert [why for why in found if why] == []


def test_operators_take_every_object_of_theirs() -> None:
    objects = [one for one in built("production") if one["kind"] in OPERATORS]

    assert {one["kind"] for one in objects} == set(OPERATORS)
    assert [why for one in objects if (why := operators_refusal(one, OPERATORS[one["kind"]]))] == []


def test_a_trial_needs_no_operator() -> None:
    assert [called(one) for one in built("trial") if one["kind"] in OPERATORS] == []


def change(one: Manifest, where: str, how: Callable[[Any], Any]) -> Manifest:
    """Return the object with one thing in it changed."""
    changed: Manifest = yaml.safe_load(yaml.safe_dump(one))
    *path, last = where.split(".")
    inner = changed
    for key in path:
        inner = inner[int(key)] if isinstance(inner, list) else inner[key]
    inner[last] = how(inner.get(last))
    return changed


@pytest.mark.parametrize(
    ("kind", "where", "value"),
    [
        ("Deployment", "spec.replica", 2),
        ("Deployment", "spec.template.spec.containers.0.readinessProbe.httpGet.path", 5),
        ("ScaledObject", "spec.triggers.0.metadatas", {}),
        ("ScaledObject", "spec.scaleTargetRef", None),
        ("PodMonitor", "spec.podMetricsEndpoints.0.ports", "http"),
        ("PrometheusRule", "spec.groups.0.rules.0.exprs", "1"),
        ("RabbitmqCluster", "spec.persistence.size", "1Gi"),
        ("Cluster", "spec.instances", "3"),
    ],
)
def test_a_mistake_would_be_seen(kind: str, where: str, value: object) -> None:
    one = next(one for one in built("production") if one["kind"] == kind)
    wrong = change(one, where, lambda _: value)

    found = operators_refusal(wrong, OPERATORS[kind]) if kind in OPERATORS else refusal(wrong, VERSIONS[-1])

    assert found is not None


def test_the_alert_rules_for_the_operator_are_those_that_prometheus_reads() -> None:
    read = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(RULES.glob("*.yaml"))]

    assert named("production", "PrometheusRule", "desksync")["spec"]["groups"] == [
        group for one in read for group in one["groups"]
    ]
