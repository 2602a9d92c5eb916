"""The calls of NEO's common API and of the assumed schedule dialect, each a function from parameters to an answer. No HTTP."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desksync_sandbox.neo.errors import Invented, Refused, no_data, no_right
from desksync_sandbox.neo.people import Caller
from desksync_sandbox.neo.posted import Posted
from desksync_sandbox.neo.rights import may_add, may_change, may_delete, sight
from desksync_sandbox.neo.schedule import Occurrence, Schedule
from desksync_sandbox.neo.switches import NeoSwitches
from desksync_sandbox.neo.wire import Sight, Wire
from desksync_sandbox.neo.world import ALL_DAYS, THIS_DAY, World

_LONGEST_PAGE = 5000
_DEFAULT_PAGE = 100
_ONLY_ME, _EVERYBODY = 1, 2


@dataclass(frozen=True, slots=True)
class Call:
    """One call: who asks what of which NEO, and when."""

    world: World
    switches: NeoSwitches
    caller: Caller
    sent: Posted
    now: datetime

    def wire(self) -> Wire:
        """Return how this NEO words its answers."""
        return Wire(self.world.users, self.world.facilities, self.switches.one_item_as_object)

    def user_id(self) -> str:
        """Return whom the call is about: `user_id`, by default the key's own user."""
        if self.sent.text("user_id"):
            return self.world.user(self.sent.text("user_id")).id
        if self.caller.user_id is None:
            raise Refused(Invented.MISSING, "サイトのアクセスキーではユーザーの指定が必要です。", "user_id")
        return self.caller.user_id

    def sight(self, schedule: Schedule, owner: str | None = None) -> Sight:
        """Return how much the caller sees of it."""
        return sight(schedule, self.caller, self.world.grants, self.switches, owner)

    def worded(self, one: Occurrence, owner: str | None, seen: Sight) -> dict[str, Any]:
        """Word an occurrence for the caller."""
        return self.wire().item(
            one,
            owner,
            seen,
            may_change=may_change(one.value, self.caller, self.world.grants),
            may_delete=may_delete(one.value, self.caller, self.world.grants),
        )


Answer = dict[str, Any]


def login(call: Call) -> Answer:
    """`dneor` `login`: give a key that lives for three days."""
    login_id, password = call.sent.needed("login_id"), call.sent.needed("password")
    for user in call.world.users.values():
        if user.login_id == login_id and user.password and secrets.compare_digest(user.password.encode(), password.encode()):
            key = call.world.keys.issue(user.id, call.now)
            return {"access_key": key, "user_id": user.id, "name": user.name, "default_group_id": "1"}
    raise Refused(Invented.WRONG_LOGIN, "ログインIDまたはパスワードが正しくありません。")


def list_users(call: Call) -> Answer:
    """`zrconst` `list_users`: everybody, by id; refused while the user directory is off."""
    if not call.switches.is_directory_on:
        raise no_right()
    users = sorted(call.world.users.values(), key=lambda user: int(user.id))
    entries = [{"id": user.id, "name": user.name, "login_id": user.login_id} for user in users]
    offset, limit = _page(call.sent)
    return _listed(call, entries[offset : offset + limit], len(entries))


def list_schedules(call: Call) -> Answer:
    """`dneor` `list_schedules`: one item per occurrence that touches the dates, both inclusive."""
    owner = call.user_id()
    call.sent.needed("startdate"), call.sent.needed("enddate")
    first, last = call.sent.day("startdate"), call.sent.day("enddate")
    if first is None or last is None or last < first:
        raise Refused(Invented.BAD_ORDER, "終了日は開始日以降の日付を指定してください。", "enddate")
    if call.world.grants.of(owner, call.caller).view == "none":
        raise no_right()
    offset, limit = _page(call.sent)
    seen = [(one, call.sight(one.value, owner)) for one in call.world.shelf.seen_by(owner, first, last)]
    shown = [(one, how) for one, how in seen if how is not Sight.ABSENT]
    return _listed(call, [call.worded(one, owner, how) for one, how in shown[offset : offset + limit]], len(shown))


def get_schedule(call: Call) -> Answer:
    """`dneor` `get_schedule`: a schedule with its rule, or one occurrence of it."""
    schedule = call.world.shelf.get(call.sent.needed("sid"))
    owner = call.sent.text("user_id") or None
    one = Occurrence(schedule.first, schedule.first, schedule.last, schedule, schedule)
    if call.sent.text("seldate"):
        one = call.world.occurrence(schedule, call.sent.text("seldate"))
    seen = call.sight(one.value, owner)
    if seen is Sight.ABSENT:
        raise no_data()
    is_told = seen is Sight.FULL and (not one.is_changed or call.switches.changed_occurrence_shows_rule)
    record = {**call.worded(one, owner or call.caller.user_id, seen), **call.wire().rule(schedule, is_told=is_told)}
    if not is_told and seen is not Sight.FULL:
        record["repeat"] = schedule.rule.letter if schedule.rule else ""
    return {"record": record}


def insert_schedule(call: Call) -> Answer:
    """`dneor` `insert_schedule`: without `otherto` the key's own user is registered; a site key must name somebody."""
    sent = call.sent
    if not sent.all("otherto"):
        if call.caller.user_id is None:
            raise Refused(Invented.NOBODY_REGISTERED, "サイトのアクセスキーでは登録先の指定が必要です。", "otherto")
        sent = Posted({**sent.values, "otherto": (call.caller.user_id,)})
    people = sent.all("otherto")
    _check_adding(call, people)
    creator = call.caller.user_id or sent.text("user_id") or people[0]
    return {"sid": call.world.insert(sent, creator)}


def update_schedule(call: Call) -> Answer:
    """`dneor` `update_schedule`: `modkind` 1 one occurrence, 2 that and all later ones, 3 (default) everything."""
    schedule, modkind = _meant(call)
    if not may_change(schedule, call.caller, call.world.grants):
        raise no_right()
    _check_adding(call, tuple(one for one in call.sent.all("otherto") if one not in schedule.registered))
    keeps_sid = call.switches.changed_occurrence_keeps_sid
    sid = call.world.update(call.sent.text("sid"), modkind, call.sent.text("seldate"), call.sent, keeps_sid=keeps_sid)
    return {"sid": sid}


def delete_schedule(call: Call) -> Answer:
    """`dneor` `delete_schedule`: `delkind` 1 takes one user off an event, 2 (default) removes it for everybody."""
    schedule, modkind = _meant(call)
    delkind = call.sent.number("delkind", _EVERYBODY, least=_ONLY_ME, most=_EVERYBODY)
    if not may_delete(schedule, call.caller, call.world.grants):
        raise no_right()
    only_for = call.user_id() if delkind == _ONLY_ME else None
    if only_for is not None and only_for != call.caller.user_id and not call.caller.is_site:
        raise no_right()
    call.world.delete(call.sent.text("sid"), modkind=modkind, seldate=call.sent.text("seldate"), only_for=only_for)
    return {}


ACTIONS: dict[tuple[str, str], Callable[[Call], Answer]] = {
    ("dneor", "login"): login,
    ("zrconst", "list_users"): list_users,
    ("dneor", "list_schedules"): list_schedules,
    ("dneor", "get_schedule"): get_schedule,
    ("dneor", "insert_schedule"): insert_schedule,
    ("dneor", "update_schedule"): update_schedule,
    ("dneor", "delete_schedule"): delete_schedule,
}


def perform(module: str, call: Call) -> Answer:
    """Do what the call asks, as one step. Raises `Refused`."""
    action = ACTIONS.get((module, call.sent.text("action")))
    if action is None:
        raise Refused(Invented.UNKNOWN_ACTION, "指定されたactionは存在しません。", call.sent.text("action"))
    with call.world.lock:
        return action(call)


def _meant(call: Call) -> tuple[Schedule, int]:
    """Return what is to be changed or deleted, the occurrence where one is named, if the caller may know of it."""
    schedule = call.world.shelf.get(call.sent.needed("sid"))
    modkind = call.sent.number("modkind", ALL_DAYS, least=THIS_DAY, most=ALL_DAYS)
    meant = schedule
    if modkind != ALL_DAYS and schedule.rule is not None:
        meant = call.world.occurrence(schedule, call.sent.text("seldate")).value
    if call.sight(meant) is Sight.ABSENT:
        raise no_data()
    return meant, modkind


def _check_adding(call: Call, people: tuple[str, ...]) -> None:
    for user_id in people:
        call.world.user(user_id)
    if not may_add(people, call.caller, call.world.grants):
        raise no_right()


def _page(sent: Posted) -> tuple[int, int]:
    offset = sent.number("offset", 0, least=0, most=10_000_000)
    return offset, sent.number("limit", _DEFAULT_PAGE, least=1, most=_LONGEST_PAGE)


def _listed(call: Call, entries: list[dict[str, Any]], total: int) -> Answer:
    if not total and call.switches.empty_list_is_an_error:
        raise no_data()
    return {"allcnt": str(total), "list": call.wire().items(entries)}
