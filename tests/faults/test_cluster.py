"""Three RabbitMQ nodes: the one that leads the queues dies, freezes, or comes back, in the middle of things."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from desksync.contracts.topology import GOOGLE_QUEUE, NEO_QUEUE
from desksync_local.patience import comes_true
from desksync_local.rabbitmq_node import Identity, PrivateNode
from tests.faults.conftest import MakeWith
from tests.faults.site import Servers

pytestmark = [pytest.mark.servers, pytest.mark.faults]

ROUNDS = 3


@pytest.fixture
def cluster(rabbitmq: PrivateNode) -> Iterator[list[PrivateNode]]:
    """Give three nodes that have found each other."""
    nodes = [PrivateNode(rabbitmq.programs, identity) for identity in Identity.of_several(rabbitmq.programs, 3)]
    with ExitStack() as stack:
        for node in nodes:
            stack.callback(node.stop)
            node.launch()
        for node in nodes:
            node.wait_until_it_answers()
        assert comes_true(lambda: len(members(nodes)) == len(nodes))
        yield nodes


def members(nodes: list[PrivateNode]) -> list[str]:
    """Return the names of the nodes that run, as one that answers sees it."""
    return [one["name"] for one in asked(nodes, "nodes") if one["running"]]


def asked(nodes: list[PrivateNode], path: str) -> list[dict[str, Any]]:
    """Ask the management API of whichever node answers; nothing when none does."""
    for node in nodes:
        try:
            found = node.call("GET", path).json()
        except httpx.HTTPError:
            continue
        return found if isinstance(found, list) else [found]
    return []


def leader(nodes: list[PrivateNode], vhost: str, queue: str) -> PrivateNode:
    """Return the node that leads the queue, once there is one."""
    names: set[str] = set()

    def is_known() -> bool:
        names.update(one["leader"] for one in asked(nodes, f"queues/{vhost}/{queue}") if one.get("leader"))
        return bool(names)

    assert comes_true(is_known)
    return next(node for node in nodes if node.identity.name in names)


def test_the_leader_of_the_queues_may_die(cluster: list[PrivateNode], make_site_with: MakeWith, postgres_url: str) -> None:
    vhost = "%2f"
    urls = ";".join(node.url() for node in cluster)
    with make_site_with(Servers(postgres_url, urls, postgres_url, urls)) as site:
        for number in range(ROUNDS):
            queue = (NEO_QUEUE, GOOGLE_QUEUE)[number % 2]
            site.edit()
            site.wait_for_calls(site.chance.randrange(25))
            lost = leader(cluster, vhost, queue)
            lost.kill9()
            site.tally.fault("leader of three RabbitMQ nodes killed")
            site.edit()
            site.settle()  # Two of three are enough.
            site.edit()
            lost.start()
            site.settle()
