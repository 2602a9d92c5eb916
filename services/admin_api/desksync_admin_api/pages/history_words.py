"""The words of the history for what store and workers call by short names: outcomes, kinds of line and of error, sides."""

from desksync.store.history import ANY_ERROR
from desksync.sync.event import Side
from desksync.worker.errors import Reason
from desksync.worker.history import LineKind
from desksync.worker.undo import NoUndo
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

UNDONE: dict[str, Text] = {
    LineKind.CREATED: T("Created again"),
    LineKind.UPDATED: T("Old values written back"),
    LineKind.DELETED: T("What was created was deleted"),
    LineKind.NOT_UNDONE: T("Not put back"),
}
"""What an undo did with a write."""

TO_UNDO: dict[str, Text] = {
    LineKind.CREATED: T("What was created is deleted"),
    LineKind.UPDATED: T("The old values are written back"),
    LineKind.DELETED: T("It is created again"),
}
"""What an undo would do with a write of that kind."""

NO_UNDO: dict[NoUndo, Text] = {
    NoUndo.GONE: T("This run is not in the history any more."),
    NoUndo.UNDER_WAY: T("This run has not ended. Wait until it has, and try again."),
    NoUndo.WROTE_NOTHING: T("This run wrote nothing."),
    NoUndo.UNDONE: T("Everything that this run wrote was put back already."),
    NoUndo.ELSEWHERE: T("This run wrote to another pair of calendars than the one that is chosen now."),
}
"""Why a run cannot be undone."""

FIELDS: dict[str, Text] = {
    "when": T("Time"),
    "repeat": T("Repetition"),
    "title": T("Title"),
    "location": T("Place"),
    "description": T("Description"),
    "attendance": T("Participants and facilities"),
    "access": T("Visibility"),
    "is_tentative": T("Tentative"),
}
"""The parts of an event."""

_SAID: tuple[Text, ...] = (
    T("it was changed since"),
    T("it was changed since it was last synced"),
    T("it was changed meanwhile"),
    T("it is not there any more"),
    T("it cannot be read any more"),
    T("it is there again already"),
    T("it was copied anew since"),
    T("the account may not change it"),
    T("the next run would write it again"),
    T("the series is copied in another form now"),
    T("its series does not have this date any more"),
    T("the history does not hold what was deleted"),
    T("the history does not hold what it was before"),
    T("it was written before DeskSync kept what it writes"),
    T("nothing of it was changed"),
    T("a copy of it may have been made, and cannot be seen at present"),
    T("it may be a copy, but its original is gone, and nothing else tells whose it is"),
    T("it may be a copy, but another event looks the same"),
)

REASONS: dict[str, Text] = {one.singular: one for one in _SAID}
"""Why something was left, by the words of the library. Those that hold a value of their own are shown as they are."""

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
