"""The words of the pages for what the store calls by short names: states, reasons, roles, deeds."""

from desksync.store.states import Permission, State, StopReason, SyncState
from desksync.store.web_states import WebRole
from desksync_admin_api.locale.texts import T, Text

STATES: dict[State, Text] = {
    State.DISABLED: T("Disabled"),
    State.STOPPED: T("Enabled (stopped)"),
    State.WAITING: T("Enabled (syncing)"),
    State.RUNNING: T("Enabled (syncing, run under way)"),
}
"""As administrators see them (管理者マニュアル 2.2)."""

OWN_STATES: dict[State, Text] = {
    State.DISABLED: T("Disabled by the administrator"),
    State.STOPPED: T("Stopped"),
    State.WAITING: T("Syncing"),
    State.RUNNING: T("Syncing - run under way"),
}
"""As users see their own."""

STOP_REASONS: dict[StopReason, Text] = {
    StopReason.USER: T("The user stopped it. Setting the account state back to sync resumes it."),
    StopReason.ADMINISTRATOR: T("An administrator stopped it. Setting the account state back to sync resumes it."),
    StopReason.ERRORS: T("It was stopped automatically after many errors. Setting the account state back to sync resumes it."),
    StopReason.CONSENT: T("The Google authentication is no longer valid. Please authenticate with Google again."),
}

PERMISSIONS: dict[Permission, Text] = {Permission.ENABLED: T("Enable"), Permission.DISABLED: T("Disable")}
SYNC_STATES: dict[SyncState, Text] = {SyncState.SYNC: T("Sync"), SyncState.STOPPED: T("Stop")}
ROLES: dict[WebRole, Text] = {WebRole.ADMINISTRATOR: T("Administrator"), WebRole.AUDITOR: T("Auditor")}
