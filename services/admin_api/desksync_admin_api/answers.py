"""What is made of an error: a page for people, `application/problem+json` for machines. The only place that decides which."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from desksync.store.engine import DATABASE_ERRORS, VALUE_ERRORS
from desksync.worker.errors import CalendarError
from desksync_admin_api.access.origin import SAFE_METHODS
from desksync_admin_api.access.who import is_for_machines, who
from desksync_admin_api.api.problems import problem
from desksync_admin_api.errors import (
    BY_STATUS,
    Broken,
    DatabaseAway,
    FormTooOld,
    Invalid,
    NotAllowed,
    NotSignedIn,
    SideAway,
    TooManyAttempts,
    WebError,
)
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.page import caller_of, go, page
from desksync_admin_api.web import the_web

log = logging.getLogger(__name__)


def answer_errors(app: FastAPI) -> None:
    """Have every error of the application answered."""
    app.add_exception_handler(WebError, _handler(lambda error: error))
    app.add_exception_handler(HTTPException, _handler(_of_framework))
    app.add_exception_handler(RequestValidationError, _handler(_of_validation))
    app.add_exception_handler(CalendarError, _handler(_of_side))
    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, _handler(_of_database))
    for kind in (*VALUE_ERRORS, OverflowError):
        app.add_exception_handler(kind, _handler(_of_value))
    app.add_exception_handler(Exception, _handler(_of_ours))


def _handler(meaning: Callable[[Any], WebError]) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        return _answer(request, meaning(error))

    return handle


def _answer(request: Request, error: WebError) -> Response:
    _note(request, error)
    if is_for_machines(request):
        return problem(request, error)
    if isinstance(error, NotSignedIn) and request.method in SAFE_METHODS:
        # Whoever is not signed in is asked to, and comes back here afterwards.
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return go(request, f"/sign-in?{urlencode({'back': back})}" if back != "/" else "/sign-in")
    if not isinstance(error, DatabaseAway | Broken):
        _introduce(request)
    response = page(request, "error.html", int(error.kind.status), error=error, is_signed_out=isinstance(error, NotSignedIn))
    if isinstance(error, TooManyAttempts):
        response.headers["retry-after"] = str(max(1, round(error.after.total_seconds())))
    return response


def _note(request: Request, error: WebError) -> None:
    """Log who was refused what: somebody may be trying doors."""
    if isinstance(error, NotAllowed | FormTooOld | TooManyAttempts):
        caller = caller_of(request)
        fields = {
            "kind": error.kind.name,
            "method": request.method,
            "path": request.url.path,
            "who": f"{caller.kind} {caller.id}",
        }
        log.warning("request refused", extra=fields | {"request_id": getattr(request.state, "request_id", "")})


def _introduce(request: Request) -> None:
    """Find out who is calling where no route has: a page that is not there keeps the menu of whoever looked for it."""
    if getattr(request.state, "caller", None) is None:
        try:
            who(request, the_web(request))
        except DATABASE_ERRORS as problem:
            log.warning("the database does not answer", extra={"why": str(problem).partition("\n")[0]})


def _of_framework(error: HTTPException) -> WebError:
    kind = BY_STATUS.get(error.status_code)
    if kind is not None:
        return kind()
    return Invalid(T("This request cannot be understood."))


def _of_validation(error: RequestValidationError) -> WebError:
    # The framework says what is wrong in English: this is for machines. The forms of pages have models of their own.
    return Invalid(fields={".".join(str(part) for part in one["loc"]): Text(str(one["msg"])) for one in error.errors()})


def _of_side(error: CalendarError) -> WebError:
    return SideAway(T("NEO or Google does not answer as it should: %(why)s", why=str(error)))


def _of_database(error: Exception) -> WebError:
    log.warning("the database does not answer", extra={"why": str(error).partition("\n")[0]})
    return DatabaseAway()


def _of_value(_error: Exception) -> WebError:
    return Invalid(T("This request holds a value that cannot be used."))


def _of_ours(error: Exception) -> WebError:
    log.error("a request failed", exc_info=error)
    return Broken()
