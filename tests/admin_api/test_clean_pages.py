"""Removing what was written, on pages: counted first, asked, done, and gone on with."""

from desksync.sync.event import Side
from desksync.worker.errors import RetryLater
from desksync_admin_api.access.audit import Deed
from tests.admin_api.errand_office import Place, a_place
from tests.admin_api.office import As, WebOffice
from tests.builders import an_event


def path_of(place: Place) -> str:
    return f"/admin/users/{place.world.user_id}/clean"


def removed(place: Place, side: Side = Side.GOOGLE, seen: int = 2) -> str:
    """Order it, have it done, and return its page."""
    there = place.press(As.ADMINISTRATOR, path_of(place), form_on="/account", side=side.value, seen=str(seen))
    place.carry_out()
    return place.get(As.ADMINISTRATOR, there).text


def test_it_is_counted_and_said_before_anything_is_removed() -> None:
    with a_place(neo=[an_event("One"), an_event("Two")], google=[an_event("Three")]) as place:
        place.world.sync()
        writes = place.world.writes()

        person = place.get(As.ADMINISTRATOR, f"/admin/users/{place.world.user_id}").text
        page = place.get(As.ADMINISTRATOR, path_of(place)).text

        assert f'href="{path_of(place)}"' in person
        assert "予定 2 件を削除する" in page  # From Google, of which the third one is somebody's own.
        assert "予定 1 件を削除する" in page  # From NEO.
        assert "始めにアカウントを停止し" in page
        assert place.world.writes() == writes


def test_our_copies_are_removed_from_the_side_and_the_account_is_stopped() -> None:
    with a_place(neo=[an_event("One"), an_event("Two")], google=[an_event("Three")]) as place:
        place.world.sync()

        page = removed(place)

        assert "予定 2 件を削除しました" in page
        assert place.world.google.titles() == ["Three"]
        assert sorted(place.world.neo.titles()) == ["One", "Three", "Two"]
        assert not place.world.user().may_run
        entry = next(one.entry for one in place.office.entries() if one.entry.what == Deed.CLEAN_ORDERED)
        assert (entry.about.id, (entry.after or {})["side"]) == (str(place.world.user_id), "google")


def test_what_was_changed_since_is_left_and_named_to_who_may_see_titles() -> None:
    with a_place(neo=[an_event("One"), an_event("Two")], history_shows_titles=True) as place:
        place.world.sync()
        changed = next(each for each, event in place.world.google.events.items() if event.title == "Two")
        place.world.google.edit(changed, title="Two, by hand")

        page = removed(place)

        assert ("予定 1 件を削除しました" in page, "残した予定 1 件" in page) == (True, True)
        assert ("Two, by hand" in page, "前回の同期の後に変更されています" in page) == (True, True)


def test_titles_of_others_are_hidden() -> None:
    with a_place(neo=[an_event("One"), an_event("Secret dinner")]) as place:
        place.world.sync()
        changed = next(each for each, event in place.world.google.events.items() if event.title == "Secret dinner")
        place.world.google.edit(changed, location="elsewhere")

        page = removed(place)

        assert ("残した予定 1 件" in page, "Secret dinner" in page) == (True, False)


def test_cut_off_it_is_ordered_again_and_goes_on() -> None:
    with a_place(neo=[an_event("One"), an_event("Two")]) as place:
        place.world.sync()
        place.world.google.fail_next("delete", RetryLater("Google Server Error (HTTP 503)."), after_work=True)

        failed = removed(place)
        between = place.get(As.ADMINISTRATOR, path_of(place)).text
        again = removed(place)

        assert ("Google Server Error (HTTP 503)." in failed, f'href="{path_of(place)}"' in failed) == (True, True)
        assert "前回の削除は最後まで完了していません" in between
        assert "予定 2 件を削除する" in between  # The one that was under way is counted as well.
        assert "削除しました" in again
        assert place.world.google.titles() == []
        assert sorted(place.world.neo.titles()) == ["One", "Two"]


def test_a_copy_of_which_nobody_knows_whether_it_was_made_is_looked_for() -> None:
    with a_place(neo=[an_event("One")]) as place:
        place.world.google.fail_next("create", RetryLater("no answer"), after_work=True)
        place.world.run_until_waiting()

        page = place.get(As.ADMINISTRATOR, path_of(place)).text
        done = removed(place, seen=1)

        assert ("予定 1 件を探します" in page, "探して削除する" in page) == (True, True)
        assert "予定 1 件を削除しました" in done
        assert place.world.google.titles() == []


def test_while_it_goes_on_no_other_is_ordered_from_the_page() -> None:
    with a_place(neo=[an_event("One")]) as place:
        place.world.sync()
        there = place.press(As.ADMINISTRATOR, path_of(place), side="google", seen="1")

        page = place.get(As.ADMINISTRATOR, path_of(place)).text

        assert f'href="{there}"' in page
        assert 'name="seen"' not in page


def test_another_number_than_the_page_had_named_is_asked_about_again() -> None:
    with a_place(neo=[an_event("One")]) as place:
        place.world.sync()

        there = place.press(As.ADMINISTRATOR, path_of(place), side="google", seen="5")

        assert there == path_of(place)
        assert "予定の件数が変わりました" in place.get(As.ADMINISTRATOR, there).text
        assert Deed.CLEAN_ORDERED not in place.office.deeds()


def test_what_is_no_order_removes_nothing() -> None:
    with a_place(neo=[an_event("One")]) as place:
        place.world.sync()

        for values in ({}, {"side": "both", "seen": "1"}, {"side": "google"}, {"side": "google", "seen": "-1"}):
            assert place.press(As.ADMINISTRATOR, path_of(place), form_on="/account", **values) == path_of(place)
        assert Deed.CLEAN_ORDERED not in place.office.deeds()


def test_where_nothing_was_written_there_is_nothing_to_press(office: WebOffice) -> None:
    page = office.browser(As.ADMINISTRATOR).get(f"/admin/users/{office.user_id()}/clean").text

    assert 'name="seen"' not in page
    assert page.count("今も同期している予定はありません") == 2


def test_only_administrators_remove(office: WebOffice) -> None:
    path = f"/admin/users/{office.user_id()}/clean"

    for who in (As.USER, As.OTHER_USER, As.AUDITOR):
        assert office.browser(who).get(path).status_code == 403
        assert office.browser(who).submit(path, {"side": "google", "seen": "1"}, form_on="/account").status_code == 403
    assert "/clean" not in office.browser(As.AUDITOR).get(f"/admin/users/{office.user_id()}").text
    assert office.browser(As.ADMINISTRATOR).get("/admin/users/999/clean").status_code == 404
