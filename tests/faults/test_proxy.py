"""The fault tests stand on what is shown here: the proxy passes on, cuts, holds back and refuses."""

import socket
from collections.abc import Iterator
from threading import Thread

import pytest

from tests.faults.proxy import Proxy


@pytest.fixture
def echo() -> Iterator[int]:
    """Give the port of a server that sends back what it gets."""
    listening = socket.create_server(("127.0.0.1", 0))

    def answer(taken: socket.socket) -> None:
        with taken:
            try:
                while sent := taken.recv(1000):
                    taken.sendall(sent)
            except ConnectionResetError:
                return

    def serve() -> None:
        while True:
            try:
                taken, _ = listening.accept()
            except OSError:
                return
            Thread(target=answer, args=(taken,), daemon=True).start()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def a_client(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=5)


def test_bytes_pass_both_ways(echo: int) -> None:
    with Proxy(echo) as proxy, a_client(proxy) as client:
        client.sendall(b"hello")

        assert client.recv(100) == b"hello"


def test_a_cut_connection_is_reset_and_a_new_one_works(echo: int) -> None:
    with Proxy(echo) as proxy, a_client(proxy) as client:
        client.sendall(b"hello")
        client.recv(100)

        cut = proxy.cut()

        with pytest.raises(ConnectionResetError):
            client.recv(100)
        with a_client(proxy) as again:
            again.sendall(b"there")
            assert again.recv(100) == b"there"
    assert cut == 1


def test_what_is_held_back_comes_later(echo: int) -> None:
    with Proxy(echo) as proxy, a_client(proxy) as client:
        client.sendall(b"one")
        client.recv(100)
        proxy.hold()
        client.sendall(b"two")
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.recv(100)

        proxy.release()

        client.settimeout(5)
        assert client.recv(100) == b"two"


def test_refused_connections_are_reset(echo: int) -> None:
    with Proxy(echo) as proxy:
        proxy.refuse()

        with pytest.raises(ConnectionResetError), a_client(proxy) as client:
            client.recv(100)

        proxy.accept()
        with a_client(proxy) as client:
            client.sendall(b"hello")
            assert client.recv(100) == b"hello"
