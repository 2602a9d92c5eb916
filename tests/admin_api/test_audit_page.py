import csv
from io import StringIO

import pytest

from desksync.store.audit import NewEntry, Party, add_entry
from desksync_admin_api.access.audit import Deed, record
from desksync_admin_api.access.caller import CallerKind, nobody
from desksync_admin_api.pages.audit import SHOWN
from desksync_admin_api.pages.csv_file import cell
from desksync_admin_api.pages.words import DEEDS, WHO
from tests.admin_api.office import As, WebOffice

ABE = Party("account", "1", "abe")


def an_entry(office: WebOffice, deed: Deed = Deed.PERMISSION_CHANGED, about: str = "佐藤", who: Party = ABE) -> None:
    entry = NewEntry(
        who, deed.value, Party("user", "7", about), {"permission": "disabled"}, {"permission": "enabled"}, "192.0.2.1", "r"
    )
    with office.begin() as session:
        add_entry(session, entry, office.clock())


def rows(office: WebOffice, query: str = "") -> list[list[str]]:
    answer = office.browser(As.AUDITOR).get(f"/admin/audit.csv{query}")
    assert answer.status_code == 200
    return list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))


def test_an_entry_is_shown_with_what_was_before_and_after(office: WebOffice) -> None:
    an_entry(office)

    page = office.browser(As.AUDITOR).get("/admin/audit").text

    assert "利用許可の変更" in page
    assert "佐藤" in page
    assert "disabled → enabled" in page
    assert "2026/11/23 10:00:00" in page  # Tokyo
    assert 'datetime="2026-11-23T01:00:00+00:00"' in page


def test_entries_are_filtered_by_day_of_the_zone_deed_and_name(office: WebOffice) -> None:
    an_entry(office, about="first")
    office.clock.forward(hours=14)  # 1:00 of the next day in Tokyo.
    an_entry(office, about="second")
    an_entry(office, Deed.SIGNED_OUT, about="third")

    def shown(query: str) -> list[str]:
        page = office.browser(As.AUDITOR).get(f"/admin/audit?{query}").text
        return [name for name in ("first", "second", "third") if f">{name}<" in page]

    assert shown("last=2026-11-23") == ["first"]
    assert shown("first=2026-11-24") == ["second", "third"]
    assert shown("what=signed_out") == ["third"]
    assert shown("text=SECOND") == ["second"]
    assert shown("who=machine") == []
    assert shown("what=&who=&text=&first=&last=") == ["first", "second", "third"]


def test_older_entries_are_a_page_further_under_the_same_filter(office: WebOffice) -> None:
    for number in range(SHOWN + 1):
        an_entry(office, about=f"n{number}")
    browser = office.browser(As.AUDITOR)

    first = browser.get("/admin/audit?what=permission_changed").text
    older = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = browser.get(older).text

    assert (">n1<" in first, ">n0<" in first) == (True, False)
    assert (">n0<" in second, ">n1<" in second) == (True, False)
    assert "what=permission_changed" in older
    assert 'rel="next"' not in second


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("what=x", "what"),
        ("who=x", "who"),
        ("first=yesterday", "first"),
        ("last=2026-13-01", "last"),
        (f"text={'x' * 201}", "text"),
        ("text=%00", "text"),
    ],
)
def test_a_filter_that_makes_no_sense_is_said_beside_its_field(office: WebOffice, query: str, field: str) -> None:
    answer = office.browser(As.AUDITOR).get(
        f"/admin/audit?{query}&first=2026-11-01" if field != "first" else f"/admin/audit?{query}"
    )

    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert office.browser(As.AUDITOR).get(f"/admin/audit.csv?{query}").status_code == 422


@pytest.mark.parametrize("query", ["before=0", "before=x", "before=99999999999999999999"])
def test_a_page_that_cannot_be_is_refused(office: WebOffice, query: str) -> None:
    assert office.browser(As.AUDITOR).get(f"/admin/audit?{query}").status_code == 422


def test_the_file_holds_every_entry_of_the_filter_and_taking_it_is_one(office: WebOffice) -> None:
    for number in range(1203):
        an_entry(office, about=f"n{number}")
    an_entry(office, Deed.SIGNED_OUT)

    heading, *found = rows(office, "?what=permission_changed")

    assert heading[:4] == ["time", "who_kind", "who_id", "who"]
    assert [row[7] for row in found] == [f"n{number}" for number in reversed(range(1203))]
    assert found[0][0] == "2026-11-23T01:00:00+00:00"
    newest = office.entries()[0].entry
    assert (newest.what, newest.who.name) == ("audit_exported", "auditor")
    assert newest.after == {"filter": {"what": "permission_changed", "who": "", "text": ""}}


def test_a_name_that_a_spreadsheet_would_calculate_is_quoted(office: WebOffice) -> None:
    an_entry(office, about="=HYPERLINK(1)")

    assert rows(office)[2][7] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1", "'=1"),
        ("+1x", "'+1x"),
        ("-x", "'-x"),
        ("-5", "-5"),
        ("-1.5", "-1.5"),
        ("@a", "'@a"),
        ("\tx", "'\tx"),
        (None, ""),
        (7, "7"),
    ],
)
def test_cells_hold_what_they_say(value: object, shown: str) -> None:
    assert cell(value) == shown


def test_markup_in_a_name_stays_text(office: WebOffice) -> None:
    an_entry(office, about="<script>alert(1)</script>")

    assert "<script>" not in office.browser(As.AUDITOR).get("/admin/audit").text


def test_every_deed_and_everybody_has_words() -> None:
    assert set(DEEDS) == {None, *Deed}
    assert set(WHO) == {"", *CallerKind}


def test_a_secret_that_is_recorded_by_mistake_is_hidden(office: WebOffice) -> None:
    with office.begin() as session:
        record(
            session,
            nobody(),
            Deed.SETTINGS_CHANGED,
            office.clock(),
            before={"neo_key": "sesame", "nested": {"password": "sesame"}},
            after={"note": "Bearer sesame", "google_token": "sesame"},
        )

    assert "sesame" not in str(office.entries())
