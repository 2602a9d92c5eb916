import re

from desksync.store.directory import ListedUser, sync_directory
from desksync.store.states import Permission, StopReason, SyncState
from desksync.store.users import set_permission, stop
from tests.admin_api.office import As, WebOffice

LIST = "/admin/users"


def names(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/admin/users/\d+">([^<]+)</a>', html)


def states(office: WebOffice) -> list[tuple[Permission, SyncState]]:
    return [(user.permission, user.sync_state) for user in (office.user(who) for who in (As.USER, As.OTHER_USER))]


def test_the_list_shows_number_state_name_and_permission_of_everybody(office: WebOffice) -> None:
    user_id = office.user_id()
    with office.begin() as session:
        stop(session, user_id, StopReason.ERRORS, None, office.clock())

    html = office.browser(As.ADMINISTRATOR).get(LIST, accept_language="ja").text

    assert names(html) == ["User 1", "User 2", "User 3"]
    assert "有効(停止中)" in html
    assert "エラーによる自動停止" in html
    assert html.count('type="radio"') == 6
    assert f'name="permission-{office.user_id()}" value="enabled" checked' in html


def test_an_auditor_sees_the_list_and_nothing_to_change_it_with(office: WebOffice) -> None:
    html = office.browser(As.AUDITOR).get(LIST).text

    assert names(html) == ["User 1", "User 2", "User 3"]
    assert 'type="radio"' not in html
    assert "formaction" not in html


def test_search_filter_and_order_come_from_the_address_and_stay_in_the_form(office: WebOffice) -> None:
    html = office.browser(As.ADMINISTRATOR).get(f"{LIST}?q=User+2&state=waiting&order=name&desc=yes").text

    assert names(html) == ["User 2"]
    assert 'value="User 2"' in html
    assert '<option value="waiting" selected>' in html
    assert 'aria-sort="descending"' in html


def test_nonsense_in_the_address_is_passed_over(office: WebOffice) -> None:
    answer = office.browser(As.ADMINISTRATOR).get(
        f"{LIST}?state=x&reason=%00&order=5&page=-1&q=%00%27%3C&gone=maybe&page=9999999999"
    )

    assert answer.status_code == 200
    assert "<'" not in answer.text


def test_update_changes_only_whose_button_was_moved(office: WebOffice) -> None:
    browser, one, two = office.browser(As.ADMINISTRATOR), office.user_id(), office.user_id(As.OTHER_USER)

    answer = browser.submit(
        LIST,
        {
            f"was-{one}": "enabled",
            f"permission-{one}": "disabled",
            f"was-{two}": "enabled",
            f"permission-{two}": "enabled",
            "back": f"{LIST}?q=User",
        },
    )

    assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}?q=User")
    assert "1 person was changed." in browser.get(LIST, accept_language="en").text
    assert [permission for permission, _ in states(office)] == [Permission.DISABLED, Permission.ENABLED]
    entry = office.entries()[0].entry
    assert (entry.what, entry.about.name) == ("permission_changed", "User 1")
    assert (entry.before, entry.after) == ({"permission": "enabled"}, {"permission": "disabled"})


def test_whom_another_administrator_changed_meanwhile_is_left_and_told(office: WebOffice) -> None:
    browser, one = office.browser(As.ADMINISTRATOR), office.user_id()
    with office.begin() as session:
        set_permission(session, one, Permission.DISABLED)

    browser.submit(LIST, {f"was-{one}": "enabled", f"permission-{one}": "disabled", "back": LIST})

    assert "had been changed by somebody else meanwhile" in browser.get(LIST, accept_language="en").text
    assert office.entries() == []


def test_one_thing_is_done_to_all_that_are_chosen(office: WebOffice) -> None:
    browser = office.browser(As.ADMINISTRATOR)
    chosen = [str(office.user_id()), str(office.user_id(As.OTHER_USER))]

    browser.submit(f"{LIST}/chosen", {"chosen": chosen, "what": "stop", "back": LIST}, form_on=LIST)
    stopped = states(office)
    reason = office.user().stop_reason
    browser.submit(f"{LIST}/chosen", {"chosen": chosen, "what": "start", "back": LIST}, form_on=LIST)

    assert stopped == [(Permission.ENABLED, SyncState.STOPPED)] * 2
    assert reason is StopReason.ADMINISTRATOR
    assert states(office) == [(Permission.ENABLED, SyncState.SYNC)] * 2
    assert office.deeds() == ["sync_state_changed"] * 4


def test_with_nobody_chosen_nothing_is_done_and_that_is_said(office: WebOffice) -> None:
    browser = office.browser(As.ADMINISTRATOR)

    browser.submit(f"{LIST}/chosen", {"what": "disable", "back": LIST}, form_on=LIST)

    assert "Choose people" in browser.get(LIST, accept_language="en").text
    assert office.deeds() == []


def test_after_a_change_nobody_is_led_to_another_site(office: WebOffice) -> None:
    answer = office.browser(As.ADMINISTRATOR).submit(LIST, {"back": "https://evil.example"})

    assert answer.headers["location"] == LIST


def test_a_hundred_people_fill_a_page_and_the_rest_the_next(office: WebOffice) -> None:
    with office.begin() as session:
        people = [ListedUser(str(1000 + number), f"many{number}", f"Many {number:03}") for number in range(150)]
        sync_directory(session, people, office.clock(), time_zone="Asia/Tokyo")
    browser = office.browser(As.ADMINISTRATOR)

    first, last = browser.get(f"{LIST}?q=many").text, browser.get(f"{LIST}?q=many&page=77").text

    assert len(names(first)) == 100
    assert names(last) == [f"Many {number:03}" for number in range(100, 150)]
    assert f'rel="next" href="{LIST}?q=many&amp;page=2"' in first
