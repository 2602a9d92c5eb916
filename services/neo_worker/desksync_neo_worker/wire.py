"""Every name that crosses the wire to desknet's NEO, in one table. No other module of this package may spell one.

NEO's common API (transport, key, envelope, user list) is documented; the names of its schedule fields are seen in NEO's browser
client; that there is an access-key call for schedules, and how it is named, is assumed. Fitting a real server means editing this
file, and nothing else. `docs/neo-wire.md` is made from it.
"""

from enum import IntEnum, StrEnum
from typing import Self


class Mark(StrEnum):
    """How sure a name is."""

    DOCUMENTED = "documented"
    OBSERVED = "observed"
    THIRD_PARTY = "third party"
    INFERRED = "inferred"
    ASSUMED = "assumed"


class _Text(StrEnum):
    """A text on the wire, with its evidence and its meaning."""

    mark: Mark
    meaning: str

    def __new__(cls, text: str, mark: Mark, meaning: str) -> Self:
        """Make the text itself, so that a member can stand wherever the text can."""
        member = str.__new__(cls, text)
        member._value_ = text
        member.mark = mark
        member.meaning = meaning
        return member


class _Number(IntEnum):
    """A number on the wire, with its evidence and its meaning."""

    mark: Mark
    meaning: str

    def __new__(cls, number: int, mark: Mark, meaning: str) -> Self:
        """Make the number itself."""
        member = int.__new__(cls, number)
        member._value_ = number
        member.mark = mark
        member.meaning = meaning
        return member


class Header(_Text):
    """Request headers."""

    KEY = "X-Desknets-Auth", Mark.DOCUMENTED, "the access key (アクセスキー)"


class Module(_Text):
    """Modules: the last path segment of a call, without its extension."""

    SCHEDULE = "dneor", Mark.OBSERVED, "login; schedules live in the core program, so their calls are assumed here too"
    CONSTANTS = "zrconst", Mark.DOCUMENTED, "users and groups"


class Action(_Text):
    """Values of the parameter that names the call."""

    LOGIN = "login", Mark.OBSERVED, "login API (ログインAPI); gives a key"
    LIST_USERS = "list_users", Mark.DOCUMENTED, "user list (ユーザー一覧)"
    LIST_SCHEDULES = "list_schedules", Mark.ASSUMED, "one item per occurrence that touches the dates"
    GET_SCHEDULE = "get_schedule", Mark.ASSUMED, "one record with its rule, or one occurrence"
    INSERT_SCHEDULE = "insert_schedule", Mark.ASSUMED, "add; answers the new ID"
    UPDATE_SCHEDULE = "update_schedule", Mark.ASSUMED, "change what is posted, leave the rest"
    DELETE_SCHEDULE = "delete_schedule", Mark.ASSUMED, "delete an event, a series or one occurrence"


class Parameter(_Text):
    """Parameters that are not fields of a schedule."""

    ACTION = "action", Mark.DOCUMENTED, "which call"
    LOGIN_ID = "login_id", Mark.OBSERVED, "login ID, for the login call"
    PASSWORD = "password", Mark.OBSERVED, "password, for the login call"
    USER_ID = "user_id", Mark.ASSUMED, "whose schedule; the key's own user where it is left out"
    OFFSET = "offset", Mark.DOCUMENTED, "first item of a page, from 0 (AppSuite's list_data)"
    LIMIT = "limit", Mark.DOCUMENTED, "items of a page (AppSuite's list_data)"
    SCOPE = "modkind", Mark.OBSERVED, "which dates of a series are meant"
    TAKES = "delkind", Mark.OBSERVED, "from whom a shared event is deleted"


class Key(_Text):
    """Keys of an answer, outside a schedule."""

    STATUS = "status", Mark.DOCUMENTED, "success or failure"
    ERROR_NUMBER = "errorno", Mark.DOCUMENTED, "number of the error"
    ERROR_TEXT = "errormessage", Mark.DOCUMENTED, "text of the error"
    ERROR_DETAIL = "errmsgadd", Mark.DOCUMENTED, "what the error is about"
    LIST = "list", Mark.DOCUMENTED, "holds the items of a list"
    ITEM = "item", Mark.DOCUMENTED, "the items: absent, one object, or an array"
    COUNT = "allcnt", Mark.OBSERVED, "how many items there are in all (AppSuite's count_data)"
    RECORD = "record", Mark.OBSERVED, "the one record asked for (AppSuite's get_data)"
    ACCESS_KEY = "access_key", Mark.OBSERVED, "the key that the login gave"
    USER_ID = "user_id", Mark.OBSERVED, "the user who logged in"
    ID = "id", Mark.INFERRED, "ID of a user or facility"
    NAME = "name", Mark.OBSERVED, "name of a user or facility"
    LOGIN_ID = "login_id", Mark.INFERRED, "login ID of a user in the user list"


class Field(_Text):
    """Fields of a schedule, read and posted under the same name."""

    SID = "sid", Mark.OBSERVED, "ID, shared by all occurrences of a series"
    ORIGINAL = "seldate", Mark.OBSERVED, "the date that names an occurrence: the one its rule gave it"
    FIRST = "startdate", Mark.OBSERVED, "first date, YYYYMMDD; of a series, where it begins"
    LAST = "enddate", Mark.OBSERVED, "last date, YYYYMMDD; of a series, the last possible date"
    START = "starttime", Mark.OBSERVED, "HHMM, empty for none"
    END = "endtime", Mark.OBSERVED, "HHMM, empty for none; both empty is an all-day event"
    WHOLE_DAY = "allday", Mark.OBSERVED, "flag of its own beside 0000; meaning not fully clear, never posted"
    KIND = "event", Mark.OBSERVED, "予定, the kind of event"
    DETAIL = "detail", Mark.OBSERVED, "予定詳細, where most titles are"
    PLACE = "place", Mark.OBSERVED, "場所"
    PLACE_DETAIL = "other", Mark.INFERRED, "場所詳細"
    MEMO = "memo", Mark.OBSERVED, "内容"
    TENTATIVE = "reserve", Mark.OBSERVED, "仮予定"
    LEVEL = "public_level", Mark.OBSERVED, "公開 level, as the entry form posts it"
    IS_RESTRICTED = "level", Mark.OBSERVED, "閲覧先制限有, as the browser client's list tells it"
    REPEAT = "repeat", Mark.OBSERVED, "letter of the rule, empty for a plain event"
    INTERVAL = "interval", Mark.OBSERVED, "every how many days, weeks, months or years"
    NTH = "everyweek", Mark.OBSERVED, "which weekday of the month"
    WEEKDAYS = "everyweekday", Mark.OBSERVED, "seven characters, Monday first"
    TIMES = "rependtimes", Mark.OBSERVED, "how many occurrences; wins over the last date"
    DATES = "dates", Mark.OBSERVED, "dates of an irregular series, repeated; read, never posted"
    PEOPLE = "otherto", Mark.OBSERVED, "登録先, the users it is registered for"
    FACILITIES = "plant", Mark.ASSUMED, "利用設備; the real name was not found"
    MAY_OPEN = "accessopen", Mark.OBSERVED, "the caller may open it"
    MAY_CHANGE = "accessmod", Mark.OBSERVED, "the caller may change it"
    MAY_DELETE = "accessdel", Mark.OBSERVED, "the caller may delete it"


class Status(_Text):
    """Values of the status."""

    OK = "ok", Mark.DOCUMENTED, "success"
    FAILED = "ng", Mark.DOCUMENTED, "failure"


class Level(_Text):
    """Values of the 公開 level."""

    OPEN = "open", Mark.OBSERVED, "公開"
    SECRET = "secret", Mark.OBSERVED, "非公開"
    RESTRICTED = "permission", Mark.OBSERVED, "viewing is limited to some users"


class Letter(_Text):
    """Values of the rule's letter."""

    DAYS = "d", Mark.OBSERVED, "every N days"
    WEEKS = "w", Mark.OBSERVED, "every N weeks"
    MONTHS = "m", Mark.OBSERVED, "every N months"
    YEARS = "y", Mark.OBSERVED, "every N years"
    IRREGULAR = "r", Mark.OBSERVED, "不定期, dates one by one"


class Scope(_Text):
    """Which dates of a series a change or deletion means."""

    ONE = "1", Mark.OBSERVED, "this date only"
    LATER = "2", Mark.OBSERVED, "this date and later ones"
    ALL = "3", Mark.OBSERVED, "all of them, the default"


class Takes(_Text):
    """From whom a shared event is deleted."""

    ME = "1", Mark.OBSERVED, "only from the user"
    EVERYBODY = "2", Mark.OBSERVED, "from every user and facility"


class Sign(_Text):
    """Small values."""

    ON = "1", Mark.OBSERVED, "a flag that is set; a weekday that is chosen"
    OFF = "0", Mark.OBSERVED, "a flag or weekday that is not"
    NOTHING = "", Mark.OBSERVED, "no value; posted, it clears a field"
    NOT_CHOSEN = "--", Mark.OBSERVED, "an entry of a choice that counts as absent"
    LAST_WEEK = "6", Mark.INFERRED, "the last such weekday of the month: anything but 1 to 5"
    MIDNIGHT = "0000", Mark.OBSERVED, "start of the day"
    PLACEHOLDER = "(無題)", Mark.ASSUMED, "our title for an event without one: NEO wants event, place or details filled"


class ErrorNumber(_Number):
    """Numbers of errors that are told apart. Every other one refuses a write and makes a read unusable."""

    NO_RIGHT = -10008, Mark.OBSERVED, "アクセス権がありません; on the user list: 利用者名簿 is switched off"
    NO_DATA = -110, Mark.OBSERVED, "該当データが存在しません: an empty list, or an event that is gone"


class Http(_Number):
    """HTTP statuses that are told apart, and how long to wait."""

    KEY_UNKNOWN = 401, Mark.OBSERVED, "key refused, the body may be empty"
    KEY_FORBIDDEN = 403, Mark.OBSERVED, "key refused, external use off, or IP address refused"
    BUSY = 429, Mark.DOCUMENTED, "more than 10 calls are waiting"
    BUSY_SECONDS = 10, Mark.DOCUMENTED, "how long that lasts, about"


class Size(_Number):
    """Sizes."""

    PAGE = 5000, Mark.THIRD_PARTY, "most items of one page (AppSuite's list_data)"


TABLE: tuple[type[_Text] | type[_Number], ...] = (
    Header, Module, Action, Parameter, Key, Field, Status, Level, Letter, Scope, Takes, Sign, ErrorNumber, Http, Size,
)  # fmt: skip
"""The whole table, section by section."""
