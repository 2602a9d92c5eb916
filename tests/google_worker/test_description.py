import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from desksync.sync.text import DESCRIPTION_LIMIT, tidy
from desksync_google_worker.description import BLOCK_BEGIN, BLOCK_END, flattened, is_rich, joined, parted, with_block

PEOPLE = "山田 太郎\n会議室A"
BLOCK = f"{BLOCK_BEGIN}\n{PEOPLE}\n{BLOCK_END}"

texts = st.text(st.one_of(st.sampled_from("<>&;/ab r\n\t\r\"'=#1　あ"), st.characters(codec="utf-8")), max_size=200)
htmlish = st.lists(
    st.sampled_from(
        ["<b>", "</b>", "<br>", "&amp;", "&lt;", "&copy", "<a href='x'>", "</a>", "<li>", "<x@y.jp>", "a", "\n", " ", "<"]
    )
).map("".join)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("", ""),
        ("one\r\ntwo  \n", "one\ntwo"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("agenda<ul><li>one</li><li>two</li></ul>end", "agenda\n・one\n・two\nend"),
        ("<b>bold</b> and <span style='x'>plain</span>", "bold and plain"),
        ("R&amp;D &lt;here&gt;&nbsp;&#12354;", "R&D <here> あ"),
        ("https://x.example/?a=1&copy=2", "https://x.example/?a=1&copy=2"),
        ("太郎 <taro@x.example>, 1 < 2 > 0", "太郎 <taro@x.example>, 1 < 2 > 0"),
        ('<a href="https://x.example/?a=1&amp;b=2">here</a>', "here (https://x.example/?a=1&b=2)"),
        ("<a href=https://x.example>https://x.example</a>", "https://x.example"),
        ("<a href='https://x.example'>a<b>b</b></a>", "ab (https://x.example)"),
        ("<a name='x'>here</a>", "here"),
        ("<a>here</a>", "here"),
    ],
)
def test_html_becomes_plain_text(raw: str, text: str) -> None:
    assert flattened(raw) == text


@pytest.mark.parametrize(("raw", "expected"), [("a<br>b &amp; c", False), ("a <b>b</b>", True), ("<taro@x.example>", False)])
def test_a_text_is_rich_when_flattening_loses_something(raw: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_rich(raw) is expected


def test_the_block_stands_at_the_end_between_its_marks() -> None:
    assert joined("memo", PEOPLE) == f"memo\n\n{BLOCK}"


def test_without_anybody_there_is_no_block() -> None:
    assert joined("memo", " \n") == "memo"


def test_without_a_memo_there_is_only_the_block() -> None:
    assert joined("", PEOPLE) == BLOCK


@pytest.mark.parametrize(
    ("raw", "description", "attendance"),
    [
        (BLOCK, "", PEOPLE),
        (f"memo\n\n{BLOCK}", "memo", PEOPLE),
        (f"memo\n\n{BLOCK}\ntyped after it", "memo\n\ntyped after it", PEOPLE),
        (f"typed before {BLOCK} typed behind", "typed before\n\ntyped behind", PEOPLE),
        (f"memo<br><br>{BLOCK_BEGIN}<br>山田 太郎<br>会議室A<br>{BLOCK_END}", "memo", PEOPLE),
        (f"<p>memo</p><p>{BLOCK_BEGIN}</p><p>山田 太郎</p><p>会議室A</p><p>{BLOCK_END}</p>", "memo", PEOPLE),
        (f"memo\n{BLOCK_BEGIN}\n山田 太郎\n会議室A\n\ntyped after it", "memo\n\ntyped after it", PEOPLE),
        (f"memo\n{BLOCK_BEGIN}\n山田 太郎\n会議室A", "memo", PEOPLE),
        (f"memo\n山田 太郎\n{BLOCK_END}", "memo\n山田 太郎", ""),
        (f"{BLOCK}\n{BLOCK_BEGIN}\nanother\n{BLOCK_END}", "", PEOPLE),
        (f"{BLOCK_BEGIN}\na\n{BLOCK_BEGIN}\nb\n{BLOCK_END}", "", "b"),
        (f"memo\n\n{BLOCK_BEGIN}\n山田 太郎\n\n会議室A\n{BLOCK_END}", "memo", "山田 太郎\n\n会議室A"),
    ],
)
def test_the_block_is_taken_off_whatever_people_typed_around_it(raw: str, description: str, attendance: str) -> None:
    assert parted(raw) == (description, attendance)


def test_a_memo_that_holds_a_copied_block_is_written_without_it() -> None:
    assert joined(f"memo\n\n{BLOCK}", "") == "memo"


def test_a_text_that_looks_like_html_is_escaped() -> None:
    assert joined("use <b> & <br>\nnext", "") == "use &lt;b&gt; &amp; &lt;br&gt;<br>next"


@pytest.mark.parametrize("memo", ["x" * 9000, "<b>" * 4000, "\n<br>" * 3000])
def test_a_long_memo_is_cut_and_the_block_is_not(memo: str) -> None:
    written = joined(memo, PEOPLE)

    assert len(written) <= DESCRIPTION_LIMIT
    assert parted(written)[1] == PEOPLE


def test_a_long_block_is_cut_at_a_line() -> None:
    written = joined("memo", "\n".join(f"<b>{number:04}" for number in range(2000)))

    attendance = parted(written)[1].split("\n")
    assert len(written) <= DESCRIPTION_LIMIT
    assert attendance[-1] == "…"
    assert all(len(line) == len("<b>0000") for line in attendance[:-1])


@given(texts)
def test_what_is_written_is_read_as_the_same_text(text: str) -> None:
    assume(BLOCK_BEGIN not in text and BLOCK_END not in text)  # These are never a person's own text.

    assert parted(joined(text, "")) == (tidy(text), "")


@given(texts, texts)
def test_memo_and_block_are_parted_again(memo: str, people: str) -> None:
    assert parted(joined(memo, people)) == (tidy(memo), tidy(people))


@given(htmlish)
def test_any_html_is_flattened_to_tidy_text(raw: str) -> None:
    text = flattened(raw)

    assert text == tidy(text)
    assert parted(joined(text, PEOPLE)) == (text, PEOPLE)


def test_another_block_leaves_the_rest_of_a_rich_text_alone() -> None:
    raw = f"<b>memo</b><br><br>{BLOCK_BEGIN}<br>old<br>{BLOCK_END}<br>after"

    changed = with_block(raw, "new & more")

    assert changed == f"<b>memo</b><br>after<br><br>{BLOCK_BEGIN}<br>new &amp; more<br>{BLOCK_END}"
    assert parted(changed) == ("memo\nafter", "new & more")


def test_a_rich_text_gets_its_first_block() -> None:
    assert with_block("<b>memo</b>", "new") == f"<b>memo</b><br><br>{BLOCK_BEGIN}<br>new<br>{BLOCK_END}"


def test_a_rich_text_loses_its_block() -> None:
    assert with_block(f"<b>memo</b>\n\n{BLOCK}", "") == "<b>memo</b>"


def test_a_block_whose_marks_were_formatted_makes_the_text_plain() -> None:
    raw = f"<i>memo</i><br>{BLOCK_BEGIN.replace('NEO', '<b>NEO</b>')}<br>old<br>{BLOCK_END}"

    assert parted(with_block(raw, "new")) == ("memo", "new")
