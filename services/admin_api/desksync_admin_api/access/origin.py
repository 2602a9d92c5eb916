"""Where a request comes from: the address of the caller, and whether the page that sent it is ours."""

from starlette.requests import Request

from desksync_admin_api.errors import FormTooOld
from desksync_admin_api.web import Options

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def address_of(request: Request) -> str:
    """Return the caller's address. Behind a trusted proxy the server has put the right one there already."""
    return request.client.host if request.client else ""


def require_same_origin(request: Request, options: Options) -> None:
    """Refuse a change that a page of another site asks for. Browsers say where a request comes from; machines say nothing.

    This comes before the token of the form and holds for every route, so that a route that forgets the token is no hole.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise FormTooOld
    origin = request.headers.get("origin")
    if origin is not None and origin.lower() != options.origin and origin.lower() != _asked_of(request):
        raise FormTooOld


def _asked_of(request: Request) -> str:
    # Under whichever name the browser reached us, a page of that very name is ours.
    return f"{request.url.scheme}://{request.headers.get('host', '')}".lower()
