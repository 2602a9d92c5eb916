"""Keeps account of what the broker has confirmed. Pure: told of tags and answers, it says which messages have not arrived.

Kombu's own `confirm_publish` takes any answer for the one it waits for, so that a late answer to an earlier message vouches for a
later one. Here every answer settles just the tags that it names.
"""

from collections.abc import Iterable


class Confirms:
    """The account of one channel, on which RabbitMQ numbers messages from 1. Not thread-safe."""

    def __init__(self) -> None:
        self._last_tag = 0
        self._outstanding: dict[int, str] = {}
        self._failed: dict[str, None] = {}

    def sent(self, message_id: str) -> None:
        """Note the next message. To be called before it is published: its answer may come at once."""
        self._last_tag += 1
        self._outstanding[self._last_tag] = message_id

    def acked(self, tag: int, *, multiple: bool) -> None:
        """Note that the broker has taken a message, or all up to it. An unknown tag is ignored."""
        self._settle(tag, multiple=multiple)

    def nacked(self, tag: int, *, multiple: bool) -> None:
        """Note that the broker could not take a message, or none up to it."""
        self._failed.update(dict.fromkeys(self._settle(tag, multiple=multiple)))

    def returned(self, message_id: str) -> None:
        """Note that no queue wanted a message. Its ack follows, and does not heal it."""
        self._failed[message_id] = None

    @property
    def outstanding(self) -> int:
        """Return how many messages wait for their answer."""
        return len(self._outstanding)

    @property
    def is_clean(self) -> bool:
        """Say whether every message so far has arrived."""
        return not self._outstanding and not self._failed

    def unsent(self) -> Iterable[str]:
        """Return the ids of messages that failed or wait, each once."""
        return dict.fromkeys([*self._failed, *self._outstanding.values()])

    def _settle(self, tag: int, *, multiple: bool) -> list[str]:
        if not multiple:
            return [self._outstanding.pop(tag)] if tag in self._outstanding else []
        # Tags rise, and a dict keeps their order.
        settled = [each for each in self._outstanding if each <= tag]
        return [self._outstanding.pop(each) for each in settled]
