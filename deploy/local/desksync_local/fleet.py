"""Programs as processes of this machine: started, looked after, killed and ended. Knows nothing of what they do."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, RLock

import httpx

from desksync_local.patience import PATIENCE, comes_true

_OURS = "DESKSYNC_"


class ProgramFailed(Exception):
    """A program did not begin to work. `str()` says which, and what it wrote last."""


@dataclass
class Program:
    """One program. `address` answers `/healthz` and `/readyz`; `log` receives all that it says.

    Settings in the environment of the present process are not passed on: a program has those that it is given.
    """

    name: str
    command: Sequence[str]
    settings: Mapping[str, str]
    address: str
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _lock: RLock = field(default_factory=RLock, init=False)

    @property
    def pid(self) -> int:
        """Return the number of the process. Raises `ProgramFailed` when there is none."""
        if self._process is None:
            raise ProgramFailed(f"{self.name} has not been started.")
        return self._process.pid

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches it through us alone."""
        theirs = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        with self._lock, self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a program of ours
                self.command,
                env=theirs | dict(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal, such as SIGKILL or SIGSTOP. Nothing happens when it has ended."""
        if self._process is not None:
            self._process.send_signal(number)

    def has_ended(self) -> bool:
        """Say whether it was started and runs no more."""
        return self._process is not None and self._process.poll() is not None

    def is_ready(self) -> bool:
        """Say whether it does its work, by its own account."""
        try:
            return httpx.get(f"{self.address}/readyz", trust_env=False, timeout=5).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def revive(self) -> int | None:
        """Start it again if it has ended, and return the exit code of the one that ended."""
        with self._lock:
            code = None if self._process is None else self._process.poll()
            if code is not None:
                self.start()
            return code

    def end(self) -> int:
        """Wait until it has ended, after a signal that asks for it, kill it if it does not, and return its exit code."""
        if self._process is None:
            return 0
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait(PATIENCE)

    def said(self) -> str:
        """Return the end of what it said."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""


class Fleet:
    """Several programs that live and die together."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self.programs = programs

    def start(self) -> None:
        """Start all of them."""
        for program in self.programs:
            program.start()

    def wait_ready(self, seconds: float) -> None:
        """Wait until all of them work. Raises `ProgramFailed` when one ends, or does not in time."""
        for program in self.programs:
            if not comes_true(lambda one=program: one.has_ended() or one.is_ready(), seconds) or program.has_ended():  # type: ignore[misc] # mypy infers no default
                raise ProgramFailed(f"{program.name} did not begin to work. It said:\n{program.said()}")

    def look_after(self, stop: Event, tell: Callable[[str], None], turn_seconds: float = 0.5) -> None:
        """Start again whichever ends, as the supervisor of a real installation does, until told to stop."""
        while not stop.wait(turn_seconds):
            for program in self.programs:
                if (code := program.revive()) is not None:
                    tell(f"{program.name} ended with {code} and was started again; its log: {program.log}")

    def end(self) -> dict[str, int]:
        """Ask all of them to end, wait for it, and return their exit codes; those that hang are killed."""
        for program in self.programs:
            program.send(signal.SIGCONT)
            program.send(signal.SIGTERM)
        return {program.name: program.end() for program in self.programs}
