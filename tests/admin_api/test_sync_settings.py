import re

import pytest

from desksync.store.errors import NewError, add_error
from desksync.store.states import Permission, StopReason, SyncState
from desksync.store.users import Settings, save_google_consent, save_settings, set_permission, stop
from desksync.sync.policy import Direction
from desksync.worker.accounts import GOOGLE_TOKEN
from desksync.worker.errors import RetryLater
from desksync_admin_api.doors import CalendarChoice
from tests.admin_api.office import As, WebOffice

MINE = "/sync"


def connected(office: WebOffice, who: As = As.USER, **changes: object) -> None:
    """Give somebody a consent that the fake Google knows, with two calendars of their own and one to look at."""
    token, user_id = f"refresh of {who.value}", office.user_id(who)
    with office.begin() as session:
        sealed = office.web.cipher.seal(token, purpose=GOOGLE_TOKEN, user_id=user_id)
        save_google_consent(session, user_id, f"user{user_id}@example.com", sealed)
    office.google.lists[token] = [
        CalendarChoice(f"user{user_id}@example.com", "Main", "Asia/Tokyo", is_primary=True, is_writable=True),
        CalendarChoice("team@group.example.com", "Team", "Europe/Paris", is_primary=False, is_writable=True),
        CalendarChoice("holidays@example.com", "Holidays", "Asia/Tokyo", is_primary=False, is_writable=False),
    ]
    assert not changes


def values(office: WebOffice, path: str = MINE, who: As = As.USER, **changes: str) -> dict[str, str]:
    """Return the settings form as the page holds it, with some fields changed."""
    html = office.browser(who).get(path).text
    found = re.search(r'name="version" value="(\d+)"', html)
    assert found is not None
    form = {"calendar_id": "team@group.example.com", "direction": "both", "time_zone": "Asia/Tokyo", "version": found[1]}
    return form | changes


@pytest.fixture(params=[MINE, "/admin/users/{}"], ids=["own", "administrator"])
def place(request: pytest.FixtureRequest, office: WebOffice) -> tuple[As, str]:
    """Give who saves a user's settings, and where."""
    who = As.USER if request.param == MINE else As.ADMINISTRATOR
    return who, request.param.format(office.user_id())


def test_the_page_shows_state_reason_google_and_the_errors_used_up(office: WebOffice) -> None:
    user_id, now = office.user_id(), office.clock()
    with office.begin() as session:
        for _ in range(30):
            add_error(session, NewError(user_id, now, "retry_later", "Google Server Error 503"))
        stop(session, user_id, StopReason.CONSENT, None, now)

    html = office.browser(As.USER).get(MINE, accept_language="ja").text

    for words in ("停止中", "再認証が必要", "30 / 120 件", 'value="30"', "もう一度 Google 認証"):
        assert words in html


def test_settings_are_saved_and_written_down(office: WebOffice, place: tuple[As, str]) -> None:
    connected(office)
    who, path = place

    answer = office.browser(who).submit(path, values(office, path, who, direction="neo_to_google", shows_attendance="yes"))

    assert (answer.status_code, answer.headers["location"]) == (303, path)
    wanted = Settings("team@group.example.com", "Asia/Tokyo", Direction.NEO_TO_GOOGLE, shows_attendance=True)
    assert office.user().settings == wanted
    assert office.deeds() == ["settings_changed"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"calendar_id": "nobody@example.com"}, "calendar_id", "has no such calendar"),
        ({"calendar_id": "holidays@example.com"}, "calendar_id", "may only look at this calendar"),
        ({"calendar_id": "primary"}, "calendar_id", "another calendar in every account"),
        ({"calendar_id": "x" * 301}, "calendar_id", "at most 300 characters"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "not known"),
        ({"direction": "sideways"}, "direction", "one of what is offered"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_the_rest_is_kept(
    office: WebOffice, place: tuple[As, str], changes: dict[str, str], field: str, words: str
) -> None:
    connected(office)
    who, path = place
    office.browser(who).get("/language/en")
    before = office.user()

    answer = office.browser(who).submit(path, values(office, path, who, shows_attendance="yes", **changes))

    assert answer.status_code == 422
    beside = re.search(rf'id="{field}-wrong">([^<]+)<', answer.text)
    assert beside is not None
    assert words in beside[1].replace("&#39;", "'")
    assert re.search(r'name="shows_attendance"[^>]* checked', answer.text)
    assert office.user() == before
    assert office.deeds() == []


def test_a_calendar_that_somebody_else_syncs_is_refused(office: WebOffice) -> None:
    connected(office)
    other = office.user_id(As.OTHER_USER)
    with office.begin() as session:
        save_settings(session, other, Settings("team@group.example.com", "Asia/Tokyo"))
    office.browser(As.USER).get("/language/en")

    answer = office.browser(As.USER).submit(MINE, values(office))

    assert answer.status_code == 422
    assert "Another user syncs this Google calendar already" in answer.text


def test_r24_a_calendar_of_another_zone_is_saved_and_both_pages_say_so(office: WebOffice) -> None:
    connected(office)

    office.browser(As.USER).submit(MINE, values(office))

    for who, path in ((As.USER, MINE), (As.ADMINISTRATOR, f"/admin/users/{office.user_id()}")):
        html = office.browser(who).get(path, accept_language="en").text
        assert "kept in the time zone Europe/Paris, this account in Asia/Tokyo" in html


def test_when_google_does_not_answer_nothing_is_saved(office: WebOffice) -> None:
    connected(office)
    form = values(office)
    office.google.error = RetryLater("Google Server Error 503")
    office.browser(As.USER).get("/language/en")

    answer = office.browser(As.USER).submit(MINE, form)

    assert answer.status_code == 422
    assert "Try again later" in answer.text
    assert office.user().settings.calendar_id == "user1@example.com"


def test_of_two_who_save_at_once_the_second_is_told(office: WebOffice) -> None:
    connected(office)
    path = f"/admin/users/{office.user_id()}"
    old = values(office, path, As.ADMINISTRATOR)
    office.browser(As.USER).submit(MINE, values(office, direction="google_to_neo"))
    office.browser(As.ADMINISTRATOR).get("/language/en")

    answer = office.browser(As.ADMINISTRATOR).submit(path, old)

    assert answer.status_code == 422
    assert "saved by somebody else meanwhile" in answer.text
    assert office.user().settings.direction is Direction.GOOGLE_TO_NEO


def test_the_own_account_is_stopped_and_set_back_to_sync(office: WebOffice) -> None:
    browser = office.browser(As.USER)

    browser.submit("/sync/state", {"sync_state": "stopped"}, form_on=MINE)
    stopped = office.user()
    office.clock.forward(minutes=1)
    browser.submit("/sync/state", {"sync_state": "sync"}, form_on=MINE)

    assert (stopped.sync_state, stopped.stop_reason) == (SyncState.STOPPED, StopReason.USER)
    assert office.user().sync_state is SyncState.SYNC
    assert office.user().resumed_at == office.clock()


def test_without_google_an_account_is_not_set_to_sync(office: WebOffice) -> None:
    user_id = office.user_id()
    with office.begin() as session:
        save_google_consent(session, user_id, None, None)
        stop(session, user_id, StopReason.USER, None, office.clock())

    office.browser(As.USER).submit("/sync/state", {"sync_state": "sync"}, form_on=MINE)

    assert office.user().sync_state is SyncState.STOPPED
    assert "Authenticate with Google first." in office.browser(As.USER).get(MINE, accept_language="en").text


def test_who_is_disabled_sees_that_and_has_nothing_to_change(office: WebOffice) -> None:
    user_id = office.user_id()
    with office.begin() as session:
        set_permission(session, user_id, Permission.DISABLED)

    html = office.browser(As.USER).get(MINE, accept_language="ja").text

    assert "管理者により無効とされています" in html
    assert 'action="/sync' not in html


@pytest.mark.parametrize("path", ["/sync/now", "/admin/users/{}/now"])
def test_a_run_is_ordered_once_and_left_to_the_sweep(office: WebOffice, path: str) -> None:
    who = As.USER if path.startswith("/sync") else As.ADMINISTRATOR
    here = MINE if who is As.USER else f"/admin/users/{office.user_id()}"
    browser = office.browser(who)

    browser.submit(path.format(office.user_id()), form_on=here)
    first = browser.get(here, accept_language="en").text
    browser.submit(path.format(office.user_id()), form_on=here)
    second = browser.get(here, accept_language="en").text

    assert "A run begins in a moment." in first
    assert "A run is ahead already." in second


def test_an_administrator_is_warned_whose_google_account_is_used_and_can_send_the_link(office: WebOffice) -> None:
    html = office.browser(As.ADMINISTRATOR).get(f"/admin/users/{office.user_id()}", accept_language="ja").text

    assert "認証で使用する Google のアカウントにご注意ください" in html
    assert "Google 認証を行う必要があります" in html
    assert "https://desksync.example.com/sync" in html
    assert "/google/connect" not in html


def test_an_administrator_who_looked_before_another_changed_it_changes_nothing(office: WebOffice) -> None:
    user_id = office.user_id()
    path = f"/admin/users/{user_id}"
    with office.begin() as session:
        stop(session, user_id, StopReason.USER, None, office.clock())

    office.browser(As.ADMINISTRATOR).submit(
        f"{path}/state", {"permission": "disabled", "sync_state": "sync", "was": "enabled/sync"}, form_on=path
    )

    assert (office.user().permission, office.user().sync_state) == (Permission.ENABLED, SyncState.STOPPED)


def test_permission_and_state_are_set_together_by_an_administrator(office: WebOffice) -> None:
    path = f"/admin/users/{office.user_id()}"

    office.browser(As.ADMINISTRATOR).submit(
        f"{path}/state", {"permission": "disabled", "sync_state": "stopped", "was": "enabled/sync"}, form_on=path
    )

    assert (office.user().permission, office.user().sync_state) == (Permission.DISABLED, SyncState.STOPPED)
    assert sorted(office.deeds()) == ["permission_changed", "sync_state_changed"]


def test_nobody_is_found_under_a_number_that_is_nobodys(office: WebOffice) -> None:
    assert office.browser(As.ADMINISTRATOR).get("/admin/users/999").status_code == 404
