from datetime import date
from typing import Any

import pytest

from desksync.sync.reading import Odd
from desksync_neo_worker.entries import MASKED, Entries, Single, original_of, sort_entries
from tests.builders import an_event, timed
from tests.neo_worker.records import EYES, a_masked_record, a_record


def entries_of(*items: object) -> Entries:
    return sort_entries(items, EYES)


def test_a_plain_entry_is_an_event() -> None:
    entries = entries_of(a_record(event="会議", accessmod=""))

    assert entries.singles == {"501": Single(an_event("会議: 朝会"), {"kind": "会議"}, is_editable=False)}


def test_the_occurrences_of_a_series_are_kept_together_and_named_by_their_original_dates() -> None:
    first = a_record(repeat="w")
    moved = a_record(repeat="w", seldate="20261130", startdate="20261201", enddate="20261201")
    unnamed = a_record(repeat="w", seldate="", startdate="20261207", enddate="20261207")

    entries = entries_of(first, moved, unnamed)

    assert entries.occurrences == {"501": (first, moved, unnamed)}
    assert [original_of(one) for one in entries.occurrences["501"]] == [
        date(2026, 11, 23),
        date(2026, 11, 30),
        date(2026, 12, 7),
    ]


def test_a_changed_occurrence_without_its_letter_still_belongs_to_its_series() -> None:
    first, changed = a_record(repeat="w"), a_record(repeat="", seldate="20261130")

    entries = entries_of(first, changed)

    assert entries.occurrences == {"501": (first, changed)}
    assert entries.singles == {}


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (a_masked_record(), MASKED),
        (a_masked_record(repeat="w"), MASKED),
        (a_record(startdate="some day"), "no date"),
        (a_record(memo={"val": "x"}), "no text as memo"),
        (a_record(repeat=["w"]), "no text as repeat"),
        (a_record(repeat="w", seldate="some day"), "no date"),
    ],
)
def test_a_strange_entry_is_odd_and_the_rest_goes_on(record: dict[str, Any], why: str) -> None:
    entries = entries_of(record, a_record("502"))

    assert why in entries.odd["501"].why
    assert entries.odd["501"] == Odd("501", entries.odd["501"].why)
    assert set(entries.singles) == {"502"}
    assert entries.occurrences == {}
    assert not entries.has_unnamed


def test_one_masked_occurrence_makes_the_series_odd() -> None:
    entries = entries_of(a_record(repeat="w"), a_masked_record(repeat="w", seldate="20261130"))

    assert entries.odd == {"501": Odd("501", MASKED)}


def test_one_id_on_several_dates_is_a_series_even_where_no_entry_says_so() -> None:
    first, second = a_record(), a_record(seldate="20261124")

    entries = entries_of(first, second)

    assert entries.occurrences == {"501": (first, second)}
    assert entries.singles == {}


@pytest.mark.parametrize("item", [a_record(sid=""), a_record(sid=...), a_record(sid=None), a_record(sid=["501"]), None, "501", 7])
def test_an_entry_without_an_id_is_noticed(item: object) -> None:
    entries = entries_of(item, a_record("502"))

    assert entries.has_unnamed
    assert entries.singles["502"].event.when == timed()


def test_the_same_occurrence_twice_is_noticed() -> None:
    assert entries_of(a_record(), a_record()).has_doubles
    assert not entries_of(a_record(), a_record("502"), a_record(repeat="w", seldate="20261130")).has_doubles
    assert not entries_of(a_record(repeat="w"), a_record(repeat="w", starttime="1500")).has_doubles
