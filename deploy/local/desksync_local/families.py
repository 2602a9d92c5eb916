"""A process of the system with its children, which may be in sessions of their own. Linux only: it looks into /proc."""

import os
import signal
from pathlib import Path


def family_of(ancestor: int) -> list[int]:
    """Return the process and all that come from it, parents before children."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The program's name, in brackets, may hold blanks; the parent is the second field after it.
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # It ended while we looked.
    family = [ancestor]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


def signal_family(ancestor: int, number: signal.Signals) -> list[int]:
    """Signal the process and all that come from it, and return them."""
    # The parent is held first, so that no child is born while we look.
    _send(ancestor, signal.SIGSTOP)
    family = family_of(ancestor)
    for process in reversed(family):
        _send(process, number)
    return family


def has_ended(process: int) -> bool:
    """Say whether the process is gone, with everything that it held."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return True
    # Erlang's many threads end one by one, and hold its sockets until the last; the process looks dead from the first.
    threads = int(state[17])
    return state[0] == "Z" and threads <= 1


def _send(process: int, number: signal.Signals) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return  # It ended by itself.
