from datetime import timedelta
from typing import Any

import httpx
import pytest

from desksync.worker.errors import Reason, RetryLater, SideUnreadable, UserMustAct
from desksync_neo_worker.envelope import Refused, answered, opened


def refused_by(**body: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        opened(httpx.Response(200, json={"status": "ng"} | body))
    return caught.value


def test_a_success_gives_its_object() -> None:
    assert opened(httpx.Response(200, json={"status": "ok", "sid": "501"})) == {"status": "ok", "sid": "501"}


def test_a_refusal_tells_number_and_text() -> None:
    refused = refused_by(errorno=-10008, errormessage="W:アクセス権がありません。[W10008]", errmsgadd="予定")

    assert refused.is_no_right
    assert not refused.is_no_data
    assert str(refused) == "NEO answered W:アクセス権がありません。[W10008] 予定 (-10008)."


@pytest.mark.parametrize("number", [-110, "-110"])
def test_no_data_is_known_whatever_the_type_of_its_number(number: object) -> None:
    assert refused_by(errorno=number).is_no_data


@pytest.mark.parametrize("number", [None, "none", {}, ""])
def test_a_refusal_without_a_number_has_number_zero(number: object) -> None:
    refused = refused_by(errorno=number, errormessage={}, errmsgadd=None)

    assert refused.number == 0
    assert str(refused) == "NEO answered with an error (0)."


def test_a_long_text_is_cut() -> None:
    assert len(str(refused_by(errorno=-1, errormessage="あ" * 5000))) < 350


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_needs_a_person_even_with_an_empty_body(status: int) -> None:
    with pytest.raises(UserMustAct, match="アクセスキー設定") as caught:
        answered(httpx.Response(status))

    assert caught.value.reason is Reason.KEY_REFUSED


def test_being_busy_is_nobodys_fault_and_lasts_ten_seconds() -> None:
    with pytest.raises(RetryLater) as caught:
        answered(httpx.Response(429))

    assert (caught.value.after, caught.value.is_fault) == (timedelta(seconds=10), False)


@pytest.mark.parametrize(("said", "seconds"), [("30", 30), (" 5 ", 5), ("soon", 10), ("-3", 10), ("", 10), ("9" * 5000, 3600)])
def test_neo_is_left_alone_for_as_long_as_it_asks(said: str, seconds: int) -> None:
    with pytest.raises(RetryLater) as caught:
        answered(httpx.Response(429, headers={"retry-after": said}))

    assert caught.value.after == timedelta(seconds=seconds)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_is_a_fault_that_may_pass(status: int) -> None:
    with pytest.raises(RetryLater, match=f"NEO Server Error \\(HTTP {status}\\)") as caught:
        answered(httpx.Response(status))

    assert caught.value.is_fault


@pytest.mark.parametrize("status", [204, 302, 400, 404])
def test_another_status_is_no_calendar(status: int) -> None:
    with pytest.raises(SideUnreadable, match=f"HTTP {status}"):
        answered(httpx.Response(status))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>login</html>", "instead of JSON"),
        (b"", "instead of JSON"),
        (b'{"status":"ok","list":{"it', "instead of JSON"),
        (b"\xff\xfe\xfa", "instead of JSON"),
        (b"[" * 100_000, "instead of JSON"),
        (b"[]", "no object"),
        (b"null", "no object"),
        (b"{}", "does not say whether"),
        (b'{"status":"maybe"}', "does not say whether"),
        (b'{"status":["ok"]}', "does not say whether"),
    ],
)
def test_what_is_no_answer_is_unreadable(body: bytes, why: str) -> None:
    with pytest.raises(SideUnreadable, match=why):
        opened(httpx.Response(200, content=body))
