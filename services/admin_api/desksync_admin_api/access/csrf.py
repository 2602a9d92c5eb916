"""The token in every form that says: this form was made by us, for this browser. Knows no form."""

import hmac

from starlette.requests import Request

from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.cookies import VISIT
from desksync_admin_api.access.secret import hashed
from desksync_admin_api.web import Options

FIELD = "csrf"
HEADER = "x-csrf-token"


def token_of(request: Request, caller: Caller, options: Options) -> str | None:
    """Return the token of this browser's forms; `None` for somebody who is not signed in and has no cookie of a visit."""
    if caller.session is not None:
        return caller.session.csrf
    visit = VISIT.read(request, options)
    return None if visit is None else token_of_visit(visit)


def token_of_visit(visit: str) -> str:
    """Return the token of the forms of somebody who is not signed in."""
    return hashed(f"form of {visit}")


def is_right(given: str, expected: str) -> bool:
    """Say whether the token is the right one, without telling by the time it takes how much of it is."""
    return hmac.compare_digest(given.encode(), expected.encode())
