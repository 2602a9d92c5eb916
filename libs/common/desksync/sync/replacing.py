"""Copies that are to be deleted because their series is copied in another form: after the new one, and announced (R26). Pure.

Their originals were not deleted. If we die after such a call, the missing copy must not look like a deletion by a person, with
whom the original goes.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from desksync.sync.event import AllDay, Event, Side
from desksync.sync.link import Link
from desksync.sync.parts import owner_of
from desksync.sync.plan import Action, Create, Delete

_ANNOUNCED: Final = Event(AllDay(date.min, date.min))
"""The base of an original whose copy is being deleted. No event is equal to it, so that the original counts as changed."""


def is_replacement(action: Action) -> bool:
    """Say whether the action deletes a copy in the old form of a series."""
    return isinstance(action, Delete) and action.is_superseded


def is_due(action: Action, unmade: Collection[Create]) -> bool:
    """Say whether the action may be carried out although these creations came to nothing.

    A copy in the old form has to stay when what was to take its place is not there.
    """
    if not isinstance(action, Delete) or not action.is_superseded:
        return True
    series = owner_of(action.link.id_on(action.side.other))
    return all(create.side is not action.side or owner_of(create.source.id) != series for create in unmade)


def announced(actions: Iterable[Action]) -> list[Link]:
    """Return the links to keep while these actions are carried out: written down before the first call."""
    return [_with_base(delete.link, delete.side.other, _ANNOUNCED) for delete in _replacements(actions)]


def withdrawn(actions: Iterable[Action]) -> list[Link]:
    """Return the links as they were before they were announced, for calls that were not made or were refused."""
    return [delete.link for delete in _replacements(actions)]


def is_announced(link: Link, original: Side) -> bool:
    """Say whether the copy of that side's event may have been deleted by us."""
    return link.base_on(original) == _ANNOUNCED


def _replacements(actions: Iterable[Action]) -> list[Delete]:
    return [action for action in actions if isinstance(action, Delete) and action.is_superseded]


def _with_base(link: Link, side: Side, base: Event) -> Link:
    return replace(link, neo=base) if side is Side.NEO else replace(link, google=base)
