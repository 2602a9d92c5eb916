"""The manual's automatic stop with real clients: 119 errors stop nobody, the 120th does, and a resume begins a new count."""

import desksync_scheduler.error_counter_app
from desksync.broker.consumer import subscribe
from desksync.contracts import messages
from desksync.contracts.messages import StateChanged
from desksync.ops.service import running
from desksync.store.errors import count_errors
from desksync.store.states import StopReason, SyncState
from desksync.store.users import User, get_user, set_sync_state
from desksync_embedded.launcher import WORKERS
from desksync_scheduler.error_counter import ErrorCounter
from tests.scenarios.company import Company
from tests.scenarios.conftest import Found
from tests.waiting import eventually

WITH_COUNTER = (*WORKERS, desksync_scheduler.error_counter_app.parts)


def the_user(company: Company) -> User:
    resources = company.trial.resources
    with resources.begin() as session:
        user = get_user(session, next(iter(company.trial.people)), resources.now())
    assert user is not None
    return user


def fail(company: Company, times: int) -> None:
    """Run a cycle in which Google answers that often with a server error."""
    company.trial.google.faults.add(on="*", kind="status", status=503, times=times)
    company.sync_through_faults()


def counted(company: Company) -> tuple[int, int, SyncState]:
    """Return how many errors count, whom a sweep stops because of them, and how the user stands then."""
    user, resources = the_user(company), company.trial.resources
    settings = resources.settings
    counter = ErrorCounter(
        resources.begin, resources.publish, resources.metrics, resources.now, settings.error_limit, settings.error_period
    )
    with resources.begin() as session:
        number = count_errors(session, user.id, user.created_at)
    return number, counter.sweep(), the_user(company).sync_state


def test_119_errors_stop_nobody_the_120th_does_once_and_a_resume_begins_a_new_count(found: Found) -> None:
    with found(programs=WITH_COUNTER) as company:
        resources = company.trial.resources
        told: list[messages.Event] = []
        view = subscribe(resources.settings.broker_url, "state.*", told.append)
        with running("view", [("view", view.run)]):
            eventually(view.is_ready)
            fail(company, 119)
            after_119 = counted(company)

            fail(company, 1)
            eventually(lambda: the_user(company).sync_state is SyncState.STOPPED)
            stopped = the_user(company)
            eventually(lambda: bool(told))

            with resources.begin() as session:
                set_sync_state(session, stopped.id, SyncState.SYNC, resources.now())
            fail(company, 1)
            after_resume = counted(company)

        assert after_119 == (119, 0, SyncState.SYNC)
        assert (stopped.stop_reason, stopped.stop_note) == (StopReason.ERRORS, "120 errors within 24 hours")
        assert after_resume == (1, 0, SyncState.SYNC)
        assert [(one.state, one.reason) for one in told if isinstance(one, StateChanged)] == [("stopped", "errors")]
        assert len(company.lines("stopped")) == 1
        assert company.last_run().outcome == "ok"
