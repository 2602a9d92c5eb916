"""Titles, texts, tokens and keys stand in no log line, no message and no number."""

import io
import logging
from collections.abc import Iterator

import pytest

from desksync.contracts.messages import written
from desksync.ops.logs import LogFormat, configure_logs
from desksync.sync.event import Event, Side
from desksync.worker.errors import RetryLater
from tests.builders import an_event, timed
from tests.worlds import REFRESH_TOKEN, SITE_KEY, World, a_world

PRIVATE = ("Surprise", "Cellar", "Bring a cake", "Taro", SITE_KEY, REFRESH_TOKEN)


def _private(number: int) -> Event:
    return an_event(
        f"Surprise {number}", when=timed(8 + number), location="Cellar", description="Bring a cake", attendance="Taro"
    )


def _told(world: World, logged: str) -> str:
    return "\n".join([logged, world.metrics.page().decode(), *(written(message).decode() for message in world.published)])


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    level = root.level
    handler = configure_logs("test", level="DEBUG", log_format=LogFormat.JSON, stream=stream)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_run_in_which_all_kinds_of_things_happen_tells_nothing_private(logged: io.StringIO) -> None:
    world = a_world()
    ids = [world.neo.add(_private(number)) for number in range(4)]
    world.neo.set_odd(ids[3], "it repeats in a way that nobody knows")
    world.google.refuses = lambda event: event.title == "Surprise 2"
    world.google.fail_next("create", RetryLater("Google Server Error 503"), after_work=True)
    world.sync()
    world.neo.edit(ids[0], title="Surprise 9")
    world.neo.delete_event(ids[1])
    world.crash_after(Side.GOOGLE, "update")
    world.sync()

    told = _told(world, logged.getvalue())

    assert world.google.titles() == ["Surprise 9"]
    assert "stage settled" in told
    assert "event_refused" in told
    assert [word for word in PRIVATE if word in told] == []


def test_a_mistake_of_ours_is_logged_with_its_place_and_without_its_text(logged: io.StringIO) -> None:
    world = a_world(neo=[_private(1)])
    cause = KeyError("Surprise 1")
    mistake = ValueError("no date in Surprise 1")
    mistake.__cause__ = cause
    world.google.fail_next("create", mistake)  # type: ignore[arg-type] # a mistake of ours, not an error of the port

    world.run_until_waiting()
    told = _told(world, logged.getvalue())

    assert '"kinds": ["ValueError", "KeyError"]' in told
    assert "push.py:" in told
    assert [word for word in PRIVATE if word in told] == []
    assert [word for word in PRIVATE if word in world.errors()[0].text] == []
