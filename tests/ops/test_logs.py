import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime

import pytest

from desksync.ops.logs import LogFormat, configure_logs

log = logging.getLogger("desksync.trial")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _root_logger_is_put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(**fields: object) -> dict[str, object]:
    """Return the JSON line that logging these fields gives."""
    out = io.StringIO()
    configure_logs("neo-worker", stream=out)
    log.info("ticket settled", extra=fields)
    line: dict[str, object] = json.loads(out.getvalue())
    return line


def test_a_line_is_one_json_object_with_its_fields() -> None:
    line = logged(ticket_id=12, stage="pull_neo")

    assert line | {"time": ""} == {
        "time": "",
        "level": "info",
        "service": "neo-worker",
        "logger": "desksync.trial",
        "message": "ticket settled",
        "ticket_id": 12,
        "stage": "pull_neo",
    }
    assert datetime.fromisoformat(str(line["time"])).utcoffset() is not None


def test_a_field_does_not_replace_what_the_line_says_itself() -> None:
    line = logged(service="other", level="loud")

    assert line["service"] == "neo-worker"
    assert line["service_"] == "other"
    assert line["level_"] == "loud"


def test_a_line_for_a_terminal_is_short_and_has_the_fields_behind() -> None:
    out = Terminal()
    configure_logs("demo", stream=out)

    log.warning("waiting for %s", "NEO", extra={"seconds": 10, "why": "too many calls"})

    assert out.getvalue().rstrip().endswith('demo WARNING: waiting for NEO seconds=10 why="too many calls"')


def test_text_can_be_asked_for_without_a_terminal() -> None:
    out = io.StringIO()
    configure_logs("demo", stream=out, log_format=LogFormat.TEXT)

    log.info("hello")

    assert out.getvalue().rstrip().endswith("demo hello")


def test_japanese_text_is_written_as_it_is() -> None:
    assert logged(reason="管理者により停止")["reason"] == "管理者により停止"


@pytest.mark.parametrize("log_format", [LogFormat.JSON, LogFormat.TEXT])
def test_no_secret_and_no_title_reaches_the_stream(log_format: LogFormat) -> None:
    out = io.StringIO()
    configure_logs("neo-worker", stream=out, log_format=log_format)

    log.info("calling ?access_key=%s", "hunter2")
    log.info("read", extra={"title": "hunter2", "answer": {"refresh_token": "hunter2"}})
    lost = ConnectionError("no answer from amqp://me:hunter2@mq")
    log.error("lost", extra={"url": "http://neo/?access_key=hunter2"}, exc_info=lost)

    assert out.getvalue().count("[hidden]") >= 5
    assert "hunter2" not in out.getvalue()
    assert "ConnectionError" in out.getvalue()


def test_other_handlers_still_get_the_record_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    configure_logs("neo-worker", stream=io.StringIO())

    with caplog.at_level(logging.INFO):
        log.info("count", extra={"title": "kept"})

    assert vars(caplog.records[0])["title"] == "kept"


def test_configuring_twice_does_not_double_the_lines() -> None:
    first, second = io.StringIO(), io.StringIO()
    configure_logs("a", stream=first)
    configure_logs("a", stream=second)

    log.info("once")

    assert first.getvalue() == ""
    assert len(second.getvalue().splitlines()) == 1


def test_the_level_is_kept_and_chatty_libraries_are_quiet() -> None:
    out = io.StringIO()
    configure_logs("a", level="WARNING", stream=out)

    log.info("not this")
    logging.getLogger("httpx").info("nor this")
    log.warning("this")

    assert [json.loads(line)["message"] for line in out.getvalue().splitlines()] == ["this"]


def test_a_field_that_json_does_not_know_is_written_as_text() -> None:
    assert logged(when=datetime(2026, 4, 1, 9, 0).astimezone())["when"].__class__ is str
