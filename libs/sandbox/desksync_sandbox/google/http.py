"""The API over HTTP: takes faults into account, keeps the request log, and unpacks batches. Decides nothing about calendars."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desksync_sandbox.faults import Calls, Fault, Faults, Kind, answer_under
from desksync_sandbox.google.api import answer, operation_of, refusal
from desksync_sandbox.google.batch import CONTENT_TYPE, read_batch, write_batch
from desksync_sandbox.google.errors import REASONS, GoogleError, by_reason, by_status
from desksync_sandbox.google.exchange import API_PATH, ApiAnswer, ApiRequest
from desksync_sandbox.google.world import World
from desksync_sandbox.server import NoAnswer

BATCH_PATH = "/batch/calendar/v3"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True)
class Front:
    """Answers HTTP requests from the world, or fails as ordered."""

    world: World
    faults: Faults
    calls: Calls

    def routes(self) -> list[Route]:
        """Return the routes of the API."""
        return [
            Route(API_PATH + "{rest:path}", self.api, methods=_METHODS),
            Route(BATCH_PATH, self.batch, methods=["POST"]),
        ]

    async def api(self, request: Request) -> Response:
        """Answer one call."""
        return await self._answered(_call(request, await request.body()).opened(), _site(request))

    async def batch(self, request: Request) -> Response:
        """Answer a batch, call by call. A call that gets no answer takes the whole connection with it."""
        try:
            parts = read_batch(request.headers.get("content-type", ""), await request.body(), dict(request.headers))
        except GoogleError as error:
            return rendered(refusal(error))
        answers: list[tuple[str, Response]] = []
        for content_id, call in parts:
            found = await self._answered(call, _site(request))
            if isinstance(found, NoAnswer):
                return found
            answers.append((content_id, found))
        return Response(write_batch(answers), media_type=CONTENT_TYPE)

    async def suffered(self, operation: str, parameters: dict[str, str], work: Callable[[], Response]) -> Response:
        """Do the work under the fault that stands for the operation, and note the call."""
        fault = in_google_words(self.faults.take(operation))
        if fault is not None and fault.seconds:
            await asyncio.sleep(fault.seconds)
        found = answer_under(fault, work)
        self.calls.note(operation, parameters, found, fault)
        return found.response

    async def _answered(self, call: ApiRequest, site: str) -> Response:
        return await self.suffered(operation_of(call), _noted(call), lambda: rendered(answer(self.world, call, site)))


def rendered(found: ApiAnswer) -> Response:
    """Return an answer as an HTTP response."""
    headers = dict(found.headers)
    if found.body is None:
        return Response(status_code=found.status, headers=headers)
    return JSONResponse(found.body, found.status, headers, media_type="application/json; charset=UTF-8")


def in_google_words(fault: Fault | None) -> Fault | None:
    """Return the fault with a body as Google writes it, where none is ordered.

    A body that is one of `REASONS`, such as `quotaExceeded`, stands for the whole error of that reason.
    """
    if fault is None or fault.kind not in (Kind.STATUS, Kind.LOSE_ANSWER):
        return fault
    if isinstance(fault.body, str) and fault.body in REASONS:
        error = by_reason(fault.body, fault.status)
    elif fault.body is None and (fault.kind is Kind.STATUS or fault.status is not None):
        error = by_status(fault.status or 503)
    else:
        return fault
    return fault.model_copy(update={"status": error.status, "body": error.body()})


def _call(request: Request, body: bytes) -> ApiRequest:
    query = request.scope["query_string"].decode()
    path = request.scope.get("raw_path", request.url.path.encode()).decode().partition("?")[0]
    return ApiRequest(request.method, f"{path}?{query}" if query else path, dict(request.headers), body)


def _site(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _noted(call: ApiRequest) -> dict[str, str]:
    """Return what the request log keeps: method, path and query, and what a new event is called; never a token."""
    parameters = {
        name: ",".join(values) for name, values in call.parameters.items() if name not in ("access_token", "oauth_token")
    }
    conditions = {name: call.headers[name] for name in ("if-match", "if-none-match") if name in call.headers}
    return {
        "method": call.method,
        "path": unquote(call.path.removeprefix(API_PATH)),
        **parameters,
        **conditions,
        **_called(call),
    }


def _called(call: ApiRequest) -> dict[str, str]:
    if operation_of(call) != "events.insert":
        return {}
    try:
        sent = call.json()
    except GoogleError:
        return {}  # It is refused for that.
    return {name: str(sent[name]) for name in ("id", "summary") if name in sent}
