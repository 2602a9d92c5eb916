"""Deletions that wait for a person, and what persons have said about them (rule R5)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from desksync.store.states import HoldState
from desksync.store.tables import IS_WAITING, held_plan
from desksync.sync.event import Side, first_day
from desksync.sync.guard import Decided, Guarded, Pairs

SAMPLE_SIZE = 20
"""How many of the events that would be deleted are kept for the person to look at."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """One event that would be deleted on that side, as a person knows it. `day` is its first."""

    side: Side
    title: str
    day: date


@dataclass(frozen=True, slots=True)
class Held:
    """Deletions of one user that were held together. `neo` and `google` say how many on which side.

    `mark` is another one as soon as others are held: whoever answers names the one that they have seen.
    """

    id: int
    user_id: int
    at: datetime
    state: HoldState
    neo: int
    google: int
    sample: tuple[Sampled, ...]
    mark: str
    decided_at: datetime | None = None
    decided_by: str | None = None

    @property
    def number(self) -> int:
        """Return how many deletions there are."""
        return self.neo + self.google


def decided(session: Session, user_id: int) -> Decided:
    """Return what waits, and what was said of it and has not come true yet."""
    found: dict[HoldState, set[tuple[str, str]]] = {state: set() for state in HoldState}
    rows = session.execute(
        select(held_plan.c.state, held_plan.c.pairs).where(held_plan.c.user_id == user_id, held_plan.c.pairs != _NOTHING)
    )
    for row in rows:
        found[row.state] |= _pairs(row.pairs)
    return Decided(*(frozenset(found[state]) for state in (HoldState.WAITING, HoldState.RELEASED, HoldState.REFUSED)))


def record(session: Session, user_id: int, guarded: Guarded, still: Pairs, now: datetime) -> bool:
    """Keep what is held now, in place of what was, and say whether something is held that was not.

    `still` are the pairs of which something was said and which are not settled yet; the others are forgotten.
    """
    found = list(session.execute(select(held_plan).where(held_plan.c.user_id == user_id, held_plan.c.pairs != _NOTHING)))
    for row in found:
        left = _pairs(row.pairs) & still
        if row.state is not HoldState.WAITING and left != _pairs(row.pairs):
            session.execute(update(held_plan).where(held_plan.c.id == row.id).values(pairs=_text(left)))
    waiting = next((row for row in found if row.state is HoldState.WAITING), None)
    if not guarded.held:
        if waiting is not None:
            session.execute(delete(held_plan).where(held_plan.c.id == waiting.id))
        return False
    values = _values(guarded)
    if waiting is None:
        session.execute(insert(held_plan).values(user_id=user_id, at=now, state=HoldState.WAITING, **values))
        return True
    before = _pairs(waiting.pairs)
    if guarded.pairs != before:
        session.execute(update(held_plan).where(held_plan.c.id == waiting.id).values(**values))
    return bool(guarded.pairs - before)


def list_waiting(session: Session, user_id: int | None = None) -> list[Held]:
    """Return what waits for a person, of the user or of all, the oldest first."""
    wanted = select(held_plan).where(held_plan.c.state == HoldState.WAITING).order_by(held_plan.c.id)
    if user_id is not None:
        wanted = wanted.where(held_plan.c.user_id == user_id)
    return [_held(row) for row in session.execute(wanted)]


def count_waiting(session: Session) -> int:
    """Return for how many users something waits."""
    return session.scalar(select(func.count()).select_from(held_plan).where(IS_WAITING)) or 0


def answer(session: Session, user_id: int, state: HoldState, by: str, now: datetime, *, seen: str | None = None) -> Held | None:
    """Release or refuse what waits, and return it; `None` when nothing waits. `by` names who said so.

    `seen` is the mark of what somebody was shown: when others wait by now, nothing is answered, and `None` is returned as well.
    """
    is_meant = (held_plan.c.user_id == user_id) & (held_plan.c.state == HoldState.WAITING)
    if seen is not None:
        pairs = session.scalars(select(held_plan.c.pairs).where(is_meant)).one_or_none()
        if pairs is None or _mark(pairs) != seen:
            return None
        is_meant &= held_plan.c.pairs == pairs  # A run may change them between the two statements.
    answering = update(held_plan).where(is_meant).values(state=state, decided_at=now, decided_by=by)
    row = session.execute(answering.returning(*held_plan.c)).one_or_none()
    return None if row is None else _held(row)


_NOTHING = "[]"


def _values(guarded: Guarded) -> dict[str, Any]:
    sample = [
        {"side": one.side.value, "title": one.current.event.title, "day": first_day(one.current.event.when).isoformat()}
        for one in sorted(guarded.held, key=lambda one: (first_day(one.current.event.when), one.current.id))[:SAMPLE_SIZE]
    ]
    return {
        "neo_deletes": guarded.number_on(Side.NEO),
        "google_deletes": guarded.number_on(Side.GOOGLE),
        "sample": json.dumps(sample, ensure_ascii=False),
        "pairs": _text(guarded.pairs),
    }


def _text(pairs: Iterable[tuple[str, str]]) -> str:
    return json.dumps(sorted(pairs), separators=(",", ":"))


def _pairs(text: str) -> Pairs:
    return frozenset((neo_id, google_id) for neo_id, google_id in json.loads(text))


def _mark(pairs: str) -> str:
    return sha256(pairs.encode()).hexdigest()[:32]


def _held(row: Row[*tuple[Any, ...]]) -> Held:
    sample = tuple(Sampled(Side(one["side"]), one["title"], date.fromisoformat(one["day"])) for one in json.loads(row.sample))
    return Held(
        row.id,
        row.user_id,
        row.at,
        row.state,
        row.neo_deletes,
        row.google_deletes,
        sample,
        _mark(row.pairs),
        row.decided_at,
        row.decided_by,
    )
