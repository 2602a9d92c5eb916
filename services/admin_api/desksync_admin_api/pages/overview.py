"""概要: what an administrator sees first. How many people are in which state, and for whom deletions wait."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from desksync.store.held import count_waiting
from desksync.store.states import State
from desksync.store.users import count_states
from desksync_admin_api.access.gate import Watching
from desksync_admin_api.pages.page import page
from desksync_admin_api.pages.words import STATES
from desksync_admin_api.transactions import Reading
from desksync_admin_api.web import TheWeb

router = APIRouter(include_in_schema=False)


@router.get("/admin")
def overview(request: Request, _caller: Watching, web: TheWeb, session: Reading) -> Response:
    """Show the people by state."""
    counts = count_states(session, web.now())
    by_state = [(STATES[state], counts.get(state, 0)) for state in State]
    return page(request, "overview.html", by_state=by_state, total=sum(counts.values()), held=count_waiting(session))
