"""The ports of the pages that a demo shows: those that somebody asked for, or free ones. Says who holds one that is taken."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

USUAL: Final = 8000
"""The first of the three where nobody says which."""

_PAGES: Final = ("DeskSync", "NEO", "Google")
_THIS_MACHINE: Final = "127.0.0.1"
_LISTENS: Final = "0A"


class PortTaken(OSError):
    """A port that somebody asked for cannot be had. `str()` says which, who holds it, and what to do."""


def ports_from(first: int | None, usual: int = USUAL) -> tuple[int, int, int]:
    """Return the ports of the pages of DeskSync, NEO and Google: three in a row.

    With zero they are free ones, and without a number as well where one of the usual three is taken. Raises `PortTaken` where it
    is one of those that somebody asked for: whoever named them will look there.
    """
    begin = usual if first is None else first
    wanted = (begin, begin + 1, begin + 2)
    hindrances = [why for page, port in zip(_PAGES, wanted, strict=True) if begin and (why := _hindrance(page, port))]
    if hindrances and first is not None:
        remedy = "End it, name others with --port, or leave --port out: then free ones are taken."
        raise PortTaken(" ".join([*hindrances, remedy]))
    return wanted if begin and not hindrances else (_free_port(), 0, 0)


def _hindrance(page: str, port: int) -> str | None:
    try:
        socket.create_server((_THIS_MACHINE, port)).close()
    except OSError as problem:
        why = os.strerror(problem.errno) if problem.errno else str(problem)
        held_by = ", ".join(_holders(port))
        listens = f": {held_by} listens there." if held_by else "."
        return f"Port {port}, which is to show {page}, cannot be had ({why}){listens}"
    return None


def _holders(port: int) -> Iterator[str]:
    """Yield who listens on the port, as far as the system tells us: other people's processes it does not."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for process in Path("/proc").glob("[0-9]*") if sockets else ():
        with suppress(OSError):  # It has ended meanwhile, or is not ours to look into.
            if any(str(opened.readlink()) in sockets for opened in (process / "fd").iterdir()):
                yield f"{(process / 'comm').read_text().strip()} (process {process.name})"


def _listening(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        with suppress(OSError):  # There is no such file but on Linux.
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                _, local, _, state, _, _, _, _, _, inode, *_ = line.split()
                if state == _LISTENS and int(local.rpartition(":")[2], 16) == port:
                    yield inode


def _free_port() -> int:
    # The web side binds it a moment later; until then somebody else could, and would be told.
    with socket.create_server((_THIS_MACHINE, 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
