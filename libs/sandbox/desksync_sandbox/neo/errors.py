"""What NEO says when it refuses. Two numbers are NEO's own; those between -90000 and -90099 are invented for this stand-in."""

from enum import IntEnum

NO_DATA = -110
NO_RIGHT = -10008


class Invented(IntEnum):
    """Numbers that no real NEO sends."""

    UNKNOWN_ACTION = -90001
    NOT_UTF8 = -90002
    MISSING = -90003
    BAD_DATE = -90004
    BAD_TIME = -90005
    BAD_ORDER = -90006
    BAD_NUMBER = -90007
    BAD_CHOICE = -90008
    NOTHING_FILLED = -90009
    NOBODY_REGISTERED = -90010
    UNKNOWN_USER = -90011
    UNKNOWN_FACILITY = -90012
    SERIES_WITHOUT_END = -90013
    SERIES_WITHOUT_DATE = -90014
    WRONG_LOGIN = -90020


class Refused(Exception):
    """An application error: the call is answered with HTTP status 200 and `"status": "ng"`."""

    def __init__(self, number: int, text: str, extra: str = "") -> None:
        super().__init__(text)
        self.number = int(number)
        self.message = f"W:{text}[W{abs(self.number)}]"
        self.extra = extra


def no_data() -> Refused:
    """Return NEO's answer for what does not exist."""
    return Refused(NO_DATA, "該当データが存在しません。")


def no_right() -> Refused:
    """Return NEO's answer for what the key's user may not do."""
    return Refused(NO_RIGHT, "アクセス権がありません。")
