"""Makes a stand-in fail on order, and remembers what it was asked. Must not know what the operations mean.

A fault is added from Python (`server.faults.add(on="insert_schedule", kind="status", status=503, times=3)`) or over HTTP
(`POST /control/faults` with the same names as JSON).
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desksync_sandbox.server import NoAnswer

ANY = "*"
MAINTENANCE_PAGE = (
    "<!DOCTYPE html><html><head><title>メンテナンス中</title></head><body>ただいまメンテナンス中です。</body></html>"
)
_REMEMBERED = 100_000
_STEP = 0.02


class Kind(StrEnum):
    """What goes wrong. Every kind may also be slow, by `seconds`."""

    STATUS = "status"
    """Answer `status` with `body` and `headers`, and do nothing."""
    LOSE_ANSWER = "lose_answer"
    """Do the work, then close the connection; or answer `status` where it is given."""
    DROP = "drop"
    """Close the connection and do nothing."""
    SLOW = "slow"
    """Wait `seconds`, then answer as usual."""
    HTML = "html"
    """Answer a maintenance page (or `body`) as HTML with 200 (or `status`), and do nothing."""
    GARBAGE = "garbage"
    """Do the work, then answer only the first half of it with 200."""


class Fault(BaseModel):
    """An order to fail. `on` names an operation, or `*` for all; `skip` calls pass before `times` calls fail."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    on: str = ANY
    status: int | None = Field(default=None, ge=200, le=599)
    body: str | dict[str, Any] | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    seconds: float = Field(default=0.0, ge=0, le=600)
    times: int = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)


@dataclass
class _Armed:
    fault: Fault
    skip: int
    left: int


class Faults:
    """The orders that still stand, oldest first. Safe from several threads."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()
        self._times_cleared = 0

    def add(self, fault: Fault | None = None, **order: Any) -> Fault:
        """Give an order, as a `Fault` or by its fields. Raises pydantic's `ValidationError` when it makes no sense."""
        wanted = Fault(**order) if fault is None else fault
        with self._lock:
            self._armed.append(_Armed(wanted, wanted.skip, wanted.times))
        return wanted

    def take(self, operation: str) -> Fault | None:
        """Return the fault that this call has to suffer, and count it."""
        if not self._armed:
            return None
        with self._lock:
            for armed in self._armed:
                if armed.fault.on not in (ANY, operation):
                    continue
                if armed.skip:
                    armed.skip -= 1
                    continue
                armed.left -= 1
                if not armed.left:
                    self._armed.remove(armed)
                return armed.fault
        return None

    def standing(self) -> list[Fault]:
        """Return the orders that are not used up, with the counts that are left."""
        with self._lock:
            return [armed.fault.model_copy(update={"skip": armed.skip, "times": armed.left}) for armed in self._armed]

    def clear(self) -> None:
        """Take all orders back; calls that are just being delayed go on at once."""
        with self._lock:
            self._armed.clear()
            self._times_cleared += 1

    async def delay(self, fault: Fault | None) -> None:
        """Wait as long as the fault says, or until the orders are taken back."""
        if fault is None or not fault.seconds:
            return
        before, now = self._times_cleared, asyncio.get_running_loop().time
        end = now() + fault.seconds
        while self._times_cleared == before and (left := end - now()) > 0:  # noqa: ASYNC110 - cleared from other threads
            await asyncio.sleep(min(left, _STEP))


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered, and the status with which the work ended; `None` when it was not done."""

    response: Response
    done: int | None = None


def answer_under(fault: Fault | None, work: Callable[[], Response]) -> Answer:
    """Do the work and answer, or fail as ordered. The caller has waited before: see `Faults.delay`."""
    if fault is None:
        whole = work()
        return Answer(whole, whole.status_code)
    match fault.kind:
        case Kind.STATUS:
            return Answer(_made(fault, status=fault.status or 503, body=""))
        case Kind.HTML:
            headers = {"content-type": "text/html; charset=utf-8"}
            return Answer(_made(fault, status=fault.status or 200, body=MAINTENANCE_PAGE, headers=headers))
        case Kind.DROP:
            return Answer(NoAnswer())
        case Kind.SLOW | Kind.LOSE_ANSWER | Kind.GARBAGE:
            whole = work()
            return Answer(_spoiled(fault, whole), whole.status_code)
        case _:
            assert_never(fault.kind)


def _spoiled(fault: Fault, whole: Response) -> Response:
    if fault.kind is Kind.GARBAGE:
        half = bytes(whole.body)[: len(whole.body) // 2]
        return Response(half, media_type=whole.media_type or "application/json")
    if fault.kind is Kind.LOSE_ANSWER:
        return NoAnswer() if fault.status is None else _made(fault, status=fault.status, body="")
    return whole


def _made(fault: Fault, *, status: int, body: str, headers: Mapping[str, str] | None = None) -> Response:
    wanted = {**(headers or {}), **fault.headers}
    if isinstance(fault.body, dict):
        return JSONResponse(fault.body, status, wanted)
    return Response(body if fault.body is None else fault.body, status, wanted)


@dataclass(frozen=True, slots=True)
class Call:
    """One request that came in. `status` 0 means that the connection was closed instead of an answer.

    `done` is how the work ended, whatever was answered; `None` when a fault kept it from being done.
    """

    time: str
    operation: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    fault: str | None = None
    done: int | None = 200


class Calls:
    """The request log, oldest first, cut at the last 100,000. Never give it a key or a password. Safe from several threads.

    `total` is how many calls there ever were.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._calls: deque[Call] = deque(maxlen=_REMEMBERED)
        self.total = 0
        self._now = now

    def note(self, operation: str, parameters: Mapping[str, str], answer: Answer, fault: Fault | None = None) -> None:
        """Remember a call."""
        kind = None if fault is None else fault.kind.value
        status = answer.response.status_code
        self.total += 1
        self._calls.append(Call(self._now().isoformat(), operation, parameters, status, kind, answer.done))

    def all(self, operation: str | None = None) -> list[Call]:
        """Return what was asked, of one operation where it is named."""
        return [call for call in list(self._calls) if operation in (None, call.operation)]

    def clear(self) -> None:
        """Forget everything."""
        self._calls.clear()


def control_routes(faults: Faults, calls: Calls, reset: Callable[[], None]) -> list[Route]:
    """Return `/control/faults`, `/control/requests` and `/control/reset`, for the routes of a stand-in.

    `GET /control/requests?operation=insert_schedule` gives the log of one operation, `DELETE` clears it.
    """

    async def add_fault(request: Request) -> Response:
        try:
            order = Fault.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"error": str(error)}, 422)
        return JSONResponse(faults.add(order).model_dump(mode="json"), 201)

    async def list_faults(_request: Request) -> Response:
        return JSONResponse([fault.model_dump(mode="json") for fault in faults.standing()])

    async def clear_faults(_request: Request) -> Response:
        faults.clear()
        return Response(status_code=204)

    async def list_calls(request: Request) -> Response:
        return JSONResponse([asdict(call) for call in calls.all(request.query_params.get("operation"))])

    async def clear_calls(_request: Request) -> Response:
        calls.clear()
        return Response(status_code=204)

    async def start_over(_request: Request) -> Response:
        await run_in_threadpool(reset)
        return Response(status_code=204)

    return [
        Route("/control/faults", add_fault, methods=["POST"]),
        Route("/control/faults", list_faults, methods=["GET"]),
        Route("/control/faults", clear_faults, methods=["DELETE"]),
        Route("/control/requests", list_calls, methods=["GET"]),
        Route("/control/requests", clear_calls, methods=["DELETE"]),
        Route("/control/reset", start_over, methods=["POST"]),
    ]
