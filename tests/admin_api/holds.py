"""Deletions that wait, for the pages."""

from desksync.store.held import Held, list_waiting, record
from desksync.sync.event import Side
from desksync.sync.guard import Guarded
from desksync.sync.link import Link
from desksync.sync.plan import Delete, Plan
from desksync.sync.reading import Stored
from tests.admin_api.office import As, WebOffice
from tests.builders import an_event


def a_hold(office: WebOffice, who: As = As.USER, *, neo: int = 0, google: int = 12, title: str = "Secret dinner") -> Held:
    """Let deletions of one user wait: so many on each side."""
    hold(office, office.user_id(who), neo=neo, google=google, title=title)
    found = waiting(office, who)
    assert found is not None
    return found


def hold(office: WebOffice, user_id: int, *, neo: int = 0, google: int = 12, title: str = "Secret dinner") -> None:
    deletes = []
    for number in range(neo + google):
        side = Side.NEO if number < neo else Side.GOOGLE
        link = Link(f"n{number}", f"g{number}", an_event(title), an_event(title))
        deletes.append(Delete(side, link, Stored(link.id_on(side), an_event(title))))
    with office.begin() as session:
        record(session, user_id, Guarded(Plan(), tuple(deletes)), frozenset(), office.clock())


def waiting(office: WebOffice, who: As = As.USER) -> Held | None:
    with office.begin() as session:
        found = list_waiting(session, office.user_id(who))
    return found[0] if found else None
