"""A private RabbitMQ node from installed programs: own folder, own ports, own cookie. It meets no other node of the machine."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from desksync_local.families import has_ended, signal_family
from desksync_local.patience import PATIENCE, comes_true
from desksync_local.ports import free_ports, listens
from desksync_local.rabbitmq import OwnRabbitServer
from desksync_local.server import NoServer


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the programs are. `erlang` is `None` where they are on the path."""

    rabbitmq: Path
    erlang: Path | None

    @classmethod
    def below(cls, root: Path | None) -> Self | None:
        """Return those of packages that were unpacked below a folder, or with `None` those of the machine, if there are any."""
        # Not the command on the path: Debian's insists on being root and reads the settings of the machine's own server.
        programs = (root or Path("/")) / "usr/lib/rabbitmq/bin"
        if not (programs / "rabbitmq-server").exists():
            return None
        return cls(programs, None if root is None else root / "usr/lib/erlang/bin")


class PortMapper:
    """Erlang's own, by which nodes find each other. Started by us, because a node would leave one behind as a daemon."""

    def __init__(self, programs: Programs) -> None:
        [self.port] = free_ports(1)
        self._erlang = programs.erlang
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it if it does not run. Raises `NoServer`."""
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                ["epmd", "-port", str(self.port), "-address", "127.0.0.1"],  # noqa: S607 - found on the path, as by the node
                env={"PATH": path_with(self._erlang)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        if not comes_true(lambda: listens(self.port)):
            raise NoServer("Erlang's port mapper (epmd) did not start.")

    def stop(self) -> None:
        """Stop it for good."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None


def path_with(erlang: Path | None) -> str:
    """Return the path on which programs are looked for, Erlang's first."""
    path = os.environ.get("PATH", os.defpath)
    return path if erlang is None else f"{erlang}{os.pathsep}{path}"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a node is. Nodes of one cluster share port mapper and cookie, and each knows the names of all."""

    name: str
    cookie: str
    mapper: PortMapper
    cluster: tuple[str, ...] = ()

    @classmethod
    def of_several(cls, programs: Programs, number: int) -> "list[Identity]":
        """Return those of a new cluster."""
        names = tuple(f"desksync-{secrets.token_hex(4)}@localhost" for _ in range(number))
        mapper, cookie = PortMapper(programs), secrets.token_hex(16)
        return [cls(name, cookie, mapper, names if number > 1 else ()) for name in names]


class PrivateNode(OwnRabbitServer):
    """A node in a temporary folder."""

    def __init__(self, programs: Programs, identity: Identity | None = None) -> None:
        port, management_port, distribution_port = free_ports(3)
        super().__init__(port, management_port)
        self.identity = identity or Identity.of_several(programs, 1)[0]
        self.programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="desksync-rabbitmq-"))
        self._node: subprocess.Popen[bytes] | None = None
        folder = str(self._folder)
        self._environment = {
            "PATH": path_with(programs.erlang),
            "LANG": "C.UTF-8",
            "HOME": folder,
            "RABBITMQ_NODENAME": self.identity.name,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(distribution_port),
            "RABBITMQ_MNESIA_BASE": f"{folder}/db",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_SCHEMA_DIR": f"{folder}/schema",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/schema",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            # An empty file of our own, or the settings of the machine's server would leak in.
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/environment",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(self.identity.mapper.port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
        self._write_settings(management_port)

    def start(self) -> None:
        """Start the node, and the port mapper if it does not run."""
        self.launch()
        self.wait_until_it_answers()

    def launch(self) -> None:
        """Start the node without waiting for it: a node of a new cluster waits for the others."""
        self.identity.mapper.start()
        with (self._folder / "output").open("ab") as output:
            self._node = subprocess.Popen(  # noqa: S603 - our own command
                [str(self.programs.rabbitmq / "rabbitmq-server")],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait_until_it_answers(self) -> None:
        """Wait for a node that was launched. Raises `NoServer`."""
        if not comes_true(lambda: not self._is_alive() or (listens(self.port) and self.answers())) or not self._is_alive():
            raise NoServer(f"RabbitMQ did not start:\n{self._log()}")

    def stop(self) -> None:
        """Kill everything, because an orderly stop takes six seconds, and delete the folder."""
        self.kill9()
        self.identity.mapper.stop()
        shutil.rmtree(self._folder)

    def wipe(self) -> None:
        """Delete what a node that does not run has kept: it starts as a new one."""
        shutil.rmtree(self._folder / "db")

    def kill9(self) -> None:
        """Kill the node with its children; the port mapper stays."""
        processes = self._signal_all(signal.SIGKILL)
        if self._node is not None:
            self._node.wait(PATIENCE)
            self._node = None
        if not comes_true(lambda: all(has_ended(process) for process in processes)):
            raise NoServer("RabbitMQ's processes did not end when they were killed.")

    def freeze(self) -> None:
        """Stop the node where it is; the system still takes new connections for it."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal_all(signal.SIGCONT)

    def _write_settings(self, management_port: int) -> None:
        settings = {
            "listeners.tcp.1": f"127.0.0.1:{self.port}",
            "management.tcp.ip": "127.0.0.1",
            "management.tcp.port": str(management_port),
            "vm_memory_high_watermark.absolute": "1GB",
            "disk_free_limit.absolute": "50MB",
            "log.console": "false",
        }
        for number, name in enumerate(self.identity.cluster, 1):
            settings[f"cluster_formation.classic_config.nodes.{number}"] = name
        (self._folder / "rabbitmq.conf").write_text("".join(f"{name} = {setting}\n" for name, setting in settings.items()))
        (self._folder / "plugins").write_text("[rabbitmq_management].\n")
        (self._folder / "environment").touch()
        cookie = self._folder / ".erlang.cookie"
        cookie.write_text(self.identity.cookie)
        cookie.chmod(0o400)

    def _is_alive(self) -> bool:
        return self._node is not None and self._node.poll() is None

    def _signal_all(self, number: signal.Signals) -> list[int]:
        return signal_family(self._node.pid, number) if self._node is not None and self._is_alive() else []

    def _log(self) -> str:
        files = [self._folder / "output", *sorted((self._folder / "log").glob("*.log"))]
        return "\n".join(file.read_text(errors="replace")[-2000:] for file in files if file.exists())
