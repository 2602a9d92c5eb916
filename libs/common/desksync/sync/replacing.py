"""Copies that we delete although their originals stay, for another form of a series (rule R26), an undo or a cleaning. Pure.

That is announced first. If we die after such a call, the missing copy must not look like a deletion by a person, with whom the
original goes; if we die before it, the pair is what it was.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Final

from desksync.sync.event import AllDay, Event, Side
from desksync.sync.link import Link, with_base
from desksync.sync.parts import is_there, owner_of
from desksync.sync.plan import Action, Create, Delete
from desksync.sync.reading import Known

_NO_TIME: Final = AllDay(date.min, date.min)
"""When the base of an original is whose copy is being deleted. No event is then, so that the original counts as changed."""


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
    return [marked(delete.link, delete.side) for delete in _replacements(actions)]


def withdrawn(actions: Iterable[Action]) -> list[Link]:
    """Return the links as they were before they were announced, for calls that were not made or were refused."""
    return [delete.link for delete in _replacements(actions)]


def marked(link: Link, copy: Side) -> Link:
    """Return the link to keep while its event on that side, our copy, is being deleted. It keeps the base of the original."""
    base = link.base_on(copy.other)
    return link if base.when == _NO_TIME else with_base(link, copy.other, Event(_NO_TIME, exceptions={date.min: base}))


def unmarked(link: Link) -> Link:
    """Return the link as it was before it was marked, or as it is."""
    for side in Side:
        if (base := link.base_on(side).exceptions.get(date.min)) is not None and is_announced(link, side):
            return with_base(link, side, base)
    return link


def recovered(link: Link, known: Mapping[Side, Known]) -> Link:
    """Return the link as it is to be decided by: of a copy that is there after all, nothing is announced any more."""
    before = unmarked(link)
    is_whole = before is not link and all(is_there(link.id_on(side), known[side]) for side in Side)
    return before if is_whole else link


def is_announced(link: Link, original: Side) -> bool:
    """Say whether the copy of that side's event may have been deleted by us."""
    return link.base_on(original).when == _NO_TIME


def _replacements(actions: Iterable[Action]) -> list[Delete]:
    return [action for action in actions if isinstance(action, Delete) and action.is_superseded]
