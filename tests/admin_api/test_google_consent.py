from urllib.parse import parse_qs, urlsplit

import pytest

from desksync.store.states import StopReason, SyncState
from desksync.store.users import stop
from desksync.worker.accounts import GOOGLE_TOKEN
from desksync.worker.errors import RetryLater
from desksync_admin_api.doors import Consent
from tests.admin_api.office import As, WebOffice


def at_google(office: WebOffice, who: As = As.USER) -> str:
    """Go to Google's consent page, and return the state that it brings back."""
    answer = office.browser(who).submit("/sync/google/connect", form_on="/sync")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(office.google.origin)
    (state,) = parse_qs(urlsplit(answer.headers["location"]).query)["state"]
    return state


def test_consent_is_kept_sealed_for_the_one_who_gave_it(office: WebOffice) -> None:
    state = at_google(office)
    office.google.codes["a code"] = Consent("me@example.com", "a refresh token")

    answer = office.browser(As.USER).get(f"/google/callback?state={state}&code=a+code")

    user = office.user()
    assert (answer.status_code, answer.headers["location"]) == (303, "/sync")
    assert user.google_account == "me@example.com"
    assert user.google_token is not None
    assert office.web.cipher.open(user.google_token, purpose=GOOGLE_TOKEN, user_id=user.id) == "a refresh token"
    assert office.deeds() == ["google_connected"]
    assert "a refresh token" not in str(office.entries())


def test_who_was_stopped_for_want_of_consent_syncs_again(office: WebOffice) -> None:
    user_id = office.user_id()
    with office.begin() as session:
        stop(session, user_id, StopReason.CONSENT, None, office.clock())
    office.google.codes["a code"] = Consent("user1@example.com", "a refresh token")
    office.clock.forward(minutes=1)

    office.browser(As.USER).get(f"/google/callback?state={at_google(office)}&code=a+code")

    assert office.user().sync_state is SyncState.SYNC


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("state={state}&error=access_denied", "You have not allowed"),
        ("state={state}&error=server_error", "Google refused the authentication"),
        ("state={state}", "Google refused the authentication"),
        ("state={state}&code=used+up", "did not complete"),
        ("state={state}&code=half", "Not everything was allowed"),
        ("state=forged&code=a+code", "belongs to nothing that was begun here"),
        ("code=a+code", "belongs to nothing that was begun here"),
    ],
)
def test_every_way_to_fail_has_a_page_and_changes_nothing(office: WebOffice, query: str, words: str) -> None:
    state, before = at_google(office), office.user()
    office.google.codes |= {
        "a code": Consent("me@example.com", "t"),
        "half": Consent("me@example.com", "t", ("calendar.events",)),
    }

    answer = office.browser(As.USER).get(f"/google/callback?{query.format(state=state)}", accept_language="en")

    assert answer.status_code == 400
    assert words in answer.text
    assert office.user() == before


def test_a_state_serves_once_and_not_for_ever(office: WebOffice) -> None:
    first, second = at_google(office), at_google(office)
    office.google.codes |= {name: Consent("me@example.com", name) for name in ("one", "two", "three")}

    statuses = [office.browser(As.USER).get(f"/google/callback?state={first}&code={code}").status_code for code in ("one", "two")]
    office.clock.forward(hours=1)
    late = office.browser(As.USER).get(f"/google/callback?state={second}&code=three").status_code

    assert statuses == [303, 400]
    assert late == 400


def test_nobody_uses_the_state_of_somebody_else(office: WebOffice) -> None:
    state = at_google(office)
    office.google.codes["a code"] = Consent("evil@example.com", "t")

    answer = office.browser(As.OTHER_USER).get(f"/google/callback?state={state}&code=a+code")

    assert answer.status_code == 400
    assert office.user(As.OTHER_USER).google_account == "user2@example.com"
    assert office.user().google_account == "user1@example.com"


def connected(office: WebOffice) -> None:
    office.google.codes["a code"] = Consent("me@example.com", "a refresh token")
    office.browser(As.USER).get(f"/google/callback?state={at_google(office)}&code=a+code")


def test_disconnecting_gives_the_consent_back_and_stops(office: WebOffice) -> None:
    connected(office)

    office.browser(As.USER).submit("/sync/google/disconnect", form_on="/sync")

    user = office.user()
    assert office.google.revoked == ["a refresh token"]
    assert (user.google_token, user.google_account, user.sync_state) == (None, None, SyncState.STOPPED)
    assert office.deeds()[0] == "google_disconnected"


def test_where_google_does_not_answer_it_is_disconnected_here_and_that_is_said(office: WebOffice) -> None:
    connected(office)
    office.google.error = RetryLater("Google Server Error 503")

    office.browser(As.USER).submit("/sync/google/disconnect", form_on="/sync")

    assert office.user().google_token is None
    assert "Google Server Error 503" in office.browser(As.USER).get("/sync", accept_language="en").text
