"""The words of the history for what store and workers call by short names: outcomes, kinds of line and of error, sides."""

from desksync.store.history import ANY_ERROR
from desksync.sync.event import Side
from desksync.worker.errors import Reason
from desksync.worker.history import LineKind
from desksync_admin_api.locale.texts import T, Text

OUTCOMES: dict[str, Text] = {
    "ok": T("Done"),
    "user_must_act": T("A person has to act"),
    "side_unreadable": T("A side could not be read"),
    "settings_changed": T("Begun anew: settings were changed"),
    "not_allowed": T("Ended: syncing was stopped"),
    "interrupted": T("Cut off"),
    "undo": T("Undo of a run"),
    "clean": T("Removal of what was written"),
}
"""How a run ended, as far as it did."""

LINES: dict[str, Text] = {
    LineKind.CREATED: T("Created"),
    LineKind.UPDATED: T("Changed"),
    LineKind.DELETED: T("Deleted"),
    LineKind.MATCHED: T("Found on both sides"),
    LineKind.LOST: T("Changed on both sides: this one was not kept"),
    LineKind.REFUSED: T("Refused"),
    LineKind.SKIPPED: T("Left out"),
    LineKind.FAILED: T("Failed"),
    LineKind.HELD: T("Held"),
    LineKind.BEGUN: T("Begun, and cut off"),
    LineKind.NOT_UNDONE: T("Not put back"),
    LineKind.STOPPED: T("Stopped automatically"),
}
"""What happened in a run."""

ERRORS: dict[str, Text] = {
    ANY_ERROR: T("Any error"),
    "retry_later": T("A side did not answer or was busy"),
    "side_unreadable": T("A side could not be read"),
    "event_refused": T("An event was refused"),
    Reason.CONSENT_DEAD: T("Google authentication needed again"),
    Reason.KEY_REFUSED: T("NEO access key refused"),
    Reason.NO_ACCESS: T("No access to the calendar"),
    Reason.CALENDAR_NOT_FOUND: T("Calendar not found"),
    Reason.DIRECTORY_OFF: T("User directory of NEO not usable"),
    "abandoned": T("A worker died or hung"),
    "unexpected": T("Error in DeskSync"),
}
"""Why something failed."""

SIDES: dict[Side, Text] = {Side.NEO: T("desknet's NEO"), Side.GOOGLE: T("Google")}
