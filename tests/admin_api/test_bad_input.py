"""Fills nonsense into every field of every form on every page. A new page needs nothing here: its forms are found."""

import pytest
from httpx2 import Response

from tests.admin_api.forms_on_pages import FoundForm, forms_in
from tests.admin_api.holds import a_hold
from tests.admin_api.office import As, Browser, WebOffice
from tests.admin_api.walk import ROUTES, address, may

NONSENSE = {
    "nothing": "",
    "blanks": "   ",
    "a NUL": "a\0b",
    "control characters": "\x01\x1b[31m",
    "lines": "a\r\nb: c",
    "markup": "<script>alert(1)</script>\"'>",
    "a template": "{{ 7*7 }}{% for %}%(name)s%s",
    "SQL": "'; DROP TABLE users; --",
    "a path": "../../etc/passwd",
    "another site": "https://evil.example/",
    "a huge number": "9" * 400,
    "a negative number": "-1",
    "not a number": "NaN",
    "half a character": "\ud83d",
    "signs from right to left": "\u202ekcab",
    "an emoji": "👩‍💻",
    "much": "x" * 5000,
}

_ENDS_THE_SESSION = ("/sign-out",)

PAGES = [path for method, path in ROUTES if method == "GET" and not path.startswith(("/api/", "/static/", "/language/"))]


def forms_for(office: WebOffice, browser: Browser, who: As) -> dict[str, FoundForm]:
    """Return every form that somebody sees, once for each place it leads to."""
    a_hold(office, As.USER)
    found: dict[str, FoundForm] = {}
    for path in PAGES:
        gate = ROUTES["GET", path]
        if gate is None or not may(who, path, gate):
            continue
        url = address(office, path)
        answer = browser.get(url)
        if answer.headers.get("content-type", "").startswith("text/html"):
            for form in forms_in(answer.text, url):
                if not form.action.startswith(_ENDS_THE_SESSION):
                    found.setdefault(form.where, form)
    return found


def sent(browser: Browser, form: FoundForm, values: dict[str, str]) -> Response:
    encoded = {name: value.encode("utf-8", "surrogatepass") for name, value in values.items()}
    if form.method == "GET":
        return browser.client.get(form.action, params={name: value.decode("utf-8", "replace") for name, value in encoded.items()})
    if form.files:
        files = dict.fromkeys(form.files, ("x.csv", b"\xff\xfe\x00 nonsense", "text/csv"))
        return browser.client.post(form.action, data=encoded, files=files)
    body = b"&".join(_quoted(name.encode()) + b"=" + _quoted(value) for name, value in encoded.items())
    return browser.client.post(form.action, content=body, headers={"content-type": "application/x-www-form-urlencoded"})


def _quoted(raw: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in raw)


@pytest.mark.parametrize("who", [As.NOBODY, As.USER, As.ADMINISTRATOR])
def test_nonsense_in_a_field_breaks_nothing_on_either_database(office_on_any: WebOffice, who: As) -> None:
    browser = office_on_any.browser(who)
    statuses, wrong = set(), {}
    for where, form in forms_for(office_on_any, browser, who).items():
        for name in form.values.keys() - {"csrf"}:
            for kind, text in NONSENSE.items():
                answer = sent(browser, form, form.values | {name: text})
                statuses.add(answer.status_code)
                if answer.status_code >= 500 or "<script>alert" in answer.text:
                    wrong[where, name, kind] = answer.status_code

    assert wrong == {}
    assert 422 in statuses  # They were looked at, and not only refused for a wrong token.


@pytest.mark.parametrize("who", [As.USER, As.ADMINISTRATOR])
def test_a_form_with_nothing_in_it_breaks_nothing(office: WebOffice, who: As) -> None:
    browser = office.browser(who)
    statuses = {
        where: sent(browser, form, {"csrf": form.values.get("csrf", "")}).status_code
        for where, form in forms_for(office, browser, who).items()
    }

    assert {where: status for where, status in statuses.items() if status >= 500} == {}
    assert len(statuses) > 2


@pytest.mark.parametrize("who", [As.USER, As.ADMINISTRATOR])
def test_every_form_that_changes_something_carries_a_token(office: WebOffice, who: As) -> None:
    forms = forms_for(office, office.browser(who), who)

    assert [where for where, form in forms.items() if form.method == "POST" and not form.values.get("csrf")] == []
