"""Stands between the programs and a server, byte by byte, and does what networks do: cut, hold back, refuse.

One thread moves everything: what it cannot pass on at once waits in the system's buffers, as on a real line.
"""

import socket
import struct
from contextlib import suppress
from selectors import EVENT_READ, DefaultSelector
from threading import Event, RLock, Thread
from types import TracebackType
from typing import Self

_RESET = struct.pack("ii", 1, 0)
_TURN_SECONDS = 0.05
_CHUNK = 65536


class Proxy:
    """Listens on a port of its own and passes everything on to a server on this machine."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._ways: dict[socket.socket, socket.socket] = {}
        self._lock = RLock()
        self._held = Event()
        self._refusing = Event()
        self._stop = Event()
        self._selector = DefaultSelector()
        self._selector.register(self._listening, EVENT_READ)
        self._thread = Thread(target=self._run, name=f"proxy/{server_port}")

    def cut(self) -> int:
        """Reset every connection, and return how many there were."""
        with self._lock:
            ways = list(self._ways)
            for one in ways:
                self._close(one)
        return len(ways) // 2

    def hold(self) -> None:
        """Pass nothing on, in either direction, and close nothing: each end waits for the other."""
        self._held.set()

    def release(self) -> None:
        """Pass on again what waits."""
        self._held.clear()

    def refuse(self) -> None:
        """Reset new connections at once, until `accept`."""
        self._refusing.set()

    def accept(self) -> None:
        """Take new connections again."""
        self._refusing.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        self.cut()
        self._selector.close()
        self._listening.close()

    def _run(self) -> None:
        while not self._stop.wait(_TURN_SECONDS if self._held.is_set() else 0):
            if self._held.is_set():
                continue
            for key, _ in self._selector.select(_TURN_SECONDS):
                with self._lock:
                    if key.fileobj is self._listening:
                        self._connect()
                    elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._ways:
                        self._pass_on(key.fileobj)

    def _connect(self) -> None:
        inner, _ = self._listening.accept()
        if self._refusing.is_set():
            _reset(inner)
            return
        try:
            outer = socket.create_connection(("127.0.0.1", self._server_port), timeout=5)
        except OSError:
            _reset(inner)
            return
        self._ways |= {inner: outer, outer: inner}
        for one in (inner, outer):
            self._selector.register(one, EVENT_READ)

    def _pass_on(self, one: socket.socket) -> None:
        try:
            if sent := one.recv(_CHUNK):
                self._ways[one].sendall(sent)
                return
        except OSError:
            pass  # Either end is gone; so shall the other be.
        self._close(one)

    def _close(self, one: socket.socket) -> None:
        other = self._ways.pop(one, None)
        if other is None:
            return
        del self._ways[other]
        for end in (one, other):
            self._selector.unregister(end)
            _reset(end)


def _reset(end: socket.socket) -> None:
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    end.close()
