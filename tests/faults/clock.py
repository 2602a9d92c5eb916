"""The clock of the programs under faults: it runs faster than the machine's, so that a lease is a matter of seconds, and jumps.

It is shared with other processes by a file; each process may have a file, and with it a time, of its own.
"""

import os
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_FORM = struct.Struct("ddd")


class Clock:
    """Reads when the clock was started, how fast it runs, and by how much it was set on or back, anew at every look."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_RDONLY)
        self._path = file

    @classmethod
    def started(cls, file: Path, speed: float) -> "Clock":
        """Start a clock that shows the present time."""
        file.write_bytes(_FORM.pack(time.time(), speed, 0.0))
        return cls(file)

    def now(self) -> datetime:
        """Return the time by this clock."""
        began, speed, offset = _FORM.unpack(os.pread(self._file, _FORM.size, 0))
        return datetime.fromtimestamp(began + (time.time() - began) * speed + offset, UTC)

    def seconds(self) -> float:
        """Return what a clock shows that nobody can set, and that runs as fast as this one."""
        _, speed, _ = _FORM.unpack(os.pread(self._file, _FORM.size, 0))
        return time.monotonic() * float(speed)

    def copy(self, file: Path) -> "Clock":
        """Start another clock that shows the same time."""
        file.write_bytes(self._path.read_bytes())
        return Clock(file)

    def jump(self, by: timedelta) -> None:
        """Set the clock on, or back, for everybody who reads it."""
        began, speed, offset = _FORM.unpack(self._path.read_bytes())
        with self._path.open("r+b") as file:  # In place: others hold it open.
            file.write(_FORM.pack(began, speed, offset + by.total_seconds()))

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)
