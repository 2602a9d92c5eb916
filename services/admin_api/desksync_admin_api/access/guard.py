"""Goes around the whole application: gives each request a number, each answer its security headers, and each a line in the log.

Asynchronous, because that is how the server calls; it does no work of its own that could hold others up.
"""

import logging
import time
from uuid import uuid4

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from desksync_admin_api.web import Web

log = logging.getLogger(__name__)

LARGEST_BODY = 1_000_000
"""In bytes."""

LARGEST_FILE = 20_000_000
"""Of a form with a file, which is put on the disk while it comes: a list of 100,000 users as CSV is about 8 MB."""

_UNLOGGED = frozenset({"/healthz", "/readyz"})


class Guard:
    """The application as the server sees it."""

    def __init__(self, app: FastAPI, web: Web, form_targets: tuple[str, ...] = ()) -> None:
        """`form_targets` are the origins to which a form of ours may lead the browser on: Google's and the company's sign-in."""
        self.app = app
        self._headers = security_headers(web, form_targets)
        self._seconds = web.metrics.web_request_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, begun, path = str(uuid4()), time.perf_counter(), scope["path"]
        scope.setdefault("state", {})["request_id"] = request_id

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                headers["x-request-id"] = request_id
                seconds = time.perf_counter() - begun
                if path not in _UNLOGGED:
                    self._seconds.labels(f"{message['status'] // 100}xx").observe(seconds)
                    fields = {"method": scope["method"], "path": path, "status": message["status"], "request_id": request_id}
                    log.info("request", extra=fields | {"ms": round(seconds * 1000)})
            await send(message)

        refusal = _refusal_of_body(Headers(scope=scope))
        await (refusal or self.app)(scope, receive, sent)


def security_headers(web: Web, form_targets: tuple[str, ...]) -> dict[str, str]:
    """Return what every answer says to the browser: nothing from elsewhere, nothing inline, in no frame, no guessing of types."""
    targets = " ".join(("'self'", *form_targets))
    headers = {
        "content-security-policy": (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
            f"form-action {targets}; base-uri 'none'; frame-ancestors 'none'"
        ),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if web.options.is_https:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return headers


def _refusal_of_body(headers: Headers) -> PlainTextResponse | None:
    if "transfer-encoding" in headers:
        return PlainTextResponse("Send the length of the body (Content-Length).\n", status_code=411)
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        return PlainTextResponse("The length of the body is no number.\n", status_code=400)
    largest = LARGEST_FILE if headers.get("content-type", "").startswith("multipart/form-data") else LARGEST_BODY
    if int(length) > largest:
        return PlainTextResponse(f"At most {largest} bytes are taken.\n", status_code=413)
    return None
