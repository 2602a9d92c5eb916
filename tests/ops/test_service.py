import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from threading import Event, Thread

import pytest

from desksync.ops.service import CannotGoOn, Service, run_service, running

SOON = 10.0


def waits(stop: Event) -> None:
    stop.wait(SOON)


def breaks(_stop: Event) -> None:
    raise ValueError("broken")


def returns(_stop: Event) -> None:
    """End without having been asked to."""


def test_loops_run_while_the_block_runs_and_end_with_it() -> None:
    started, ended = Event(), Event()

    def loop(stop: Event) -> None:
        started.set()
        if stop.wait(SOON):
            ended.set()

    with running("trial", [("one", loop), ("two", waits)]):
        assert started.wait(SOON)
        assert not ended.is_set()

    assert ended.is_set()


def test_a_loop_that_raises_stops_the_others_and_the_exit_code_is_1(caplog: pytest.LogCaptureFixture) -> None:
    code = run_service("trial", [("good", waits), ("bad", breaks)])

    assert code == 1
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert vars(record)["loop"] == "bad"
    assert record.exc_info is not None


def test_a_loop_that_cannot_go_on_is_told_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    def refused(_stop: Event) -> None:
        raise CannotGoOn("Install the newer version.")

    code = run_service("trial", [("good", waits), ("start", refused)])

    assert code == 1
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert (vars(record)["why"], record.exc_info) == ("Install the newer version.", None)


def test_a_loop_that_ends_by_itself_stops_the_service_as_well(caplog: pytest.LogCaptureFixture) -> None:
    code = run_service("trial", [("good", waits), ("short", returns)])

    assert code == 1
    assert any(vars(record).get("loop") == "short" for record in caplog.records)


def test_a_failed_loop_is_an_error_at_the_end_of_the_block() -> None:
    with pytest.raises(RuntimeError, match="A loop of trial failed"), running("trial", [("bad", breaks)]):
        pass


def test_a_loop_that_does_not_end_in_time_is_named(caplog: pytest.LogCaptureFixture) -> None:
    release = Event()

    def deaf(_stop: Event) -> None:
        release.wait(SOON)

    service = Service("trial", [("deaf", deaf)])
    service.start()
    service.halt()
    code = service.join(timedelta(0))
    release.set()

    assert code == 1
    assert any(vars(record).get("loops") == ["trial/deaf"] for record in caplog.records)


def test_it_runs_in_a_thread_of_somebody_elses_program() -> None:
    codes: list[int] = []
    thread = Thread(target=lambda: codes.append(run_service("trial", [("bad", breaks)])))

    thread.start()
    thread.join(SOON)

    assert codes == [1]


PROGRAM = textwrap.dedent(
    """
    import sys
    from datetime import timedelta
    from desksync.ops.service import run_service

    def loop(stop):
        print("started", flush=True)
        stop.wait()
        print("stopped", flush=True)

    def deaf(stop):
        while True:
            stop.wait(1) and __import__("time").sleep(1)

    loops = [("one", loop)] + ([("deaf", deaf)] if "deaf" in sys.argv else [])
    sys.exit(run_service("trial", loops, grace=timedelta(seconds=60)))
    """
)


def a_program(*arguments: str) -> subprocess.Popen[str]:
    program = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program
    assert program.stdout is not None
    assert program.stdout.readline() == "started\n"
    return program


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_program_cleanly(number: signal.Signals) -> None:
    program = a_program()

    os.kill(program.pid, number)
    out, _ = program.communicate(timeout=SOON)

    assert out == "stopped\n"
    assert program.returncode == 0


def test_a_second_ctrl_c_ends_it_at_once() -> None:
    program = a_program("deaf")
    assert program.stdout is not None

    os.kill(program.pid, signal.SIGINT)
    assert program.stdout.readline() == "stopped\n"
    os.kill(program.pid, signal.SIGINT)
    program.communicate(timeout=SOON)

    assert program.returncode == -signal.SIGINT
