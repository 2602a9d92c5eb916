"""An undo on pages: what it would put back, who may order it, and what came of it."""

import pytest

from desksync.store.errands import get_errand
from desksync.store.runs import NewLine
from desksync.store.states import Permission
from desksync.store.tickets import claim
from desksync.store.users import set_permission
from desksync.store.web_states import ErrandState
from desksync.sync.ticket import Stage
from desksync.worker.errors import RetryLater
from desksync.worker.undo import NoUndo
from desksync_admin_api.access.audit import Deed
from desksync_admin_api.pages.history_words import NO_UNDO
from tests.admin_api.errand_office import a_place
from tests.admin_api.office import As, WebOffice
from tests.admin_api.runs import CREATED, a_run
from tests.builders import an_event
from tests.worlds import LEASE

MATCHED = NewLine("matched", None, "2 events were the same")
UNDO = "取り消す"


def test_a_run_of_ones_own_is_put_back_after_it_was_said_what_that_means() -> None:
    with a_place(neo=[an_event("Stand-up"), an_event("Review")]) as place:
        run = place.world.sync()
        path = f"/sync/history/{run.id}/undo"

        run_page, before = place.get(As.USER, f"/sync/history/{run.id}").text, place.get(As.USER, path).text
        there = place.press(As.USER, path)
        waiting = place.get(As.USER, there).text
        titles = place.world.google.titles()
        place.carry_out()
        after = place.get(As.USER, there).text

        assert f'href="{path}"' in run_page
        assert ("元に戻す変更 2 件" in before, "Stand-up" in before, "Review" in before) == (True, True, True)
        assert sorted(titles) == ["Review", "Stand-up"]
        assert 'http-equiv="refresh"' in waiting
        assert 'http-equiv="refresh"' not in after
        assert "2 件を元に戻しました" in after
        assert place.world.google.titles() == []
        entry = place.office.entries()[0].entry
        assert (entry.what, entry.about.id, (entry.after or {})["run_id"]) == (
            Deed.UNDO_ORDERED,
            str(place.world.user_id),
            run.id,
        )


def test_the_result_says_what_could_not_be_put_back_and_why() -> None:
    with a_place(neo=[an_event("Stand-up"), an_event("Review")]) as place:
        run = place.world.sync()
        changed = next(each for each, event in place.world.google.events.items() if event.title == "Review")
        place.world.google.edit(changed, title="Review, moved")

        there = place.press(As.USER, f"/sync/history/{run.id}/undo")
        place.carry_out()
        page = place.get(As.USER, there).text

        assert "2 件のうち 1 件を元に戻しました" in page
        assert page.index("元に戻せず") < page.index("登録された予定を削除")
        assert "その後に変更されています" in page
        assert place.world.google.titles() == ["Review, moved"]


def test_an_update_is_shown_with_what_it_changed_and_the_old_title() -> None:
    with a_place() as place:
        event_id = place.world.neo.add(an_event("Before", location="A"))
        place.world.sync()
        place.world.neo.edit(event_id, title="After", location="B")
        run = place.world.sync()

        page = place.get(As.USER, f"/sync/history/{run.id}/undo").text

        assert "元の内容に戻す" in page
        assert "件名, 場所" in page
        assert "→ Before" in page


def test_an_administrator_puts_anybodys_run_back_without_seeing_titles() -> None:
    with a_place(neo=[an_event("Secret dinner")]) as place:
        run = place.world.sync()
        path = f"/admin/history/{run.id}/undo"

        before = place.get(As.ADMINISTRATOR, path).text
        there = place.press(As.ADMINISTRATOR, path)
        place.carry_out()
        after = place.get(As.ADMINISTRATOR, there).text
        own = place.get(As.USER, there.replace("/admin/", "/sync/")).text

        assert there.startswith("/admin/errands/")
        assert "Secret dinner" not in before + after
        assert "1 件を元に戻しました" in after
        assert "Secret dinner" in own
        assert place.world.google.titles() == []


def test_titles_are_shown_to_administrators_where_the_setting_says_so() -> None:
    with a_place(neo=[an_event("Secret dinner")], history_shows_titles=True) as place:
        run = place.world.sync()

        assert "Secret dinner" in place.get(As.ADMINISTRATOR, f"/admin/history/{run.id}/undo").text


def test_while_it_is_under_way_the_page_leads_to_it_and_the_same_order_is_the_same_errand() -> None:
    with a_place(neo=[an_event("Stand-up")]) as place:
        run = place.world.sync()
        path = f"/sync/history/{run.id}/undo"

        first, again = place.press(As.USER, path), place.press(As.USER, path, form_on="/sync")
        page = place.get(As.USER, path).text

        assert first == again
        assert f'href="{first}"' in page
        assert "元に戻す変更" not in page


def test_what_was_put_back_already_is_said_and_not_ordered_again() -> None:
    with a_place(neo=[an_event("Stand-up")]) as place:
        run = place.world.sync()
        path = f"/sync/history/{run.id}/undo"
        place.press(As.USER, path)
        place.carry_out()

        page = place.get(As.USER, path).text
        there = place.press(As.USER, path, form_on="/sync")

        assert "すべて元に戻してあります" in page
        assert there == f"/sync/history/{run.id}"
        assert "すべて元に戻してあります" in place.get(As.USER, there).text


def test_an_undo_that_failed_can_be_ordered_again_and_goes_on() -> None:
    with a_place(neo=[an_event("Stand-up")]) as place:
        run = place.world.sync()
        path = f"/sync/history/{run.id}/undo"
        place.world.google.fail_next("delete", RetryLater("Google Server Error (HTTP 503)."))

        failed = place.press(As.USER, path)
        place.carry_out()
        page = place.get(As.USER, failed).text
        again = place.press(As.USER, path)
        place.carry_out()

        assert "Google Server Error (HTTP 503)." in page
        assert f'href="{path}"' in page
        assert failed != again
        assert "1 件を元に戻しました" in place.get(As.USER, again).text


def test_an_undo_waits_for_a_run_and_says_so() -> None:
    with a_place(neo=[an_event("Stand-up")]) as place:
        run = place.world.sync()
        message = place.world.order()
        with place.world.begin() as session:
            assert claim(session, message.ticket_id, Stage(message.stage), place.world.clock(), LEASE)

        there = place.press(As.USER, f"/sync/history/{run.id}/undo")
        place.carry_out()

        assert "同期が終わるのを待っています" in place.get(As.USER, there).text


def test_runs_that_wrote_nothing_or_have_not_ended_offer_no_undo(office: WebOffice) -> None:
    quiet, matched, wrote = a_run(office), a_run(office, As.USER, MATCHED), a_run(office, As.USER, CREATED)

    offered = [f"/{run}/undo" in office.browser(As.USER).get(f"/sync/history/{run}").text for run in (quiet, matched, wrote)]

    assert offered == [False, False, True]
    assert "何も書き込まれていません" in office.browser(As.USER).get(f"/sync/history/{quiet}/undo").text


def test_an_auditor_is_offered_nothing(office: WebOffice) -> None:
    run_id = a_run(office, As.USER, CREATED)

    assert UNDO not in office.browser(As.AUDITOR).get(f"/admin/history/{run_id}").text
    assert UNDO in office.browser(As.ADMINISTRATOR).get(f"/admin/history/{run_id}").text
    assert office.browser(As.AUDITOR).get(f"/admin/history/{run_id}/undo").status_code == 403


def test_nobody_puts_anothers_run_back_by_its_number(office: WebOffice) -> None:
    theirs, own = a_run(office, As.OTHER_USER, CREATED), a_run(office, As.USER, CREATED)
    browser = office.browser(As.USER)

    looked = browser.get(f"/sync/history/{theirs}/undo").status_code
    ordered = browser.submit(f"/sync/history/{theirs}/undo", {"run_id": str(own)}, form_on="/sync").status_code
    as_administrator = browser.submit(f"/admin/history/{theirs}/undo", form_on="/sync").status_code

    assert (looked, ordered, as_administrator) == (404, 404, 403)
    assert Deed.UNDO_ORDERED not in office.deeds()


def test_nobody_may_write_who_is_not_permitted_any_more(office: WebOffice) -> None:
    run_id = a_run(office, As.USER, CREATED)
    with office.begin() as session:
        set_permission(session, office.user_id(), Permission.DISABLED)

    answer = office.browser(As.USER).submit(f"/sync/history/{run_id}/undo", form_on="/account")

    assert answer.status_code == 403
    assert Deed.UNDO_ORDERED not in office.deeds()


@pytest.mark.parametrize("why", NoUndo)
def test_every_reason_against_an_undo_has_words(why: NoUndo) -> None:
    assert NO_UNDO[why].singular


def test_an_order_is_waiting_until_a_loop_takes_it(office: WebOffice) -> None:
    run_id = a_run(office, As.USER, CREATED)

    there = office.browser(As.USER).submit(f"/sync/history/{run_id}/undo").headers["location"]

    with office.begin() as session:
        found = get_errand(session, int(there.rpartition("/")[2]))
    assert found is not None
    assert (found.state, found.arguments, found.user_id) == (ErrandState.WAITING, {"run_id": run_id}, office.user_id())
