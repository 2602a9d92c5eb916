"""The threads that do the work which messages ask for. Knows neither messages nor the broker."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Thread

Job = Callable[[], None]
"""Must not raise: it would end its thread."""


class Handlers:
    """So many threads behind one queue. They are daemons: a job that never ends must not keep the process."""

    def __init__(self, threads: int, *, name: str) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._is_finishing = Event()
        self._threads = [Thread(target=self._work, name=f"{name}/{number}", daemon=True) for number in range(threads)]
        for thread in self._threads:
            thread.start()

    def put(self, job: Job) -> None:
        """Have a thread do the job as soon as one is free; after `finish`, never."""
        self._jobs.put(job)

    def finish(self) -> None:
        """Begin nothing more. What runs goes on, what waits is forgotten."""
        self._is_finishing.set()
        for _ in self._threads:
            self._jobs.put(None)

    def running(self) -> int:
        """Return how many threads are alive: after `finish`, how many jobs are not done."""
        return sum(thread.is_alive() for thread in self._threads)

    def wait(self, seconds: float) -> None:
        """Wait so long for one of the jobs that are not done."""
        for thread in self._threads:
            if thread.is_alive():
                thread.join(seconds)
                return

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if not self._is_finishing.is_set():
                job()
