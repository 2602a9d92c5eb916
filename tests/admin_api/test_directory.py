"""The page that brings the users in from NEO: ordered, carried out in the background, and told."""

from collections.abc import Iterator

import pytest

from desksync.store import errands
from desksync.store.directory import DirectoryChange
from desksync.store.directory_refresh import record_refresh_failed, record_refreshed
from desksync.store.web_states import ErrandKind
from desksync.worker.errors import Reason, RetryLater
from tests.admin_api.errand_office import Place, a_place
from tests.admin_api.office import As, WebOffice

HERE = "/admin/directory"
BUTTON = "今すぐユーザーを更新"
LOOKS_AGAIN = '<meta http-equiv="refresh"'


@pytest.fixture
def place() -> Iterator[Place]:
    with a_place() as made:
        yield made


def test_a_refresh_that_is_ordered_is_carried_out_and_told(place: Place) -> None:
    place.office.neo.change = DirectoryChange(added=12, returned=3, vanished=4)
    assert place.press(As.ADMINISTRATOR, HERE) == HERE
    under_way = place.get(As.AUDITOR, HERE).text

    place.carry_out()
    afterwards = place.get(As.AUDITOR, HERE).text

    assert (LOOKS_AGAIN in under_way, "<progress" in under_way) == (True, True)
    assert (LOOKS_AGAIN in afterwards, "追加 12、復帰 3、いなくなった人 4" in afterwards) == (False, True)


def test_ordering_is_written_down(office: WebOffice) -> None:
    office.browser(As.ADMINISTRATOR).submit(HERE)

    with office.begin() as session:
        newest = errands.newest_errand(session, ErrandKind.DIRECTORY, None)
    assert newest is not None
    entry = office.entries()[0].entry
    assert (entry.what, entry.who.name, entry.after) == ("directory_ordered", "administrator", {"errand": newest.id})


def test_one_that_is_under_way_is_not_doubled_whoever_has_ordered_it(place: Place) -> None:
    place.press(As.ADMINISTRATOR, HERE)
    place.press(As.USER_ADMINISTRATOR, HERE, form_on="/admin")

    place.carry_out()

    assert place.office.deeds().count("directory_ordered") == 1
    assert "すでに行われています" in place.get(As.USER_ADMINISTRATOR, HERE).text


def test_an_auditor_looks_and_has_no_button(office: WebOffice) -> None:
    assert BUTTON in office.browser(As.ADMINISTRATOR).get(HERE).text
    assert BUTTON not in office.browser(As.AUDITOR).get(HERE).text
    assert office.browser(As.AUDITOR).submit(HERE, form_on="/admin").status_code == 403
    assert office.browser(As.USER).get(HERE).status_code == 403


def test_what_the_last_refresh_brought_is_shown_whoever_has_begun_it(office: WebOffice) -> None:
    with office.begin() as session:
        record_refreshed(session, 1234, DirectoryChange(added=56), office.clock())

    page = office.browser(As.AUDITOR).get(HERE).text

    assert "<dd>1,234</dd>" in page
    assert "<dd>56</dd>" in page
    assert "2026/11/23 10:00:00" in page


def test_a_user_list_that_is_switched_off_is_told_with_its_remedy(office: WebOffice) -> None:
    with office.begin() as session:
        record_refresh_failed(session, "NEO refused.", Reason.DIRECTORY_OFF, office.clock())

    page = office.browser(As.ADMINISTRATOR).get(HERE).text

    assert all(word in page for word in ("-10008", "メニュー設定", "利用者名簿", "使用する", BUTTON))


def test_any_other_failure_says_why(office: WebOffice) -> None:
    with office.begin() as session:
        record_refresh_failed(session, "NEO does not answer <at all>.", None, office.clock())

    page = office.browser(As.ADMINISTRATOR).get(HERE).text

    assert "NEO does not answer &lt;at all&gt;." in page
    assert "利用者名簿" not in page


def test_why_nothing_came_of_an_order_is_told_until_a_refresh_succeeds(place: Place) -> None:
    place.office.neo.error = RetryLater("NEO is being mended.")
    place.press(As.ADMINISTRATOR, HERE)
    place.carry_out()
    failed = place.get(As.ADMINISTRATOR, HERE).text

    with place.office.begin() as session:
        record_refreshed(session, 3, DirectoryChange(), place.world.clock())
    mended = place.get(As.ADMINISTRATOR, HERE).text

    assert ("NEO is being mended." in failed, "NEO is being mended." in mended) == (True, False)


def test_a_list_of_nobody_is_told_to_prove_nothing(office: WebOffice) -> None:
    with office.begin() as session:
        record_refreshed(session, 0, DirectoryChange(), office.clock())

    assert "アクセスキーの権限を確認" in office.browser(As.AUDITOR).get(HERE).text


def test_without_a_key_of_the_site_nothing_can_be_ordered(office: WebOffice) -> None:
    office.neo.has_site_key = False

    page = office.browser(As.ADMINISTRATOR).get(HERE).text
    office.browser(As.ADMINISTRATOR).submit(HERE, form_on="/admin")

    assert (BUTTON in page, "DESKSYNC_NEO_ACCESS_KEY" in page) == (False, True)
    assert "directory_ordered" not in office.deeds()


def test_the_page_is_there_in_english(office: WebOffice) -> None:
    browser = office.browser(As.ADMINISTRATOR)
    browser.get("/language/en")

    assert "Refresh the users now" in browser.get(HERE).text
