from datetime import timedelta

import pytest

from desksync.ops.durations import duration, written


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("600", 600),
        (" 600 ", 600),
        ("45s", 45),
        ("10m", 600),
        ("10 min", 600),
        ("24h", 86400),
        ("1.5d", 129600),
        (90, 90),
        (0.5, 0.5),
    ],
)
def test_lengths_of_time_are_read_as_people_write_them(text: object, seconds: float) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "10 weeks", "-5", "5 5", "m", True])
def test_anything_else_is_refused_with_a_sentence(text: object) -> None:
    with pytest.raises(ValueError, match="is no length of time"):
        duration(text)


def test_a_length_of_time_stays_what_it_is() -> None:
    assert duration(timedelta(days=2)) == timedelta(days=2)


@pytest.mark.parametrize(("seconds", "text"), [(86400, "24h"), (600, "10m"), (45, "45s"), (90, "90s"), (0.5, "0.5s")])
def test_a_length_is_written_in_the_largest_unit_that_divides_it(seconds: float, text: str) -> None:
    assert written(timedelta(seconds=seconds)) == text
    assert duration(text) == timedelta(seconds=seconds)
