"""Which language a request is answered in: the one chosen, else what the browser asks for, else the one of the installation."""

from babel.core import negotiate_locale
from starlette.requests import Request

from desksync_admin_api.locale.catalogue import LANGUAGES

COOKIE = "language"


def language_of(chosen: str | None, accepted: str, default: str) -> str:
    """Return one of our languages. `accepted` is the header `Accept-Language`."""
    if chosen in LANGUAGES:
        return chosen
    wanted = [name.replace("-", "_") for name, _ in sorted(_weighed(accepted), key=lambda one: -one[1])]
    found = negotiate_locale(wanted, list(LANGUAGES))
    return found if found in LANGUAGES else default


def accepted_by(request: Request) -> str:
    """Return what the browser asks for."""
    return request.headers.get("accept-language", "")[:500]


def _weighed(accepted: str) -> list[tuple[str, float]]:
    found = []
    for part in accepted.split(","):
        name, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if name and name != "*" and weight > 0:
            found.append((name.strip(), weight))
    return found
