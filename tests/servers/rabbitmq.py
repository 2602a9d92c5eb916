"""Finds the RabbitMQ server of a test run, and gives tests a broker of their own, in memory and on RabbitMQ.

The server is a given one, a private node from installed programs, or a container, in this order: the choice is the machine's.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from desksync.broker.memory import forget_everything
from desksync_local.rabbitmq_node import PrivateNode, Programs
from desksync_local.server import NoServer
from tests.servers.rabbitmq_server import GIVEN, IMAGE, ContainerServer, GivenServer, RabbitServer

HOME = "DESKSYNC_TEST_RABBITMQ_HOME"

HOW_TO_GET_ONE = f"""These tests need a RabbitMQ server, and this machine offers none. One of these helps:
  - install it; nothing has to be started:   sudo apt-get install -y --no-install-recommends rabbitmq-server
  - unpack the packages rabbitmq-server and erlang anywhere and name that folder:   {HOME}=/folder
  - start Docker; the image {IMAGE} is then used
  - name a virtual host that belongs to the tests:   {GIVEN}=amqp://user:password@host:5672/vhost
To leave these tests out:   pytest -m "not servers\""""


def find_server() -> RabbitServer:
    """Return the server that this machine offers, not yet started. Raises `NoServer` with the ways to get one."""
    if given := os.environ.get(GIVEN):
        return GivenServer(given)
    unpacked = os.environ.get(HOME)
    if programs := Programs.below(Path(unpacked) if unpacked else None):
        return PrivateNode(programs)
    if _has_docker():
        return ContainerServer()
    raise NoServer(HOW_TO_GET_ONE)


def _started() -> RabbitServer:
    server = find_server()
    try:
        server.start()
    except NoServer:
        server.stop()
        raise
    return server


def _has_docker() -> bool:
    # Not asked by Docker's own client, which leaves a socket open when nobody answers.
    host = urlsplit(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
    if host.scheme != "unix":
        return True  # Somebody named a machine on purpose; let it speak for itself.
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(host.path) == 0


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitServer]:
    """Give the RabbitMQ server of this test run. Fails, and does not skip, where none can be had."""
    try:
        server = _started()
    except NoServer as problem:
        raise pytest.fail.Exception(str(problem), pytrace=False) from None
    yield server
    server.stop()


@pytest.fixture
def breakable_rabbitmq(rabbitmq: RabbitServer) -> RabbitServer:
    """Give a server that may be killed and frozen; whoever does so starts or thaws it again."""
    if isinstance(rabbitmq, GivenServer):
        pytest.skip("A server that somebody else runs is not ours to break.")
    return rabbitmq


@pytest.fixture
def rabbitmq_url(rabbitmq: RabbitServer) -> Iterator[str]:
    """Give the URL of an empty virtual host."""
    url = rabbitmq.create_vhost()
    yield url
    rabbitmq.drop_vhost(url)


@pytest.fixture
def memory_url() -> Iterator[str]:
    """Give the URL of the broker in memory, empty."""
    forget_everything()
    yield "memory://"
    forget_everything()


@pytest.fixture(params=["memory", pytest.param("rabbitmq", marks=pytest.mark.servers)])
def broker_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of an empty broker: the test runs once in memory and once on RabbitMQ."""
    return str(request.getfixturevalue(f"{request.param}_url"))
