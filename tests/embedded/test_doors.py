"""NEO and Google as the web side reaches them, against the stand-ins."""

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from desksync.ops.settings_loading import load_settings
from desksync.store.users import list_users
from desksync.worker.errors import CalendarError, Reason, RetryLater, UserMustAct
from desksync.worker.resources import Resources, opened
from desksync_admin_api.doors import Consent, NeoPerson
from desksync_embedded.desks import both_desks, both_gates
from desksync_embedded.doors import GoogleAtTheDoor, NeoAtTheDoor, open_doors
from desksync_google_worker.consent import SCOPES
from desksync_sandbox.neo.switches import NeoSwitches
from tests.embedded.installation import Installation, now

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


@pytest.fixture
def resources(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Resources]:
    installation.migrate()
    for name, value in installation.settings.items():
        monkeypatch.setenv(name, value)
    with opened(load_settings(), now) as made:
        yield made


@pytest.fixture
def doors(resources: Resources) -> Iterator[tuple[NeoAtTheDoor, GoogleAtTheDoor]]:
    with both_gates(resources) as gates, open_doors(resources, gates) as made:
        yield made


@pytest.fixture
def neo(doors: tuple[NeoAtTheDoor, GoogleAtTheDoor]) -> NeoAtTheDoor:
    return doors[0]


@pytest.fixture
def google(doors: tuple[NeoAtTheDoor, GoogleAtTheDoor]) -> GoogleAtTheDoor:
    return doors[1]


def reason_of(problem: CalendarError) -> Reason | None:
    return problem.reason if isinstance(problem, UserMustAct) else None


def test_neo_says_who_somebody_is(installation: Installation, neo: NeoAtTheDoor) -> None:
    person = installation.office.people[0]

    found = neo.who_is(person.login_id, f"pass-{person.login_id}")

    assert found == NeoPerson(person.neo_user_id, person.name)


@pytest.mark.parametrize(("login_id", "password"), [("nobody", "x"), (None, "wrong"), (None, "パスワード")])
def test_a_login_that_neo_does_not_know_is_nobody(
    installation: Installation, neo: NeoAtTheDoor, login_id: str | None, password: str
) -> None:
    assert neo.who_is(login_id or installation.office.people[0].login_id, password) is None


def test_a_neo_that_is_away_is_no_wrong_password(installation: Installation, neo: NeoAtTheDoor) -> None:
    installation.neo.stop()

    with pytest.raises(RetryLater):
        neo.who_is("anybody", "x")


def test_a_key_that_login_gave_opens_ones_own_schedule_and_any_other_does_not(
    installation: Installation, neo: NeoAtTheDoor
) -> None:
    person = installation.office.people[0]
    key = neo.client.login(person.login_id, f"pass-{person.login_id}").access_key

    neo.try_key(person.neo_user_id, key)

    with pytest.raises(UserMustAct) as refused:
        neo.try_key(person.neo_user_id, "no such key")
    assert refused.value.reason is Reason.KEY_REFUSED


def test_the_list_of_users_is_taken_over(installation: Installation, resources: Resources, neo: NeoAtTheDoor) -> None:
    told: list[tuple[int, int | None]] = []

    change = neo.refresh(lambda done, total: told.append((done, total)))

    with resources.begin() as session:
        names = [user.name for user in list_users(session, now())]
    assert change.added == len(installation.office.people)
    assert sorted(names) == sorted(person.name for person in installation.office.people)
    assert told == [(0, None)]


def test_a_directory_that_is_switched_off_is_told_with_neos_own_remedy(installation: Installation, neo: NeoAtTheDoor) -> None:
    installation.neo.switches = NeoSwitches(is_directory_on=False)

    with pytest.raises(UserMustAct, match="利用者名簿") as refused:
        neo.refresh(lambda _done, _total: None)

    assert refused.value.reason is Reason.DIRECTORY_OFF
    assert "-10008" in str(refused.value)


def consented(google: GoogleAtTheDoor, account: str, granted: tuple[str, ...] = SCOPES) -> Consent:
    """Go to the consent page as a browser does, and come back with the code."""
    url = google.consent_url(state="xyz", verifier=VERIFIER, login_hint=account)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    form = {**asked, "granted": list(granted), "account": account, "decision": "allow"}
    answer = httpx.post(url.partition("?")[0], data=form, trust_env=False)
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.headers["location"].startswith("http://127.0.0.1:8000/google/callback?")
    assert back["state"] == ["xyz"]
    return google.exchange(code=back["code"][0], verifier=VERIFIER)


def test_consent_brings_the_account_and_a_token_that_lists_calendars(installation: Installation, google: GoogleAtTheDoor) -> None:
    email = installation.office.people[0].email

    given = consented(google, email)
    calendars = google.calendars(given.refresh_token)

    assert (given.account, given.missing_scopes) == (email, ())
    assert (calendars[0].id, calendars[0].is_primary, calendars[0].is_writable) == (email, True, True)
    assert google.origin == f"http://{urlsplit(installation.google.auth_url).netloc}"


def test_a_scope_that_was_unticked_is_missing_and_nothing_is_asked_with_the_rest(
    installation: Installation, google: GoogleAtTheDoor
) -> None:
    email = installation.office.people[0].email
    installation.google.world.grants.revoke_account(email)

    given = consented(google, email, granted=SCOPES[:1])

    assert (given.account, given.missing_scopes) == ("", SCOPES[1:])


def test_a_calendar_is_tried_by_its_id(installation: Installation, google: GoogleAtTheDoor) -> None:
    email = installation.office.people[0].email
    token = consented(google, email).refresh_token

    found = google.try_calendar(token, email)

    assert (found.id, found.is_writable, found.zone) == (email, True, "Asia/Tokyo")
    with pytest.raises(UserMustAct) as refused:
        google.try_calendar(token, "nobody@example.com")
    assert refused.value.reason is Reason.CALENDAR_NOT_FOUND


def test_consent_that_was_given_back_opens_nothing(installation: Installation, google: GoogleAtTheDoor) -> None:
    token = consented(google, installation.office.people[0].email).refresh_token

    google.revoke(token)
    google.revoke(token)  # What is dead already is success.

    with pytest.raises(UserMustAct) as refused:
        google.calendars(token)
    assert reason_of(refused.value) is Reason.CONSENT_DEAD


def test_previews_undoings_and_cleanings_really_wait_when_a_side_asks_for_it(resources: Resources) -> None:
    with both_desks(resources) as desks:
        assert [desk.sleep for desk in desks.values()] == [time.sleep, time.sleep]
