"""Takes the list of people out as CSV, and changes in: first a preview of what would change, then the change."""

from collections.abc import Iterator

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from desksync.store.people import find_people, people_by_login
from desksync.store.users import User, get_user
from desksync_admin_api.access.audit import Deed, record
from desksync_admin_api.access.gate import Administrating, Watching
from desksync_admin_api.cases.people import permit, set_state
from desksync_admin_api.errors import Invalid
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages import people_csv
from desksync_admin_api.pages.forms import Filled
from desksync_admin_api.pages.page import go, page
from desksync_admin_api.pages.people import HERE
from desksync_admin_api.pages.people_csv import Change, NoCsv, Wrong
from desksync_admin_api.pages.people_list import view_of
from desksync_admin_api.pages.told import Told, Tone
from desksync_admin_api.pages.words import PERMISSIONS, SYNC_STATES
from desksync_admin_api.transactions import Reading, Writing
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)

IMPORT = f"{HERE}/import"
_PORTION = 1000


@router.get(f"{HERE}.csv")
def export(request: Request, caller: Watching, web: TheWeb, session: Writing) -> Response:
    """Give the people that are sought as CSV, all pages of them."""
    sought, now = view_of(request.query_params).sought, web.now()
    record(session, caller, Deed.USERS_EXPORTED, now, after={"text": sought.text, "state": sought.state})

    def everybody() -> Iterator[User]:
        begin = 0
        while True:
            with web.reads() as reading:
                portion = find_people(reading, sought, now, offset=begin, limit=_PORTION)
            yield from portion
            if len(portion) < _PORTION:
                return
            begin += _PORTION

    headers = {"content-disposition": f'attachment; filename="{people_csv.file_name(now)}"'}
    return StreamingResponse(people_csv.written(everybody()), media_type="text/csv; charset=utf-8", headers=headers)


@router.get(IMPORT)
def import_form(request: Request, _caller: Administrating) -> Response:
    """Ask for the file."""
    return _form(request)


@router.post(IMPORT)
def preview(request: Request, _caller: Administrating, web: TheWeb, session: Reading, filled: Filled) -> Response:
    """Show what the file would change. Nothing is changed."""
    file = filled.file("file")
    if file is None:
        return _form(request, T("Choose a file."))
    content = file.file.read(people_csv.LARGEST_FILE + 1)
    if len(content) > people_csv.LARGEST_FILE:
        return _form(request, T("This file is too large."))
    try:
        rows, wrong = people_csv.read(content)
    except NoCsv as problem:
        return _form(request, problem.text)
    several, more = people_csv.changes(rows, people_by_login(session, [row.login_id for row in rows], web.now()))
    if len(several) > people_csv.MOST_CHANGES:
        return _form(
            request, T("This would change more than %(most)s people at once. Divide the file.", most=people_csv.MOST_CHANGES)
        )
    return _preview(request, several, sorted([*wrong, *more], key=lambda one: one.line))


@router.post(f"{IMPORT}/confirm")
def confirm(request: Request, caller: Administrating, web: TheWeb, session: Writing, filled: Filled) -> Response:
    """Change what was shown, except for whoever was changed meanwhile."""
    try:
        several = people_csv.unpacked(filled.text("changes"))
    except ValueError as problem:
        raise Invalid(T("These changes cannot be read. Choose the file again.")) from problem
    changed = missed = 0
    for one in several[: people_csv.MOST_CHANGES]:
        user = get_user(session, one.user_id, web.now())
        if user is None or (user.permission, user.sync_state) != one.was:
            missed += 1
            continue
        permission, state = one.to
        is_permitted = permission is not user.permission and permit(session, caller, web, user, user.permission, permission)
        is_set = state is not user.sync_state and set_state(session, caller, web, user, state)
        changed += is_permitted or is_set
    record(session, caller, Deed.USERS_IMPORTED, web.now(), after={"changed": changed, "left": missed})
    told = T(
        "%(changed)s people were changed, %(missed)s had been changed meanwhile and were left.", changed=changed, missed=missed
    )
    return go(request, HERE, Told(told, Tone.BAD if missed else Tone.GOOD))


def _form(request: Request, wrong: Text | None = None) -> Response:
    return page(request, "people_import.html", 200 if wrong is None else 422, wrong={} if wrong is None else {"file": wrong})


def _preview(request: Request, several: list[Change], wrong: list[Wrong]) -> Response:
    return page(
        request,
        "people_preview.html",
        several=several[: people_csv.MOST_SHOWN],
        total=len(several),
        wrong_lines=wrong[: people_csv.MOST_SHOWN],
        wrong_total=len(wrong),
        changes=people_csv.packed(several),
        permissions=PERMISSIONS,
        sync_states=SYNC_STATES,
    )
