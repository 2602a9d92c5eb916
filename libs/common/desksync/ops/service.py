"""Runs the loops of a program in threads. The one place where threads are started, and the one that signals reach."""

import logging
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from queue import SimpleQueue
from threading import Event, Lock, Thread, current_thread, main_thread
from types import FrameType

log = logging.getLogger(__name__)

Loop = Callable[[Event], None]
"""Works until the event is set. It must look at the event at least once a second and then return soon."""


class CannotGoOn(Exception):
    """Raised by a loop when a person has to mend something first. `str()` says what; no traceback is logged."""


class EndedBySignal(SystemExit):
    """A signal has asked the program to end. The exit code is the one by which shells tell of that: 128 and its number."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.name = signal.Signals(number).name


GRACE = timedelta(seconds=20)
"""How long loops have to finish after a stop. Kubernetes waits 30 seconds before it kills."""


class Service:
    """Loops that start together and stop together.

    A loop that raises, or returns before it was asked to, stops all of them: half a program that looks alive is worse than none,
    and whoever started it restarts it.
    """

    def __init__(self, name: str, loops: Sequence[tuple[str, Loop]]) -> None:
        self.name = name
        self.stop = Event()
        # A signal handler may run between any two steps of the main thread. `Event.set` could then wait for a lock that the main
        # thread itself holds; `SimpleQueue.put` is made for this.
        self._ended: SimpleQueue[None] = SimpleQueue()
        self._threads = [
            Thread(target=self._run, args=(label, loop), name=f"{name}/{label}", daemon=True) for label, loop in loops
        ]
        self._failed: list[str] = []
        self._lock = Lock()

    def start(self) -> None:
        """Start every loop in a thread of its own."""
        for thread in self._threads:
            thread.start()
        log.info("service started", extra={"loops": len(self._threads)})

    def halt(self) -> None:
        """Ask every loop to end. May be called by a signal handler, from any thread, and more than once."""
        self._ended.put(None)

    def join(self, grace: timedelta = GRACE) -> int:
        """Wait until `halt` is called or a loop has ended, then for the others to end, and return the exit code.

        It is 1 when a loop failed or did not end in time; such a thread is left behind and ends with the process.
        """
        self._ended.get()
        self.stop.set()
        end = time.monotonic() + grace.total_seconds()
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        hanging = [thread.name for thread in self._threads if thread.is_alive()]
        if hanging:
            log.error("loops did not end in time", extra={"loops": hanging, "seconds": grace.total_seconds()})
        log.info("service stopped", extra={"failed": len(self._failed)})
        return 1 if hanging or self._failed else 0

    def _run(self, label: str, loop: Loop) -> None:
        try:
            loop(self.stop)
        except CannotGoOn as problem:
            self._fail(label)
            log.error("the service cannot go on", extra={"loop": label, "why": str(problem)})  # noqa: TRY400 - it is no mistake of ours
        except Exception:
            self._fail(label)
            log.exception("a loop failed, the service stops", extra={"loop": label})
        else:
            if not self.stop.is_set():
                self._fail(label)
                log.error("a loop ended by itself, the service stops", extra={"loop": label})
        finally:
            self.halt()

    def _fail(self, label: str) -> None:
        with self._lock:
            self._failed.append(label)


@contextmanager
def running(name: str, loops: Sequence[tuple[str, Loop]], *, grace: timedelta = GRACE) -> Iterator[Service]:
    """Run the loops while the block runs, without touching signals. Raises `RuntimeError` at the end when one failed."""
    service = Service(name, loops)
    service.start()
    try:
        yield service
    finally:
        service.halt()
        code = service.join(grace)
    if code:
        raise RuntimeError(f"A loop of {name} failed or did not end; the log says which.")


def run_service(name: str, loops: Sequence[tuple[str, Loop]], *, grace: timedelta = GRACE) -> int:
    """Run the loops until SIGTERM, Ctrl-C or a failure, and return the exit code: 0 after a clean stop, otherwise 1.

    Signals are taken only in the main thread; elsewhere it runs until a loop fails. A second Ctrl-C ends the program at once.
    """
    service = Service(name, loops)
    with _signals_call(lambda _: service.halt()):
        service.start()
        return service.join(grace)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and Ctrl-C end the block by `EndedBySignal`, so that all that was opened in it is closed.

    A second Ctrl-C ends the program at once.
    """

    def end(number: int) -> None:
        raise EndedBySignal(number)

    with _signals_call(end):
        yield


@contextmanager
def _signals_call(heard: Callable[[int], None]) -> Iterator[None]:
    if current_thread() is not main_thread():
        yield
        return

    def asked(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        heard(number)

    earlier = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
