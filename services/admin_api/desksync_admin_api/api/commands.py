"""Commands: what a machine may send again when it heard no answer. The same key does it once, and brings the same answer.

The key, the work and the answer are one transaction: a call that failed leaves no key behind, and can be repeated with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from desksync.store.idempotency import begin_call, end_call
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.errors import KeyReused
from desksync_admin_api.web import TheWeb, Web

PREFIX = "/api/v1"
ACCEPTED = 202

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Any text of your own. Sent again within 24 hours, the command is not done again.",
        examples=["4e9f1a30-5a41-4d0e-9b0a-0f2f6f1c7a11"],
    ),
]


class Accepted(BaseModel):
    """A command that was taken. What comes of it is at `poll`.

    With `errand` that is the errand. With `ticket_id` it is the user: the run has ended when `last_run` has this ticket and
    `finished_at`. With neither a run is ahead or under way already.
    """

    poll: str = Field(description="Where to look what came of it.", examples=["/api/v1/errands/41"])
    errand: int | None = Field(default=None, examples=[41])
    ticket_id: str | None = Field(default=None, examples=["3d0f5c58-3a1b-4c0e-8a6b-6a6c5b1d2e7f"])


@dataclass(frozen=True, slots=True)
class Command:
    """One request for a command, and how to answer it."""

    request: Request
    response: Response
    web: Web
    key: str | None

    def once(self, session: Session, caller: Caller, work: Callable[[], Accepted], *more: str | None) -> Accepted:
        """Do the work, unless the caller has had it done under this key. `more` is what else the request says.

        Raises `KeyReused` where the key came with another request.
        """
        done = work() if self.key is None else self._by_key(session, caller, self.key, work, more)
        self.response.headers["location"] = done.poll
        return done

    def _by_key(
        self, session: Session, caller: Caller, key: str, work: Callable[[], Accepted], more: tuple[str | None, ...]
    ) -> Accepted:
        who = _digest(caller.kind, caller.id)
        asked = _digest(self.request.method, self.request.url.path, *more)
        kept = begin_call(session, who, key, asked, self.web.now())
        if kept is None:
            done = work()
            end_call(session, who, key, ACCEPTED, done.model_dump_json())
            return done
        if kept.request_hash != asked or kept.answer is None:
            raise KeyReused
        self.response.headers["idempotent-replayed"] = "true"
        return Accepted.model_validate_json(kept.answer)


def _command(request: Request, response: Response, web: TheWeb, key: Key = None) -> Command:
    return Command(request, response, web, key)


TheCommand = Annotated[Command, Depends(_command)]


def _digest(*parts: str | None) -> str:
    return sha256("\n".join(part or "" for part in parts).encode()).hexdigest()
