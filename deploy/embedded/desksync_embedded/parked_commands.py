"""`desksync parked`: messages that nobody could read, to look at, to be heeded after all, or to be dropped."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session

from desksync.store.parked import ParkedMessage, count_parked, discard, get_parked, list_parked
from desksync.worker.replay import Replayed, StillUnreadable, read_parked, replay
from desksync.worker.resources import Resources
from desksync_embedded.users_commands import NotDone

_PAGE = 100
_SHOWN_BYTES = 4000
_WORDS = {
    Replayed.WOKEN: "its ticket is left to the scheduler, which sends it within seconds",
    Replayed.COUNTED: "the error counter looks at its row every minute",
    Replayed.DONE: "its ticket is done by now, so there is nothing left to do",
}

Opened = Callable[[], AbstractContextManager[Resources]]
"""Opens what a command needs, and turns what a person can mend into a sentence."""

Numbers = Annotated[list[int] | None, typer.Argument(metavar="[NUMBER]...", help="As `desksync parked list` shows them.")]
Everything = Annotated[bool, typer.Option("--all", help="All of them.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def group(opened: Opened) -> typer.Typer:
    """Return the commands."""
    commands = typer.Typer(help="Messages that nobody could read, and that were set aside.", no_args_is_help=True)

    @commands.command(name="list")
    def list_command(*, as_json: AsJson = False) -> None:
        """List the newest of them."""
        with opened() as resources:
            _list(resources, Console(), as_json=as_json)

    @commands.command(name="show")
    def show_command(number: Annotated[int, typer.Argument(help="As `desksync parked list` shows it.")]) -> None:
        """Show one of them with its body, in which nothing is taken for an order to the terminal."""
        with opened() as resources:
            _show(resources, Console(), number)

    @commands.command(name="replay")
    def replay_command(numbers: Numbers = None, *, everything: Everything = False) -> None:
        """Heed those that this version can read, and drop them. The others are kept, and the exit code is 1."""
        with opened() as resources:
            is_all = _replay(resources, Console(), numbers, everything=everything)
        raise typer.Exit(0 if is_all else 1)

    @commands.command(name="drop")
    def drop_command(
        numbers: Numbers = None,
        *,
        everything: Everything = False,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    ) -> None:
        """Delete them. No calendar misses anything: what a message was about stands in the database."""
        with opened() as resources:
            dropped = _drop(resources, numbers, everything=everything, may=lambda question: yes or typer.confirm(question))
        typer.echo(f"{dropped} dropped.")

    return commands


def _list(resources: Resources, console: Console, *, as_json: bool) -> None:
    with resources.begin() as session:
        found, number = list_parked(session, _PAGE), count_parked(session)
    if as_json:
        print(json.dumps([_for_machines(one) for one in found], ensure_ascii=False, indent=2))  # noqa: T201 - asked for
        return
    if not found:
        console.print("Nothing is parked.")
        return
    shown = Table("No.", "Since", "Queue", "Bytes", "Why it could not be read")
    for one in found:
        shown.add_row(
            str(one.id), f"{one.at.astimezone():%Y-%m-%d %H:%M}", escape(one.queue), str(len(one.body)), escape(one.reason)
        )
    console.print(shown)
    if number > len(found):
        console.print(f"These are the newest {len(found)} of {number}.", highlight=False)


def _show(resources: Resources, console: Console, number: int) -> None:
    with resources.begin() as session:
        message = _parked(session, number)
    for label, told in (("number", message.id), ("queue", message.queue), ("since", message.at.astimezone().isoformat())):
        console.print(f"{label:<8} {escape(str(told))}", highlight=False, soft_wrap=True)
    console.print(f"{'why':<8} {escape(message.reason)}", highlight=False, soft_wrap=True)
    try:
        read_parked(message)
        now = f"this version can read it: `desksync parked replay {number}`"
    except StillUnreadable as problem:
        now = f"not readable by this version either: {problem}"
    console.print(f"{'now':<8} {escape(now)}", highlight=False, soft_wrap=True)
    console.print(f"{'body':<8} {len(message.body)} bytes", highlight=False)
    console.print(escape(_harmless(message.body)), highlight=False, soft_wrap=True)


def _replay(resources: Resources, console: Console, numbers: Sequence[int] | None, *, everything: bool) -> bool:
    is_all = True
    for number in _chosen(resources, numbers, everything=everything):
        try:
            with resources.begin() as session:
                told = _WORDS[replay(session, _parked(session, number))]
        except StillUnreadable as problem:
            told, is_all = f"kept, because this version cannot read it either: {problem}", False
        console.print(f"{number}: {escape(told)}", highlight=False, soft_wrap=True)
    return is_all


def _drop(resources: Resources, numbers: Sequence[int] | None, *, everything: bool, may: Callable[[str], bool]) -> int:
    chosen = _chosen(resources, numbers, everything=everything)
    if everything and chosen and not may(f"Drop {len(chosen)} parked messages?"):
        raise NotDone("Nothing was dropped.")
    with resources.begin() as session:
        return sum(discard(session, _parked(session, number).id) for number in chosen)


def _chosen(resources: Resources, numbers: Sequence[int] | None, *, everything: bool) -> list[int]:
    if everything == bool(numbers):
        raise NotDone("Name one or more numbers, or say --all.")
    if numbers:
        return list(dict.fromkeys(numbers))
    chosen: list[int] = []
    with resources.begin() as session:
        while page := list_parked(session, _PAGE, before=chosen[-1] if chosen else None):
            chosen += [one.id for one in page]
    return chosen[::-1]


def _parked(session: Session, number: int) -> ParkedMessage:
    message = get_parked(session, number)
    if message is None:
        raise NotDone(f"There is no parked message {number}. `desksync parked list` shows them.")
    return message


def _harmless(body: bytes) -> str:
    """Return the body as text that no terminal obeys: what is not printable stands there as its escape."""
    text = body[:_SHOWN_BYTES].decode(errors="backslashreplace")
    shown = "".join(sign if sign.isprintable() or sign == "\n" else sign.encode("unicode_escape").decode() for sign in text)
    left = len(body) - _SHOWN_BYTES
    return f"{shown}\n… and {left} bytes more" if left > 0 else shown


def _for_machines(one: ParkedMessage) -> dict[str, object]:
    return {
        "id": one.id,
        "at": one.at.isoformat(),
        "queue": one.queue,
        "bytes": len(one.body),
        "reason": one.reason,
        "body": _harmless(one.body),
    }
