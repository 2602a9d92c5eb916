"""Pictures of numbers: how long each bar is."""

from itertools import pairwise

from desksync_admin_api.pages.bars import HEIGHT, shares, upright


def test_the_largest_number_reaches_the_top_and_the_others_are_in_proportion() -> None:
    drawn = upright([0, 5, 10])

    assert [(bar.height, bar.y) for bar in drawn.bars] == [(0, HEIGHT), (50, 50), (100, 0)]
    assert (drawn.width, drawn.most) == (30, 10)


def test_one_among_a_million_is_seen() -> None:
    small, large = upright([1, 1_000_000]).bars

    assert 0 < small.height < large.height == HEIGHT


def test_bars_stand_beside_each_other_within_the_picture() -> None:
    drawn = upright([3] * 24)

    ends = [(bar.x, bar.x + bar.width) for bar in drawn.bars]
    assert ends[0][0] >= 0
    assert ends[-1][1] <= drawn.width
    assert all(end < begin for (_, end), (begin, _) in pairwise(ends))


def test_shares_fill_the_whole_width() -> None:
    drawn = shares([1, 0, 3])

    assert [(bar.x, bar.width) for bar in drawn.bars] == [(0, 25), (25, 0), (25, 75)]


def test_nothing_can_be_drawn() -> None:
    assert [bar.height for bar in upright([0, 0]).bars] == [0, 0]
    assert [bar.width for bar in shares([0, 0]).bars] == [0, 0]
