"""The list of people as CSV, out and in. What comes in is shown first, with what it would change, and done when confirmed."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from desksync.store.states import Permission, SyncState
from desksync.store.users import User
from desksync_admin_api.locale.texts import T, Text

COLUMNS = ("number", "login_id", "name", "permission", "sync_state", "stop_reason", "calendar_id", "google_account")
NEEDED = ("login_id",)
CHANGEABLE = ("permission", "sync_state")

LARGEST_FILE = 8_000_000
MOST_CHANGES = 10_000
MOST_SHOWN = 200

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class NoCsv(ValueError):
    """The file cannot be read as a list of people; `text` says why, and what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.singular)
        self.text = text


@dataclass(frozen=True, slots=True)
class Row:
    """What one line asks for; `None` where it asks for nothing."""

    line: int
    login_id: str
    permission: Permission | None
    sync_state: SyncState | None


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that cannot be carried out, and why."""

    line: int
    text: Text


@dataclass(frozen=True, slots=True)
class Change:
    """What would become of one person. `was` and `to` are equal where nothing changes."""

    user: User
    permission: Permission
    sync_state: SyncState


def written(users: Iterator[User]) -> Iterator[str]:
    """Yield the list line by line, with a byte order mark, by which spreadsheets know UTF-8.

    A cell that a spreadsheet would take for a formula begins with an apostrophe; reading takes it off again.
    """
    yield "\ufeff" + _line(COLUMNS)
    for user in users:
        cells = (
            str(user.id),
            user.login_id,
            user.name,
            user.permission.value,
            user.sync_state.value,
            "" if user.stop_reason is None else user.stop_reason.value,
            user.settings.calendar_id or "",
            user.google_account or "",
        )
        yield _line([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])


def read(content: bytes) -> tuple[list[Row], list[Wrong]]:
    """Return what the lines ask for, and which cannot be understood. Raises `NoCsv` for what is no such list at all."""
    reader = csv.DictReader(io.StringIO(_decoded(content), newline=""), strict=True)
    try:
        names = [name.strip().lower() for name in reader.fieldnames or ()]
    except csv.Error as problem:
        raise NoCsv(T("This is no CSV file.")) from problem
    missing = [name for name in NEEDED if name not in names]
    if missing or not set(names) & set(CHANGEABLE):
        raise NoCsv(T("The first line must name the column login_id, and permission or sync_state."))
    reader.fieldnames = names
    rows: list[Row] = []
    wrong: list[Wrong] = []
    try:
        for cells in reader:
            _take(reader.line_num, cells, rows, wrong)
    except csv.Error as problem:
        raise NoCsv(T("Line %(line)s is no CSV: a quotation mark is not closed.", line=reader.line_num)) from problem
    return rows, wrong


def changes(rows: list[Row], people: dict[str, list[User]]) -> tuple[list[Change], list[Wrong]]:
    """Return what would change, one for each person, and the lines that name nobody or somebody twice."""
    found: dict[int, Change] = {}
    wrong: list[Wrong] = []
    for row in rows:
        present = [user for user in people.get(row.login_id, []) if user.vanished_at is None]
        if not present:
            wrong.append(Wrong(row.line, T("There is nobody with the login ID %(login)s.", login=row.login_id)))
            continue
        (user,) = present[:1]
        change = Change(user, row.permission or user.permission, row.sync_state or user.sync_state)
        if user.id in found and found[user.id] != change:
            wrong.append(
                Wrong(row.line, T("The login ID %(login)s stands in another line with something else.", login=row.login_id))
            )
            continue
        found[user.id] = change
    different = [one for one in found.values() if (one.permission, one.sync_state) != (one.user.permission, one.user.sync_state)]
    return different, wrong


def packed(several: list[Change]) -> str:
    """Return the changes as a form carries them from the preview to the confirmation: number, what was, what shall be."""
    return ";".join(
        ",".join((str(one.user.id), one.user.permission, one.user.sync_state, one.permission, one.sync_state)) for one in several
    )


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One change as it was confirmed: what was shown, and what shall be."""

    user_id: int
    was: tuple[Permission, SyncState]
    to: tuple[Permission, SyncState]


def unpacked(text: str) -> list[Confirmed]:
    """Return the changes that `packed` wrote. Raises `ValueError` for anything else."""
    found = []
    for part in filter(None, text.split(";")):
        number, was_permission, was_state, permission, state = part.split(",")
        was = (Permission(was_permission), SyncState(was_state))
        found.append(Confirmed(int(number), was, (Permission(permission), SyncState(state))))
    return found


def file_name(now: datetime) -> str:
    """Return what the exported file is called."""
    return f"desksync-users-{now:%Y%m%d-%H%M}.csv"


def _take(line: int, cells: dict[str, str], rows: list[Row], wrong: list[Wrong]) -> None:
    login = (cells.get("login_id") or "").strip().removeprefix("'")
    if not any(isinstance(cell, str) and cell.strip() for cell in cells.values()):
        return
    if not login:
        wrong.append(Wrong(line, T("The login ID is missing.")))
        return
    permission, state = (cells.get("permission") or "").strip(), (cells.get("sync_state") or "").strip()
    if permission and permission not in set(Permission):
        wrong.append(Wrong(line, T("%(word)s is no permission; use enabled or disabled.", word=permission[:40])))
    elif state and state not in set(SyncState):
        wrong.append(Wrong(line, T("%(word)s is no sync state; use sync or stopped.", word=state[:40])))
    else:
        rows.append(Row(line, login, Permission(permission) if permission else None, SyncState(state) if state else None))


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):  # Excel in Japan writes the latter unless told otherwise.
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NoCsv(T("The letters of this file cannot be read. Save it as UTF-8."))


def _line(cells: tuple[str, ...] | list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
