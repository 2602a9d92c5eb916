"""`desksync admin`: accounts of administrators and auditors, made at the command line."""

import json

import pytest

from desksync.store import accounts
from desksync.store.accounts import Account
from desksync.store.audit import Entry, Wanted, list_entries
from desksync_admin_api.access.passwords import is_password
from tests.embedded.conftest import Run
from tests.embedded.installation import Installation

PASSWORD = "seven blue spoons"


@pytest.fixture
def ready(installation: Installation) -> Installation:
    installation.migrate()
    return installation


def account(installation: Installation, name: str = "kobayashi") -> Account | None:
    with installation.begin() as begin, begin() as session:
        return accounts.find_account(session, name)


def entries(installation: Installation) -> list[Entry]:
    with installation.begin() as begin, begin() as session:
        return list_entries(session, Wanted())


def made(run: Run, installation: Installation, *words: str, typed: str = PASSWORD) -> tuple[int, str]:
    result = run("admin", "create", "kobayashi", "--password-stdin", *words, settings=installation.settings, typed=f"{typed}\n")
    return result.exit_code, result.stdout + result.stderr


def test_an_account_is_made_and_comes_in(run: Run, ready: Installation) -> None:
    code, said = made(run, ready)

    found = account(ready)
    assert code == 0
    assert said == "administrator kobayashi may sign in at http://127.0.0.1:8000/sign-in/local now.\n"
    assert found is not None
    assert is_password(found.password_hash, PASSWORD)
    assert PASSWORD not in said + str(entries(ready))
    assert entries(ready)[0].entry.who.kind == "program"


def test_the_password_is_asked_for_twice_and_not_shown(run: Run, ready: Installation) -> None:
    result = run("admin", "create", "abe", "--role", "auditor", settings=ready.settings, typed=f"{PASSWORD}\n{PASSWORD}\n")

    found = account(ready, "abe")
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    assert found is not None
    assert found.role.value == "auditor"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("short", "at least 12 characters"),
        ("", "at least 12 characters"),
        ("kobayashikobayashi", "easy to guess"),
        ("x" * 300, "at most 256 characters"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(run: Run, ready: Installation, typed: str, said: str) -> None:
    code, told = made(run, ready, typed=typed)

    assert code == 2
    assert said in told
    assert account(ready) is None


def test_a_name_is_given_once(run: Run, ready: Installation) -> None:
    made(run, ready)

    code, said = made(run, ready)

    assert code == 2
    assert "`desksync admin password` sets a new password" in said


def test_a_name_that_cannot_be_typed_is_refused(run: Run, ready: Installation) -> None:
    result = run("admin", "create", " \n", "--password-stdin", settings=ready.settings, typed=f"{PASSWORD}\n")

    assert result.exit_code == 2
    assert "at least one letter" in result.stderr


def test_accounts_are_listed_for_people_and_machines(run: Run, ready: Installation) -> None:
    empty = run("admin", "list", settings=ready.settings).stdout
    made(run, ready)

    table = run("admin", "list", settings=ready.settings).stdout
    listed = json.loads(run("admin", "list", "--json", settings=ready.settings).stdout)

    assert "desksync admin create NAME" in empty
    assert "kobayashi" in table
    assert [(one["name"], one["role"], one["is_active"]) for one in listed] == [("kobayashi", "administrator", True)]
    assert "hash" not in json.dumps(listed)


def test_a_password_is_changed_and_an_account_is_shut_out_and_let_in_again(run: Run, ready: Installation) -> None:
    made(run, ready)
    states = []

    run("admin", "password", "kobayashi", "--password-stdin", settings=ready.settings, typed="eleven green forks\n")
    changed = account(ready)
    for word in ("disable", "enable"):
        run("admin", word, "kobayashi", settings=ready.settings)
        found = account(ready)
        states.append(None if found is None else found.is_active)

    assert changed is not None
    assert is_password(changed.password_hash, "eleven green forks")
    assert states == [False, True]
    assert [one.entry.what for one in entries(ready)] == [
        "account_enabled",
        "account_disabled",
        "account_password",
        "account_created",
    ]


@pytest.mark.parametrize("words", [("disable", "nobody"), ("enable", "nobody"), ("password", "nobody", "--password-stdin")])
def test_an_account_that_is_not_there_is_told(run: Run, ready: Installation, words: tuple[str, ...]) -> None:
    result = run("admin", *words, settings=ready.settings, typed=f"{PASSWORD}\n")

    assert result.exit_code == 2
    assert "`desksync admin list` shows them" in result.stderr
