"""What a person or a test orders of Google beyond faults: tokens that expire or die, and what guests would have been mailed."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desksync_sandbox.google.world import World


class _Unknown(Exception):
    """There is nothing of that name; `str()` says so."""


class _Order(BaseModel):
    """Names what to break: a calendar (all when missing), an account, or a refresh token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calendar_id: str | None = None
    email: str | None = None
    refresh_token: str | None = None


@dataclass(frozen=True)
class _Control:
    world: World

    def expire_sync_tokens(self, order: _Order) -> None:
        try:
            self.world.expire_sync_tokens(order.calendar_id)
        except KeyError as error:
            raise _Unknown(f"There is no calendar {order.calendar_id!r}.") from error

    def expire_access_tokens(self, _order: _Order) -> None:
        with self.world.lock:
            self.world.grants.expire_access_tokens()

    def revoke(self, order: _Order) -> None:
        with self.world.lock:
            if order.email is not None and order.email not in self.world.accounts:
                raise _Unknown(f"There is no account {order.email!r}.")
            if order.refresh_token is not None and not self.world.grants.kill(order.refresh_token):
                raise _Unknown("There is no such refresh token.")
            for email in list(self.world.accounts) if order == _Order() else [order.email]:
                if email is not None:
                    self.world.grants.revoke_account(email)


def more_control_routes(world: World) -> list[Route]:
    """Return `POST /control/expire-sync-tokens`, `expire-access-tokens` and `revoke`, and `GET /control/mails`.

    The orders take `{"calendar_id"}`, nothing, and `{"email"}` or `{"refresh_token"}`; an empty body means all.
    """
    control = _Control(world)

    async def mails(_request: Request) -> Response:
        with world.lock:
            return JSONResponse([asdict(mail) for mail in world.mails])

    return [
        Route("/control/expire-sync-tokens", _ordered(control.expire_sync_tokens), methods=["POST"]),
        Route("/control/expire-access-tokens", _ordered(control.expire_access_tokens), methods=["POST"]),
        Route("/control/revoke", _ordered(control.revoke), methods=["POST"]),
        Route("/control/mails", mails, methods=["GET"]),
    ]


def _ordered(work: Callable[[_Order], None]) -> Callable[[Request], object]:
    async def handle(request: Request) -> Response:
        try:
            order = _Order.model_validate_json(await request.body() or b"{}")
        except ValidationError as error:
            return JSONResponse({"error": str(error)}, 422)
        try:
            work(order)
        except _Unknown as error:
            return JSONResponse({"error": str(error)}, 404)
        return Response(status_code=204)

    return handle
