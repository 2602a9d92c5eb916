"""`desksync users`: who there is, bringing them in from NEO, and ordering runs."""

import json
from pathlib import Path
from typing import Any

import pytest

from desksync.store import users
from desksync.store.states import Permission, SyncState
from desksync.store.tickets import claim, postpone, stranded
from desksync.sync.ticket import Stage
from desksync_sandbox.neo.switches import NeoSwitches
from tests.embedded.conftest import Run
from tests.embedded.installation import Installation, a_free_port, now
from tests.store.builders import GRACE, LEASE


@pytest.fixture
def people(installation: Installation) -> list[int]:
    """Give the numbers of two users who sync."""
    installation.migrate()
    return installation.take_in()


def _listed(run: Run, installation: Installation) -> list[dict[str, Any]]:
    result = run("users", "list", "--json", settings=installation.settings)
    assert result.exit_code == 0, result.output
    listed: list[dict[str, Any]] = json.loads(result.stdout)
    return listed


def _woken(installation: Installation) -> list[int]:
    """Return whose tickets the sweep of a scheduler would wake right now."""
    with installation.begin() as begin, begin() as session:
        return sorted(ticket.user_id for ticket in stranded(session, now(), GRACE, 10))


def test_users_are_listed_for_people_with_their_state(run: Run, installation: Installation, people: list[int]) -> None:
    with installation.begin() as begin, begin() as session:
        users.set_sync_state(session, people[0], SyncState.STOPPED, now())
        users.set_permission(session, people[1], Permission.DISABLED)

    result = run("users", "list", settings=installation.settings | {"COLUMNS": "200"})

    assert result.exit_code == 0
    first, second = installation.office.people
    for word in (first.neo_user_id, first.name, second.login_id, second.email, "有効(停止中)", "無効", "ユーザーが停止しました"):
        assert word in result.stdout


def test_users_are_listed_for_machines(run: Run, installation: Installation, people: list[int]) -> None:
    listed = _listed(run, installation)

    assert [one["id"] for one in listed] == people
    assert (listed[0]["permission"], listed[0]["sync_state"], listed[0]["state"]) == ("enabled", "sync", "waiting")
    assert listed[0]["calendar_id"] == installation.office.people[0].email
    assert "token" not in json.dumps(listed)


def test_a_command_makes_no_database_where_none_is(run: Run, installation: Installation) -> None:
    nowhere = installation.folder / "not there" / "desksync.sqlite"

    result = run("users", "held", settings=installation.settings | {"DESKSYNC_DATABASE_URL": f"sqlite:///{nowhere}"})

    assert result.exit_code == 2
    assert "There is no database yet" in result.output
    assert not nowhere.parent.exists()


def test_an_installation_without_users_says_how_to_get_some(run: Run, installation: Installation) -> None:
    installation.migrate()

    result = run("users", "list", settings=installation.settings)

    assert result.exit_code == 0
    assert "`desksync users refresh`" in result.stdout


def test_a_database_without_tables_is_told_with_the_remedy(run: Run, installation: Installation) -> None:
    Path(installation.database_url.removeprefix("sqlite:///")).touch()

    result = run("users", "list", settings=installation.settings)

    assert result.exit_code == 2
    assert result.stderr == "The database has no tables yet. Run `desksync migrate`.\n"


def test_refreshing_brings_people_in_disabled(run: Run, installation: Installation) -> None:
    installation.migrate()

    results = [run("users", "refresh", settings=installation.settings) for _ in range(2)]

    assert [result.stdout for result in results] == [
        "2 users added, 0 came back, 0 are gone from NEO.\n",
        "0 users added, 0 came back, 0 are gone from NEO.\n",
    ]
    assert {(one["permission"], one["sync_state"]) for one in _listed(run, installation)} == {("disabled", "stopped")}


def test_refreshing_says_what_to_do_when_neo_refuses_or_is_away(run: Run, installation: Installation) -> None:
    installation.migrate()
    nowhere = {"DESKSYNC_NEO_BASE_URL": f"http://127.0.0.1:{a_free_port()}/cgi-bin/dneo/dneo.cgi"}

    wrong_key = run("users", "refresh", settings=installation.settings | {"DESKSYNC_NEO_ACCESS_KEY": "sesame"})
    away = run("users", "refresh", settings=installation.settings | nowhere)
    installation.neo.switches = NeoSwitches(is_directory_on=False)
    switched_off = run("users", "refresh", settings=installation.settings)

    assert [result.exit_code for result in (wrong_key, away, switched_off)] == [2, 2, 2]
    assert "key" in wrong_key.stderr
    assert "NEO" in away.stderr
    assert "利用者名簿" in switched_off.stderr
    for result in (wrong_key, away, switched_off):
        assert "Traceback" not in result.output
        assert "sesame" not in result.output
    assert _listed(run, installation) == []


def test_a_run_that_is_ordered_is_left_to_the_next_tick_of_the_scheduler(
    run: Run, installation: Installation, people: list[int]
) -> None:
    person = installation.office.people[0]

    result = run("users", "sync-now", person.login_id, settings=installation.settings)

    assert result.exit_code == 0
    assert result.stdout.startswith("1 run ordered; the scheduler begins with them within seconds")
    assert _woken(installation) == people[:1]


def test_everybody_can_be_ordered_at_once_less_those_who_do_not_sync(
    run: Run, installation: Installation, people: list[int]
) -> None:
    with installation.begin() as begin, begin() as session:
        users.set_permission(session, people[1], Permission.DISABLED)

    result = run("users", "sync-now", "--all", settings=installation.settings)

    assert result.stdout.splitlines()[0].startswith("1 run ordered;")
    assert "1 user left out, because they do not sync" in result.stdout
    assert _woken(installation) == people[:1]


def test_a_name_that_is_given_twice_is_one_run(run: Run, installation: Installation, people: list[int]) -> None:
    person = installation.office.people[1]

    result = run("users", "sync-now", person.login_id, person.neo_user_id, settings=installation.settings)

    assert result.stdout.splitlines() == [result.stdout.splitlines()[0]]
    assert result.stdout.startswith("1 run ordered;")
    assert _woken(installation) == people[1:]


def test_a_run_that_waits_after_a_failure_is_let_go_on_at_once(run: Run, installation: Installation, people: list[int]) -> None:
    run("users", "sync-now", "--all", settings=installation.settings)
    with installation.begin() as begin, begin() as session:
        [waiting, busy] = stranded(session, now(), GRACE, 10)
        held = claim(session, waiting.id, Stage.PULL_NEO, now(), LEASE)
        assert held is not None
        postpone(session, held, Stage.PULL_NEO, now() + LEASE)
        assert claim(session, busy.id, Stage.PULL_NEO, now(), LEASE) is not None

    result = run("users", "sync-now", "--all", settings=installation.settings)

    assert result.stdout.splitlines() == [result.stdout.splitlines()[0], "1 user had a run ahead or under way already."]
    assert _woken(installation) == [waiting.user_id]
    assert len(people) == 2


def test_a_user_that_nobody_knows_is_told_and_nobody_is_synced(run: Run, installation: Installation, people: list[int]) -> None:
    known = installation.office.people[0].login_id

    result = run("users", "sync-now", known, "nobody", settings=installation.settings)

    assert result.exit_code == 2
    assert result.stderr == "There is no user 'nobody'. `desksync users list` shows them; nobody was synced.\n"
    assert _woken(installation) == []
    assert len(people) == 2


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("disabled", "no administrator has permitted it"),
        ("stopped", "the account is stopped. ユーザーが停止しました"),
        ("without a calendar", "no Google calendar is connected"),
    ],
)
def test_a_user_who_cannot_be_synced_is_told_why(
    run: Run, installation: Installation, people: list[int], how: str, said: str
) -> None:
    with installation.begin() as begin, begin() as session:
        match how:
            case "disabled":
                users.set_permission(session, people[0], Permission.DISABLED)
            case "stopped":
                users.set_sync_state(session, people[0], SyncState.STOPPED, now())
            case _:
                users.save_settings(session, people[0], users.Settings(None, "Asia/Tokyo"))

    result = run("users", "sync-now", installation.office.people[0].login_id, settings=installation.settings)

    assert result.exit_code == 2
    assert said in result.stderr
    assert _woken(installation) == []


def test_somebody_has_to_be_named(run: Run, installation: Installation) -> None:
    nobody = run("users", "sync-now", settings=installation.settings)
    both = run("users", "sync-now", "10001", "--all", settings=installation.settings)

    assert (nobody.exit_code, both.exit_code) == (2, 2)
    assert nobody.stderr == both.stderr == "Name one or more users, or say --all.\n"
