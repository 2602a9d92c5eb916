"""The words of the pages for what the store calls by short names: states, reasons, roles, deeds."""

from desksync.store.states import Permission, State, StopReason, SyncState
from desksync.store.web_states import SignInWay, WebRole
from desksync_admin_api.access.audit import Deed
from desksync_admin_api.access.caller import CallerKind
from desksync_admin_api.cases.people import DISABLED
from desksync_admin_api.locale.texts import T, Text

STATES: dict[State, Text] = {
    State.DISABLED: T("Disabled"),
    State.STOPPED: T("Enabled (stopped)"),
    State.WAITING: T("Enabled (syncing)"),
    State.RUNNING: T("Enabled (syncing, run under way)"),
}
"""As administrators see them (管理者マニュアル 2.2)."""

OWN_STATES: dict[State, Text] = {
    State.DISABLED: DISABLED,
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

STOP_REASON_NAMES: dict[StopReason, Text] = {
    StopReason.USER: T("by the user"),
    StopReason.ADMINISTRATOR: T("by an administrator"),
    StopReason.ERRORS: T("automatically, after many errors"),
    StopReason.CONSENT: T("Google authentication needed again"),
}
"""The same in short, for lists."""

PERMISSIONS: dict[Permission, Text] = {Permission.ENABLED: T("Enable"), Permission.DISABLED: T("Disable")}
SYNC_STATES: dict[SyncState, Text] = {SyncState.SYNC: T("Sync"), SyncState.STOPPED: T("Stop")}
WAYS: dict[SignInWay, Text] = {
    SignInWay.NEO: T("Login of desknet's NEO"),
    SignInWay.LOCAL: T("Local account"),
    SignInWay.OIDC: T("Identity provider of the company"),
    SignInWay.BREAK_GLASS: T("Emergency account"),
}
ROLES: dict[WebRole, Text] = {WebRole.ADMINISTRATOR: T("Administrator"), WebRole.AUDITOR: T("Auditor")}

DEEDS: dict[Deed | None, Text] = {
    None: T("Everything"),
    Deed.SIGNED_IN: T("Signed in"),
    Deed.SIGN_IN_FAILED: T("Failed to sign in"),
    Deed.SIGNED_OUT: T("Signed out"),
    Deed.SIGNED_OUT_EVERYWHERE: T("Signed out everywhere"),
    Deed.SIGNED_OUT_OTHERS: T("Signed others out"),
    Deed.BREAK_GLASS: T("Signed in by the emergency account"),
    Deed.ACCOUNT_CREATED: T("Made an account"),
    Deed.ACCOUNT_PASSWORD: T("Changed the password of an account"),
    Deed.ACCOUNT_DISABLED: T("Shut an account out"),
    Deed.ACCOUNT_ENABLED: T("Let an account in again"),
    Deed.ROLE_CHANGED: T("Changed a role"),
    Deed.PERMISSION_CHANGED: T("Changed a permission"),
    Deed.SYNC_STATE_CHANGED: T("Changed a sync state"),
    Deed.SETTINGS_CHANGED: T("Changed sync settings"),
    Deed.GOOGLE_CONNECTED: T("Connected Google"),
    Deed.GOOGLE_DISCONNECTED: T("Disconnected Google"),
    Deed.NEO_KEY_SAVED: T("Saved a NEO access key"),
    Deed.NEO_KEY_REMOVED: T("Removed a NEO access key"),
    Deed.SYNC_ORDERED: T("Ordered a sync"),
    Deed.PREVIEW_ORDERED: T("Ordered a preview"),
    Deed.UNDO_ORDERED: T("Ordered an undo"),
    Deed.CLEAN_ORDERED: T("Ordered the removal of what was written"),
    Deed.DIRECTORY_ORDERED: T("Ordered to refresh the users"),
    Deed.HELD_RELEASED: T("Released held deletions"),
    Deed.HELD_REFUSED: T("Refused held deletions"),
    Deed.TOKEN_MADE: T("Made an API token"),
    Deed.TOKEN_REVOKED: T("Revoked an API token"),
    Deed.USERS_IMPORTED: T("Imported users"),
    Deed.USERS_EXPORTED: T("Exported users"),
    Deed.HISTORY_EXPORTED: T("Exported the history"),
    Deed.AUDIT_EXPORTED: T("Exported the audit log"),
}
"""What was done, as the audit log shows it; `None` stands for all of it in a filter."""

WHO: dict[CallerKind | str, Text] = {
    "": T("Everybody"),
    CallerKind.ACCOUNT: T("Local accounts"),
    CallerKind.USER: T("Users of NEO"),
    CallerKind.SUBJECT: T("People of the identity provider"),
    CallerKind.MACHINE: T("Machines"),
    CallerKind.PROGRAM: T("The command line"),
    CallerKind.NOBODY: T("Nobody who was signed in"),
}
"""Who did it."""
