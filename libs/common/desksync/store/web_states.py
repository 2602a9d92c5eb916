"""The words of the web side's tables. Knows no tables."""

from enum import StrEnum


class WebRole(StrEnum):
    """What somebody may do beyond their own settings. A user without a role sees and changes only what is theirs."""

    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class SignInWay(StrEnum):
    """How somebody came in."""

    LOCAL = "local"
    NEO = "neo"
    OIDC = "oidc"
    BREAK_GLASS = "break_glass"


class RedirectKind(StrEnum):
    """Where a browser was sent, to come back with an answer."""

    GOOGLE = "google"
    OIDC = "oidc"


class ErrandKind(StrEnum):
    """What the web side carries out in the background."""

    PREVIEW = "preview"
    UNDO = "undo"
    CLEAN = "clean"
    DIRECTORY = "directory"


class ErrandState(StrEnum):
    """Where an errand stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
