"""Stores what is written: insert, update, patch, delete, move, with etags, exceptions and guests. Knows no HTTP and no rights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from desksync_sandbox.google import errors
from desksync_sandbox.google.calendars import Calendar, Stamp
from desksync_sandbox.google.drafts import Manner, draft_over, fresh_draft
from desksync_sandbox.google.ids import is_choosable, new_event_id
from desksync_sandbox.google.instances import changed_instance, drop_misfits, pass_on, spread_visibility
from desksync_sandbox.google.resources import Resource
from desksync_sandbox.google.series import Family
from desksync_sandbox.google.shapes import EVENT, shaped
from desksync_sandbox.google.switches import GoogleSwitches


@dataclass(frozen=True, slots=True)
class Mail:
    """A notice that Google would have sent to guests."""

    calendar_id: str
    event_id: str
    send_updates: str
    guests: tuple[str, ...]


@dataclass
class Editor:
    """Writes into calendars. `mails` collects what guests would have been sent."""

    switches: GoogleSwitches
    stamp: Callable[[], Stamp]
    rng: Random
    mails: list[Mail]

    def insert(self, calendar: Calendar, body: Mapping[str, Any], manner: Manner) -> Resource:
        """Make an event. Refuses an id that may not be chosen (400) and one that is taken (409)."""
        body = shaped(body, EVENT)
        event_id = body.get("id") or new_event_id(self.rng)
        if not manner.is_google and not is_choosable(event_id):
            raise errors.invalid("Invalid resource id value.")
        taken = calendar.families.get(event_id)
        if taken is not None and (not taken.is_deleted or self.switches.deleted_ids_stay_taken):
            raise errors.duplicate()
        draft = fresh_draft(calendar, body, manner, self.switches.long_text)
        stamp = self.stamp()
        root = {
            "id": event_id,
            "etag": stamp.etag,
            "status": draft.pop("status"),
            "created": stamp.updated[:20] + "000Z",
            "updated": stamp.updated,
            "creator": {"email": manner.author},
            "organizer": _organizer(calendar),
            "iCalUID": body.get("iCalUID") or f"{event_id}@google.com",
            "sequence": 0,
            **draft,
        }
        calendar.put(root, stamp)
        self._tell(calendar, root, manner)
        return root

    def change(self, calendar: Calendar, event_id: str, body: Mapping[str, Any], manner: Manner, *, whole: bool) -> Resource:
        """Update (`whole`: missing fields are cleared) or patch an event, a series or an instance."""
        body = shaped(body, EVENT)
        family, old = self._found(calendar, event_id, manner)
        is_root = old is family.root
        apply = self._change_root if is_root else self._change_instance
        apply(calendar, family, old, body, manner, whole=whole)
        changed = family.root if is_root else family.exceptions.get(event_id, old)
        self._tell(calendar, changed, manner)
        return changed

    def delete(self, calendar: Calendar, event_id: str, manner: Manner) -> None:
        """Delete an event or a whole series, or cancel one instance. What is deleted already answers 410."""
        family, old = self._found(calendar, event_id, manner)
        if old["status"] == "cancelled":
            raise errors.already_deleted()
        if old is family.root:
            self._discard(calendar, family)
        else:
            family.exceptions[event_id] = family.cancelled(event_id, old["originalStartTime"])
            self._restamp(calendar, family, {event_id})
        self._tell(calendar, old, manner)

    def move(self, source: Calendar, destination: Calendar, event_id: str, manner: Manner) -> Resource:
        """Give an event to another calendar. Answers it as cancelled, as was seen live, though it lives on over there."""
        family, old = self._found(source, event_id, manner)
        if old is not family.root or old["status"] == "cancelled" or old["eventType"] != "default":
            raise errors.invalid("The event cannot be moved.")
        if event_id in destination.families and not destination.families[event_id].is_deleted:
            raise errors.duplicate()
        stamp = self.stamp()
        moved = {**old, "organizer": _organizer(destination), "etag": stamp.etag, "updated": stamp.updated}
        arrived = destination.put(moved, stamp)
        arrived.exceptions = dict(family.exceptions)
        arrived.changes = dict.fromkeys(family.exceptions, stamp.number)
        self._discard(source, family)
        self._tell(destination, moved, manner)
        return family.root

    def _change_root(
        self, calendar: Calendar, family: Family, old: Resource, body: Mapping[str, Any], manner: Manner, *, whole: bool
    ) -> None:
        new = draft_over(calendar, old, body, manner, self.switches.long_text, whole=whole)
        if new == old and not self.switches.no_op_moves_etag:
            return
        if new["status"] == "cancelled":
            is_deletion = not family.is_deleted
            family.root = new
            if is_deletion:
                self._discard(calendar, family)
            return
        touched = pass_on(family, new) if self.switches.exceptions_inherit else set()
        differing = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        family.root = new
        drop_misfits(family, calendar)
        # A changed reminder does not change `updated` (Google Event.reminders).
        self._restamp(calendar, family, touched, keeps_time=differing == {"reminders"})

    def _change_instance(
        self, calendar: Calendar, family: Family, old: Resource, body: Mapping[str, Any], manner: Manner, *, whole: bool
    ) -> None:
        new = changed_instance(calendar, family, old, body, manner, self.switches.long_text, whole=whole)
        if new == old and not self.switches.no_op_moves_etag:
            return
        family.exceptions[old["id"]] = new
        self._restamp(calendar, family, spread_visibility(family, new) | {old["id"]})

    def _discard(self, calendar: Calendar, family: Family) -> None:
        """Delete a whole event; its exceptions go with it and leave no trace, as recorded."""
        stamp = self.stamp()
        family.exceptions.clear()
        family.changes.clear()
        family.root = {**family.root, "status": "cancelled", "etag": stamp.etag, "updated": stamp.updated}
        calendar.note(family, stamp)

    def _restamp(self, calendar: Calendar, family: Family, changed: set[str], *, keeps_time: bool = False) -> None:
        """Give the family one new revision, as recorded: a series and its exceptions share etag and `updated`."""
        stamp = self.stamp()
        sign = {"etag": stamp.etag} if keeps_time else {"etag": stamp.etag, "updated": stamp.updated}
        family.root = {**family.root, **sign}
        for event_id, exception in family.exceptions.items():
            shown = sign if "updated" in exception else {"etag": stamp.etag}
            family.exceptions[event_id] = {**exception, **shown}
            if event_id in changed or self.switches.resends_whole_series:
                family.changes[event_id] = stamp.number
        calendar.note(family, stamp)

    def _found(self, calendar: Calendar, event_id: str, manner: Manner) -> tuple[Family, Resource]:
        family, old = calendar.family_of(event_id), calendar.find(event_id)
        if family is None:
            raise errors.not_found()
        if old is None:
            raise errors.already_deleted() if family.is_deleted else errors.not_found()
        if manner.if_match not in (None, "*", old["etag"]):
            raise errors.condition_not_met()
        return family, old

    def _tell(self, calendar: Calendar, event: Resource, manner: Manner) -> None:
        guests = tuple(guest["email"] for guest in event.get("attendees", []) if guest["email"] != calendar.id)
        if guests and manner.send_updates != "none":
            self.mails.append(Mail(calendar.id, event["id"], manner.send_updates, guests))


def _organizer(calendar: Calendar) -> Resource:
    is_primary = calendar.id == calendar.owner
    return {"email": calendar.id} if is_primary else {"email": calendar.id, "displayName": calendar.summary}
