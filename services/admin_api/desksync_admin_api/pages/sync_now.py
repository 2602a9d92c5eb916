"""What a page says after a run was ordered."""

from desksync_admin_api.cases.orders import NOTHING_TO_SYNC, OrderedRun, RunOrder
from desksync_admin_api.locale.texts import T
from desksync_admin_api.pages.told import Told, Tone

_TOLD: dict[RunOrder, Told] = {
    RunOrder.IMPOSSIBLE: Told(NOTHING_TO_SYNC, Tone.BAD),
    RunOrder.UNDER_WAY: Told(T("A run is under way already."), Tone.NOTE),
    RunOrder.BEGINS: Told(T("A run begins in a moment.")),
    RunOrder.AHEAD: Told(T("A run is ahead already.")),
}


def told_of_run(ordered: OrderedRun) -> Told:
    """Return what to say."""
    return _TOLD[ordered.order]
