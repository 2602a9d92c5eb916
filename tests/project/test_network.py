import socket

import pytest
from pytest_socket import SocketConnectBlockedError


def test_a_test_that_calls_out_to_the_world_fails() -> None:
    with (
        socket.socket() as outward,
        pytest.warns(UserWarning, match="A test tried to use"),
        pytest.raises(SocketConnectBlockedError),
    ):
        outward.connect(("192.0.2.1", 80))


def test_a_test_may_talk_to_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
