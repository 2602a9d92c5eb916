"""A private RabbitMQ node from installed programs: own folder, own ports, own cookie. It meets no other node of the machine."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tests.servers.rabbitmq_server import PATIENCE, NoServer, OwnServer, comes_true, free_ports, listens


class LocalServer(OwnServer):
    """A node in a temporary folder. Linux only: it looks for processes in /proc."""

    def __init__(self, programs: Path, erlang: Path | None) -> None:
        port, management_port, distribution_port, mapper_port = free_ports(4)
        super().__init__(port, management_port)
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="desksync-rabbitmq-"))
        self._node: subprocess.Popen[bytes] | None = None
        self._mapper: subprocess.Popen[bytes] | None = None
        self._mapper_port = mapper_port
        folder = str(self._folder)
        path = os.environ.get("PATH", os.defpath)
        self._environment = {
            "PATH": path if erlang is None else f"{erlang}{os.pathsep}{path}",
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
        assert comes_true(lambda: not any(_is_process(process) for process in processes))

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
        """Signal the node and its children, which are in sessions of their own, and return them."""
        if self._node is None or self._node.poll() is not None:
            return []
        processes = _family_of(self._node.pid)
        for process in processes:
            try:
                os.kill(process, number)
            except ProcessLookupError:
                continue  # It ended by itself.
        return processes

    def _log(self) -> str:
        files = [self._folder / "output", *sorted((self._folder / "log").glob("*.log"))]
        return "\n".join(file.read_text(errors="replace")[-2000:] for file in files if file.exists())


def _family_of(ancestor: int) -> list[int]:
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


def _is_process(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return False
    # Erlang's many threads end one by one, and hold its sockets until the last; the process looks dead from the first.
    threads = int(state[17])
    return state[0] != "Z" or threads > 1
