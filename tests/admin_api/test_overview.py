"""The overview: who needs somebody, how long people wait, and what went on in the last day."""

import re
from datetime import timedelta

import pytest

from desksync.store.errors import NewError, add_error
from desksync.store.states import StopReason
from desksync.store.users import stop
from desksync.sync.event import Side
from tests.admin_api.office import As, WebOffice
from tests.admin_api.runs import CREATED, a_run
from tests.store.builders import an_open_ticket

CONSENT = "/admin/users?state=stopped&amp;reason=consent"
FAILED = "/admin/users?state=stopped&amp;reason=errors"


def overview(office: WebOffice, who: As = As.AUDITOR) -> str:
    answer = office.browser(who).get("/admin")
    assert answer.status_code == 200
    return answer.text


def stopped(office: WebOffice, who: As, reason: StopReason) -> None:
    with office.begin() as session:
        stop(session, office.user_id(who), reason, None, office.clock())


def bars(page: str) -> list[int]:
    """Return how many bars each of the two pictures of the day has."""
    return [picture.count("<rect") for picture in re.findall(r'<svg class="bars.*?</svg>', page, re.DOTALL)]


def test_where_nobody_is_needed_nothing_asks_for_anybody(office: WebOffice) -> None:
    page = overview(office)

    assert 'class="told' not in page
    assert bars(page) == [0, 0]


@pytest.mark.parametrize(("reason", "link"), [(StopReason.CONSENT, CONSENT), (StopReason.ERRORS, FAILED)])
def test_who_cannot_go_on_alone_is_counted_and_can_be_listed(office: WebOffice, reason: StopReason, link: str) -> None:
    stopped(office, As.USER, reason)

    page = overview(office)
    listed = office.browser(As.AUDITOR).get(link.replace("&amp;", "&")).text

    assert re.search(rf'class="told.*?1 人.*?href="{re.escape(link)}"', page, re.DOTALL)
    assert ("User 1" in listed, "User 2" in listed) == (True, False)


def test_each_state_leads_to_its_people(office: WebOffice) -> None:
    stopped(office, As.USER, StopReason.USER)

    page = overview(office)

    assert '<a href="/admin/users?state=stopped">1</a>' in page
    assert '<a href="/admin/users?state=waiting">2</a>' in page


def test_a_wait_is_told_and_one_that_is_longer_than_a_round_is_told_as_bad(office: WebOffice) -> None:
    an_open_ticket(office.begin, office.user_id())
    office.clock.forward(minutes=10)
    on_time = overview(office)

    office.clock.forward(minutes=1)
    late = overview(office)

    assert ("10 分" in on_time, 'class="told bad"' in on_time) == (True, False)
    assert ("11 分" in late, 'class="told bad"' in late) == (True, True)


def test_runs_and_errors_of_the_day_are_pictures_and_a_table(office: WebOffice) -> None:
    a_run(office, As.USER, CREATED)
    office.clock.forward(hours=2)
    a_run(office, As.USER, CREATED)
    a_run(office, As.USER, CREATED)
    with office.begin() as session:
        add_error(session, NewError(office.user_id(), office.clock() - timedelta(hours=1), "retry", "Google Server Error 503"))

    page = overview(office)
    rows = re.findall(r'<tr><th scope="row"><time .*?</th><td class="number">(\d+)</td><td class="number">(\d+)</td>', page)

    assert bars(page) == [2, 1]
    assert (len(rows), rows[:3]) == (24, [("2", "0"), ("0", "1"), ("1", "0")])


def test_pictures_have_a_name_and_hold_no_style_that_the_policy_forbids(office: WebOffice) -> None:
    a_run(office, As.USER, CREATED)

    page = overview(office)

    pictures = re.findall(r'role="img" aria-labelledby="(\w+)" aria-describedby="(\w+)"', page)
    assert len(pictures) == 2
    assert all(f'id="{one}"' in page for names in pictures for one in names)
    assert "style=" not in page


def test_what_runs_have_met_with_on_either_side_is_told(office: WebOffice) -> None:
    with office.begin() as session:
        add_error(session, NewError(office.user_id(), office.clock(), "retry", "Google Server Error 503", None, Side.GOOGLE))

    page = overview(office)

    assert page.count("過去 1 時間にエラーなし") == 1
    assert "過去 1 時間にエラー 1 件" in page


def test_a_database_or_broker_that_does_not_answer_is_told_with_the_reason(office: WebOffice) -> None:
    unwatched = overview(office)
    office.web.health.check("database", lambda: None)
    office.web.health.check("broker", lambda: "Connection <refused>.")

    page = overview(office)

    assert unwatched.count("このプログラムでは監視していません") == 2
    assert ("応答あり" in page, "応答なし" in page, "Connection &lt;refused&gt;." in page) == (True, True, True)


def test_the_overview_is_there_in_english(office: WebOffice) -> None:
    browser = office.browser(As.AUDITOR)
    browser.get("/language/en")

    assert "The last 24 hours" in browser.get("/admin").text


def test_users_do_not_see_it(office: WebOffice) -> None:
    assert office.browser(As.USER).get("/admin").status_code == 403
