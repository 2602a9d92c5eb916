"""Batches: a multipart/mixed body of HTTP requests in, one of HTTP responses out, in the same order (Google batch guide)."""

from collections.abc import Sequence
from email.message import Message
from email.parser import BytesParser, HeaderParser
from email.policy import HTTP
from http import HTTPStatus

from starlette.responses import Response

from desksync_sandbox.google.errors import bad_request
from desksync_sandbox.google.exchange import ApiRequest

MOST_CALLS = 1000
_BOUNDARY = "batch_desksync_sandbox"
CONTENT_TYPE = f"multipart/mixed; boundary={_BOUNDARY}"


def read_batch(content_type: str, body: bytes, outer: dict[str, str]) -> list[tuple[str, ApiRequest]]:
    """Return the inner requests, each with its Content-ID. Outer headers apply to all but for those about content.

    Raises `GoogleError` (400) for what is no batch, or holds more than 1,000 calls.
    """
    whole = BytesParser(policy=HTTP).parsebytes(f"content-type: {content_type}\r\n\r\n".encode() + body)
    parts = whole.get_payload()
    if not whole.is_multipart() or not isinstance(parts, list):
        raise bad_request("Failed to parse batch request.")
    if len(parts) > MOST_CALLS:
        raise bad_request(f"The batch request exceeds {MOST_CALLS} calls.")
    shared = {name: value for name, value in outer.items() if not name.startswith("content-")}
    return [_read_part(part, shared) for part in parts if isinstance(part, Message)]


def write_batch(answers: Sequence[tuple[str, Response]]) -> bytes:
    """Return the body of the answer; every part carries the Content-ID of its request with `response-` before it."""
    parts = [_written_part(content_id, answer) for content_id, answer in answers]
    return b"".join(f"--{_BOUNDARY}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{_BOUNDARY}--\r\n".encode()


def _read_part(part: Message, shared: dict[str, str]) -> tuple[str, ApiRequest]:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        raise bad_request("Failed to parse batch request.")
    line, _, rest = payload.replace(b"\r\n", b"\n").partition(b"\n")
    head, _, body = rest.partition(b"\n\n")
    words = line.decode("utf-8", "replace").split()
    if len(words) < 2:  # noqa: PLR2004 - method and target
        raise bad_request("Failed to parse batch request.")
    own = {name.lower(): value for name, value in HeaderParser().parsestr(head.decode("utf-8", "replace")).items()}
    return str(part.get("Content-ID", "")), ApiRequest(words[0].upper(), words[1], {**shared, **own}, body)


def _written_part(content_id: str, answer: Response) -> bytes:
    lines = ["Content-Type: application/http"]
    if content_id:
        lines.append(f"Content-ID: <response-{content_id.strip('<>')}>")
    lines += ["", f"HTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}"]
    # googleapiclient cannot read a part without any header, as that of a 204 would be.
    headers = {"content-length": str(len(answer.body)), **answer.headers}
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + bytes(answer.body)
