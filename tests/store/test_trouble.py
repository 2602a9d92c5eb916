"""What runs have met with on either side is counted for the overview."""

from datetime import timedelta

from desksync.store.engine import Begin
from desksync.store.errors import NewError, add_error
from desksync.store.remotes import pause
from desksync.store.trouble import Trouble, trouble_by_side
from desksync.sync.event import Side
from tests.store.builders import NOW, a_user, later


def trouble(begin: Begin) -> dict[Side, Trouble]:
    with begin() as session:
        return trouble_by_side(session, NOW - timedelta(hours=1), NOW)


def test_where_nothing_went_wrong_there_is_none(begin: Begin) -> None:
    assert trouble(begin) == {Side.NEO: Trouble(), Side.GOOGLE: Trouble()}


def test_errors_of_the_time_are_counted_by_side_with_the_last_one(begin: Begin) -> None:
    user_id = a_user(begin)
    with begin() as session:
        for minutes, side in ((-61, Side.NEO), (-20, Side.GOOGLE), (-10, Side.GOOGLE), (-5, None)):
            add_error(session, NewError(user_id, later(minutes=minutes), "retry", "No answer.", None, side))

    assert trouble(begin) == {Side.NEO: Trouble(), Side.GOOGLE: Trouble(2, later(minutes=-10))}


def test_a_side_that_has_asked_for_a_rest_is_told_until_it_is_over(begin: Begin) -> None:
    with begin() as session:
        pause(session, Side.NEO, later(minutes=2), later(hours=1))
        pause(session, Side.GOOGLE, later(minutes=-2), later(hours=1))

    assert trouble(begin) == {Side.NEO: Trouble(paused_until=later(minutes=2)), Side.GOOGLE: Trouble()}
