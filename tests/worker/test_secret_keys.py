"""Keys that do not open what is stored are the operator's to mend: nobody's error, and told loudly."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from desksync.ops.secrets import Cipher, SecretKey, make_key
from desksync.ops.settings_loading import load_settings
from desksync.store.schema import migrate
from desksync.store.states import SyncState
from desksync.worker.accounts import GOOGLE_TOKEN, NEO_KEY, KeyTrouble, google_accounts
from desksync.worker.errors import Reason, RetryLater, UserMustAct
from desksync.worker.program import Parts
from desksync.worker.resources import opened
from desksync_google_worker.app import parts as google_parts
from desksync_neo_worker.app import parts as neo_parts
from tests.builders import an_event
from tests.worker.test_accounts import a_user
from tests.worlds import MONDAY_MORNING, a_world

RIGHT = SecretKey.parse(make_key())
WRONG = SecretKey.parse(make_key())
SAME_NAME = SecretKey(RIGHT.id, WRONG.key)
CIPHERS = {"none": None, "another": Cipher([WRONG]), "another of the same name": Cipher([SAME_NAME])}


def a_token(user_id: int) -> bytes:
    return Cipher([RIGHT]).seal("1//token", purpose=GOOGLE_TOKEN, user_id=user_id)


@pytest.mark.parametrize("how", CIPHERS)
def test_keys_that_open_nothing_are_waited_for_and_are_nobodys_fault(how: str, caplog: pytest.LogCaptureFixture) -> None:
    user = a_user()
    trouble = KeyTrouble()

    for _ in range(3):
        with pytest.raises(RetryLater, match="DESKSYNC_SECRET_KEYS") as waited:
            google_accounts(CIPHERS[how], trouble)(a_user(id=user.id, google_token=a_token(user.id)))

    assert not waited.value.is_fault
    assert waited.value.after is not None
    assert waited.value.after >= timedelta(minutes=1)
    assert "DESKSYNC_SECRET_KEYS" in (trouble.wrong() or "")
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "1//token" not in caplog.text


def test_a_key_that_opens_something_is_well() -> None:
    trouble = KeyTrouble()
    user = a_user()

    google_accounts(Cipher([RIGHT]), trouble)(a_user(id=user.id, google_token=a_token(user.id)))

    assert trouble.wrong() is None


def test_one_secret_that_does_not_open_with_a_key_that_opens_others_is_its_users_to_mend() -> None:
    trouble = KeyTrouble()
    user = a_user()
    accounts = google_accounts(Cipher([RIGHT]), trouble)

    accounts(a_user(id=user.id, google_token=a_token(user.id)))
    with pytest.raises(UserMustAct, match="Enter it again") as asked:
        accounts(a_user(id=user.id, google_token=a_token(user.id + 1)))

    assert asked.value.reason is Reason.KEY_REFUSED
    assert trouble.wrong() is None


def test_what_is_no_secret_at_all_is_its_users_to_mend() -> None:
    trouble = KeyTrouble()

    with pytest.raises(UserMustAct):
        google_accounts(Cipher([RIGHT]), trouble)(a_user(google_token=b"plain text"))

    assert trouble.wrong() is None


def test_trouble_with_a_key_is_over_when_it_opens_something() -> None:
    """The first secret that is tried may be the one that is broken."""
    trouble = KeyTrouble()
    user = a_user()
    accounts = google_accounts(Cipher([RIGHT]), trouble)

    with pytest.raises(RetryLater):
        accounts(a_user(id=user.id, google_token=a_token(user.id + 1)))
    was_wrong = trouble.wrong()
    accounts(a_user(id=user.id, google_token=a_token(user.id)))

    assert was_wrong is not None
    assert trouble.wrong() is None


@pytest.mark.parametrize("how", ["another", "another of the same name"])
def test_a_day_with_wrong_keys_stops_nobody_and_costs_nobody_an_error(how: str) -> None:
    world = a_world(neo=[an_event("A")])
    right = world.cipher
    name = right.key_of(right.seal("x", purpose=NEO_KEY, user_id=1))
    world.cipher = Cipher([WRONG if how == "another" else SecretKey(name, WRONG.key)])

    world.run_until_waiting()
    until = world.clock() + timedelta(days=1)
    while world.clock() < until:
        world.wake()
    world.cipher = right
    world.sync_open()

    assert not any(error.counts for error in world.errors())
    assert world.user().sync_state is SyncState.SYNC
    assert world.google.titles() == ["A"]


@pytest.mark.parametrize("parts", [neo_parts, google_parts], ids=["neo", "google"])
def test_a_worker_asks_about_its_keys_before_it_says_that_it_is_ready(parts: Parts, tmp_path: Path, memory_url: str) -> None:
    settings = load_settings(
        database_url=f"sqlite:///{tmp_path / 'one.sqlite'}",
        broker_url=memory_url,
        neo_base_url="http://127.0.0.1:1/cgi-bin/dneo/dneo.cgi",
        secret_keys=make_key(),
    )
    migrate(settings.database_url)

    with opened(settings, lambda: MONDAY_MORNING) as resources, parts(resources):
        report = resources.health.readiness()

    assert any(name.startswith("keys of") for name in report.well)
