"""What each kind of errand does, and the plain values that come of it. Arguments and results are read by pages and the API."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from desksync.ops.secrets import SecretsError
from desksync.store.engine import Begin
from desksync.store.errands import Errand
from desksync.store.runs import NewLine
from desksync.store.users import User, get_user
from desksync.store.web_states import ErrandKind
from desksync.sync.event import Side
from desksync.worker import clean, undo
from desksync.worker.desk import Desk
from desksync.worker.errors import CalendarError
from desksync.worker.history import LineKind
from desksync.worker.preview import preview
from desksync.worker.preview_told import told
from desksync.worker.undo import NothingToUndo
from desksync_admin_api.doors import NeoDoor, Tell
from desksync_admin_api.errands.loop import CannotBeDone, Work

REFUSALS: tuple[type[Exception], ...] = (CalendarError, NothingToUndo, SecretsError)
"""What an errand may come to nothing by, with a sentence that can be shown."""

SHOWN = 500
"""Of each list of a result that many are kept; its whole length stands beside it."""


def works(begin: Begin, desks: Mapping[Side, Desk], neo: NeoDoor, now: Callable[[], datetime]) -> Mapping[ErrandKind, Work]:
    """Return what does each kind of errand."""

    def user_of(errand: Errand) -> User:
        with begin() as session:
            user = None if errand.user_id is None else get_user(session, errand.user_id, now())
        if user is None:
            raise CannotBeDone("There is no such user any more.")
        return user

    def show(errand: Errand, _tell: Tell) -> Mapping[str, Any]:
        """Arguments: none. Result: what `preview_told` says, each list with its whole length."""
        return _shortened(told(preview(desks, user_of(errand))))

    def put_back(errand: Errand, tell: Tell) -> Mapping[str, Any]:
        """Arguments: `run_id`. Result: `run_id` of the undo, how many were put back (`number`), and what became of each.

        What was not put back stands first, so that it is there when the list is cut.
        """
        done = undo.undo(desks, user_of(errand), int(errand.arguments["run_id"]), tell)
        lines = [_line(line) for line in sorted(done.lines, key=lambda line: line.kind != LineKind.NOT_UNDONE)]
        return {"run_id": done.run_id, "number": done.number} | _shortened({"lines": lines})

    def remove(errand: Errand, tell: Tell) -> Mapping[str, Any]:
        """Arguments: `side`. Result: `run_id` of the cleaning, how many were removed, and what was left."""
        done = clean.clean(desks, user_of(errand), Side(errand.arguments["side"]), tell)
        left = [_line(line) for line in done.left]
        return {"run_id": done.run_id, "removed": done.removed} | _shortened({"left": left})

    def refresh(_errand: Errand, tell: Tell) -> Mapping[str, Any]:
        """Arguments: none. Result: how many users were added, came back, and are gone."""
        return asdict(neo.refresh(tell))

    return {
        ErrandKind.PREVIEW: show,
        ErrandKind.UNDO: put_back,
        ErrandKind.CLEAN: remove,
        ErrandKind.DIRECTORY: refresh,
    }


def _line(line: NewLine) -> dict[str, Any]:
    side = None if line.side is None else line.side.value
    return {"kind": str(line.kind), "side": side, "title": line.title, "text": line.text}


def _shortened(result: Mapping[str, Any]) -> dict[str, Any]:
    short: dict[str, Any] = {}
    for name, value in result.items():
        short[name] = value[:SHOWN] if isinstance(value, list) else value
        if isinstance(value, list):
            short[f"{name}_number"] = len(value)
    return short
