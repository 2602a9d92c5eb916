import pytest

from desksync.store.states import Permission, SyncState
from desksync.store.users import Settings, save_settings
from tests.admin_api.office import As, WebOffice

LIST, IMPORT = "/admin/users", "/admin/users/import"


def upload(office: WebOffice, content: bytes | str) -> str:
    """Send a file as an administrator, and return the page that follows."""
    data = content.encode() if isinstance(content, str) else content
    browser = office.browser(As.ADMINISTRATOR)
    browser.get("/language/en")
    return browser.submit(IMPORT, files={"file": ("people.csv", data, "text/csv")}).text


def confirm(office: WebOffice, html: str) -> None:
    packed = html.partition('name="changes" value="')[2].partition('"')[0]
    office.browser(As.ADMINISTRATOR).submit(f"{IMPORT}/confirm", {"changes": packed}, form_on=LIST)


def test_the_list_goes_out_as_csv_that_a_spreadsheet_opens(office: WebOffice) -> None:
    answer = office.browser(As.AUDITOR).get(f"{LIST}.csv?q=User+1")

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeff".encode())
    assert lines[0].startswith("number,login_id,name,permission,sync_state")
    assert [line.split(",")[1] for line in lines[1:]] == ["user1"]
    assert office.deeds() == ["users_exported"]


def test_a_cell_that_would_be_a_formula_is_text(office: WebOffice) -> None:
    user_id = office.user_id()
    with office.begin() as session:
        save_settings(session, user_id, Settings("=HYPERLINK(1)", "Asia/Tokyo"))

    lines = office.browser(As.ADMINISTRATOR).get(f"{LIST}.csv").text.splitlines()

    assert "'=HYPERLINK(1)" in lines[1]


def test_what_a_file_would_change_is_shown_before_it_is_changed(office: WebOffice) -> None:
    html = upload(office, "login_id,permission,sync_state\nuser1,disabled,\nuser2,enabled,sync\nuser3,,stopped\n")

    assert "2 people would be changed" in html
    assert office.user().permission is Permission.ENABLED
    confirm(office, html)
    assert office.user().permission is Permission.DISABLED
    assert office.user(As.USER_ADMINISTRATOR).sync_state is SyncState.STOPPED
    assert sorted(office.deeds()) == ["permission_changed", "sync_state_changed", "users_imported"]


def test_an_exported_list_comes_back_and_changes_nothing(office: WebOffice) -> None:
    out = office.browser(As.ADMINISTRATOR).get(f"{LIST}.csv").content

    assert "0 people would be changed" in upload(office, out)


def test_lines_that_cannot_be_used_are_named_and_the_others_kept(office: WebOffice) -> None:
    html = upload(
        office,
        "login_id,permission\nuser1,maybe\nnobody,enabled\n,enabled\nuser2,disabled\nuser2,enabled\n\n",
    )

    assert "1 person would be changed" in html
    for words in ("Line 2:", "maybe is no permission", "Line 3:", "nobody with the login ID nobody", "Line 4:", "Line 6:"):
        assert words in html


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "first line must name"),
        (b"name,permission\nx,enabled\n", "first line must name"),
        (b"login_id\nuser1\n", "first line must name"),
        (b'login_id,permission\n"user1,enabled\n', "a quotation mark is not closed"),
        (b"\xff\xfe\x00\x81\xff", "cannot be read"),
    ],
)
def test_a_file_that_is_no_list_is_refused_beside_its_field(office: WebOffice, content: bytes, words: str) -> None:
    html = upload(office, content)

    assert words in html
    assert 'id="file-wrong"' in html


def test_a_list_in_the_letters_of_japanese_windows_is_read(office: WebOffice) -> None:
    html = upload(office, "login_id,name,permission\nuser1,田中,disabled\n".encode("cp932"))

    assert "1 person would be changed" in html


def test_without_a_file_the_form_says_so(office: WebOffice) -> None:
    answer = office.browser(As.ADMINISTRATOR).submit(IMPORT, {"file": ""})

    assert answer.status_code == 422
    assert 'id="file-wrong"' in answer.text


def test_whoever_was_changed_since_the_preview_is_left(office: WebOffice) -> None:
    html = upload(office, "login_id,permission\nuser1,disabled\nuser2,disabled\n")
    office.browser(As.ADMINISTRATOR).submit(
        f"{LIST}/chosen", {"chosen": str(office.user_id()), "what": "stop", "back": LIST}, form_on=LIST
    )

    confirm(office, html)

    assert office.user().permission is Permission.ENABLED
    assert office.user(As.OTHER_USER).permission is Permission.DISABLED


@pytest.mark.parametrize("packed", ["x", "1,enabled,sync,enabled", "1,enabled,sync,enabled,never", "a,b,c,d,e"])
def test_changes_that_nobody_was_shown_are_refused(office: WebOffice, packed: str) -> None:
    answer = office.browser(As.ADMINISTRATOR).submit(f"{IMPORT}/confirm", {"changes": packed}, form_on=LIST)

    assert answer.status_code == 422
