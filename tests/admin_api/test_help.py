"""The page of help: for everybody, in both languages, with the numbers of the installation."""

import re
from datetime import timedelta

import pytest

from desksync.store.states import StopReason
from desksync.store.users import stop
from tests.admin_api.office import As, MakeOffice, WebOffice


@pytest.mark.parametrize("who", [As.NOBODY, As.USER, As.AUDITOR, As.ADMINISTRATOR])
def test_everybody_finds_help_also_who_cannot_come_in(office: WebOffice, who: As) -> None:
    page = office.browser(who).get("/help")

    assert page.status_code == 200
    assert 'href="/help"' in office.browser(who).get("/sign-in" if who is As.NOBODY else "/account").text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", ("カレンダー ID", "Google Server Error", "(GMT+09:00) 東京", "-10008", "利用者名簿", "24 時間以内に 120 回")),
        ("en", ("Calendar ID", "Google Server Error", "(GMT+09:00) Tokyo", "-10008", "利用者名簿", "120 errors within 24 hours")),
    ],
)
def test_it_answers_what_the_manual_answers(office: WebOffice, language: str, words: tuple[str, ...]) -> None:
    browser = office.browser()
    browser.get(f"/language/{language}")

    page = browser.get("/help").text

    assert [word for word in words if word not in page] == []


def test_its_numbers_are_those_of_the_settings(make_office: MakeOffice) -> None:
    office = make_office(sync_interval=timedelta(minutes=3), error_limit=40, error_period=timedelta(hours=6))

    page = office.browser().get("/help").text

    assert "約 3 分ごと" in page
    assert "6 時間以内に 40 回" in page


def test_every_link_within_it_leads_to_a_part_of_it(office: WebOffice) -> None:
    page = office.browser().get("/help").text

    links = set(re.findall(r'href="#(\w[\w-]*)"', page)) - {"content"}
    assert links
    assert links <= set(re.findall(r'<h2 id="([\w-]+)"', page))


def test_whoever_is_stopped_is_led_to_it(office: WebOffice) -> None:
    before = office.browser(As.USER).get("/sync").text
    with office.begin() as session:
        stop(session, office.user_id(), StopReason.ERRORS, "120 errors", office.clock())

    assert "/help#" not in before
    assert 'href="/help#automatic"' in office.browser(As.USER).get("/sync").text
