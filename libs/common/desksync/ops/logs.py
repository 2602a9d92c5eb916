"""Writes logs: one JSON object a line for machines, one short line for people, neither with a secret in it.

Nothing is configured by importing this. A composition root calls `configure_logs` once; everybody else takes a plain
`logging.getLogger(__name__)` and gives fields with `extra`.
"""

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import TextIO

from desksync.ops.redaction import redact, redact_field


class LogFormat(StrEnum):
    """How log lines look. `AUTO` is for people on a terminal and JSON everywhere else."""

    AUTO = "auto"
    JSON = "json"
    TEXT = "text"


_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def configure_logs(
    service: str, *, level: str = "INFO", log_format: LogFormat = LogFormat.AUTO, stream: TextIO | None = None
) -> logging.Handler:
    """Send every log line of the program to the stream (default: standard error), and return the handler that does it.

    Replaces what an earlier call installed, so that calling it twice does not double the lines.
    """
    out = sys.stderr if stream is None else stream
    is_text = log_format is LogFormat.TEXT or (log_format is LogFormat.AUTO and out.isatty())
    handler = logging.StreamHandler(out)
    handler.setFormatter(LineFormatter(_as_text if is_text else _as_json, service))
    handler.name = "desksync"
    root = logging.getLogger()
    for earlier in [one for one in root.handlers if one.name == handler.name]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(level)
    # These tell every request with its address, which we count and time ourselves.
    for talkative in ("httpx", "httpcore", "googleapiclient", "google_auth_httplib2", "amqp", "kombu", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    return handler


class LineFormatter(logging.Formatter):
    """Turns a record into one line, and takes secrets and titles out on the way.

    It is done here and not in a filter, because a formatter sees everything that will be written, the traceback included,
    and need not change a record that other handlers also get.
    """

    def __init__(self, write: "Writer", service: str) -> None:
        super().__init__()
        self._write = write
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without a line end."""
        fields = {name: redact_field(name, value) for name, value in vars(record).items() if name not in _OWN}
        trace = ""
        if record.exc_info and record.exc_info[0] is not None:
            trace = redact(self.formatException(record.exc_info))
        elif record.exc_text:
            trace = redact(record.exc_text)
        return self._write(record, self._service, redact(record.getMessage()), fields, trace)


Writer = Callable[[logging.LogRecord, str, str, dict[str, object], str], str]


def _as_json(record: logging.LogRecord, service: str, message: str, fields: dict[str, object], trace: str) -> str:
    line: dict[str, object] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "service": service,
        "logger": record.name,
        "message": message,
    }
    # A field never replaces one of the line's own; it is kept under another name.
    line |= {f"{name}_" if name in line else name: value for name, value in fields.items()}
    if trace:
        line["trace"] = trace
    return json.dumps(line, ensure_ascii=False, default=str)


def _as_text(record: logging.LogRecord, service: str, message: str, fields: dict[str, object], trace: str) -> str:
    clock = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
    level = "" if record.levelno == logging.INFO else f"{record.levelname}: "
    told = "".join(f" {name}={_short(value)}" for name, value in fields.items())
    line = f"{clock} {service} {level}{message}{told}"
    return f"{line}\n{trace}" if trace else line


def _short(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or any(letter.isspace() for letter in text) else text
