"""What was ordered to be done in the background: how far it is, and what came of it. Ordered is it by `cases.orders`."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from desksync.store.errands import Errand, get_errand
from desksync.store.users import User, get_user
from desksync.store.web_states import ErrandKind
from desksync_admin_api.access.caller import Caller
from desksync_admin_api.access.gate import ThemSelf, Watching, own_user
from desksync_admin_api.cases.history import shows_titles
from desksync_admin_api.errors import NotFound
from desksync_admin_api.ids import RowId
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.pages.history_words import FIELDS, REASONS, SIDES, UNDONE
from desksync_admin_api.pages.navigation import entries_for
from desksync_admin_api.pages.page import page
from desksync_admin_api.transactions import Reading
from desksync_admin_api.web import TheWeb, Web

router = APIRouter(include_in_schema=False)

OWN = "/sync/errands"
ALL = "/admin/errands"

KINDS: dict[ErrandKind, Text] = {
    ErrandKind.PREVIEW: T("Preview of a run"),
    ErrandKind.UNDO: T("Putting a run back"),
    ErrandKind.CLEAN: T("Removing what was written"),
}
"""What can be looked at, by its name; what came of it is in the template of that kind."""

_SAID: tuple[Text, ...] = (
    T("It was cut off several times and is not tried again."),
    T("Runs of this user have been under way all the time. Try again later."),
    T("Something went wrong on our side. The log of the program says what."),
    T("There is no such user any more."),
)

FAILURES: dict[str, Text] = {one.singular: one for one in _SAID}
"""Why nothing came of an errand, by the words of `errands`. What NEO or Google said is shown as it is."""


@router.get(OWN + "/{errand_id}")
def own_errand(request: Request, errand_id: RowId, caller: ThemSelf, web: TheWeb, session: Reading) -> Response:
    """Show an errand about the caller's own calendars, whoever has ordered it."""
    return _shown(request, web, session, caller, errand_id, own_user(caller))


@router.get(ALL + "/{errand_id}")
def errand(request: Request, errand_id: RowId, caller: Watching, web: TheWeb, session: Reading) -> Response:
    """Show an errand about anybody's calendars."""
    return _shown(request, web, session, caller, errand_id, None)


def _shown(request: Request, web: Web, session: Reading, caller: Caller, errand_id: int, own: int | None) -> Response:
    found = get_errand(session, errand_id)
    if found is None or found.kind not in KINDS or found.user_id is None or own not in {None, found.user_id}:
        raise NotFound
    user = get_user(session, found.user_id, web.now())
    if user is None:
        raise NotFound
    back, back_name = _back(found, user, own=own is not None)
    return page(
        request,
        "errand.html",
        back=back,
        back_name=back_name,
        navigation=entries_for(caller, back),
        is_own=own is not None,
        errand=found,
        user=user,
        name=KINDS[found.kind],
        failure=None if found.error is None else FAILURES.get(found.error, found.error),
        history="/sync/history" if own is not None else "/admin/history",
        may_change=own is not None or caller.is_administrator,
        shows_titles=shows_titles(web, user.id, caller.user_id),
        undone_words=UNDONE,
        reason_words=REASONS,
        side_words={side.value: words for side, words in SIDES.items()},
        field_words=FIELDS,
    )


def _back(found: Errand, user: User, *, own: bool) -> tuple[str, Text]:
    """Return where it was ordered, and the name of that page."""
    if found.kind is ErrandKind.UNDO:
        run_id = found.arguments["run_id"]
        return f"{'/sync/history' if own else '/admin/history'}/{run_id}", T("Run %(number)s", number=run_id)
    if own:
        return "/sync", T("Calendar sync settings")
    return f"/admin/users/{user.id}", T("Sync settings of %(name)s", name=user.name)
