"""What our memory transport mends, so that one process loses as little as RabbitMQ does."""

import time
from functools import partial
from threading import Thread

from kombu.connection import Connection

from desksync.broker.connection import connect
from desksync.broker.declare import TemporaryQueue, declare
from desksync.broker.memory import Channel, Transport, forget_everything
from desksync.broker.publisher import Publisher
from desksync.contracts.messages import SyncTicket
from desksync.contracts.topology import BINDINGS, ERROR_COUNTER_QUEUE, EVENTS, NEO_QUEUE
from tests.broker.builders import PATIENCE, Desk, a_consumer, a_ticket, an_error, consuming, eventually, left_in, tickets


def test_what_was_not_acked_goes_back_to_its_own_queue_only(memory_url: str) -> None:
    watching = connect(memory_url)
    view = TemporaryQueue("#").open(watching.channel())
    with Publisher(memory_url) as publisher:
        publisher.publish([an_error()])
    taking = connect(memory_url)

    taken = taking.channel().basic_get(ERROR_COUNTER_QUEUE)
    was_left = left_in(memory_url, ERROR_COUNTER_QUEUE)
    taking.release()

    assert taken is not None
    assert was_left == 0
    assert left_in(memory_url, ERROR_COUNTER_QUEUE) == 1
    assert left_in(memory_url, view.name) == 1
    watching.release()


def test_declaring_from_many_threads_loses_no_message(memory_url: str) -> None:
    def declare_and_publish(number: int) -> None:
        with Publisher(memory_url) as publisher:
            publisher.publish(tickets(10, first=number * 10))

    threads = [Thread(target=declare_and_publish, args=(number,)) for number in range(16)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    assert left_in(memory_url, NEO_QUEUE) == 160


def test_a_deleted_queue_is_gone_from_its_exchange_and_does_not_come_back(memory_url: str) -> None:
    connection = connect(memory_url)
    declare(connection)
    source = TemporaryQueue("error.#")
    queue = source.open(connection.channel())

    source.close(queue)
    with Publisher(memory_url) as publisher:
        publisher.publish([an_error()])

    assert set(Channel.queues) == {binding.queue for binding in BINDINGS}
    exchanges = Transport.global_state.exchanges
    assert exchanges is not None
    assert {name for _, _, name in exchanges[EVENTS]["table"]} == {ERROR_COUNTER_QUEUE}
    connection.release()


def test_everything_can_be_forgotten(memory_url: str) -> None:
    with Publisher(memory_url) as publisher:
        publisher.publish(tickets(3))

    forget_everything()

    assert not Channel.queues
    assert not Transport.global_state.exchanges


def test_a_waiting_consumer_is_woken_and_does_not_look_at_the_clock(memory_url: str) -> None:
    desk: Desk[SyncTicket] = Desk()

    with consuming(a_consumer(memory_url, desk)), Publisher(memory_url) as publisher:
        begun = time.monotonic()
        for number in range(1, 21):
            publisher.publish([a_ticket(number)])
            eventually(partial(desk.has_handled, number))
        took = time.monotonic() - begun

    # It looks for a stop four times a second: if that were how it found messages, these would take up to five seconds.
    assert took < 2


def test_it_has_its_own_state_beside_kombus(memory_url: str) -> None:
    with Publisher(memory_url) as publisher:
        publisher.publish(tickets(1))

    with Connection("memory://") as foreign:
        assert foreign.channel().queue_declare(queue=NEO_QUEUE).message_count == 0
