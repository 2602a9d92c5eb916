"""Renders the pages of the stand-in: everything escaped, nothing from outside, no scripts."""

from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "Cache-Control": "no-store",
}
_TEMPLATES = Environment(
    loader=ChoiceLoader([PackageLoader("desksync_sandbox.google"), PackageLoader("desksync_sandbox")]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(name: str, status: int = 200, /, **values: Any) -> Response:
    """Return a page from its template."""
    return HTMLResponse(_TEMPLATES.get_template(name).render(**values), status, _HEADERS)
