"""What a caller sees of a schedule and may do with it: absent, masked or full. Pure."""

from desksync_sandbox.neo.people import Caller, Grants
from desksync_sandbox.neo.schedule import Schedule
from desksync_sandbox.neo.switches import NeoSwitches
from desksync_sandbox.neo.wire import Sight

_BY_VIEW = {"full": Sight.FULL, "time_event": Sight.TIME_AND_EVENT, "time": Sight.TIME, "none": Sight.ABSENT}
_WIDENESS = (Sight.ABSENT, Sight.TIME, Sight.TIME_AND_EVENT, Sight.FULL)


def sight(schedule: Schedule, caller: Caller, grants: Grants, switches: NeoSwitches, owner: str | None = None) -> Sight:
    """Return how much the caller sees of a schedule in the list of `owner`, or of whoever shows most where none is named."""
    by_mask = _BY_VIEW[schedule.mask or "full"]
    if caller.user_id in schedule.registered:
        return by_mask
    owners = schedule.registered if owner is None else (owner,)
    by_grant = max((_BY_VIEW[grants.of(one, caller).view] for one in owners), key=_WIDENESS.index)
    return min(by_mask, by_grant, _by_level(schedule, caller, switches), key=_WIDENESS.index)


def _by_level(schedule: Schedule, caller: Caller, switches: NeoSwitches) -> Sight:
    if caller.is_site or caller.user_id == schedule.creator:
        return Sight.FULL
    if schedule.level == "permission" and caller.user_id not in schedule.permitted:
        return Sight.ABSENT
    if schedule.level == "secret":
        return Sight.ABSENT if switches.non_public_for_others == "absent" else Sight.TIME
    return Sight.FULL


def may_change(schedule: Schedule, caller: Caller, grants: Grants) -> bool:
    """Say whether the caller may change the schedule: its creator and its registered users may, and who was granted it."""
    if schedule.mask or (schedule.is_read_only and caller.user_id != schedule.creator):
        return False
    return caller.user_id == schedule.creator or any(grants.of(one, caller).change for one in schedule.registered)


def may_delete(schedule: Schedule, caller: Caller, grants: Grants) -> bool:
    """Say the same of deleting it."""
    if schedule.mask or (schedule.is_read_only and caller.user_id != schedule.creator):
        return False
    return caller.user_id == schedule.creator or any(grants.of(one, caller).delete for one in schedule.registered)


def may_add(user_ids: tuple[str, ...], caller: Caller, grants: Grants) -> bool:
    """Say whether the caller may register all these users."""
    return all(grants.of(one, caller).add for one in user_ids)
