from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from desksync.sync.event import Window
from desksync_neo_worker.cursor import Cursor, entries_hash, question_of
from tests.builders import WINDOW
from tests.neo_worker.records import EYES

QUESTION = question_of(EYES, WINDOW)


def test_a_cursor_is_read_as_it_was_written() -> None:
    cursor = Cursor(QUESTION, "entries", "answer")

    assert Cursor.parsed(str(cursor), QUESTION) == cursor


@pytest.mark.parametrize("kept", [None, "", "from an older version", "a:b:c", f"{QUESTION}:b", f"{QUESTION}:b:c:d"])
def test_a_cursor_of_another_question_says_nothing(kept: str | None) -> None:
    assert Cursor.parsed(kept, QUESTION) == Cursor(QUESTION, "", "")


def test_whatever_makes_another_reading_makes_another_question() -> None:
    tomorrow = Window(WINDOW.first + timedelta(days=1), WINDOW.last + timedelta(days=1))
    questions = {
        QUESTION,
        question_of(EYES, tomorrow),
        question_of(replace(EYES, own_id="85"), WINDOW),
        question_of(replace(EYES, zone=ZoneInfo("Europe/Berlin")), WINDOW),
        question_of(replace(EYES, shows_attendance=False), WINDOW),
    }

    assert len(questions) == 5


def test_the_order_of_entries_and_of_their_keys_does_not_count() -> None:
    first, second = {"sid": "1", "memo": "a"}, {"sid": "2"}

    assert entries_hash([first, second]) == entries_hash([second, {"memo": "a", "sid": "1"}])
    assert entries_hash([first, second]) != entries_hash([first])
    assert entries_hash([first]) != entries_hash([{"sid": "1", "memo": "b"}])


def test_half_characters_have_a_hash_too() -> None:
    assert entries_hash([{"memo": "\ud83d"}]) != entries_hash([{"memo": "\ud83e"}])
