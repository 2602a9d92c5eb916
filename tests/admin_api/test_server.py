"""The web side served over HTTP, as people reach it: directly or through a proxy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from desksync.ops.service import running
from desksync.worker.program import CannotListen
from desksync_admin_api.server import serving
from tests.admin_api.office import WebOffice
from tests.embedded.installation import a_free_port
from tests.waiting import eventually


@contextmanager
def served(office: WebOffice, *proxies: str) -> Iterator[httpx.Client]:
    port = a_free_port()
    with (
        serving(office.guard, "127.0.0.1", port, lambda: None, trusted_proxies=proxies) as loop,
        running("web", [("web", loop)]),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        eventually(lambda: client.get("/healthz").status_code == 200)
        yield client


@pytest.fixture
def office(make_office: Callable[..., WebOffice]) -> WebOffice:
    return make_office(public_url="http://desksync.example.com")


def fail_to_sign_in(client: httpx.Client, **headers: str) -> int:
    page = client.get("/sign-in")
    token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/sign-in", data={"csrf": token, "name": "user1", "password": "wrong"}, headers=sent).status_code


@pytest.mark.parametrize(
    ("proxies", "address"),
    [(("127.0.0.1",), "192.0.2.7"), (("127.0.0.0/8",), "192.0.2.7"), (("10.0.0.0/8",), "127.0.0.1"), ((), "127.0.0.1")],
)
def test_whom_a_proxy_asks_for_is_believed_of_a_proxy_that_is_trusted(
    office: WebOffice, proxies: tuple[str, ...], address: str
) -> None:
    with served(office, *proxies) as client:
        status = fail_to_sign_in(client, x_forwarded_for="192.0.2.7")

    assert status == 422
    assert office.entries()[0].entry.address == address


def test_a_page_is_ours_under_whichever_name_the_browser_reached_it(office: WebOffice) -> None:
    with served(office) as client:
        own = fail_to_sign_in(client, origin=str(client.base_url).rstrip("/"))
        public = fail_to_sign_in(client, origin="http://desksync.example.com")
        other = fail_to_sign_in(client, origin="http://evil.example")

    assert (own, public, other) == (422, 422, 403)


def test_a_body_without_a_length_is_refused(office: WebOffice) -> None:
    def endless() -> Iterator[bytes]:
        yield b"csrf=x"

    with served(office) as client:
        answer = client.post("/sign-in", content=endless())

    assert answer.status_code == 411
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_port_that_is_taken_is_told_with_the_setting(office: WebOffice) -> None:
    port = a_free_port()
    with (
        serving(office.guard, "127.0.0.1", port, lambda: None),
        pytest.raises(CannotListen, match="DESKSYNC_HTTP_PORT"),
        serving(office.guard, "127.0.0.1", port, lambda: None),
    ):
        pass
