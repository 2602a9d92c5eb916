"""A preview on pages: ordered, shown, and nothing written."""

import pytest

from desksync.store.states import Permission, SyncState
from desksync.store.users import save_google_consent, set_permission
from desksync.sync.event import Side
from desksync_admin_api.access.audit import Deed
from tests.admin_api.errand_office import Place, a_place
from tests.admin_api.office import As, WebOffice
from tests.builders import an_event
from tests.worker.desks import delete_all, many

OWN = "/sync/preview"


def previewed(place: Place, who: As = As.USER, path: str = OWN, form_on: str = "/sync") -> str:
    """Order a preview, have it made, and return its page."""
    there = place.press(who, path, form_on=form_on)
    place.carry_out()
    return place.get(who, there).text


def test_what_a_run_would_do_is_shown_and_nothing_is_written() -> None:
    with a_place(neo=[an_event("Stand-up")], google=[an_event("Lunch")]) as place:
        page = previewed(place)

        assert ("Stand-up" in page, "Lunch" in page, "登録される予定" in page) == (True, True, True)
        assert place.world.writes() == 0
        assert place.world.runs() == []
        assert 'action="/sync/now"' in page
        assert Deed.PREVIEW_ORDERED in place.office.deeds()


def test_a_change_is_shown_with_what_would_be_changed() -> None:
    with a_place() as place:
        event_id = place.world.neo.add(an_event("Before", location="A"))
        place.world.sync()
        place.world.neo.edit(event_id, title="After", location="B")

        page = previewed(place)

        assert "After" in page
        assert "場所, 件名" in page


def test_calendars_that_agree_are_said_to() -> None:
    with a_place(neo=[an_event("Stand-up")]) as place:
        place.world.sync()

        assert "両方のカレンダーは一致しています" in previewed(place)


def test_what_would_be_held_is_among_it() -> None:
    with a_place(neo=many(20)) as place:
        place.world.sync()
        delete_all(place.world, Side.NEO)

        assert "Event 00" in previewed(place)
        assert len(place.world.google.events) == 20


def test_somebody_who_is_stopped_may_look_before_they_begin() -> None:
    with a_place(neo=[an_event("Stand-up")]) as place:
        place.world.set_sync_state(SyncState.STOPPED)

        page = previewed(place)

        assert "Stand-up" in page
        assert 'action="/sync/now"' not in page  # Nothing would come of it.


def test_the_last_preview_is_found_again_on_the_page_of_settings() -> None:
    with a_place(neo=[an_event("Stand-up")]) as place:
        before = place.get(As.USER, "/sync").text
        there = place.press(As.USER, OWN, form_on="/sync")

        assert "/sync/errands/" not in before
        assert f'href="{there}"' in place.get(As.USER, "/sync").text


def test_an_administrator_looks_for_somebody_without_seeing_titles() -> None:
    with a_place(neo=[an_event("Secret dinner")]) as place:
        person = f"/admin/users/{place.world.user_id}"

        page = previewed(place, As.ADMINISTRATOR, f"{person}/preview", person)

        assert ("Secret dinner" in page, "登録される予定" in page) == (False, True)
        assert place.office.entries()[0].entry.about.id == str(place.world.user_id)


def test_an_auditor_orders_none(office: WebOffice) -> None:
    person = f"/admin/users/{office.user_id()}"

    assert "/preview" not in office.browser(As.AUDITOR).get(person).text
    assert office.browser(As.AUDITOR).submit(f"{person}/preview", form_on="/account").status_code == 403


def test_nobody_orders_one_of_anothers_calendars(office: WebOffice) -> None:
    person = f"/admin/users/{office.user_id(As.OTHER_USER)}"

    assert office.browser(As.USER).submit(f"{person}/preview", form_on="/sync").status_code == 403
    office.browser(As.USER).submit(OWN, {"user_id": str(office.user_id(As.OTHER_USER))}, form_on="/sync")
    assert [one.entry.about.id for one in office.entries() if one.entry.what == Deed.PREVIEW_ORDERED] == [str(office.user_id())]


@pytest.mark.parametrize(
    ("who", "path", "back"), [(As.USER, OWN, "/sync"), (As.ADMINISTRATOR, "/admin/users/{}/preview", "/admin/users/{}")]
)
def test_without_google_there_is_nothing_to_look_at(office: WebOffice, who: As, path: str, back: str) -> None:
    user_id = office.user_id()
    with office.begin() as session:
        save_google_consent(session, user_id, None, None)

    answer = office.browser(who).submit(path.format(user_id), form_on=back.format(user_id))

    assert answer.headers["location"] == back.format(user_id)
    assert "プレビューできません" in office.browser(who).get(back.format(user_id)).text
    assert Deed.PREVIEW_ORDERED not in office.deeds()


def test_who_is_not_permitted_orders_none(office: WebOffice) -> None:
    with office.begin() as session:
        set_permission(session, office.user_id(), Permission.DISABLED)

    assert office.browser(As.USER).submit(OWN, form_on="/account").status_code == 403
