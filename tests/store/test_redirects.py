from dataclasses import replace

import pytest

from desksync.store.engine import Begin
from desksync.store.redirects import Redirect, come_back, purge_redirects, send_away
from desksync.store.web_states import RedirectKind
from tests.store.builders import NOW, a_person, all_at_once, later

AWAY = Redirect(RedirectKind.GOOGLE, "state", "browser", None, "verifier", "nonce", "/sync")


def sent(begin: Begin, redirect: Redirect = AWAY) -> None:
    with begin() as session:
        send_away(session, redirect, later(minutes=10))


def test_a_browser_comes_back_once(begin: Begin) -> None:
    away = replace(AWAY, user_id=a_person(begin))
    sent(begin, away)

    with begin() as session:
        first = come_back(session, RedirectKind.GOOGLE, "state", "browser", NOW)
        second = come_back(session, RedirectKind.GOOGLE, "state", "browser", NOW)

    assert (first, second) == (away, None)


def test_of_several_at_once_one_comes_back(begin: Begin) -> None:
    sent(begin)

    def back(_index: int) -> Redirect | None:
        with begin() as session:
            return come_back(session, RedirectKind.GOOGLE, "state", "browser", NOW)

    assert sorted(all_at_once(4, back), key=str) == [None, None, None, AWAY]


@pytest.mark.parametrize(
    ("kind", "state", "browser"),
    [
        (RedirectKind.GOOGLE, "state", "another browser"),
        (RedirectKind.GOOGLE, "another state", "browser"),
        (RedirectKind.OIDC, "state", "browser"),
    ],
)
def test_whoever_has_only_a_part_gets_nothing_and_uses_nothing_up(
    begin: Begin, kind: RedirectKind, state: str, browser: str
) -> None:
    sent(begin)

    with begin() as session:
        stranger = come_back(session, kind, state, browser, NOW)
        owner = come_back(session, RedirectKind.GOOGLE, "state", "browser", NOW)

    assert (stranger, owner) == (None, AWAY)


def test_who_comes_too_late_begins_again(begin: Begin) -> None:
    sent(begin)

    with begin() as session:
        assert come_back(session, RedirectKind.GOOGLE, "state", "browser", later(minutes=10)) is None


def test_what_nobody_came_back_for_is_purged(begin: Begin) -> None:
    sent(begin)

    with begin() as session:
        assert [purge_redirects(session, later(minutes=9)), purge_redirects(session, later(minutes=10))] == [0, 1]


def test_secrets_are_not_shown() -> None:
    shown = repr(replace(AWAY, state_hash="hidden-1", bound_to="hidden-2", verifier="hidden-3", nonce="hidden-4"))

    assert "hidden" not in shown
