"""Ports of the loopback address."""

import random
import socket


def free_ports(number: int) -> list[int]:
    """Return ports below those that the system gives to outgoing connections, so that they stay free while the server is down."""
    return [port for port in random.sample(range(20_000, 32_000), number * 10) if not listens(port)][:number]


def listens(port: int) -> bool:
    """Say whether somebody takes connections on that port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
