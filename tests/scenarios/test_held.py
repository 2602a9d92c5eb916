"""Rule R5 with real clients: a mass deletion waits, and is released or put back."""

import pytest

from desksync.store.held import list_waiting
from desksync_embedded import held_commands
from tests.scenarios.commands import a_console, carry_out
from tests.scenarios.company import Company


def after_a_mass_deletion(company: Company) -> None:
    sids = [
        company.add_in_neo(detail=f"会議{number:02}", starttime=f"{number:02}00", endtime=f"{number:02}30")
        for number in range(6, 20)
    ]
    company.sync()
    for sid in sids[1:]:
        company.trial.neo.world.delete(sid)
    company.add_on_google(summary="新規")
    company.sync()


def test_r5_a_mass_deletion_waits_and_the_rest_is_done(company: Company) -> None:
    after_a_mass_deletion(company)
    console, printed = a_console()

    held_commands.show_held(company.trial.resources, console, company.person.login_id, as_json=False)

    assert len(company.google_titles()) == 15
    assert sorted(company.neo_titles()) == ["会議06", "新規"]
    assert "13 deletions wait" in printed.getvalue()
    assert "会議07" in printed.getvalue()


@pytest.mark.parametrize(("say", "left"), [(held_commands.release, 2), (held_commands.refuse, 15)])
def test_r5_what_waits_is_deleted_or_put_back_as_a_person_says(company: Company, say: object, left: int) -> None:
    after_a_mass_deletion(company)
    assert callable(say)
    console, _printed = a_console()

    told = say(company.trial.resources, console, company.person.login_id, None, lambda _question: True)
    carry_out(company)

    assert told.startswith("13 ")
    assert len(company.google_titles()) == len(company.neo_titles()) == left
    assert company.differences() == {}
    company.sync()
    assert company.writes() == 0
    with company.trial.resources.begin() as session:
        assert list_waiting(session) == []
