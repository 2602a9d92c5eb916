"""NEO's programs as they answer over HTTP: which module, which key, the queue, the envelope. Decides nothing about schedules."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from desksync_sandbox.faults import MAINTENANCE_PAGE, Answer, Calls, Fault, Faults, answer_under
from desksync_sandbox.neo.actions import Call, perform
from desksync_sandbox.neo.errors import Refused
from desksync_sandbox.neo.people import Caller
from desksync_sandbox.neo.posted import Posted, parsed
from desksync_sandbox.neo.queue import CallQueue, QueueFull
from desksync_sandbox.neo.switches import NeoSwitches
from desksync_sandbox.neo.world import World

_PROGRAM = re.compile(r"/(?:[^/]+/)*?(?P<module>dneor?|zrconst)\.(?:cgi|exe)(?:/.*)?")
_FORM = "application/x-www-form-urlencoded"
_NOBODY = Caller("")
_TOO_MANY = 429


@dataclass(frozen=True)
class Gateway:
    """Answers below any path. `world` and `switches` are asked for anew with each call: both may be exchanged."""

    world: Callable[[], World]
    switches: Callable[[], NeoSwitches]
    faults: Faults
    calls: Calls
    queue: CallQueue
    now: Callable[[], datetime]

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        found = _PROGRAM.fullmatch(request.url.path)
        if found is None:
            return HTMLResponse("<!DOCTYPE html><title>404</title><p>Not Found", 404)
        if found["module"] == "dneo":
            return RedirectResponse("/", 303)
        try:
            sent = parsed(request.url.query.encode("ascii"), await _form(request))
        except Refused as refused:
            return _refusal(refused)
        operation = sent.text("action")
        switches = self.switches()
        fault: Fault | None = None
        try:
            async with self.queue.turn(longest=switches.longest_queue, refusal=timedelta(seconds=switches.refusal_seconds)):
                fault = self.faults.take(operation)
                await self.faults.delay(fault)
                key = sent.text("access_key") or request.headers.get("X-Desknets-Auth", "")
                answer = answer_under(fault, lambda: self._work(found["module"], sent, key))
        except QueueFull:
            answer = Answer(Response(status_code=_TOO_MANY))
        self.calls.note(operation, sent.shown(), answer, fault)
        return answer.response

    def _work(self, module: str, sent: Posted, key: str) -> Response:
        world, switches, now = self.world(), self.switches(), self.now()
        if switches.is_in_maintenance:
            return HTMLResponse(MAINTENANCE_PAGE)
        caller = _NOBODY if sent.text("action") == "login" else world.keys.caller(key, now)
        if caller is None:
            return Response(status_code=switches.refused_status)
        try:
            return JSONResponse({"status": "ok", **perform(module, Call(world, switches, caller, sent, now))})
        except Refused as refused:
            return _refusal(refused)


async def _form(request: Request) -> bytes:
    is_form = request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM
    return await request.body() if is_form else b""


def _refusal(refused: Refused) -> Response:
    return JSONResponse({"status": "ng", "errorno": refused.number, "errormessage": refused.message, "errmsgadd": refused.extra})
