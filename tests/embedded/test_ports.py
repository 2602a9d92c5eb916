"""The ports of a demo: three in a row, free ones where nobody named any, and a sentence where one that was named is taken."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner

import desksync_local.app
from desksync_embedded.ports import PortTaken, ports_from
from desksync_local.ports import free_ports
from tests.embedded.conftest import Run


@pytest.fixture
def first() -> Iterator[int]:
    """Give the first of three ports in a row, of which the second is taken."""
    with ExitStack() as stack:
        for port in free_ports(20):
            with socket.socket() as after:
                if after.connect_ex(("127.0.0.1", port + 1)):
                    stack.enter_context(socket.create_server(("127.0.0.1", port + 1)))
                    yield port
                    return
        pytest.fail("no port is free")


def test_three_in_a_row_are_taken_where_they_are_free() -> None:
    begin = next(port for port in free_ports(20) if port % 10 < 7)

    assert ports_from(begin) == (begin, begin + 1, begin + 2)


def test_without_a_number_others_are_taken_where_one_of_the_usual_is_not_free(first: int) -> None:
    web, *others = ports_from(None, usual=first)

    assert web not in (0, first, first + 1, first + 2)
    assert others == [0, 0]


def test_zero_takes_free_ones() -> None:
    web, *others = ports_from(0)

    assert web > 0
    assert others == [0, 0]


def test_a_port_that_was_named_and_is_taken_is_told_with_the_remedy(first: int) -> None:
    with pytest.raises(PortTaken) as told:
        ports_from(first)

    said = str(told.value)
    assert f"Port {first + 1}, which is to show NEO, cannot be had (Address already in use)" in said
    assert "End it, name others with --port, or leave --port out: then free ones are taken." in said
    assert str(first + 2) not in said


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux says whose a port is")
def test_who_holds_the_port_is_told(first: int) -> None:
    with pytest.raises(PortTaken, match=rf"\(process {os.getpid()}\) listens there\."):
        ports_from(first)


def test_the_demo_does_not_start_on_other_ports_than_those_that_were_named(run: Run, first: int) -> None:
    result = run("demo", "--port", str(first))

    assert result.exit_code == 2
    assert f"Port {first + 1}, which is to show NEO, cannot be had" in result.stderr
    assert result.stdout == ""


def test_nor_does_the_production_set_up(first: int) -> None:
    result = CliRunner().invoke(desksync_local.app.app, ["--port", str(first)])

    assert result.exit_code == 2
    assert f"Port {first + 1}, which is to show NEO, cannot be had" in result.stderr
    assert "Starting" not in result.stdout
