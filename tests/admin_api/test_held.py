"""Rule R5 on pages: who sees what waits, who answers, and for what the answer counts."""

import pytest

from desksync.store.held import decided
from desksync.store.tickets import open_tickets
from desksync.sync.guard import Decided
from desksync_admin_api.access.audit import Deed
from desksync_admin_api.pages.held import SHOWN
from tests.admin_api.holds import a_hold, hold, waiting
from tests.admin_api.office import As, MakeOffice, WebOffice
from tests.store.builders import a_user

ALL = "/admin/held"
OWN = "/sync/held"


def decisions(office: WebOffice, who: As = As.USER) -> Decided:
    with office.begin() as session:
        return decided(session, office.user_id(who))


def has_open_run(office: WebOffice, who: As = As.USER) -> bool:
    """Say whether a run is ordered: then no other can be."""
    with office.begin() as session:
        return open_tickets(session, [office.user_id(who)], office.clock()) == []


def told(office: WebOffice, who: As, path: str) -> str:
    """Return the page on which what was done is said once."""
    return office.browser(who).get(path).text


def test_users_see_what_waits_of_their_own_with_titles_and_nobody_elses(office: WebOffice) -> None:
    a_hold(office, As.USER, neo=2, google=13)
    a_hold(office, As.OTHER_USER, title="Other secret")

    page = office.browser(As.USER).get("/sync").text

    assert "Secret dinner" in page
    assert "Other secret" not in page
    assert "Google からなくなった予定 2 件" in page
    assert "desknet's NEO からなくなった予定 13 件" in page


def test_a_page_of_settings_says_nothing_where_nothing_waits(office: WebOffice) -> None:
    assert OWN not in office.browser(As.USER).get("/sync").text
    assert f"{ALL}?user" not in office.browser(As.AUDITOR).get(f"/admin/users/{office.user_id()}").text


def test_everybodys_are_on_one_page_without_titles_of_others(office: WebOffice) -> None:
    a_hold(office, As.USER)
    a_hold(office, As.USER_ADMINISTRATOR, title="Own secret")

    for who in (As.ADMINISTRATOR, As.AUDITOR, As.USER_ADMINISTRATOR):
        page = office.browser(who).get(ALL).text
        assert ("User 1" in page, "Secret dinner" in page, "12 件" in page) == (True, False, True)
    assert "Own secret" in office.browser(As.USER_ADMINISTRATOR).get(ALL).text
    assert "Own secret" not in office.browser(As.ADMINISTRATOR).get(ALL).text


def test_titles_are_shown_where_the_setting_says_so(make_office: MakeOffice) -> None:
    office = make_office(history_shows_titles=True)
    a_hold(office, As.USER)

    assert "Secret dinner" in office.browser(As.AUDITOR).get(ALL).text


def test_an_auditor_sees_no_buttons(office: WebOffice) -> None:
    a_hold(office, As.USER)

    assert 'name="answer"' not in office.browser(As.AUDITOR).get(ALL).text
    assert 'name="answer"' in office.browser(As.ADMINISTRATOR).get(ALL).text


def test_the_overview_and_the_page_of_the_person_lead_to_what_waits(office: WebOffice) -> None:
    before = office.browser(As.AUDITOR).get("/admin").text
    a_hold(office, As.USER)

    user_id = office.user_id()
    assert f'<a href="{ALL}">確認する</a>' not in before
    assert f'<a href="{ALL}">確認する</a>' in office.browser(As.AUDITOR).get("/admin").text
    assert f"{ALL}?user={user_id}" in office.browser(As.AUDITOR).get(f"/admin/users/{user_id}").text


def test_what_waits_for_one_person_can_be_asked_for(office: WebOffice) -> None:
    a_hold(office, As.USER)
    a_hold(office, As.OTHER_USER)

    page = office.browser(As.AUDITOR).get(f"{ALL}?user={office.user_id(As.OTHER_USER)}").text

    assert ("User 1" in page, "User 2" in page) == (False, True)
    assert office.browser(As.AUDITOR).get(f"{ALL}?user=0").status_code == 422


def test_a_list_without_end_is_cut(office: WebOffice) -> None:
    a_hold(office, As.USER)
    for number in range(10, 10 + SHOWN):
        hold(office, a_user(office.begin, number))

    page = office.browser(As.AUDITOR).get(ALL).text

    assert page.count('id="user-') == SHOWN
    assert f"{SHOWN + 1} 人のうち" in page


@pytest.mark.parametrize(
    ("who", "path", "back"), [(As.USER, OWN, "/sync"), (As.ADMINISTRATOR, ALL + "/{}", ALL)], ids=["own", "administrator"]
)
@pytest.mark.parametrize(("answer", "deed"), [("release", Deed.HELD_RELEASED), ("refuse", Deed.HELD_REFUSED)])
def test_an_answer_is_kept_orders_a_run_and_is_written_down(
    office: WebOffice, who: As, path: str, back: str, answer: str, deed: Deed
) -> None:
    held = a_hold(office, As.USER, neo=1, google=11)

    answered = office.browser(who).submit(path.format(office.user_id()), {"answer": answer, "mark": held.mark}, form_on=back)

    entry = office.entries()[0].entry
    pairs = frozenset((f"n{number}", f"g{number}") for number in range(12))
    assert (answered.status_code, answered.headers["location"]) == (303, back)
    assert "12 件" in told(office, who, back)
    assert getattr(decisions(office), f"{answer}d" if answer == "release" else "refused") == pairs
    assert has_open_run(office)
    assert (entry.what, entry.about.id, entry.after) == (deed, str(office.user_id()), {"neo": 1, "google": 11})


def test_an_answer_to_what_was_not_shown_changes_nothing(office: WebOffice) -> None:
    seen = a_hold(office, As.USER, google=12)
    a_hold(office, As.USER, google=300)

    office.browser(As.USER).submit(OWN, {"answer": "release", "mark": seen.mark}, form_on="/sync")

    assert "何も変更していません" in told(office, As.USER, "/sync")
    assert waiting(office) is not None
    assert not has_open_run(office)
    assert Deed.HELD_RELEASED not in office.deeds()


def test_a_second_answer_changes_nothing(office: WebOffice) -> None:
    seen = a_hold(office, As.USER)
    office.browser(As.USER).submit(OWN, {"answer": "refuse", "mark": seen.mark}, form_on="/sync")

    office.browser(As.ADMINISTRATOR).submit(
        f"{ALL}/{office.user_id()}", {"answer": "release", "mark": seen.mark}, form_on="/account"
    )

    assert decisions(office).released == frozenset()
    assert Deed.HELD_RELEASED not in office.deeds()


@pytest.mark.parametrize("values", [{}, {"answer": "burn", "mark": "x"}, {"answer": "release"}])
def test_an_answer_that_is_none_changes_nothing(office: WebOffice, values: dict[str, str]) -> None:
    a_hold(office, As.USER)

    answered = office.browser(As.USER).submit(OWN, values, form_on="/sync")

    assert answered.status_code == 303
    assert waiting(office) is not None


def test_nobody_answers_for_another_by_the_mark_of_the_other(office: WebOffice) -> None:
    theirs = a_hold(office, As.OTHER_USER)
    a_hold(office, As.USER, google=20)

    office.browser(As.USER).submit(
        OWN, {"answer": "release", "mark": theirs.mark, "user_id": str(office.user_id(As.OTHER_USER))}, form_on="/sync"
    )
    refused = office.browser(As.USER).submit(
        f"{ALL}/{office.user_id(As.OTHER_USER)}", {"answer": "release", "mark": theirs.mark}, form_on="/sync"
    )

    assert refused.status_code == 403
    assert waiting(office, As.OTHER_USER) is not None
    assert waiting(office, As.USER) is not None


def test_an_auditor_answers_for_nobody(office: WebOffice) -> None:
    held = a_hold(office, As.USER)

    answered = office.browser(As.AUDITOR).submit(
        f"{ALL}/{office.user_id()}", {"answer": "release", "mark": held.mark}, form_on="/account"
    )

    assert answered.status_code == 403
    assert waiting(office) is not None


def test_there_is_nothing_to_answer_for_somebody_who_is_not_there(office: WebOffice) -> None:
    answered = office.browser(As.ADMINISTRATOR).submit(f"{ALL}/999", {"answer": "release", "mark": "x"}, form_on="/account")

    assert answered.status_code == 404
