"""A NEO and a Google as the web side asks them, in memory. They behave: passwords are checked, codes are used up."""

from dataclasses import dataclass, field

from desksync.store.directory import DirectoryChange
from desksync.worker.errors import CalendarError, Reason, UserMustAct
from desksync_admin_api.doors import CalendarChoice, Consent, NeoPerson, Tell


@dataclass
class FakeNeo:
    """`people` are passwords and persons by login ID, `keys` the access keys by NEO user ID. `error` is raised by every call."""

    people: dict[str, tuple[str, NeoPerson]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    has_site_key: bool = True
    error: CalendarError | None = None
    change: DirectoryChange = field(default_factory=DirectoryChange)
    logins: list[str] = field(default_factory=list)

    def who_is(self, login_id: str, password: str) -> NeoPerson | None:
        self._fail()
        self.logins.append(login_id)
        known, person = self.people.get(login_id, ("", None))
        return person if known and known == password else None

    def try_key(self, neo_user_id: str, key: str) -> None:
        self._fail()
        if self.keys.get(neo_user_id) != key:
            raise UserMustAct(Reason.KEY_REFUSED, "NEO refused the access key (HTTP 401).")

    def refresh(self, tell: Tell) -> DirectoryChange:
        self._fail()
        tell(1, 1)
        return self.change

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


@dataclass
class FakeGoogle:
    """`codes` are what can be exchanged, once; `lists` the calendars by refresh token; `hidden` those outside of any list."""

    origin: str = "https://accounts.google.example"
    codes: dict[str, Consent] = field(default_factory=dict)
    lists: dict[str, list[CalendarChoice]] = field(default_factory=dict)
    hidden: dict[str, CalendarChoice] = field(default_factory=dict)
    revoked: list[str] = field(default_factory=list)
    verifiers: dict[str, str] = field(default_factory=dict)
    error: CalendarError | None = None

    def consent_url(self, *, state: str, verifier: str, login_hint: str = "") -> str:
        self.verifiers[state] = verifier
        return f"{self.origin}/auth?state={state}&login_hint={login_hint}"

    def exchange(self, *, code: str, verifier: str) -> Consent:
        self._fail()
        if verifier not in self.verifiers.values() or code not in self.codes:
            raise UserMustAct(Reason.CONSENT_DEAD, "Google does not take this code any more. Please authenticate again.")
        return self.codes.pop(code)

    def calendars(self, refresh_token: str) -> list[CalendarChoice]:
        self._fail()
        if refresh_token not in self.lists or refresh_token in self.revoked:
            raise UserMustAct(Reason.CONSENT_DEAD, "The consent at Google is no longer valid. Please authenticate again.")
        return self.lists[refresh_token]

    def try_calendar(self, refresh_token: str, calendar_id: str) -> CalendarChoice:
        listed = {one.id: one for one in self.calendars(refresh_token)} | self.hidden
        if calendar_id not in listed:
            raise UserMustAct(Reason.CALENDAR_NOT_FOUND, "Google has no such calendar, or this account cannot see it.")
        return listed[calendar_id]

    def revoke(self, refresh_token: str) -> None:
        self._fail()
        self.revoked.append(refresh_token)

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error
