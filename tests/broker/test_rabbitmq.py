"""What only a real broker can do to us: refuse, return, die, freeze. Nothing confirmed is lost, nothing lost is unknown."""

from datetime import timedelta
from threading import Event, Thread

import pytest

from desksync.broker.connection import BrokerRefuses, connect, drop
from desksync.broker.consumer import Timing, subscribe
from desksync.broker.declare import declare
from desksync.broker.publisher import Publisher, PublishFailed
from desksync.contracts import messages
from desksync.contracts.messages import SyncTicket
from desksync.contracts.topology import BINDINGS, GOOGLE_QUEUE, NEO_QUEUE, TICKETS
from desksync_local.rabbitmq import OwnRabbitServer
from tests.broker.builders import (
    PATIENCE,
    QUICK,
    Desk,
    a_consumer,
    a_result,
    a_ticket,
    consuming,
    eventually,
    ids,
    left_in,
    tickets,
)
from tests.servers.rabbitmq_server import RabbitServer

pytestmark = pytest.mark.servers


def test_queues_outlast_the_broker_and_limit_deliveries(rabbitmq_url: str) -> None:
    connection = connect(rabbitmq_url)
    declare(connection)

    frozen = {"x-queue-type": "quorum", "x-delivery-limit": 20}
    with connection.channel() as channel:
        for binding in BINDINGS:
            # RabbitMQ refuses a queue whose arguments differ from those it has.
            channel.queue_declare(queue=binding.queue, durable=True, auto_delete=False, arguments=frozen)
        counts = [left_in(rabbitmq_url, binding.queue) for binding in BINDINGS]

    assert counts == [0, 0, 0]
    connection.release()


def test_a_ticket_that_no_queue_wants_is_reported_and_the_others_arrive(rabbitmq_url: str) -> None:
    with Publisher(rabbitmq_url) as publisher:
        publisher.publish([a_ticket(1)])
        _unbind(rabbitmq_url, GOOGLE_QUEUE, "google")

        with pytest.raises(PublishFailed, match="no queue is bound") as failed:
            publisher.publish([a_ticket(2), a_ticket(3, stage="pull_google"), a_ticket(4)])

        assert failed.value.unsent == (a_ticket(3, stage="pull_google").message_id,)
        assert left_in(rabbitmq_url, NEO_QUEUE) == 3
        # A new connection declares anew, so that the same ticket gets through the next time.
        publisher.publish([a_ticket(3, stage="pull_google")])
    assert left_in(rabbitmq_url, GOOGLE_QUEUE) == 1


def test_a_missing_exchange_is_reported_and_made_again(rabbitmq_url: str) -> None:
    with Publisher(rabbitmq_url) as publisher:
        publisher.publish([a_ticket(1)])
        connection = connect(rabbitmq_url)
        connection.channel().exchange_delete(TICKETS)
        connection.release()

        with pytest.raises(PublishFailed) as failed:
            publisher.publish(tickets(2, first=2))

        assert failed.value.unsent == tuple(ticket.message_id for ticket in tickets(2, first=2))
        publisher.publish(tickets(2, first=2))
    assert left_in(rabbitmq_url, NEO_QUEUE) == 3


def test_what_a_full_queue_refuses_is_reported_and_the_rest_is_there(
    breakable_rabbitmq: OwnRabbitServer, rabbitmq_url: str
) -> None:
    with Publisher(rabbitmq_url) as publisher:
        publisher.publish([a_ticket(1)])
        breakable_rabbitmq.limit_queues(rabbitmq_url, 1)

        with pytest.raises(PublishFailed, match="refused") as failed:
            publisher.publish(tickets(300, first=2))

        breakable_rabbitmq.limit_queues(rabbitmq_url, None)
        refused = set(failed.value.unsent)
        publisher.publish([ticket for ticket in tickets(300, first=2) if ticket.message_id in refused])

    assert 0 < len(refused) <= 300
    desk: Desk[SyncTicket] = Desk()
    with consuming(a_consumer(rabbitmq_url, desk, threads=4)):
        eventually(lambda: len(set(ids(desk.handled))) >= 301)
    assert set(ids(desk.handled)) == set(ids(tickets(301)))


def test_the_wrong_password_is_named_and_not_shown(breakable_rabbitmq: OwnRabbitServer) -> None:
    with pytest.raises(BrokerRefuses, match="refuses the user or the password") as refused:
        connect(f"amqp://guest:hunter2@127.0.0.1:{breakable_rabbitmq.port}/%2f")

    assert "hunter2" not in str(refused.value)


def test_a_missing_virtual_host_is_named(breakable_rabbitmq: OwnRabbitServer) -> None:
    with pytest.raises(BrokerRefuses, match="has no virtual host 'nowhere'"):
        connect(f"amqp://guest:guest@127.0.0.1:{breakable_rabbitmq.port}/nowhere")


def test_a_broker_that_is_killed_in_the_middle_loses_nothing_that_it_confirmed(
    breakable_rabbitmq: RabbitServer, rabbitmq_url: str
) -> None:
    desk: Desk[SyncTicket] = Desk()
    confirmed: list[SyncTicket] = []
    is_under_way, may_end = Event(), Event()

    def publish_until_told() -> None:
        number = 0
        with Publisher(rabbitmq_url, patience=timedelta(seconds=5)) as publisher:
            while not may_end.is_set():
                batch = tickets(20, first=number * 20)
                number += 1
                try:
                    publisher.publish(batch)
                except PublishFailed:
                    may_end.wait(0.1)
                else:
                    confirmed.extend(batch)
                if number >= 5:
                    is_under_way.set()

    publishing = Thread(target=publish_until_told)
    with consuming(a_consumer(rabbitmq_url, desk, threads=2)):
        publishing.start()
        assert is_under_way.wait(PATIENCE)

        breakable_rabbitmq.kill9()
        confirmed_before = len(confirmed)
        breakable_rabbitmq.start()

        eventually(lambda: len(confirmed) >= confirmed_before + 100)
        may_end.set()
        publishing.join(PATIENCE)
        wanted = set(ids(confirmed))
        eventually(lambda: wanted <= {ticket.ticket_id for ticket in list(desk.handled)})

    assert not publishing.is_alive()
    assert not desk.parked


def test_what_was_not_acked_when_the_broker_died_comes_again_and_is_not_begun_twice(
    breakable_rabbitmq: RabbitServer, rabbitmq_url: str
) -> None:
    begun, may_end = Event(), Event()

    def hold(_message: SyncTicket) -> None:
        begun.set()
        assert may_end.wait(PATIENCE)

    desk: Desk[SyncTicket] = Desk(before=hold)
    consumer = a_consumer(rabbitmq_url, desk)
    with Publisher(rabbitmq_url) as publisher:
        publisher.publish(tickets(3))

    with consuming(consumer):
        assert begun.wait(PATIENCE)
        breakable_rabbitmq.kill9()
        eventually(lambda: not consumer.is_ready())
        breakable_rabbitmq.start()
        eventually(consumer.is_ready)
        may_end.set()
        eventually(lambda: len(desk.handled) >= 4)

    # The first one was under way; the others only lay ready here, and are handled as they come the second time.
    assert ids(desk.handled) == ["t-1", "t-1", "t-2", "t-3"]
    assert left_in(rabbitmq_url, NEO_QUEUE) == 0


def test_a_view_is_back_after_the_broker_was_away(breakable_rabbitmq: RabbitServer, rabbitmq_url: str) -> None:
    seen: list[messages.Event] = []
    view = subscribe(rabbitmq_url, "result.*", seen.append, timing=QUICK)

    with consuming(view), Publisher(rabbitmq_url) as publisher:
        breakable_rabbitmq.kill9()
        eventually(lambda: not view.is_ready())
        breakable_rabbitmq.start()
        eventually(view.is_ready)
        publisher.publish([a_result()])
        eventually(lambda: bool(seen))

    assert seen == [a_result()]


def test_an_idle_connection_that_the_broker_has_lost_is_opened_again_without_a_failure(
    breakable_rabbitmq: RabbitServer, rabbitmq_url: str
) -> None:
    with Publisher(rabbitmq_url) as publisher:
        publisher.publish([a_ticket(1)])
        breakable_rabbitmq.kill9()
        breakable_rabbitmq.start()

        publisher.publish([a_ticket(2)])

    assert left_in(rabbitmq_url, NEO_QUEUE) == 2


def test_a_publisher_whose_broker_is_away_says_so_and_goes_on_when_it_is_back(
    breakable_rabbitmq: RabbitServer, rabbitmq_url: str
) -> None:
    with Publisher(rabbitmq_url) as publisher:
        publisher.publish([a_ticket(1)])
        breakable_rabbitmq.kill9()
        away = publisher.hindrance()
        breakable_rabbitmq.start()
        back = publisher.hindrance()
        publisher.publish([a_ticket(2)])

    assert away is not None
    assert away.startswith("RabbitMQ does not answer at 127.0.0.1")
    assert back is None
    assert left_in(rabbitmq_url, NEO_QUEUE) == 2


def test_what_a_frozen_broker_does_not_answer_is_unsent_and_its_late_answer_vouches_for_nothing(
    breakable_rabbitmq: RabbitServer, rabbitmq_url: str
) -> None:
    with Publisher(rabbitmq_url, patience=timedelta(seconds=1)) as publisher:
        publisher.publish([a_ticket(1)])
        breakable_rabbitmq.freeze()
        try:
            with pytest.raises(PublishFailed) as failed:
                publisher.publish([a_ticket(2)])
        finally:
            breakable_rabbitmq.thaw()
        # On the old connection the third could not arrive; on a new one, the binding is declared anew.
        _unbind(rabbitmq_url, NEO_QUEUE, "neo")

        assert failed.value.unsent == (a_ticket(2).message_id,)
        publisher.publish([a_ticket(3)])

    # The broker may have taken the second as well: nobody waited for its answer.
    desk: Desk[SyncTicket] = Desk()
    with consuming(a_consumer(rabbitmq_url, desk)):
        eventually(lambda: a_ticket(3) in desk.handled)
    assert set(ids(desk.handled)) <= {"t-1", "t-2", "t-3"}


def test_a_consumer_notices_a_frozen_broker_and_comes_back(breakable_rabbitmq: RabbitServer, rabbitmq_url: str) -> None:
    desk: Desk[SyncTicket] = Desk()
    consumer = a_consumer(rabbitmq_url, desk, timing=Timing(heartbeat=timedelta(seconds=1), pauses=(0.05,)))

    with consuming(consumer), Publisher(rabbitmq_url) as publisher:
        breakable_rabbitmq.freeze()
        try:
            eventually(lambda: not consumer.is_ready())
        finally:
            breakable_rabbitmq.thaw()
        eventually(consumer.is_ready)
        publisher.publish([a_ticket()])
        eventually(lambda: bool(desk.handled))

    assert set(ids(desk.handled)) == {"t-1"}


def test_heartbeats_go_on_during_a_long_handler(rabbitmq_url: str) -> None:
    begun, never = Event(), Event()

    def take_six_seconds(_message: SyncTicket) -> None:
        begun.set()
        never.wait(6)

    desk: Desk[SyncTicket] = Desk(before=take_six_seconds)
    consumer = a_consumer(rabbitmq_url, desk, timing=Timing(heartbeat=timedelta(seconds=1), pauses=(0.05,)))
    was_ready: list[bool] = []

    def is_handled() -> bool:
        was_ready.append(consumer.is_ready())
        return bool(desk.handled)

    with consuming(consumer), Publisher(rabbitmq_url) as publisher:
        publisher.publish([a_ticket()])
        assert begun.wait(PATIENCE)
        # RabbitMQ cuts a connection after three silent seconds at this heartbeat; twice that has passed when the handler ends.
        eventually(is_handled)

    assert all(was_ready)
    assert desk.handled == [a_ticket()]
    assert left_in(rabbitmq_url, NEO_QUEUE) == 0


def test_a_queue_that_is_deleted_under_its_consumer_is_made_again(rabbitmq_url: str) -> None:
    desk: Desk[SyncTicket] = Desk()
    consumer = a_consumer(rabbitmq_url, desk)

    with consuming(consumer), Publisher(rabbitmq_url) as publisher:
        publisher.publish([a_ticket(1)])
        eventually(lambda: len(desk.handled) == 1)
        connection = connect(rabbitmq_url)
        connection.channel().queue_delete(NEO_QUEUE)
        connection.release()
        eventually(lambda: not consumer.is_ready())
        eventually(consumer.is_ready)
        publisher.publish([a_ticket(2)])
        eventually(lambda: len(desk.handled) == 2)

    assert ids(desk.handled) == ["t-1", "t-2"]


def test_a_stop_while_the_broker_is_away_is_quick(breakable_rabbitmq: RabbitServer, rabbitmq_url: str) -> None:
    consumer = a_consumer(rabbitmq_url, Desk(), timing=Timing(pauses=(60,)))
    stop = Event()
    running = Thread(target=consumer.run, args=(stop,))
    running.start()
    eventually(consumer.is_ready)
    breakable_rabbitmq.kill9()
    eventually(lambda: not consumer.is_ready())

    stop.set()
    running.join(5)
    is_running = running.is_alive()
    breakable_rabbitmq.start()

    assert not is_running


def _unbind(url: str, queue: str, routing_key: str) -> None:
    connection = connect(url)
    with connection.channel() as channel:
        channel.queue_unbind(queue, TICKETS, routing_key)
    drop(connection)
