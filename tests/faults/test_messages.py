"""Messages that come twice, that never come, and that nobody can read."""

import json

import pytest

from desksync.broker.connection import connect
from desksync.contracts.messages import SyncTicket, written
from desksync.contracts.topology import ERROR_COUNTER_QUEUE, GOOGLE_QUEUE, NEO_QUEUE
from desksync.store.parked import count_parked
from tests.faults.conftest import Make
from tests.faults.site import Site
from tests.waiting import eventually

pytestmark = [pytest.mark.servers, pytest.mark.faults]

ROUNDS = 10

POISON = [
    b"",
    b"{",
    b"\x00\xff\xfe",
    b"null",
    b"[" * 100_000,
    json.dumps({"v": 99, "type": "unheard of"}).encode(),
    json.dumps({"v": 1, "ticket_id": None, "stage": "pull_neo", "user_id": "nobody"}).encode(),
]


@pytest.mark.parametrize(("wrong", "told"), [("doubled", "every message doubled"), ("lost", "every tenth message lost")])
def test_messages_may_come_twice_or_never(make_site: Make, wrong: str, told: str) -> None:
    with make_site(wrong=wrong) as site:
        for _ in range(ROUNDS):
            site.edit(8)
            site.settle()
            site.tally.fault(f"rounds with {told}")


def test_poison_is_set_aside_and_holds_nobody_up(site: Site) -> None:
    queues = (NEO_QUEUE, GOOGLE_QUEUE, ERROR_COUNTER_QUEUE)
    site.edit()
    for queue in queues:
        _put(site, queue, POISON)
        site.tally.fault("poison message", len(POISON))

    site.settle()

    eventually(lambda: _parked(site) == len(POISON) * len(queues))


def test_orders_that_make_no_sense_do_nothing(site: Site) -> None:
    user = next(iter(site.company.people))
    stray = [
        SyncTicket(ticket_id="00000000-0000-0000-0000-000000000000", stage="push_neo", user_id=user),
        SyncTicket(ticket_id="nobody-knows-it", stage="pull_neo", user_id=user),
        SyncTicket(ticket_id="none", stage="push_google", user_id=1_000_000_000),
    ]
    site.edit()
    for queue in (NEO_QUEUE, GOOGLE_QUEUE):
        _put(site, queue, [written(message) for message in stray])
        site.tally.fault("message about nothing", len(stray))

    site.settle()


def _put(site: Site, queue: str, bodies: list[bytes]) -> None:
    """Put bytes into a queue, as a stranger with the right to would."""
    connection = connect(site.company.resources.settings.broker_url)
    with connection.channel() as channel:
        for body in bodies:
            channel.basic_publish(channel.prepare_message(body), exchange="", routing_key=queue)
    connection.release()


def _parked(site: Site) -> int:
    with site.company.resources.begin() as session:
        return count_parked(session)
