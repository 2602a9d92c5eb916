"""An office whose first user has two real calendars in memory, and in which errands are carried out when told."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from httpx2 import Response

from desksync.store import errands
from desksync.store.audit import Party
from desksync.store.directory import ListedUser, sync_directory
from desksync.store.users import find_user, set_web_role
from desksync.store.web_states import ErrandKind, WebRole
from desksync.sync.event import Event
from desksync_admin_api.errands.loop import ErrandLoop
from desksync_admin_api.errands.work import REFUSALS, works
from tests.admin_api.office import As, WebOffice, an_office
from tests.store.builders import a_user
from tests.worker.desks import desks
from tests.worlds import World, a_world


@dataclass
class Place:
    """The pages and the calendars. USER is the one with the calendars."""

    office: WebOffice
    world: World

    def get(self, who: As, path: str) -> Response:
        return self.office.browser(who).get(path)

    def press(self, who: As, path: str, *, form_on: str | None = None, **values: str) -> str:
        """Send a form, and return where that leads."""
        answer = self.office.browser(who).submit(path, values, form_on=form_on)
        assert answer.status_code == 303, answer.status_code
        return answer.headers["location"]

    def carry_out(self) -> None:
        """Do what was ordered."""
        kinds = works(self.world.begin, desks(self.world), self.office.neo, self.world.clock)
        loop = ErrandLoop(self.office.begin, kinds, REFUSALS, self.world.clock, lambda: None)
        while loop.turn():
            pass


@contextmanager
def a_place(*, neo: Iterable[Event] = (), google: Iterable[Event] = (), **options: Any) -> Iterator[Place]:
    """Give an office with the people that all tests have. `options` are those of `Options`."""
    world = a_world(neo=neo, google=google)
    with world.begin() as session:
        sync_directory(session, [ListedUser("101", "user1", "User 1")], world.clock(), time_zone="Asia/Tokyo")
    for number in (2, 3):
        a_user(world.begin, number)
    with world.begin() as session:
        administrator = find_user(session, "user3", world.clock())
        assert administrator is not None
        set_web_role(session, administrator.id, WebRole.ADMINISTRATOR)
    with an_office(world.engine, **options) as office:
        yield Place(office, world)


def an_errand(
    office: WebOffice,
    who: As = As.USER,
    kind: ErrandKind = ErrandKind.UNDO,
    result: dict[str, Any] | None = None,
    **arguments: Any,
) -> int:
    """Order an errand about that user as an administrator does, with what came of it if need be, and return its number."""
    now, asker = office.clock(), office.user(As.USER_ADMINISTRATOR)
    party = Party("user", str(asker.id), asker.name)
    with office.begin() as session:
        errand_id = errands.order(session, kind, office.user_id(who), arguments or {"run_id": 1}, party, now)
        if result is not None:
            held = errands.get_errand(session, errand_id)
            assert held is not None
            assert errands.finish_errand(session, held, result, now)
    return errand_id
