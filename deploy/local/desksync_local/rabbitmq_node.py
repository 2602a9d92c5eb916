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


class PrivateNode(OwnRabbitServer):
    """A node in a temporary folder."""

    def __init__(self, programs: Programs) -> None:
        port, management_port, distribution_port, mapper_port = free_ports(4)
        super().__init__(port, management_port)
        self._programs = programs.rabbitmq
        self._folder = Path(tempfile.mkdtemp(prefix="desksync-rabbitmq-"))
        self._node: subprocess.Popen[bytes] | None = None
        self._mapper: subprocess.Popen[bytes] | None = None
        self._mapper_port = mapper_port
        folder = str(self._folder)
        path = os.environ.get("PATH", os.defpath)
        self._environment = {
            "PATH": path if programs.erlang is None else f"{programs.erlang}{os.pathsep}{path}",
            "LANG": "C.UTF-8",
            "HOME": folder,
            "RABBITMQ_NODENAME": f"desksync-{secrets.token_hex(4)}@localhost",
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
            "ERL_EPMD_PORT": str(mapper_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
        self._write_settings(management_port)

    def start(self) -> None:
        """Start the node and the port mapper that Erlang wants."""
        if self._mapper is None:
            # Started by us, because the node would leave one behind as a daemon.
            self._mapper = self._launch("epmd", "-port", str(self._mapper_port), "-address", "127.0.0.1")
            if not comes_true(lambda: listens(self._mapper_port)):
                raise NoServer(f"Erlang's port mapper did not start:\n{self._log()}")
        self._node = self._launch(str(self._programs / "rabbitmq-server"))
        node = self._node
        if not comes_true(lambda: node.poll() is not None or (listens(self.port) and self.answers())) or node.poll() is not None:
            raise NoServer(f"RabbitMQ did not start:\n{self._log()}")

    def stop(self) -> None:
        """Kill everything, because an orderly stop takes six seconds, and delete the folder."""
        self.kill9()
        if self._mapper is not None:
            self._mapper.kill()
            self._mapper.wait(PATIENCE)
        shutil.rmtree(self._folder)

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
        (self._folder / "rabbitmq.conf").write_text("".join(f"{name} = {setting}\n" for name, setting in settings.items()))
        (self._folder / "plugins").write_text("[rabbitmq_management].\n")
        (self._folder / "environment").touch()
        cookie = self._folder / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)

    def _launch(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / "output").open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - our own command
                command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _signal_all(self, number: signal.Signals) -> list[int]:
        return signal_family(self._node.pid, number) if self._node is not None and self._node.poll() is None else []

    def _log(self) -> str:
        files = [self._folder / "output", *sorted((self._folder / "log").glob("*.log"))]
        return "\n".join(file.read_text(errors="replace")[-2000:] for file in files if file.exists())
