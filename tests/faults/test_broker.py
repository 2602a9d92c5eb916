"""RabbitMQ goes away, comes back with nothing, holds still, and loses its connections."""

import pytest

from desksync_local.patience import comes_true
from desksync_local.rabbitmq_node import PrivateNode
from tests.faults.conftest import Make
from tests.faults.proxy import Proxy
from tests.faults.site import Site

pytestmark = [pytest.mark.servers, pytest.mark.faults]

ROUNDS = 3


def test_the_broker_may_go_away_at_any_moment(site: Site, rabbitmq: PrivateNode) -> None:
    for _ in range(ROUNDS):
        site.edit()
        site.wait_for_calls(site.chance.randrange(25))
        rabbitmq.kill9()
        site.tally.fault("RabbitMQ killed")
        site.edit()
        site.wait_for_calls(site.chance.randrange(10))
        rabbitmq.start()
        site.settle()


def test_the_broker_may_hold_still_until_nobody_believes_in_it(site: Site, rabbitmq: PrivateNode) -> None:
    workers = [*site.named("neo-worker"), *site.named("google-worker")]
    site.edit()
    site.wait_for_calls(site.chance.randrange(25))
    rabbitmq.freeze()
    site.tally.fault("RabbitMQ frozen")
    site.edit()
    have_noticed = comes_true(lambda: not any(worker.is_ready() for worker in workers))
    rabbitmq.thaw()

    site.settle()

    assert have_noticed


def test_the_broker_may_come_back_with_nothing(site: Site, rabbitmq: PrivateNode) -> None:
    for _ in range(ROUNDS):
        site.edit()
        site.wait_for_calls(site.chance.randrange(25))
        rabbitmq.kill9()
        rabbitmq.wipe()
        site.tally.fault("RabbitMQ's data wiped")
        rabbitmq.start()
        rabbitmq.add_vhost(site.company.resources.settings.broker_url.rpartition("/")[2])
        site.edit()
        site.settle()


def test_queues_may_vanish_with_all_that_is_in_them(site: Site, rabbitmq: PrivateNode) -> None:
    vhost = site.company.resources.settings.broker_url.rpartition("/")[2]
    for _ in range(ROUNDS):
        site.edit()
        site.wait_for_calls(site.chance.randrange(25))
        for queue in rabbitmq.call("GET", f"queues/{vhost}").json():
            rabbitmq.call("DELETE", f"queues/{vhost}/{queue['name']}")
            site.tally.fault("RabbitMQ's queues deleted")
        site.edit()
        site.settle()


def test_connections_to_the_broker_may_be_cut_refused_and_held(make_site: Make, rabbitmq: PrivateNode) -> None:
    with Proxy(rabbitmq.port) as proxy, make_site(broker_port=proxy.port) as site:
        for _ in range(ROUNDS):
            site.edit()
            site.wait_for_calls(site.chance.randrange(25))
            proxy.refuse()
            site.tally.fault("broker connections cut", proxy.cut())
            site.edit()
            site.wait_for_calls(site.chance.randrange(10))
            proxy.accept()
            site.settle()
            site.edit()
            proxy.hold()
            site.tally.fault("broker connections held")
            site.wait_for_leases()
            proxy.release()
            site.settle()
