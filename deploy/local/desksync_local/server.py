"""What a server is to those who start one for themselves: something to start and stop, and to kill, freeze and start again."""

from abc import ABC, abstractmethod


class NoServer(Exception):
    """There is no such server to be had here. `str()` says what to do."""


class Server(ABC):
    """A RabbitMQ or a PostgreSQL."""

    @abstractmethod
    def version(self) -> str:
        """Return what the server calls itself."""

    @abstractmethod
    def start(self) -> None:
        """Start it, also after `kill9`, and return when it answers. Raises `NoServer`."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it for good and leave nothing behind."""

    @abstractmethod
    def kill9(self) -> None:
        """Kill every process of it at once. What was committed or confirmed is there after `start`."""

    @abstractmethod
    def freeze(self) -> None:
        """Make it hold still without closing a connection; the system still takes new ones for it."""

    @abstractmethod
    def thaw(self) -> None:
        """Let it go on after `freeze`."""
