"""Waits for the broker and for our own threads at once: one thread receives, acknowledges and keeps the connection alive."""

import io
import os
from selectors import EVENT_READ, DefaultSelector
from threading import Lock
from types import TracebackType
from typing import Self

from kombu.connection import Connection

from desksync.broker.connection import socket_of

_FRAME_SECONDS = 0.01
"""How long to wait for the rest of a message that has begun to come in. What is still missing then is read next time."""


class Doorbell:
    """Lets any thread wake the one that waits. Ringing twice is as good as once, and after `close` it does nothing."""

    def __init__(self) -> None:
        reads, writes = os.pipe()
        os.set_blocking(reads, False)
        os.set_blocking(writes, False)
        self._reads = io.FileIO(reads, "r")
        self._writes = io.FileIO(writes, "w")
        self._lock = Lock()

    def ring(self) -> None:
        """Wake the waiting thread, now or when it next waits. A full pipe drops the byte, which is enough."""
        with self._lock:
            if not self._writes.closed:
                self._writes.write(b"!")

    def hush(self) -> None:
        """Forget all ringing so far."""
        self._reads.read(4096)

    def fileno(self) -> int:
        """Return what to wait for."""
        return self._reads.fileno()

    def close(self) -> None:
        """Give the pipe back."""
        with self._lock:
            self._writes.close()
        self._reads.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Intake:
    """What comes in over one connection from one queue. Belongs to the thread that owns the connection."""

    def __init__(self, connection: Connection, queue: str, doorbell: Doorbell) -> None:
        self._connection = connection
        self._queue = queue
        self._doorbell = doorbell
        self._socket = socket_of(connection)
        self._selector = DefaultSelector()
        self._selector.register(doorbell, EVENT_READ)
        self._bells = connection.transport.bells if self._socket is None else set()
        self._bells.add((queue, doorbell))
        if self._socket is not None:
            self._selector.register(self._socket, EVENT_READ)

    def take(self) -> bool:
        """Let kombu work off one event, such as a delivery, and return whether there was one."""
        if self._socket is not None and not self._has_input():
            return False
        try:
            self._connection.drain_events(timeout=0 if self._socket is None else _FRAME_SECONDS)
        except TimeoutError:
            return False
        return True

    def wait(self, seconds: float) -> None:
        """Return when the broker has sent something, the doorbell rings, or the time is over."""
        self._selector.select(seconds)
        self._doorbell.hush()

    def close(self) -> None:
        """Stop looking. The connection is not closed."""
        self._bells.discard((self._queue, self._doorbell))
        self._selector.close()

    def _has_input(self) -> bool:
        # TLS may hold decrypted bytes of which the system's socket knows nothing.
        pending = getattr(self._socket, "pending", None)
        if pending is not None and pending():
            return True
        return any(key.fileobj is self._socket for key, _ in self._selector.select(0))
