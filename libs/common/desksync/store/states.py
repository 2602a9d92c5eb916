"""What a user may do, does, and is shown as. Holds the words of the pages' state columns, and knows no tables."""

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """Whether the administrator lets this user sync."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class SyncState(StrEnum):
    """Whether this user syncs."""

    SYNC = "sync"
    STOPPED = "stopped"


class StopReason(StrEnum):
    """Who or what stopped the user."""

    USER = "user"
    ADMINISTRATOR = "administrator"
    ERRORS = "errors"
    CONSENT = "consent"


class HoldState(StrEnum):
    """What became of deletions that were held (rule R5)."""

    WAITING = "waiting"
    RELEASED = "released"
    REFUSED = "refused"


class State(StrEnum):
    """Permission, sync state and a possible run, as one word."""

    DISABLED = "disabled"
    STOPPED = "stopped"
    WAITING = "waiting"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class StateWords:
    """How a state is shown to the administrator and to the user."""

    administrator: str
    user: str


WORDS: dict[State, StateWords] = {
    State.DISABLED: StateWords("無効", "管理者により無効とされています"),
    State.STOPPED: StateWords("有効(停止中)", "停止中"),
    State.WAITING: StateWords("有効(同期中)", "同期中"),
    State.RUNNING: StateWords("有効(同期中)", "同期中 - 同期処理中"),
}

REASON_WORDS: dict[StopReason, str] = {
    StopReason.USER: "ユーザーが停止しました。アカウント状態を「同期」に戻すと再開します。",
    StopReason.ADMINISTRATOR: "管理者が停止しました。アカウント状態を「同期」に戻すと再開します。",
    StopReason.ERRORS: "エラーが多いため自動停止しました。アカウント状態を「同期」に戻すと再開します。",
    StopReason.CONSENT: "Google 認証が無効になりました。もう一度 Google 認証を行ってください。",
}


def state_of(permission: Permission, sync_state: SyncState, *, is_running: bool) -> State:
    """Return the one word for the three facts. A disabled user is shown as disabled, whatever else holds."""
    if permission is Permission.DISABLED:
        return State.DISABLED
    if sync_state is SyncState.STOPPED:
        return State.STOPPED
    return State.RUNNING if is_running else State.WAITING
