"""The web side with people in front of it: one browser for each role, and machines with tokens. No network, a real database.

def test_an_auditor_sees_the_overview(office: WebOffice) -> None:
    answer = office.browser(As.AUDITOR).get("/admin")
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from httpx2 import Response
from sqlalchemy import Engine
from starlette.testclient import TestClient

from desksync.ops.health import Health
from desksync.ops.metrics import Metrics
from desksync.ops.secrets import Cipher, SecretKey, make_key
from desksync.store import accounts, api_tokens, web_sessions
from desksync.store.api_tokens import NewToken
from desksync.store.audit import Entry, Wanted, list_entries
from desksync.store.engine import Begin, make_begin
from desksync.store.users import User, find_user, get_user, set_web_role
from desksync.store.web_sessions import Holder, NewSession
from desksync.store.web_states import SignInWay, WebRole
from desksync_admin_api.access.cookies import SESSION
from desksync_admin_api.access.guard import Guard
from desksync_admin_api.access.secret import hashed, new_secret, new_token
from desksync_admin_api.application import application
from desksync_admin_api.doors import NeoPerson
from desksync_admin_api.web import Options, Web
from tests.admin_api.fake_doors import FakeGoogle, FakeNeo
from tests.store.builders import NOW, a_user

HTTPS = "https://desksync.example.com"


class As(StrEnum):
    """Everybody who may stand in front of the door."""

    NOBODY = "nobody"
    USER = "user"
    OTHER_USER = "other user"
    USER_ADMINISTRATOR = "user who administers"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    AUDITING_MACHINE = "auditing machine"
    ADMINISTRATING_MACHINE = "administrating machine"


_ACCOUNTS = {As.AUDITOR: WebRole.AUDITOR, As.ADMINISTRATOR: WebRole.ADMINISTRATOR}
_MACHINES = {As.AUDITING_MACHINE: WebRole.AUDITOR, As.ADMINISTRATING_MACHINE: WebRole.ADMINISTRATOR}
_USERS = {As.USER: 1, As.OTHER_USER: 2, As.USER_ADMINISTRATOR: 3}


@dataclass
class Clock:
    """The time of the tests; it moves when told."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Browser:
    """A browser: it keeps cookies, follows nothing by itself, and fills in forms as they are on the page."""

    client: TestClient

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def submit(self, path: str, values: Mapping[str, Any] | None = None, *, form_on: str | None = None, **more: Any) -> Response:
        """Send a form. Its token is taken from the page `form_on`, or else from the page at the path itself."""
        token = self.token_on(form_on or path)
        return self.client.post(path, data={"csrf": token, **(values or {})}, **more)

    def token_on(self, path: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get(path).text)
        assert found is not None, f"there is no form on {path}"
        return found[1]


@dataclass
class WebOffice:
    """The web side and who is in front of it. Users 1 to 3 are connected and sync; the third one administers as well."""

    web: Web
    clock: Clock
    neo: FakeNeo
    google: FakeGoogle
    guard: Guard
    stack: ExitStack
    _browsers: dict[As, Browser] = field(default_factory=dict)

    @property
    def begin(self) -> Begin:
        return self.web.begin

    def user_id(self, who: As = As.USER) -> int:
        return self.user(who).id

    def user(self, who: As = As.USER) -> User:
        with self.begin() as session:
            found = find_user(session, f"user{_USERS[who]}", self.clock())
        assert found is not None
        return found

    def user_now(self, user_id: int) -> User:
        """Return a user as the database has them now."""
        with self.begin() as session:
            found = get_user(session, user_id, self.clock())
        assert found is not None
        return found

    def session_ids(self, who: As) -> list[int]:
        """Return the numbers of the sessions of one of the users, who is signed in at least once."""
        self.browser(who)
        holder = Holder(user_id=self.user_id(who))
        with self.begin() as session:
            found = web_sessions.list_sessions(session, holder, self.clock(), self.clock() - timedelta(hours=1))
        return [one.id for one in found]

    def browser(self, who: As = As.NOBODY) -> Browser:
        """Return a browser in front of which that one sits, signed in; the same for every call but for nobody's."""
        if who is As.NOBODY or who not in self._browsers:
            made = Browser(self._client())
            self._sign_in(made.client, who)
            self._browsers[who] = made
        return self._browsers[who]

    def change_browsers(self) -> None:
        """Let everybody come with a new browser from now on, and sign in again."""
        self._browsers.clear()

    def entries(self) -> list[Entry]:
        """Return the audit log, the newest first."""
        with self.begin() as session:
            return list_entries(session, Wanted())

    def deeds(self) -> list[str]:
        return [one.entry.what for one in self.entries()]

    def _client(self) -> TestClient:
        url = self.web.options.public_url
        client = TestClient(self.guard, base_url=url, raise_server_exceptions=False, follow_redirects=False)
        return self.stack.enter_context(client)

    def _sign_in(self, client: TestClient, who: As) -> None:
        if who is As.NOBODY:
            return
        if who in _MACHINES:
            client.headers["authorization"] = f"Bearer {self.a_token(_MACHINES[who])}"
            return
        secret, user_id = new_secret(), self.user_id(who) if who in _USERS else None
        with self.begin() as session:
            if who in _ACCOUNTS:
                made = accounts.find_account(session, who.value) or accounts.create_account(
                    session, who.value, _ACCOUNTS[who], "no hash", self.clock()
                )
                holder, way = Holder(account_id=made.id), SignInWay.LOCAL
            else:
                holder, way = Holder(user_id=user_id), SignInWay.NEO
            expires = self.clock() + self.web.options.session_life
            new = NewSession(hashed(secret), new_secret(), holder, way, expires, "a browser", "192.0.2.1")
            web_sessions.open_session(session, new, self.clock())
        name = SESSION._called(self.web.options)
        client.cookies.set(name, secret)

    def a_token(self, role: WebRole, **changes: Any) -> str:
        """Make a token for a machine and return it."""
        token = new_token()
        new = NewToken(hashed(token), token[:12], f"a machine that is {role.value}", role, "a test", None)
        with self.begin() as session:
            api_tokens.add_token(session, replace(new, **changes), self.clock())
        return token


MakeOffice = Callable[..., WebOffice]


def settle(begin: Begin) -> None:
    """Add the users."""
    for number in _USERS.values():
        a_user(begin, number)
    with begin() as session:
        administrator = find_user(session, f"user{_USERS[As.USER_ADMINISTRATOR]}", NOW)
        assert administrator is not None
        set_web_role(session, administrator.id, WebRole.ADMINISTRATOR)


@contextmanager
def an_office(engine: Engine, **options: Any) -> Iterator[WebOffice]:
    """Give the web side over a database with the people of `settle`. `options` are those of `Options`."""
    clock, neo, google = Clock(), FakeNeo(), FakeGoogle()
    for number in _USERS.values():
        neo.people[f"user{number}"] = (f"password {number}", NeoPerson(str(100 + number), f"User {number}"))
    web = Web(
        begin=make_begin(engine),
        reads=make_begin(engine, reads_only=True),
        cipher=Cipher((SecretKey.parse(make_key()),)),
        now=clock,
        neo=neo,
        google=google,
        options=Options(**({"public_url": HTTPS} | options)),
        health=Health(lambda: 0.0),
        metrics=Metrics(version="test"),
    )
    with ExitStack() as stack:
        yield WebOffice(web, clock, neo, google, application(web), stack)
