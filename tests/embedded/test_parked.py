"""`desksync parked`: what nobody could read is shown safely, heeded when it can be read, kept when not, and dropped on order."""

import json
from typing import Any

import pytest

from desksync.contracts.messages import SyncError, SyncTicket, written
from desksync.contracts.topology import ERROR_COUNTER_QUEUE, NEO_QUEUE
from desksync.store.parked import list_parked, park
from desksync.store.tickets import claim, close, open_tickets, stranded
from desksync.sync.ticket import Stage
from tests.embedded.conftest import Run
from tests.embedded.installation import Installation, now
from tests.store.builders import GRACE, LEASE

NEWER = b'{"v":2,"ticket_id":"t-1","stage":"pull_neo","user_id":1}'


@pytest.fixture(autouse=True)
def _migrated(installation: Installation) -> None:
    installation.migrate()


def set_aside(installation: Installation, *bodies: bytes, queue: str = NEO_QUEUE) -> list[int]:
    """Park messages, and return their numbers."""
    with installation.begin() as begin, begin() as session:
        for body in bodies:
            park(session, queue, body, "v: Input should be 1", now())
        return sorted(one.id for one in list_parked(session, 1000))[-len(bodies) :]


def left(installation: Installation) -> list[int]:
    with installation.begin() as begin, begin() as session:
        return sorted(one.id for one in list_parked(session, 1000))


def a_ticket(installation: Installation) -> SyncTicket:
    """Open a ticket, as if its message had been published, and return the message."""
    user_id = installation.take_in()[0]
    with installation.begin() as begin, begin() as session:
        (opened,) = open_tickets(session, [user_id], now())
    return SyncTicket(ticket_id=opened.id, stage=opened.stage.value, user_id=user_id)


def woken(installation: Installation) -> list[str]:
    """Return the tickets that the next sweep of a scheduler wakes."""
    with installation.begin() as begin, begin() as session:
        return [one.id for one in stranded(session, now(), GRACE, 10)]


def test_nothing_parked_is_said(run: Run, installation: Installation) -> None:
    result = run("parked", "list", settings=installation.settings)

    assert (result.exit_code, result.stdout) == (0, "Nothing is parked.\n")


def test_what_is_parked_is_listed_for_people_and_machines(run: Run, installation: Installation) -> None:
    numbers = set_aside(installation, b"[bold]one[/bold]", NEWER)

    for_people = run("parked", "list", settings=installation.settings | {"COLUMNS": "160"})
    for_machines = run("parked", "list", "--json", settings=installation.settings)

    assert NEO_QUEUE in for_people.stdout
    assert "v: Input should be 1" in for_people.stdout
    listed: list[dict[str, Any]] = json.loads(for_machines.stdout)
    assert [(one["id"], one["queue"], one["body"]) for one in listed] == [
        (numbers[1], NEO_QUEUE, NEWER.decode()),
        (numbers[0], NEO_QUEUE, "[bold]one[/bold]"),
    ]


def test_only_the_newest_hundred_are_listed_and_it_says_so(run: Run, installation: Installation) -> None:
    set_aside(installation, *[b"x"] * 101)

    result = run("parked", "list", settings=installation.settings)

    assert "These are the newest 100 of 101." in result.stdout


def test_a_body_gives_the_terminal_no_orders(run: Run, installation: Installation) -> None:
    (number,) = set_aside(installation, b"\x1b]0;owned\x07\x1b[2J[red]\xff\xe2\x80\xae line\n\x9b1m" + "会議".encode())

    result = run("parked", "show", str(number), settings=installation.settings)

    assert result.exit_code == 0
    assert r"\x1b]0;owned\x07\x1b[2J[red]\xff\u202e line" in result.stdout
    assert "会議" in result.stdout
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(result.stdout)


def test_a_long_body_is_shown_in_part(run: Run, installation: Installation) -> None:
    (number,) = set_aside(installation, b"x" * 10_000)

    result = run("parked", "show", str(number), settings=installation.settings)

    assert "10000 bytes" in result.stdout
    assert result.stdout.count("x") < 5000
    assert "and 6000 bytes more" in result.stdout


@pytest.mark.parametrize("word", ["show", "replay", "drop"])
def test_a_number_that_is_not_there_is_told(run: Run, installation: Installation, word: str) -> None:
    result = run("parked", word, "99", settings=installation.settings)

    assert result.exit_code == 2
    assert result.stderr == "There is no parked message 99. `desksync parked list` shows them.\n"


@pytest.mark.parametrize("word", ["replay", "drop"])
@pytest.mark.parametrize("more", [(), ("1", "--all")])
def test_numbers_or_all_have_to_be_said(run: Run, installation: Installation, word: str, more: tuple[str, ...]) -> None:
    result = run("parked", word, *more, settings=installation.settings)

    assert result.exit_code == 2
    assert result.stderr == "Name one or more numbers, or say --all.\n"


def test_a_ticket_that_can_be_read_by_now_is_woken_and_no_longer_parked(run: Run, installation: Installation) -> None:
    message = a_ticket(installation)
    (number,) = set_aside(installation, written(message))
    before = woken(installation)

    result = run("parked", "replay", str(number), settings=installation.settings)

    assert result.exit_code == 0
    assert result.stdout == f"{number}: its ticket is left to the scheduler, which sends it within seconds\n"
    assert (before, woken(installation)) == ([], [message.ticket_id])
    assert left(installation) == []


def test_a_ticket_that_is_done_needs_nothing(run: Run, installation: Installation) -> None:
    message = a_ticket(installation)
    with installation.begin() as begin, begin() as session:
        held = claim(session, message.ticket_id, Stage.PULL_NEO, now(), LEASE)
        assert held is not None
        assert close(session, held, now())
    (number,) = set_aside(installation, written(message))

    result = run("parked", "replay", str(number), settings=installation.settings)

    assert (result.exit_code, result.stdout) == (
        0,
        f"{number}: its ticket is done by now, so there is nothing left to do\n",
    )
    assert (woken(installation), left(installation)) == ([], [])


def test_an_error_is_counted_by_its_row_anyway(run: Run, installation: Installation) -> None:
    told = SyncError(error_id=1, user_id=1, kind="retry_later", at=now())
    set_aside(installation, written(told), queue=ERROR_COUNTER_QUEUE)

    result = run("parked", "replay", "--all", settings=installation.settings)

    assert result.exit_code == 0
    assert "the error counter looks at its row every minute" in result.stdout
    assert left(installation) == []


def test_what_still_cannot_be_read_is_kept_and_the_exit_code_is_1(run: Run, installation: Installation) -> None:
    unreadable = set_aside(installation, NEWER) + set_aside(installation, NEWER, queue="desksync.outlook.v1")
    readable = set_aside(installation, written(a_ticket(installation)))

    result = run("parked", "replay", "--all", settings=installation.settings)

    assert result.exit_code == 1
    assert left(installation) == unreadable
    lines = result.stdout.splitlines()
    assert lines[0] == f"{unreadable[0]}: kept, because this version cannot read it either: v: Input should be 1"
    assert lines[1].endswith("no program of this version reads the queue 'desksync.outlook.v1'")
    assert lines[2].startswith(f"{readable[0]}: its ticket is left to the scheduler")


def test_dropping_some_leaves_the_others(run: Run, installation: Installation) -> None:
    first, second, third = set_aside(installation, b"1", b"2", b"3")

    result = run("parked", "drop", str(first), str(third), settings=installation.settings)

    assert (result.exit_code, result.stdout) == (0, "2 dropped.\n")
    assert left(installation) == [second]


def test_dropping_all_asks_first(run: Run, installation: Installation) -> None:
    numbers = set_aside(installation, *[b"x"] * 150)

    refused = run("parked", "drop", "--all", settings=installation.settings)
    after_refusal = left(installation)
    done = run("parked", "drop", "--all", "--yes", settings=installation.settings)

    assert refused.exit_code == 1
    assert "Drop 150 parked messages?" in refused.output
    assert after_refusal == numbers
    assert (done.exit_code, done.stdout) == (0, "150 dropped.\n")
    assert left(installation) == []
