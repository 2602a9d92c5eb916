"""A message that nobody ever acks: RabbitMQ drops it in the end, and its row is sent again, because the row is the truth."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from desksync.broker.connection import connect, drop
from desksync.broker.declare import declare
from desksync.broker.publisher import Publisher
from desksync.contracts.messages import SyncTicket
from desksync.contracts.topology import NEO_QUEUE
from desksync.store.engine import Begin, make_begin, make_engine
from desksync.store.tickets import claim, close, open_tickets
from desksync.sync.ticket import Stage
from desksync_scheduler.scheduler import Scheduler
from tests.broker.builders import Desk, a_consumer, consuming, eventually, left_in
from tests.store.builders import LEASE, a_user

pytestmark = pytest.mark.servers

LIMIT = 20


@pytest.fixture
def begin(postgres_url: str) -> Iterator[Begin]:
    """Give transactions on PostgreSQL."""
    engine = make_engine(postgres_url)
    yield make_begin(engine)
    engine.dispose()


def _dies_with_a_message(url: str) -> bool:
    """Take a message as a worker does that is killed while it works on it, and say whether there was one."""
    connection = connect(url)
    message = connection.channel().basic_get(NEO_QUEUE, no_ack=False)
    drop(connection)
    return message is not None


def test_a_message_that_is_never_acked_is_dropped_by_the_broker_and_its_ticket_is_sent_again(
    begin: Begin, rabbitmq_url: str
) -> None:
    now = datetime.now(UTC)
    user_id = a_user(begin)
    with begin() as session:
        (opened,) = open_tickets(session, [user_id], now)
    message = SyncTicket(ticket_id=opened.id, stage=opened.stage.value, user_id=user_id)
    connection = connect(rabbitmq_url)
    declare(connection)
    connection.release()

    with Publisher(rabbitmq_url) as publisher:
        publisher.publish([message])
        died = 0
        while died <= LIMIT:
            eventually(lambda: left_in(rabbitmq_url, NEO_QUEUE) == 1)
            died += _dies_with_a_message(rabbitmq_url)
        eventually(lambda: not _dies_with_a_message(rabbitmq_url) and left_in(rabbitmq_url, NEO_QUEUE) == 0)

        def finish(ticket: SyncTicket) -> None:
            with begin() as session:
                held = claim(session, ticket.ticket_id, Stage(ticket.stage), now + timedelta(minutes=2), LEASE)
                assert held is not None
                assert close(session, held, now)

        scheduler = Scheduler(
            begin=begin,
            publish=publisher.publish,
            now=lambda: now + timedelta(minutes=2),
            holder="one",
            interval=timedelta(days=1),
            history=timedelta(days=90),
            lease=LEASE,
            longest_wait=timedelta(days=1),
        )
        desk: Desk[SyncTicket] = Desk(before=finish)
        with consuming(a_consumer(rabbitmq_url, desk)):
            ticked = scheduler.tick()
            eventually(lambda: bool(desk.handled))

    assert (ticked.opened, ticked.woken) == (0, 1)
    assert desk.handled == [message]
