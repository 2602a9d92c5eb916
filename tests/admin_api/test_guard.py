"""What goes around every answer: security headers, nothing inline, cookies, errors that tell nothing."""

import re
from typing import Any

import pytest
from fastapi import APIRouter
from starlette.responses import Response

from desksync_admin_api.access.gate import Anybody
from desksync_admin_api.application import application
from tests.admin_api.office import HTTPS, As, Browser, WebOffice
from tests.admin_api.walk import ROUTES

router = APIRouter()


@router.get("/inline")
def fails(_caller: Anybody) -> Response:
    raise ZeroDivisionError("a detail that is nobody's business")


@pytest.fixture
def browser(office: WebOffice) -> Browser:
    office.guard = application(office.web, [router])
    return office.browser(As.ADMINISTRATOR)


PAGES = [path for method, path in ROUTES if method == "GET" and not path.startswith(("/api/", "/static/")) and "{" not in path]


@pytest.mark.parametrize("path", [*PAGES, "/no-such-page", "/static/x/desksync.css", "/api/v1/me", "/api/v1/no-such-thing"])
def test_every_answer_has_its_security_headers(office: WebOffice, path: str) -> None:
    headers = office.browser(As.USER_ADMINISTRATOR).get(path).headers

    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert headers["cache-control"] == ("public, max-age=31536000, immutable" if path.startswith("/static/") else "no-store")
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-request-id"])
    assert "server" not in headers


INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//""", re.IGNORECASE)


@pytest.mark.parametrize("path", [*PAGES, "/no-such-page"])
def test_a_page_has_nothing_inline_and_nothing_from_elsewhere(office: WebOffice, path: str) -> None:
    page = office.browser(As.USER_ADMINISTRATOR).get(path).text

    assert INLINE.findall(page) == []
    assert ELSEWHERE.findall(page) == []


@pytest.mark.parametrize("markup", ['<p style="x">', "<a onclick='x'>", "<script>x", '<script src="https://x">', "<style>"])
def test_what_is_inline_or_from_elsewhere_is_seen(markup: str) -> None:
    assert INLINE.findall(markup) + ELSEWHERE.findall(markup) != []


def test_a_mistake_of_ours_is_a_page_that_says_so_and_nothing_about_it(browser: Browser) -> None:
    answer = browser.get("/inline")

    assert answer.status_code == 500
    assert "システムの側で問題が発生しました" in answer.text
    assert "nobody" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_answers_are_counted_and_timed_by_the_kind_of_their_status_but_for_probes(office: WebOffice, browser: Browser) -> None:
    for path in ("/admin", "/no-such-page", "/inline", "/healthz", "/readyz"):
        browser.get(path)

    numbers = office.web.metrics.page().decode()

    counted = dict(re.findall(r'desksync_web_request_seconds_count\{status="(\dxx)"\} (\S+)', numbers))
    assert counted == {"2xx": "1.0", "4xx": "1.0", "5xx": "1.0"}


def test_a_page_that_is_not_there_keeps_the_menu(browser: Browser) -> None:
    answer = browser.get("/no-such-page")

    assert answer.status_code == 404
    assert "ページが見つかりません" in answer.text
    assert 'href="/admin"' in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-length": "1000001"}, 413),
        ({"content-length": "20000001", "content-type": "multipart/form-data; boundary=x"}, 413),
        ({"content-length": "-5"}, 400),
        ({"transfer-encoding": "chunked"}, 411),
    ],
)
def test_a_body_that_is_too_large_or_of_no_known_size_is_not_read(browser: Browser, headers: dict[str, str], status: int) -> None:
    assert browser.client.post("/sign-in", headers=headers, content=b"").status_code == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_page_that_is_asked_in_a_way_it_does_not_know_says_so(browser: Browser, method: str) -> None:
    assert browser.client.request(method, "/admin").status_code == 405


@pytest.mark.parametrize(("url", "prefix"), [(HTTPS, "__Host-desksync-"), ("http://testserver", "desksync-")])
def test_cookies_are_out_of_reach_of_scripts_and_bound_to_https_where_there_is_https(
    make_office: Any, url: str, prefix: str
) -> None:
    office = make_office(public_url=url)
    browser = office.browser()
    browser.submit("/sign-in", {"name": "user1", "password": "password 1"})
    browser.get("/language/en")

    set_cookies = [
        cookie
        for answer in (
            browser.submit("/sign-out", form_on="/sync"),
            browser.get("/language/en"),
            office.browser().get("/sign-in"),
        )
        for cookie in answer.headers.get_list("set-cookie")
    ]

    assert len(set_cookies) == 4
    for cookie in set_cookies:
        assert cookie.startswith(prefix), cookie
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert ("Secure" in cookie) is (url == HTTPS)
