from datetime import datetime

from desksync.store.api_tokens import ApiToken, NewToken, add_token, find_token, get_token, list_tokens, note_used, revoke_token
from desksync.store.engine import Begin
from desksync.store.web_states import WebRole
from tests.store.builders import NOW, later


def a_token(begin: Begin, secret: str = "1", expires_at: datetime | None = None) -> ApiToken:
    with begin() as session:
        new = NewToken(secret, f"dsk_{secret}", f"Machine {secret}", WebRole.AUDITOR, "abe", expires_at)
        return add_token(session, new, NOW)


def test_a_token_opens_by_its_hash_until_it_expires(begin: Begin) -> None:
    made = a_token(begin, expires_at=later(hours=1))

    with begin() as session:
        good, late, other = (
            find_token(session, "1", NOW),
            find_token(session, "1", later(hours=1)),
            find_token(session, "2", NOW),
        )

    assert good == made
    assert (late, other) == (None, None)
    assert made.is_good(NOW)
    assert not made.is_good(later(hours=1))


def test_a_token_without_an_end_opens_for_ever(begin: Begin) -> None:
    made = a_token(begin)

    with begin() as session:
        assert find_token(session, "1", later(days=9999)) == made


def test_a_revoked_token_opens_nothing_and_stays_listed(begin: Begin) -> None:
    made = a_token(begin)

    with begin() as session:
        revoked = [revoke_token(session, made.id, NOW), revoke_token(session, made.id, NOW), revoke_token(session, 999, NOW)]

    with begin() as session:
        kept = get_token(session, made.id)
        assert find_token(session, "1", NOW) is None
    assert revoked == [True, False, False]
    assert kept is not None
    assert kept.revoked_at == NOW
    assert not kept.is_good(NOW)


def test_tokens_are_listed_from_the_newest_in_pages(begin: Begin) -> None:
    ids = [a_token(begin, str(number)).id for number in range(3)]

    with begin() as session:
        first = list_tokens(session, limit=2)
        rest = list_tokens(session, before=first[-1].id, limit=2)

    assert [one.id for one in first] == [ids[2], ids[1]]
    assert [one.id for one in rest] == [ids[0]]


def test_the_last_use_is_kept(begin: Begin) -> None:
    made = a_token(begin)

    with begin() as session:
        note_used(session, made.id, later(hours=3))
        kept = get_token(session, made.id)

    assert kept is not None
    assert (made.used_at, kept.used_at) == (None, later(hours=3))
