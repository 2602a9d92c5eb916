"""A change that was not kept must not look as if it was (the trap of code that runs after the answer)."""

import pytest
from fastapi import APIRouter
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from desksync_admin_api.access.gate import Anybody
from desksync_admin_api.application import application
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb
from tests.admin_api.office import As, Browser, WebOffice

router = APIRouter()


@router.post("/deferred")
def breaks_at_commit(_caller: Anybody, session: Writing) -> str:
    """Change something that the database refuses only when the transaction ends."""
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    session.execute(text("UPDATE run SET user_id = 999"))
    session.execute(text("INSERT INTO run (user_id, ticket_id, started_at, counts, is_quiet) VALUES (999, 'x', 0, '{}', 0)"))
    return "saved"


@router.get("/writes")
def writes_while_reading(_caller: Anybody, session: Reading) -> str:
    session.execute(text("UPDATE users SET name = 'changed'"))
    return "changed"


@router.get("/away")
def finds_no_database(_caller: Anybody) -> str:
    raise OperationalError("SELECT 1", None, Exception("no connection to 192.0.2.7"))


@router.get("/nested")
def looks_who_is_there_twice(session: Reading, caller: Anybody, web: TheWeb) -> str:
    number = session.scalar(text("SELECT count(*) FROM users"))
    return f"{caller.name} {web.now()} {number}"


@pytest.fixture
def browser(office: WebOffice) -> Browser:
    office.guard = application(office.web, [router])
    return office.browser(As.ADMINISTRATOR)


def test_a_commit_that_fails_is_an_error_and_not_a_page_that_says_saved(browser: Browser) -> None:
    answer = browser.client.post("/deferred")

    assert answer.status_code == 500
    assert "saved" not in answer.text
    assert "何も変更されていません" in answer.text


def test_a_request_that_only_looks_cannot_write(office: WebOffice, browser: Browser) -> None:
    answer = browser.get("/writes")

    assert answer.status_code == 503
    assert office.user().name == "User 1"


def test_a_database_that_does_not_answer_is_a_page_that_says_so_and_no_more(browser: Browser) -> None:
    answer = browser.get("/away")

    assert answer.status_code == 503
    assert "データベースが応答していません" in answer.text
    assert "192.0.2.7" not in answer.text


def test_who_is_calling_is_found_out_before_the_transaction_begins(office: WebOffice, browser: Browser) -> None:
    office.clock.forward(minutes=10)  # So that the session is written to as well.

    assert browser.get("/nested").status_code == 200
