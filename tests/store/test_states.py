import pytest

from desksync.store.states import REASON_WORDS, WORDS, Permission, State, StopReason, SyncState, state_of

ENABLED, DISABLED = Permission.ENABLED, Permission.DISABLED
SYNC, STOPPED = SyncState.SYNC, SyncState.STOPPED


@pytest.mark.parametrize(
    ("permission", "sync_state", "is_running", "administrator", "user"),
    [
        (DISABLED, SYNC, True, "無効", "管理者により無効とされています"),
        (DISABLED, STOPPED, False, "無効", "管理者により無効とされています"),
        (ENABLED, STOPPED, False, "有効(停止中)", "停止中"),
        (ENABLED, STOPPED, True, "有効(停止中)", "停止中"),
        (ENABLED, SYNC, False, "有効(同期中)", "同期中"),
        (ENABLED, SYNC, True, "有効(同期中)", "同期中 - 同期処理中"),
    ],
)
def test_both_pages_show_the_words_of_the_manual(
    permission: Permission,
    sync_state: SyncState,
    is_running: bool,  # noqa: FBT001 - a parameter of the test
    administrator: str,
    user: str,
) -> None:
    words = WORDS[state_of(permission, sync_state, is_running=is_running)]

    assert (words.administrator, words.user) == (administrator, user)


def test_every_state_and_every_reason_has_its_words() -> None:
    assert set(WORDS) == set(State)
    assert set(REASON_WORDS) == set(StopReason)
