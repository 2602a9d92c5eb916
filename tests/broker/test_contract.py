"""What the rest of DeskSync may rely on, in memory and on RabbitMQ alike."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from kombu.entity import Queue
from kombu.exceptions import ChannelError

from desksync.broker.connection import connect, drop
from desksync.broker.consumer import Consumer, Timing, subscribe
from desksync.broker.declare import LastingQueue, TemporaryQueue, declare
from desksync.broker.publisher import Publisher
from desksync.broker.work import Fate, Work
from desksync.contracts import messages
from desksync.contracts.messages import SyncError, SyncTicket, read_error, written
from desksync.contracts.topology import BINDINGS, ERROR_COUNTER_QUEUE, GOOGLE_QUEUE, NEO_QUEUE
from tests.broker.builders import (
    PATIENCE,
    QUICK,
    Desk,
    a_consumer,
    a_result,
    a_ticket,
    an_error,
    consuming,
    eventually,
    ids,
    left_in,
    send_raw,
    tickets,
)


def test_what_is_published_is_handled(broker_url: str) -> None:
    desk: Desk[SyncTicket] = Desk()

    with consuming(a_consumer(broker_url, desk, threads=4)), Publisher(broker_url) as publisher:
        publisher.publish(tickets(250))
        eventually(lambda: len(desk.handled) >= 250)

    assert ids(desk.handled) == ids(tickets(250))
    assert desk.fates == [Fate.HANDLED] * 250
    assert left_in(broker_url, NEO_QUEUE) == 0


def test_what_is_published_waits_for_a_consumer(broker_url: str) -> None:
    desk: Desk[SyncTicket] = Desk()
    with Publisher(broker_url) as publisher:
        publisher.publish(tickets(3))

    with consuming(a_consumer(broker_url, desk)):
        eventually(lambda: len(desk.handled) >= 3)

    assert ids(desk.handled) == ids(tickets(3))


def test_each_ticket_goes_to_the_queue_of_its_side(broker_url: str) -> None:
    with Publisher(broker_url) as publisher:
        publisher.publish(
            [a_ticket(1), a_ticket(2, stage="pull_google"), a_ticket(3, stage="push_google"), a_ticket(4, stage="push_neo")]
        )

    assert left_in(broker_url, NEO_QUEUE) == 2
    assert left_in(broker_url, GOOGLE_QUEUE) == 2


def test_a_message_sent_twice_is_handled_twice(broker_url: str) -> None:
    desk: Desk[SyncTicket] = Desk()

    with consuming(a_consumer(broker_url, desk)), Publisher(broker_url) as publisher:
        publisher.publish([a_ticket(), a_ticket()])
        eventually(lambda: len(desk.handled) >= 2)

    assert desk.handled == [a_ticket(), a_ticket()]


def test_a_publisher_whose_broker_answers_is_hindered_by_nothing(broker_url: str) -> None:
    with Publisher(broker_url) as publisher:
        before = publisher.hindrance()
        publisher.publish(tickets(1))
        after = publisher.hindrance()

    assert (before, after) == (None, None)


def test_publishing_nothing_is_nothing(broker_url: str) -> None:
    with Publisher(broker_url) as publisher:
        publisher.publish([])

        publisher.publish(tickets(1))

    assert left_in(broker_url, NEO_QUEUE) == 1


def test_several_threads_share_a_publisher(broker_url: str) -> None:
    with Publisher(broker_url) as publisher:
        threads = [Thread(target=publisher.publish, args=(tickets(120, first=1 + 120 * number),)) for number in range(4)]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)

    assert left_in(broker_url, NEO_QUEUE) == 480


@pytest.mark.parametrize(
    "body",
    [b"no JSON", b"\xff\xfe\x00", b"", written(a_ticket()).replace(b'"v":1', b'"v":2'), written(an_error())],
    ids=["no JSON", "no text", "nothing", "a newer version", "another message"],
)
def test_a_message_that_cannot_be_read_is_parked_and_the_next_is_handled(broker_url: str, body: bytes) -> None:
    desk: Desk[SyncTicket] = Desk()
    send_raw(broker_url, NEO_QUEUE, body)

    with consuming(a_consumer(broker_url, desk)), Publisher(broker_url) as publisher:
        publisher.publish([a_ticket()])
        eventually(lambda: len(desk.fates) >= 2)

    assert [(queue, parked) for queue, parked, _ in desk.parked] == [(NEO_QUEUE, body)]
    assert all(reason for _, _, reason in desk.parked)
    assert desk.handled == [a_ticket()]
    assert sorted(desk.fates) == [Fate.HANDLED, Fate.PARKED]
    assert left_in(broker_url, NEO_QUEUE) == 0


def test_a_body_is_never_unpickled(broker_url: str) -> None:
    desk: Desk[SyncTicket] = Desk()
    pickled = b"cbuiltins\nexit\n(tR."
    send_raw(broker_url, NEO_QUEUE, pickled, content_type="application/x-python-serialize", content_encoding="binary")

    with consuming(a_consumer(broker_url, desk)):
        eventually(lambda: bool(desk.fates))

    assert [body for _, body, _ in desk.parked] == [pickled]


def test_a_compression_that_is_none_does_not_stop_the_consumer(broker_url: str) -> None:
    desk: Desk[SyncTicket] = Desk()
    send_raw(broker_url, NEO_QUEUE, b"not zipped", headers={"compression": "application/x-gzip"})

    with consuming(a_consumer(broker_url, desk)):
        eventually(lambda: bool(desk.fates))

    assert [body for _, body, _ in desk.parked] == [b"not zipped"]


def test_parking_is_tried_until_it_works(broker_url: str) -> None:
    desk: Desk[SyncTicket] = Desk()
    failures = iter([ConnectionError("the database is away"), ConnectionError("still away")])

    def park(queue: str, body: bytes, reason: str) -> None:
        if (failure := next(failures, None)) is not None:
            raise failure
        desk.park(queue, body, reason)

    consumer = Consumer(
        broker_url, LastingQueue(NEO_QUEUE), Work(messages.read_ticket, desk.handle, park, desk.tell), timing=QUICK
    )
    send_raw(broker_url, NEO_QUEUE, b"no JSON")

    with consuming(consumer):
        eventually(lambda: bool(desk.fates))

    assert len(desk.parked) == 1
    assert next(failures, None) is None
    assert left_in(broker_url, NEO_QUEUE) == 0


def test_what_could_not_be_parked_before_the_stop_stays_with_the_broker(broker_url: str) -> None:
    tried = Event()

    def park(_queue: str, _body: bytes, _reason: str) -> None:
        tried.set()
        raise ConnectionError("the database is away")

    work: Work[SyncTicket] = Work(messages.read_ticket, lambda _message: None, park)
    send_raw(broker_url, NEO_QUEUE, b"no JSON")

    with consuming(Consumer(broker_url, LastingQueue(NEO_QUEUE), work, timing=QUICK)):
        assert tried.wait(PATIENCE)

    eventually(lambda: left_in(broker_url, NEO_QUEUE) == 1)


def test_a_handler_that_raises_costs_its_message_and_nothing_else(broker_url: str) -> None:
    def refuse_the_second(message: SyncTicket) -> None:
        if message == a_ticket(2):
            raise ValueError("no such row")

    desk: Desk[SyncTicket] = Desk(before=refuse_the_second)

    with consuming(a_consumer(broker_url, desk)), Publisher(broker_url) as publisher:
        publisher.publish(tickets(3))
        eventually(lambda: len(desk.fates) >= 3)

    assert ids(desk.handled) == ["t-1", "t-3"]
    assert sorted(desk.fates) == [Fate.FAILED, Fate.HANDLED, Fate.HANDLED]
    assert left_in(broker_url, NEO_QUEUE) == 0


def test_a_stop_lets_the_running_handler_finish_and_leaves_the_rest(broker_url: str) -> None:
    begun, may_end = Event(), Event()

    def hold(_message: SyncTicket) -> None:
        begun.set()
        assert may_end.wait(PATIENCE)

    desk: Desk[SyncTicket] = Desk(before=hold)
    stop = Event()
    consumer = a_consumer(broker_url, desk)
    running = Thread(target=consumer.run, args=(stop,))
    with Publisher(broker_url) as publisher:
        publisher.publish(tickets(5))

    running.start()
    assert begun.wait(PATIENCE)
    stop.set()
    eventually(lambda: not consumer.is_ready())
    was_waiting = running.is_alive()
    may_end.set()
    running.join(PATIENCE)

    assert was_waiting
    assert not running.is_alive()
    assert len(desk.handled) == 1
    eventually(lambda: left_in(broker_url, NEO_QUEUE) == 4)
    others: Desk[SyncTicket] = Desk()
    with consuming(a_consumer(broker_url, others)):
        eventually(lambda: len(others.handled) >= 4)
    assert ids(desk.handled + others.handled) == ids(tickets(5))


def test_a_handler_that_does_not_end_is_not_waited_for_and_its_message_comes_again(broker_url: str) -> None:
    begun, may_end, has_ended = Event(), Event(), Event()

    def hang(_message: SyncTicket) -> None:
        begun.set()
        assert may_end.wait(PATIENCE)
        has_ended.set()

    stop = Event()
    hanging = a_consumer(broker_url, Desk(before=hang), timing=Timing(grace=timedelta(milliseconds=100)))
    running = Thread(target=hanging.run, args=(stop,))
    with Publisher(broker_url) as publisher:
        publisher.publish([a_ticket()])
    running.start()
    assert begun.wait(PATIENCE)

    stop.set()
    running.join(PATIENCE)

    assert not running.is_alive()
    again: Desk[SyncTicket] = Desk()
    with consuming(a_consumer(broker_url, again)):
        eventually(lambda: bool(again.handled))
    assert again.handled == [a_ticket()]
    may_end.set()
    assert has_ended.wait(PATIENCE)


def test_several_consumers_share_a_queue(broker_url: str) -> None:
    both_are_busy = Barrier(2, timeout=PATIENCE)
    desks: list[Desk[SyncTicket]] = []

    def wait_for_the_other_at_first(desk_number: int, _message: SyncTicket) -> None:
        if not desks[desk_number].handled:
            both_are_busy.wait()

    desks += [Desk(before=partial(wait_for_the_other_at_first, number)) for number in range(2)]

    with consuming(*[a_consumer(broker_url, desk) for desk in desks]), Publisher(broker_url) as publisher:
        publisher.publish(tickets(20))
        eventually(lambda: sum(len(desk.handled) for desk in desks) >= 20)

    assert all(desk.handled for desk in desks)
    assert ids(desks[0].handled + desks[1].handled) == ids(tickets(20))


def test_several_threads_of_one_consumer_work_at_the_same_time(broker_url: str) -> None:
    all_are_busy = Barrier(4, timeout=PATIENCE)

    def wait_for_the_others(_message: SyncTicket) -> None:
        all_are_busy.wait()

    desk: Desk[SyncTicket] = Desk(before=wait_for_the_others)

    with consuming(a_consumer(broker_url, desk, threads=4)), Publisher(broker_url) as publisher:
        publisher.publish(tickets(8))
        eventually(lambda: len(desk.handled) >= 8)

    assert ids(desk.handled) == ids(tickets(8))


def test_events_reach_those_whose_pattern_fits(broker_url: str) -> None:
    everything: list[messages.Event] = []
    results: list[messages.Event] = []
    dead_consents: list[messages.Event] = []
    counted: Desk[SyncError] = Desk()
    counter = Consumer(
        broker_url, LastingQueue(ERROR_COUNTER_QUEUE), Work(read_error, counted.handle, counted.park), timing=QUICK
    )
    views = [
        subscribe(broker_url, "#", everything.append),
        subscribe(broker_url, "result.*", results.append),
        subscribe(broker_url, "error.user_must_act", dead_consents.append),
    ]

    with consuming(counter, *views), Publisher(broker_url) as publisher:
        publisher.publish([a_result(), an_error(1), an_error(2, kind="user_must_act"), a_result("held")])
        eventually(lambda: (len(everything), len(results), len(dead_consents), len(counted.handled)) == (4, 2, 1, 2))

    assert everything == [a_result(), an_error(1), an_error(2, kind="user_must_act"), a_result("held")]
    assert results == [a_result(), a_result("held")]
    assert dead_consents == [an_error(2, kind="user_must_act")]
    assert {error.error_id for error in counted.handled} == {1, 2}
    assert not counted.parked


def test_a_view_goes_and_leaves_no_queue_behind(broker_url: str) -> None:
    seen: list[messages.Event] = []
    source = _NotedQueue("result.*")
    view = Consumer(broker_url, source, Work(messages.read_event, seen.append, Desk().park), timing=QUICK)
    with consuming(view), Publisher(broker_url) as publisher:
        publisher.publish([a_result()])
        eventually(lambda: bool(seen))

    connection = connect(broker_url)
    with pytest.raises(ChannelError):
        connection.channel().queue_declare(queue=source.names[0], passive=True)
    drop(connection)


def test_a_view_survives_an_event_that_nobody_can_read(broker_url: str) -> None:
    seen: list[messages.Event] = []
    desk: Desk[messages.Event] = Desk()
    source = _NotedQueue("result.*")
    view = Consumer(broker_url, source, Work(messages.read_event, seen.append, desk.park), timing=QUICK)

    with consuming(view), Publisher(broker_url) as publisher:
        send_raw(broker_url, source.names[0], b"no JSON")
        publisher.publish([a_result()])
        eventually(lambda: bool(seen and desk.parked))

    assert seen == [a_result()]
    assert [body for _, body, _ in desk.parked] == [b"no JSON"]


def test_a_result_that_nobody_watches_is_no_failure(broker_url: str) -> None:
    with Publisher(broker_url) as publisher:
        publisher.publish([a_result(), an_error()])

    assert left_in(broker_url, ERROR_COUNTER_QUEUE) == 1


def test_declaring_again_changes_nothing(broker_url: str) -> None:
    with Publisher(broker_url) as publisher:
        publisher.publish(tickets(2))

    connection = connect(broker_url)
    declare(connection)
    declare(connection)
    connection.release()

    assert {binding.queue: left_in(broker_url, binding.queue) for binding in BINDINGS} == {
        NEO_QUEUE: 2,
        GOOGLE_QUEUE: 0,
        ERROR_COUNTER_QUEUE: 0,
    }


def test_a_consumer_is_ready_while_it_runs_and_shows_its_progress(broker_url: str) -> None:
    turns: list[None] = []
    moments = _a_clock()
    desk: Desk[SyncTicket] = Desk()
    work = Work(messages.read_ticket, desk.handle, desk.park)
    consumer = Consumer(
        broker_url, LastingQueue(NEO_QUEUE), work, turned=lambda: turns.append(None), seconds=moments, timing=QUICK
    )
    was_ready_before = consumer.is_ready()

    with consuming(consumer):
        was_ready = consumer.is_ready()
        eventually(lambda: len(turns) >= 3)

    assert not was_ready_before
    assert was_ready
    assert not consumer.is_ready()
    assert 0 < consumer.progress() < moments()


def _a_clock() -> Callable[[], float]:
    ticks = iter(range(1, 1_000_000))
    return lambda: next(ticks) / 1_000


class _NotedQueue(TemporaryQueue):
    """Remembers which name the broker chose."""

    def __init__(self, pattern: str) -> None:
        super().__init__(pattern)
        self.names: list[str] = []

    def open(self, channel: Any) -> Queue:
        queue = super().open(channel)
        self.names.append(queue.name)
        return queue
