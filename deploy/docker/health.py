#!/usr/bin/env -S python3 -IS
"""Asks the program in this container how it is: exits 0 when all is well, otherwise prints what is wrong and exits 1.

`desksync-health` asks whether it is alive, `desksync-health readyz` whether it can work. It has to know which program runs
only by who answers, and imports nothing but Python's own library, so that it is quick.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

PORTS = {"DESKSYNC_HEALTH_PORT": 9000, "DESKSYNC_HTTP_PORT": 8000}
"""The settings that say where a program answers, and their defaults. The stand-ins of a trial have no port for health alone."""

SECONDS = 5


def ask(port: int, page: str) -> tuple[int, str]:
    """Return status and text of the answer. Raises `ConnectionRefusedError` where nobody listens."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", f"/{page}")
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()


def main(page: str = "healthz") -> int:
    """Ask the first port on which somebody listens, and return the exit code."""
    ports = [int(os.environ.get(name) or default) for name, default in PORTS.items()]
    for port in ports:
        try:
            status, said = ask(port, page)
        except ConnectionRefusedError:
            continue
        except (OSError, HTTPException) as problem:
            print(f"port {port}: {type(problem).__name__}: {problem}")  # noqa: T201 - Docker keeps it beside the verdict
            return 1
        print(said)  # noqa: T201 - the same
        return 0 if status == 200 else 1  # noqa: PLR2004 - known to all
    print(f"nobody listens on {' or '.join(map(str, ports))}")  # noqa: T201 - the same
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
