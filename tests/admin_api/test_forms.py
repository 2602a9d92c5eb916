"""What protects a form, and what is said about its fields."""

from datetime import date
from enum import StrEnum
from typing import Any

import pytest
from fastapi import APIRouter, Request
from pydantic import Field, field_validator

from desksync_admin_api.access.gate import Administrating
from desksync_admin_api.application import application
from desksync_admin_api.locale.catalogue import say
from desksync_admin_api.locale.texts import T
from desksync_admin_api.pages.forms import FieldError, Filled, FilledForm, FormModel, Line
from desksync_admin_api.pages.told import Told, Tone, read_told, written_told
from tests.admin_api.office import HTTPS, As, Browser, WebOffice


class Colour(StrEnum):
    RED = "red"


class Wanted(FormModel):
    name: Line = Field(min_length=1, max_length=5)
    colour: Colour = Colour.RED
    number: int = Field(default=1, ge=1, le=9)
    day: date | None = None
    boxes: list[str] = Field(default_factory=list)
    note: str = ""

    @field_validator("note")
    @classmethod
    def _polite(cls, note: str) -> str:
        if note == "rude":
            raise FieldError(T("Please fill this in."))
        return note


router = APIRouter()


@router.post("/changes")
def changes(_caller: Administrating, filled: Filled) -> dict[str, Any]:
    file = filled.file("file")
    return {
        "ids": filled.beginning("permission-"),
        "file": None if file is None else file.file.read().decode(),
        "boxes": filled.several("boxes"),
    }


@router.post("/unprotected")
def forgets_the_token(_caller: Administrating, _request: Request) -> str:
    return "changed"


@router.post("/api/v1/changes")
def changes_by_api(_caller: Administrating) -> str:
    return "changed"


@pytest.fixture
def browser(office: WebOffice) -> Browser:
    office.guard = application(office.web, [router])
    return office.browser(As.ADMINISTRATOR)


def test_a_form_of_ours_is_taken_with_all_that_is_in_it(browser: Browser) -> None:
    answer = browser.submit(
        "/changes",
        {"permission-7": "enabled", "permission-8": "disabled", "boxes": ["1", "2"]},
        form_on="/admin",
        files={"file": ("users.csv", "表".encode(), "text/csv")},
    )

    assert answer.json() == {"ids": {"7": "enabled", "8": "disabled"}, "file": "表", "boxes": ["1", "2"]}


def test_a_form_without_a_file_has_none(browser: Browser) -> None:
    answer = browser.submit("/changes", {}, form_on="/admin", files={"file": ("", b"", "text/csv")})

    assert answer.json()["file"] is None


@pytest.mark.parametrize("token", [None, "", "wrong", "x" * 43, "日本"])
def test_a_form_without_the_right_token_changes_nothing(browser: Browser, token: str | None) -> None:
    answer = browser.client.post("/changes", data={} if token is None else {"csrf": token})

    assert answer.status_code == 403
    assert "この画面は古くなっています" in answer.text


def test_the_token_of_somebody_else_and_of_an_earlier_session_are_wrong(office: WebOffice, browser: Browser) -> None:
    of_other = office.browser(As.USER_ADMINISTRATOR).token_on("/admin")
    of_nobody = office.browser().token_on("/sign-in")

    assert [browser.client.post("/changes", data={"csrf": token}).status_code for token in (of_other, of_nobody)] == [403, 403]


def test_nobody_is_signed_in_by_a_form_of_another_browser(office: WebOffice) -> None:
    attacker, victim = office.browser(), office.browser()
    token = attacker.token_on("/sign-in")
    victim.get("/sign-in")

    answer = victim.client.post("/sign-in", data={"csrf": token, "name": "user1", "password": "password 1"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": HTTPS, "sec-fetch-site": "same-origin"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://desksync.example.com"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_a_change_that_another_site_asks_for_is_refused_even_where_a_route_forgets_the_token(
    browser: Browser, headers: dict[str, str], status: int
) -> None:
    assert browser.client.post("/unprotected", headers=headers).status_code == status


def test_a_page_that_calls_the_api_needs_the_token_and_a_machine_does_not(office: WebOffice, browser: Browser) -> None:
    token = browser.token_on("/admin")
    machine = office.browser(As.ADMINISTRATING_MACHINE)

    answers = [
        browser.client.post("/api/v1/changes"),
        browser.client.post("/api/v1/changes", headers={"x-csrf-token": "wrong"}),
        browser.client.post("/api/v1/changes", headers={"x-csrf-token": token}),
        machine.client.post("/api/v1/changes"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 200, 200]
    assert answers[0].json()["type"] == "/problems/form-too-old"


def test_a_good_form_is_read_as_its_model(browser: Browser) -> None:
    assert browser
    filled = FilledForm({"name": " abe ", "number": "3", "day": "2026-11-23", "boxes": ["a", "b"], "other": "x"})

    wanted, wrong = filled.read(Wanted)

    assert wrong == {}
    assert wanted is not None
    assert (wanted.name, wanted.number, wanted.day, wanted.boxes) == ("abe", 3, date(2026, 11, 23), ["a", "b"])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, {"name": "入力してください。"}),
        ({"name": ""}, {"name": "入力してください。"}),
        ({"name": "   "}, {"name": "入力してください。"}),
        ({"name": "abcdef"}, {"name": "5 文字以内で入力してください。"}),
        ({"name": "a\nb"}, {"name": "改行せずに入力してください。"}),
        ({"name": "a\0b"}, {"name": "この値は使えません。"}),
        ({"name": "a\ud800"}, {"name": "この値は使えません。"}),
        ({"name": "a", "colour": "blue"}, {"colour": "表示されている選択肢から選んでください。"}),
        ({"name": "a", "number": "x"}, {"number": "数字を入力してください。"}),
        ({"name": "a", "number": "0"}, {"number": "1 以上を入力してください。"}),
        ({"name": "a", "number": "10"}, {"number": "9 以下を入力してください。"}),
        ({"name": "a", "day": "yesterday"}, {"day": "日付を入力してください。"}),
        ({"name": "a", "note": "rude"}, {"note": "入力してください。"}),
        ({"name": "a", "note": "x" * 2001}, {"note": "2000 文字以内で入力してください。"}),
        ({"name": "a", "boxes": ["\0"]}, {"boxes": "この値は使えません。"}),
        ({"name": "", "number": "x"}, {"name": "入力してください。", "number": "数字を入力してください。"}),
    ],
)
def test_what_is_wrong_is_said_for_each_field(values: dict[str, object], said: dict[str, str]) -> None:
    wanted, wrong = FilledForm(values).read(Wanted)

    assert wanted is None
    assert {name: say("ja", text) for name, text in wrong.items()} == said


def test_what_the_next_page_says_survives_the_way_and_cannot_be_markup() -> None:
    several = [Told(T("Saved."), Tone.GOOD), Told(T("%(number)s user", "%(number)s users", 2, name="<b>"), Tone.BAD)]

    assert read_told(written_told(several)) == several


@pytest.mark.parametrize(
    "cookie", ["", "x", "é", "W10", "WyJ4Il0=", "eyJhIjoxfQ==", "W1siZ29vZCIsIiUoeClzIixudWxsLG51bGwse31dXQ=="]
)
def test_a_cookie_that_says_nothing_sensible_says_nothing(cookie: str) -> None:
    assert all(say("ja", one.text) for one in read_told(cookie))
