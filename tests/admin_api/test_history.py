import csv
import re
from io import StringIO

import pytest

from desksync.store.runs import NewLine
from desksync.sync.event import Side
from desksync.worker.history import LineKind
from desksync_admin_api.access.audit import Deed
from desksync_admin_api.pages.history_view import SHOWN
from desksync_admin_api.pages.history_words import LINES
from tests.admin_api.office import As, MakeOffice, WebOffice
from tests.admin_api.runs import CREATED, a_run


def shown(office: WebOffice, who: As, path: str) -> list[int]:
    """Return the numbers of the runs that the page lists."""
    answer = office.browser(who).get(path)
    assert answer.status_code == 200
    return [int(number) for number in re.findall(r'<th scope="row"><a href="[^"]*/history/(\d+)"', answer.text)]


def test_users_see_their_own_runs_with_titles_and_nobody_elses(office: WebOffice) -> None:
    mine, theirs = a_run(office, As.USER, CREATED), a_run(office, As.OTHER_USER, CREATED)

    assert shown(office, As.USER, "/sync/history") == [mine]
    assert "Secret dinner" in office.browser(As.USER).get(f"/sync/history/{mine}").text
    assert office.browser(As.USER).get(f"/sync/history/{theirs}").status_code == 404
    assert shown(office, As.USER, "/sync/history?user=user2") == [mine]


def test_titles_of_other_people_are_hidden_from_administrators_in_pages_and_files(office: WebOffice) -> None:
    theirs, own = a_run(office, As.OTHER_USER, CREATED), a_run(office, As.USER_ADMINISTRATOR, CREATED)

    for who in (As.ADMINISTRATOR, As.AUDITOR, As.USER_ADMINISTRATOR):
        page = office.browser(who).get(f"/admin/history/{theirs}").text
        assert ("Secret dinner" in page, "件名は表示されません" in page) == (False, True)
    assert "Secret dinner" not in office.browser(As.ADMINISTRATOR).get("/admin/history.csv").text
    assert "Secret dinner" in office.browser(As.USER_ADMINISTRATOR).get(f"/admin/history/{own}").text


def test_titles_are_shown_where_the_setting_says_so(make_office: MakeOffice) -> None:
    office = make_office(history_shows_titles=True)
    run_id = a_run(office, As.OTHER_USER, CREATED)

    assert "Secret dinner" in office.browser(As.AUDITOR).get(f"/admin/history/{run_id}").text
    assert "Secret dinner" in office.browser(As.AUDITOR).get("/admin/history.csv").text


def test_everybodys_runs_are_filtered_by_person_period_outcome_side_and_error(office: WebOffice) -> None:
    first = a_run(office, As.USER, CREATED)
    second = a_run(office, As.OTHER_USER, outcome="side_unreadable", fails="side_unreadable")
    office.clock.forward(days=2)
    third = a_run(office, As.OTHER_USER, NewLine("deleted", Side.NEO, "", "n1", "x"))

    def found(query: str) -> list[int]:
        return shown(office, As.AUDITOR, f"/admin/history?{query}")

    assert found("") == [third, second, first]
    assert found("user=user1") == [first]
    assert found("last=2026-11-23") == [second, first]
    assert found("first=2026-11-24") == [third]
    assert found("outcome=side_unreadable") == [second]
    assert found("side=neo") == [third]
    assert found("error=any") == found("error=side_unreadable") == [second]
    assert found("error=unexpected") == []


def test_a_long_quiet_time_is_one_line(office: WebOffice) -> None:
    first = a_run(office, As.USER, CREATED)
    for _ in range(30):
        a_run(office)
    last = a_run(office, As.USER, CREATED)

    page = office.browser(As.USER).get("/sync/history").text

    assert shown(office, As.USER, "/sync/history") == [last, first]
    assert page.count("変更のなかった同期 30 回") == 1
    assert "変更のなかった同期 30 回" not in office.browser(As.AUDITOR).get("/admin/history").text
    assert "変更のなかった同期 30 回" in office.browser(As.AUDITOR).get("/admin/history?user=user1").text


def test_older_runs_are_a_page_further_under_the_same_filter(office: WebOffice) -> None:
    runs = [a_run(office, As.USER, CREATED) for _ in range(SHOWN + 1)]

    page = office.browser(As.USER).get("/sync/history?side=google").text
    older = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")

    assert shown(office, As.USER, "/sync/history?side=google") == runs[:0:-1]
    assert shown(office, As.USER, older) == runs[:1]
    assert "side=google" in older


def test_a_run_shows_its_errors(office: WebOffice) -> None:
    run_id = a_run(office, As.USER, outcome="side_unreadable", fails="side_unreadable")

    page = office.browser(As.USER).get(f"/sync/history/{run_id}").text

    assert "Google Server Error 503" in page
    assert "一方を読み取れなかった" in page


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("user=nobody", "user"),
        ("first=x", "first"),
        ("last=9999-12-31", "last"),
        ("outcome=x", "outcome"),
        ("side=x", "side"),
        ("error=x", "error"),
    ],
)
def test_a_filter_that_makes_no_sense_is_said_beside_its_field(office: WebOffice, query: str, field: str) -> None:
    answer = office.browser(As.AUDITOR).get(f"/admin/history?{query}")

    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert office.browser(As.AUDITOR).get(f"/admin/history.csv?{query}").status_code == 422


def test_the_file_has_a_row_for_each_line_and_taking_it_is_written_down(office: WebOffice) -> None:
    deleted = NewLine("deleted", Side.NEO, "gone", "n1", "=1+1")
    run_id = a_run(office, As.USER, CREATED, deleted)
    failed = a_run(office, As.USER, outcome="side_unreadable", fails="side_unreadable")
    a_run(office, As.OTHER_USER, CREATED)

    answer = office.browser(As.USER).get("/sync/history.csv")
    heading, *rows = list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))

    assert heading[:2] == ["run", "user"]
    assert [(row[0], row[1], row[6], row[8]) for row in rows] == [
        (str(failed), "user1", "", ""),
        (str(run_id), "user1", "created", "Secret dinner"),
        (str(run_id), "user1", "deleted", "'=1+1"),
    ]
    assert office.deeds()[0] == Deed.HISTORY_EXPORTED


def test_every_kind_of_line_has_words() -> None:
    assert set(LINES) == set(LineKind)
