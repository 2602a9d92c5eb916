import pytest
from hypothesis import given
from hypothesis import strategies as st

from desksync_neo_worker.texts import LOCATION, TITLE, TwoPart, first_part, one_line

WORDS = st.text(st.sampled_from("ab会議:- \n\t　"), max_size=8)


@pytest.mark.parametrize(
    ("kind", "detail", "title"),
    [
        ("会議", "定例", "会議: 定例"),
        ("", "定例", "定例"),
        ("--", "定例", "定例"),
        ("会議", "", "会議"),
        ("会議", "--", "会議"),
        ("", "", ""),
        ("会議", "会議", "会議: 会議"),
        (" 会議 ", "定例\r\n二行目 ", "会議: 定例 二行目"),
    ],
)
def test_kind_and_detail_make_the_title(kind: str, detail: str, title: str) -> None:
    assert TITLE.joined(kind, detail) == title


@pytest.mark.parametrize(
    ("place", "detail", "location"),
    [("本社", "3階", "本社 3階"), ("本社", "本社", "本社"), ("", "3階", "3階"), ("--", "", "")],
)
def test_place_and_its_detail_make_the_location_and_twins_are_written_once(place: str, detail: str, location: str) -> None:
    assert LOCATION.joined(place, detail) == location


@pytest.mark.parametrize(
    ("edited", "parts"),
    [
        ("会議: 変更", ("会議", "変更")),
        ("会議", ("会議", "")),
        ("会議:変更", ("", "会議:変更")),
        ("変更", ("", "変更")),
        ("会議室の予約", ("", "会議室の予約")),
        ("", ("", "")),
    ],
)
def test_the_kind_is_kept_while_the_title_begins_with_it(edited: str, parts: tuple[str, str]) -> None:
    assert TITLE.parted(edited, "会議") == parts


def test_without_a_kind_everything_is_detail() -> None:
    assert TITLE.parted("会議: 定例", "") == ("", "会議: 定例")


@pytest.mark.parametrize(("two", "edited"), [(TITLE, "会議: --"), (TITLE, "会議:  x"), (LOCATION, "会議 会議")])
def test_the_first_part_gives_way_where_keeping_it_would_change_the_text(two: TwoPart, edited: str) -> None:
    assert two.parted(edited, "会議") == ("", edited)


@given(first=WORDS, second=WORDS, edited=WORDS)
def test_parting_and_joining_gives_the_same_text(first: str, second: str, edited: str) -> None:
    for two in (TITLE, LOCATION):
        for text in (two.joined(first, second), one_line(edited)):
            parts = two.parted(text, first_part(first))

            assert two.joined(*parts) == ("" if text == "--" else text)


def test_an_absent_first_part_contributes_nothing() -> None:
    assert first_part("--") == first_part(" \n") == ""
    assert first_part(" 会議 ") == "会議"
