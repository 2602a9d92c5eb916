"""What is done in the background, on its page: who sees it, how far it is, and why nothing came of it."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import desksync
import desksync_admin_api
from desksync.store import errands
from desksync.store.audit import Party
from desksync.store.web_states import ErrandKind
from desksync_admin_api.pages.errands import FAILURES, KINDS
from desksync_admin_api.pages.history_words import REASONS
from tests.admin_api.errand_office import an_errand
from tests.admin_api.office import As, WebOffice

LEASE = timedelta(minutes=5)
UNDONE: dict[str, Any] = {
    "run_id": 2,
    "number": 1,
    "lines": [{"kind": "deleted", "side": "google", "title": "Secret dinner", "text": ""}],
    "lines_number": 1,
}


def test_users_see_errands_about_their_own_calendars_and_nobody_elses(office: WebOffice) -> None:
    mine, theirs = an_errand(office, As.USER, result=UNDONE), an_errand(office, As.OTHER_USER, result=UNDONE)
    browser = office.browser(As.USER)

    assert "Secret dinner" in browser.get(f"/sync/errands/{mine}").text
    assert browser.get(f"/sync/errands/{theirs}").status_code == 404
    assert browser.get(f"/admin/errands/{theirs}").status_code == 403


def test_who_may_look_at_everything_sees_anybodys_without_titles(office: WebOffice) -> None:
    errand_id = an_errand(office, As.OTHER_USER, result=UNDONE)

    for who in (As.AUDITOR, As.ADMINISTRATOR, As.USER_ADMINISTRATOR):
        page = office.browser(who).get(f"/admin/errands/{errand_id}")
        assert (page.status_code, "Secret dinner" in page.text, "User 2" in page.text) == (200, False, True)


def test_the_menu_shows_where_it_was_ordered(office: WebOffice) -> None:
    undo = an_errand(office)
    preview = an_errand(office, As.USER, ErrandKind.PREVIEW, nothing="")

    def here(who: As, path: str) -> str:
        found = re.search(r'<a href="([^"]+)" aria-current="page"', office.browser(who).get(path).text)
        assert found is not None
        return found[1]

    assert [here(As.USER, f"/sync/errands/{one}") for one in (undo, preview)] == ["/sync/history", "/sync"]
    assert [here(As.AUDITOR, f"/admin/errands/{one}") for one in (undo, preview)] == ["/admin/history", "/admin/users"]


def test_progress_is_shown_and_the_page_looks_again_without_scripts(office: WebOffice) -> None:
    errand_id = an_errand(office)
    with office.begin() as session:
        held = errands.claim_errand(session, office.clock(), LEASE)
        assert held is not None
        errands.report_progress(session, held, 30, 120, office.clock(), LEASE)

    page = office.browser(As.USER).get(f"/sync/errands/{errand_id}").text

    assert '<progress id="progress" max="120" value="30">' in page
    assert "30 / 120 件" in page
    assert '<meta http-equiv="refresh"' in page


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("There is no such user any more.", "この利用者はもういません"),
        ("Google Server Error (HTTP 503).", "Google Server Error (HTTP 503)."),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)"),
    ],
)
def test_what_came_to_nothing_says_why(office: WebOffice, error: str, said: str) -> None:
    errand_id = an_errand(office)
    with office.begin() as session:
        held = errands.claim_errand(session, office.clock(), LEASE)
        assert held is not None
        errands.fail_errand(session, held, error, office.clock())

    page = office.browser(As.USER).get(f"/sync/errands/{errand_id}").text

    assert said in page
    assert 'http-equiv="refresh"' not in page


def test_an_auditor_is_not_asked_to_try_again(office: WebOffice) -> None:
    errand_id = an_errand(office)
    with office.begin() as session:
        held = errands.claim_errand(session, office.clock(), LEASE)
        assert held is not None
        errands.fail_errand(session, held, "No.", office.clock())

    again = "もう一度実行する"
    assert again in office.browser(As.ADMINISTRATOR).get(f"/admin/errands/{errand_id}").text
    assert again not in office.browser(As.AUDITOR).get(f"/admin/errands/{errand_id}").text


def test_an_errand_without_a_page_is_not_there(office: WebOffice) -> None:
    with office.begin() as session:
        asker = Party("account", "1", "administrator")
        errand_id = errands.order(session, ErrandKind.DIRECTORY, None, {}, asker, office.clock())

    assert ErrandKind.DIRECTORY not in KINDS
    assert office.browser(As.ADMINISTRATOR).get(f"/admin/errands/{errand_id}").status_code == 404
    assert office.browser(As.ADMINISTRATOR).get("/admin/errands/999").status_code == 404


@pytest.mark.parametrize(("known", "package"), [(REASONS, desksync), (FAILURES, desksync_admin_api)])
def test_every_sentence_that_is_translated_is_said_somewhere(known: dict[str, object], package: Any) -> None:
    pages = Path(desksync_admin_api.__file__).parent / "pages"
    files = [path for path in Path(package.__file__).parent.rglob("*.py") if not path.is_relative_to(pages)]
    said = "\n".join(path.read_text(encoding="utf-8") for path in files)

    assert [sentence for sentence in known if f'"{sentence}"' not in said] == []
