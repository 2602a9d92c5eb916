"""Everything that this NEO holds, in memory, with an API for tests and the demo. Asks nobody for rights; knows no HTTP."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from desksync_sandbox.neo.edits import (
    inserted,
    occurrence_without,
    revised,
    revised_occurrence,
    split,
    with_exception,
    without_person,
)
from desksync_sandbox.neo.errors import Invented, Refused, no_data
from desksync_sandbox.neo.people import Grants, KeyRing, User
from desksync_sandbox.neo.posted import FIRST_DAY, LAST_DAY, Posted, day_of, posted
from desksync_sandbox.neo.schedule import Occurrence, Schedule, occurrence_on
from desksync_sandbox.neo.seed import Seed
from desksync_sandbox.neo.shelf import Shelf
from desksync_sandbox.neo.wire import Wire

THIS_DAY, FROM_THIS_DAY, ALL_DAYS = 1, 2, 3


class World:
    """Users, facilities, keys and schedules. Every method is one step; hold `lock` over several that belong together."""

    def __init__(self, seed: Seed, new_key: Callable[[], str]) -> None:
        self.lock = threading.RLock()
        self.users: dict[str, User] = {user.id: user.value() for user in seed.users}
        self.facilities: dict[str, str] = {facility.id: facility.name for facility in seed.facilities}
        self.grants = Grants({(grant.owner, grant.viewer): grant.value() for grant in seed.rights})
        self.keys = KeyRing(seed.site_key, self.users, new_key)
        self.shelf = Shelf()
        for one in seed.schedules:
            sent = posted(one.fields())
            self.insert(sent, one.creator or sent.text("otherto"), sid=one.sid, mask=one.mask, is_read_only=one.readonly)

    def add(
        self, user_id: str, *, mask: str = "", is_read_only: bool = False, creator: str = "", **fields: str | Iterable[str]
    ) -> str:
        """Add a schedule by NEO's field names and return its `sid`; `otherto` names others to register instead of the user."""
        sent = posted({"otherto": [user_id], **fields})
        return self.insert(sent, creator or user_id, mask=mask, is_read_only=is_read_only)

    def change(
        self, sid: str, *, modkind: int = ALL_DAYS, seldate: str = "", keeps_sid: bool = True, **fields: str | Iterable[str]
    ) -> str:
        """Change a schedule by NEO's field names and return the `sid` under which the change is found. Raises `Refused`."""
        return self.update(sid, modkind, seldate, posted(fields), keeps_sid=keeps_sid)

    def delete(self, sid: str, *, modkind: int = ALL_DAYS, seldate: str = "", only_for: str | None = None) -> None:
        """Delete a schedule, or take one user off it. Raises `Refused`."""
        with self.lock:
            schedule = self.shelf.get(sid)
            if schedule.rule is None or modkind == ALL_DAYS:
                self.shelf.replace(sid, without_person(schedule, only_for) if only_for else None)
                return
            occurrence = self.occurrence(schedule, seldate)
            if modkind == THIS_DAY:
                value = occurrence_without(occurrence, only_for) if only_for else None
                self.shelf.replace(sid, with_exception(schedule, schedule.rule, occurrence.original, value))
                return
            head, tail = split(schedule, schedule.rule, occurrence.original, self.shelf.new_sid())
            rest = without_person(tail, only_for) if only_for else None
            self.shelf.replace(sid, head)
            if rest is not None:
                self.shelf.put(rest)

    def records(self, user_id: str, first: date = FIRST_DAY, last: date = LAST_DAY) -> list[dict[str, Any]]:
        """Return the user's whole truth: one item per occurrence as `list_schedules` words it, lists always as arrays."""
        wire = Wire(self.users, self.facilities)
        with self.lock:
            return [wire.item(one, user_id) for one in self.shelf.seen_by(self.user(user_id).id, first, last)]

    def insert(self, sent: Posted, creator: str, *, sid: str = "", mask: str = "", is_read_only: bool = False) -> str:
        """Add a schedule from a posted form and return its `sid`."""
        with self.lock:
            self._check(sent)
            number = sid or self.shelf.new_sid()
            self.shelf.put(replace(inserted(number, sent, creator), mask=mask, is_read_only=is_read_only))
            return number

    def update(self, sid: str, modkind: int, seldate: str, sent: Posted, *, keeps_sid: bool) -> str:
        """Change a schedule from a posted form and return the `sid` under which the change is found."""
        with self.lock:
            schedule = self.shelf.get(sid)
            self._check(sent)
            if schedule.rule is None or modkind == ALL_DAYS:
                self.shelf.replace(sid, revised(schedule, sent))
                return sid
            occurrence = self.occurrence(schedule, seldate)
            if modkind == THIS_DAY and keeps_sid:
                alone = revised_occurrence(occurrence, sent)
                self.shelf.replace(sid, with_exception(schedule, schedule.rule, occurrence.original, alone))
                return sid
            new_sid = self.shelf.new_sid()
            if modkind == THIS_DAY:
                head = with_exception(schedule, schedule.rule, occurrence.original, None)
                changed = replace(revised_occurrence(occurrence, sent), sid=new_sid)
            else:
                head, tail = split(schedule, schedule.rule, occurrence.original, new_sid)
                changed = revised(tail, sent)
            self.shelf.replace(sid, head)
            self.shelf.put(changed)
            return new_sid

    def user(self, user_id: str) -> User:
        """Return a user. Raises `Refused` when there is none."""
        found = self.users.get(user_id)
        if found is None:
            raise Refused(Invented.UNKNOWN_USER, "指定されたユーザーは存在しません。", user_id)
        return found

    def join(self, user: User) -> None:
        """Add a user."""
        with self.lock:
            self.users[user.id] = user
            self.keys.join(user)

    def leave(self, user_id: str) -> None:
        """Remove a user and the keys; the schedules stay, as those of others may name the user."""
        with self.lock:
            self.users.pop(user_id)
            self.keys.leave(user_id)

    def occurrence(self, schedule: Schedule, seldate: str) -> Occurrence:
        """Return the occurrence with that original date (`YYYYMMDD`). Raises `Refused`."""
        if not seldate:
            raise Refused(Invented.MISSING, "必須のパラメータが指定されていません。", "seldate")
        found = occurrence_on(schedule, day_of(seldate, "seldate"))
        if found is None:
            raise no_data()
        return found

    def _check(self, sent: Posted) -> None:
        for name in ("otherto", "permit_user"):
            for user_id in sent.all(name):
                self.user(user_id)
        for facility in sent.all("plant"):
            if facility not in self.facilities:
                raise Refused(Invented.UNKNOWN_FACILITY, "指定された設備は存在しません。", facility)
