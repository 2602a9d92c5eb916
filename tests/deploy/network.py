"""Says what the network policies of an overlay let through, by Kubernetes' rules for policies within one namespace."""

from collections.abc import Mapping
from typing import Any

from tests.deploy.manifests import containers, of_kind, pods

Labels = Mapping[str, str]

NOWHERE: Labels = {}
"""Something outside of the namespace."""


def may_talk(overlay: str, source: Labels, target: Labels, port: int) -> bool:
    """Say whether pods with the labels `source` may open a connection to this port of pods with the labels `target`.

    Either may be `NOWHERE`: then it counts whether any address would do.
    """
    return _lets(overlay, "Egress", "egress", "to", source, target, port) and _lets(
        overlay, "Ingress", "ingress", "from", target, source, port
    )


def labels_of(overlay: str, name: str) -> Labels:
    """Return the labels of the pods of a Deployment or Job."""
    [labels] = [pod["metadata"]["labels"] for called, pod in pods(overlay) if called.split()[1] == name]
    found: Labels = labels
    return found


def _lets(overlay: str, kind: str, rules: str, peers: str, one: Labels, other: Labels, port: int) -> bool:
    if one is NOWHERE:
        return True
    mine = [
        policy["spec"]
        for policy in of_kind(overlay, "NetworkPolicy")
        if kind in policy["spec"]["policyTypes"] and _selects(policy["spec"]["podSelector"], one)
    ]
    # Without any policy for its direction a pod may do everything.
    return not mine or any(
        _is_peer(rule.get(peers), other) and _is_port(overlay, rule.get("ports"), one if kind == "Ingress" else other, port)
        for policy in mine
        for rule in policy.get(rules, [])
    )


def _is_peer(peers: list[dict[str, Any]] | None, other: Labels) -> bool:
    if peers is None:
        return True
    if other is NOWHERE:
        return any("ipBlock" in peer for peer in peers)
    return any(
        "namespaceSelector" not in peer and "podSelector" in peer and _selects(peer["podSelector"], other) for peer in peers
    )


def _is_port(overlay: str, ports: list[dict[str, Any]] | None, target: Labels, port: int) -> bool:
    if ports is None:
        return True
    named = {
        each["name"]: each["containerPort"]
        for _, pod in pods(overlay)
        if pod["metadata"]["labels"] == target
        for container in containers(pod)
        for each in container.get("ports", [])
    }
    numbers = [(named.get(one["port"], one["port"]), one.get("endPort")) for one in ports]
    return any(first == port or (end is not None and first <= port <= end) for first, end in numbers)


def _selects(selector: dict[str, Any], labels: Labels) -> bool:
    wanted = selector.get("matchLabels", {}).items()
    choices = selector.get("matchExpressions", [])
    assert all(choice["operator"] == "In" for choice in choices)
    return wanted <= labels.items() and all(labels.get(choice["key"]) in choice["values"] for choice in choices)
