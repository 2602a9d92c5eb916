"""Everything that can go wrong with a request, in one table: status, name for machines, words for people.

Handlers raise these; what is made of them, a page or `application/problem+json`, is decided at one place (`answers`).
"""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from desksync_admin_api.locale.texts import T, Text


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of error: its HTTP status, its name in `type` of a problem, and its title."""

    status: HTTPStatus
    name: str
    title: Text


class WebError(Exception):
    """Something is wrong with a request. `detail` says what, and what to do."""

    kind: Kind

    def __init__(self, detail: Text | None = None, *, fields: dict[str, Text] | None = None) -> None:
        self.detail = detail or self.kind.title
        self.fields = fields or {}
        super().__init__(self.detail.singular)


class NotSignedIn(WebError):
    """Nobody is signed in, and somebody has to be."""

    kind = Kind(HTTPStatus.UNAUTHORIZED, "not-signed-in", T("Please sign in."))


class NotAllowed(WebError):
    """Somebody is signed in who may not do this."""

    kind = Kind(HTTPStatus.FORBIDDEN, "not-allowed", T("You may not open this page."))


class FormTooOld(WebError):
    """The form was made for another session, or by another site."""

    kind = Kind(
        HTTPStatus.FORBIDDEN,
        "form-too-old",
        T("This form is too old. Nothing was changed. Go back, load the page again, and repeat what you entered."),
    )


class NotFound(WebError):
    """There is no such thing, or it belongs to somebody else: the two look alike from outside."""

    kind = Kind(HTTPStatus.NOT_FOUND, "not-found", T("There is no such page."))


class WrongMethod(WebError):
    """The page is there, but cannot be asked like this."""

    kind = Kind(HTTPStatus.METHOD_NOT_ALLOWED, "wrong-method", T("This page cannot be used in this way."))


class Conflict(WebError):
    """It was changed meanwhile by somebody else, or does not fit what is there."""

    kind = Kind(HTTPStatus.CONFLICT, "conflict", T("Somebody else has changed this meanwhile. Load it again."))


class PreconditionFailed(WebError):
    """The version that the caller names is not the present one."""

    kind = Kind(HTTPStatus.PRECONDITION_FAILED, "precondition-failed", T("This was changed meanwhile. Read it again."))


class PreconditionMissing(WebError):
    """A change has to name the version that it rests on."""

    kind = Kind(HTTPStatus.PRECONDITION_REQUIRED, "precondition-required", T("Send the ETag that you have read as If-Match."))


class Invalid(WebError):
    """What was sent cannot be understood; `fields` says where."""

    kind = Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", T("Some of what you entered cannot be used."))


class KeyReused(WebError):
    """An idempotency key came again with another request."""

    kind = Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "key-reused",
        T("This Idempotency-Key was sent with another request before. Nothing was done. Use a new key for each command."),
    )


class TooLarge(WebError):
    """More was sent than is taken."""

    kind = Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", T("This is too large."))


class TooManyAttempts(WebError):
    """Too many failed sign-ins."""

    kind = Kind(HTTPStatus.TOO_MANY_REQUESTS, "too-many-attempts", T("Too many attempts. Please wait."))

    def __init__(self, after: timedelta) -> None:
        self.after = after
        seconds = max(1, round(after.total_seconds()))
        super().__init__(
            T(
                "Too many attempts. Try again in %(number)s second.",
                "Too many attempts. Try again in %(number)s seconds.",
                seconds,
            )
        )


class SideAway(WebError):
    """NEO or Google does not answer as it should."""

    kind = Kind(HTTPStatus.BAD_GATEWAY, "side-away", T("NEO or Google does not answer at the moment. Try again later."))


class DatabaseAway(WebError):
    """The database does not answer."""

    kind = Kind(HTTPStatus.SERVICE_UNAVAILABLE, "database-away", T("The database does not answer. Try again in a minute."))


class Broken(WebError):
    """A mistake of ours."""

    kind = Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", T("Something went wrong on our side. Nothing was changed."))


BY_STATUS: dict[int, type[WebError]] = {
    error.kind.status: error for error in (NotSignedIn, NotAllowed, NotFound, WrongMethod, Conflict, Invalid, TooLarge, Broken)
}
"""What an error of the framework, which knows only its status, counts as."""
