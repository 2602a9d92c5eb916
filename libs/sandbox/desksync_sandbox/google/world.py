"""All that the stand-in knows: accounts, calendars, events, grants. Tests and the demo change it here as people would.

Every method is safe from several threads. What it returns is the stored resource: do not change it in place.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

from desksync_sandbox.google import errors
from desksync_sandbox.google.calendars import Calendar, Stamps
from desksync_sandbox.google.drafts import Manner
from desksync_sandbox.google.editor import Editor, Mail
from desksync_sandbox.google.following import end_series, split_series
from desksync_sandbox.google.grants import Client, Grants
from desksync_sandbox.google.ids import instance_id
from desksync_sandbox.google.resources import Resource
from desksync_sandbox.google.seed import CalendarSeed, Seed
from desksync_sandbox.google.series import original_of
from desksync_sandbox.google.shapes import BY_HAND
from desksync_sandbox.google.switches import GoogleSwitches

_NAMES_AN_INSTANCE = frozenset({"id", "recurringEventId", "originalStartTime"})


@dataclass
class Listed:
    """A calendar as it stands in one account's list."""

    calendar: Calendar
    role: str
    color_id: str = "14"
    hidden: bool = False
    default_reminders: list[Resource] = field(default_factory=list)


@dataclass
class Account:
    """A Google account. `listed` is its calendar list, by calendar id."""

    email: str
    name: str
    listed: dict[str, Listed] = field(default_factory=dict)


class World:
    """The state of the stand-in. `reset` brings it back to its seed."""

    def __init__(self, seed: Mapping[str, Any], switches: GoogleSwitches, now: Callable[[], datetime]) -> None:
        self.switches = switches
        self.now = now
        self.lock = threading.RLock()
        self._seed = Seed.model_validate(seed)
        self._epoch = 0
        self.reset()

    def reset(self) -> None:
        """Forget everything and begin again with the seed. Tokens that were handed out are dead after that."""
        with self.lock:
            # Sync tokens of before, of this process or of the last one, are unknown from now on.
            self._epoch = max(self._epoch + 1_000_000, int(self.now().timestamp()))
            self._stamps = Stamps()
            self._rng = Random(20_26)
            self.accounts: dict[str, Account] = {}
            self.calendars: dict[str, Calendar] = {}
            self.mails: list[Mail] = []
            self.editor = Editor(self.switches, lambda: self._stamps.next(self.now()), self._rng, self.mails)
            oauth = self._seed.oauth
            uris = None if oauth.redirect_uris is None else tuple(oauth.redirect_uris)
            self.grants = Grants(
                Client(oauth.client_id, oauth.client_secret, uris),
                self.now,
                Random(),
                self.switches.access_token_life,
                self.switches.refresh_tokens_per_account,
            )
            for account in self._seed.accounts:
                self.add_account(account.email, account.name)
                for token in account.refresh_tokens:
                    self.grants.add(account.email, tuple(account.scopes), token)
            listed = [(account.email, calendar) for account in self._seed.accounts for calendar in account.calendars]
            # Owners first: a calendar that is shared belongs to its owner, whoever is named earlier in the file.
            for email, calendar in sorted(listed, key=lambda one: one[1].access_role != "owner"):
                self._plant(email, calendar)

    def switch(self, **changes: Any) -> None:
        """Change switches of `GoogleSwitches` while the stand-in runs."""
        with self.lock:
            self.switches = replace(self.switches, **changes)
            self.editor.switches = self.switches
            self.grants.access_token_life = self.switches.access_token_life
            self.grants.refresh_tokens_per_account = self.switches.refresh_tokens_per_account

    def add_account(self, email: str, name: str = "") -> Account:
        """Make an account with its primary calendar."""
        with self.lock:
            account = self.accounts[email] = Account(email, name)
            self.list_calendar(email, Calendar(email, email, email, "Asia/Tokyo", epoch=self._epoch), "owner")
            return account

    def add_calendar(self, email: str, calendar_id: str, *, summary: str = "", time_zone: str = "Asia/Tokyo") -> Calendar:
        """Make a secondary calendar that the account owns."""
        with self.lock:
            calendar = Calendar(calendar_id, email, summary or calendar_id, time_zone, epoch=self._epoch)
            return self.list_calendar(email, calendar, "owner").calendar

    def list_calendar(self, email: str, calendar: Calendar, role: str) -> Listed:
        """Put a calendar into an account's list, or change the account's role there."""
        with self.lock:
            kept = self.calendars.setdefault(calendar.id, calendar)
            listed = self.accounts[email].listed[calendar.id] = Listed(kept, role)
            return listed

    def unlist(self, email: str, calendar_id: str) -> None:
        """Take an account's access to a calendar away."""
        with self.lock:
            del self.accounts[email].listed[calendar_id]

    def calendar(self, calendar_id: str) -> Calendar:
        """Return a calendar. Raises `KeyError` for an unknown one."""
        return self.calendars[calendar_id]

    def add(self, calendar_id: str, event: Mapping[str, Any]) -> Resource:
        """Make an event as its owner does on Google's page; read-only fields such as `organizer` may be given too."""
        with self.lock:
            calendar = self.calendar(calendar_id)
            if "recurringEventId" not in event:
                return self.editor.insert(calendar, event, self._by_hand(calendar))
            changes = {name: value for name, value in event.items() if name not in _NAMES_AN_INSTANCE}
            return self.patch(calendar_id, instance_id(event["recurringEventId"], original_of(event)), changes)

    def patch(self, calendar_id: str, event_id: str, changes: Mapping[str, Any]) -> Resource:
        """Change an event, a series or one instance (by its instance id) as its owner does."""
        with self.lock:
            calendar = self.calendar(calendar_id)
            return self.editor.change(calendar, event_id, changes, self._by_hand(calendar), whole=False)

    def delete(self, calendar_id: str, event_id: str) -> None:
        """Delete an event or a series, or cancel one instance."""
        with self.lock:
            calendar = self.calendar(calendar_id)
            self.editor.delete(calendar, event_id, self._by_hand(calendar))

    def move(self, calendar_id: str, event_id: str, destination: str) -> Resource:
        """Give an event to another calendar."""
        with self.lock:
            source = self.calendar(calendar_id)
            return self.editor.move(source, self.calendar(destination), event_id, self._by_hand(source))

    def split(self, calendar_id: str, instance: str, changes: Mapping[str, Any]) -> Resource:
        """Change "this and following": the series ends before the instance, and `<series>_R<time>` goes on with the changes."""
        with self.lock:
            calendar = self.calendar(calendar_id)
            return split_series(self.editor, calendar, instance, changes, self._by_hand(calendar))

    def end(self, calendar_id: str, instance: str) -> None:
        """Delete "this and following": the series ends before the instance."""
        with self.lock:
            calendar = self.calendar(calendar_id)
            end_series(self.editor, calendar, instance, self._by_hand(calendar))

    def get(self, calendar_id: str, event_id: str) -> Resource:
        """Return an event, a series or an instance, deleted or not. Raises `GoogleError` (404) when there never was one."""
        with self.lock:
            found = self.calendar(calendar_id).find(event_id)
            if found is None:
                raise errors.not_found()
            return found

    def events(self, calendar_id: str) -> list[Resource]:
        """Return the single events and series that are not deleted, each series followed by its exceptions."""
        with self.lock:
            return [event for family in self.calendar(calendar_id).live() for event in (family.root, *family.exceptions.values())]

    def occurrences(self, calendar_id: str, after: datetime, before: datetime) -> list[Resource]:
        """Return what a person sees between two moments: single events and instances, by their start."""
        with self.lock:
            return self.calendar(calendar_id).occurrences(after, before)

    def expire_sync_tokens(self, calendar_id: str | None = None) -> None:
        """Let the sync tokens of one or all calendars answer 410 from now on."""
        with self.lock:
            for calendar in self.calendars.values() if calendar_id is None else [self.calendar(calendar_id)]:
                calendar.epoch += 1

    def forget_deleted(self, calendar_id: str) -> None:
        """Let deleted events vanish for good, as they eventually do."""
        with self.lock:
            self.calendar(calendar_id).forget_deleted()

    def _by_hand(self, calendar: Calendar) -> Manner:
        return Manner(author=calendar.owner, extra=BY_HAND, is_google=True)

    def _plant(self, email: str, seed: CalendarSeed) -> None:
        calendar = self.calendars.get(seed.id)
        if calendar is None:
            calendar = Calendar(seed.id, email, seed.id, seed.time_zone, epoch=self._epoch)
        if calendar.owner == email:
            calendar.summary, calendar.time_zone = seed.summary or seed.id, seed.time_zone
            calendar.description, calendar.location = seed.description, seed.location
        listed = self.list_calendar(email, calendar, seed.access_role)
        listed.color_id, listed.hidden, listed.default_reminders = seed.color_id, seed.hidden, list(seed.default_reminders)
        for event in seed.events:
            self.add(seed.id, event)
