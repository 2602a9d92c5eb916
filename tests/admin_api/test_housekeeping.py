from datetime import timedelta
from threading import Event

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from desksync.store import attempts, errands, idempotency, redirects
from desksync.store.audit import NewEntry, Party, add_entry
from desksync.store.engine import Begin
from desksync.store.redirects import Redirect
from desksync.store.web_states import ErrandKind, RedirectKind
from desksync_admin_api.housekeeping import Housekeeping
from tests.admin_api.office import As, WebOffice

NOBODY = Party("", "", "")


def housekeeping(office: WebOffice, begin: Begin | None = None) -> Housekeeping:
    options = office.web.options
    return Housekeeping(begin or office.begin, office.clock, options.session_idle, timedelta(days=30), lambda: None)


def fill(office: WebOffice) -> None:
    now = office.clock()
    office.browser(As.USER)
    with office.begin() as session:
        away = Redirect(RedirectKind.OIDC, "state", "browser", None, "v", "n", "/")
        redirects.send_away(session, away, now + timedelta(minutes=10))
        attempts.count_attempt(session, "key", now, timedelta(hours=24))
        idempotency.begin_call(session, "machine", "key", "request", now)
        errands.order(session, ErrandKind.DIRECTORY, None, {}, NOBODY, now)
        held = errands.claim_errand(session, now, timedelta(minutes=5))
        assert held is not None
        errands.finish_errand(session, held, {}, now)
        add_entry(session, NewEntry(NOBODY, "signed_in", NOBODY, None, None, "", "r"), now)


KINDS = {"web_session", "pending_redirect", "sign_in_attempt", "idempotency_key", "errand", "audit_entry"}


def left(office: WebOffice) -> set[str]:
    """Return the tables that hold anything."""
    with office.begin() as session:
        return {kind for kind in KINDS if session.scalar(text(f"SELECT count(*) FROM {kind}"))}  # noqa: S608 - our own names


def test_nothing_is_deleted_before_its_time(office: WebOffice) -> None:
    fill(office)

    housekeeping(office).turn()

    assert left(office) == KINDS


def test_each_kind_goes_in_its_time(office: WebOffice) -> None:
    fill(office)
    begun, kept = office.clock(), {}
    for hours in (1, 3, 25, 8 * 24, 31 * 24):
        office.clock.now = begun + timedelta(hours=hours)
        housekeeping(office).turn()
        kept[hours] = left(office)

    assert KINDS - kept[1] == {"pending_redirect"}
    assert kept[1] - kept[3] == {"web_session"}
    assert kept[3] - kept[25] == {"sign_in_attempt", "idempotency_key"}
    assert kept[25] - kept[8 * 24] == {"errand"}
    assert kept[8 * 24] - kept[31 * 24] == {"audit_entry"}


def test_a_database_that_is_away_is_no_reason_to_end(office: WebOffice) -> None:
    stop, tries = Event(), []

    def away() -> object:
        tries.append(1)
        stop.set()
        raise OperationalError("", None, Exception("gone"))

    housekeeping(office, away).run(stop)  # type: ignore[arg-type] # it never gets as far as to give a session

    assert tries == [1]
