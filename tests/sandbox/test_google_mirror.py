"""A client that follows Google's sync guide always holds what a full list shows, whatever happens in between."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, rule

from desksync_sandbox.google.api import answer
from desksync_sandbox.google.exchange import ApiRequest
from desksync_sandbox.google.switches import GoogleSwitches
from desksync_sandbox.google.world import World
from tests.sandbox.google_site import HANAKO, SEED, Clock

_LIST = f"/calendar/v3/calendars/{HANAKO}/events"
_RULES = ["RRULE:FREQ=DAILY;COUNT=4", "RRULE:FREQ=WEEKLY;COUNT=3", "RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20261204"]
_DAYS = st.integers(0, 6).map(lambda days: date(2026, 11, 24) + timedelta(days=days))


class Mirror(RuleBasedStateMachine):
    """Changes a calendar at random and follows it by sync tokens, page by page."""

    series: Bundle[str] = Bundle("series")
    singles: Bundle[str] = Bundle("singles")

    @initialize(
        page_limit=st.sampled_from([None, 1, 3]),
        empty=st.booleans(),
        whole=st.booleans(),
    )
    def begin(self, page_limit: int | None, *, empty: bool, whole: bool) -> None:
        switches = GoogleSwitches(page_limit=page_limit, starts_with_an_empty_page=empty, resends_whole_series=whole)
        self.world = World(SEED, switches, Clock())
        self.access = self.world.grants.access_token_for(HANAKO)
        self.mirror: dict[str, dict[str, Any]] = {}
        self.token: str | None = None

    @rule(target=singles, day=_DAYS)
    def insert(self, day: date) -> str:
        event_id: str = self.world.add(HANAKO, _whole_day(day))["id"]
        return event_id

    @rule(target=series, day=_DAYS, line=st.sampled_from(_RULES))
    def insert_series(self, day: date, line: str) -> str:
        event_id: str = self.world.add(HANAKO, {**_whole_day(day), "recurrence": [line]})["id"]
        return event_id

    @rule(event_id=st.one_of(singles, series), text=st.text(max_size=3))
    def rename(self, event_id: str, text: str) -> None:
        self.world.patch(HANAKO, event_id, {"summary": text})

    @rule(event_id=st.one_of(consumes(singles), consumes(series)))
    def delete(self, event_id: str) -> None:
        self.world.delete(HANAKO, event_id)

    @rule(event_id=series, number=st.integers(0, 3), day=_DAYS, cancel=st.booleans())
    def change_an_instance(self, event_id: str, number: int, day: date, *, cancel: bool) -> None:
        instance = self._instance(event_id, number)
        if instance is not None:
            change = {"status": "cancelled"} if cancel else {"status": "confirmed", **_whole_day(day)}
            self.world.patch(HANAKO, instance, change)

    @rule(event_id=series, number=st.integers(1, 3), text=st.text(max_size=3))
    def split(self, event_id: str, number: int, text: str) -> None:
        instance = self._instance(event_id, number)
        if instance is not None and instance.replace(f"{event_id}_", f"{event_id}_R") not in self.world.calendar(HANAKO).families:
            self.world.split(HANAKO, instance, {"summary": text})

    @rule(event_id=series, line=st.sampled_from(_RULES))
    def change_the_rule(self, event_id: str, line: str) -> None:
        self.world.patch(HANAKO, event_id, {"recurrence": [line]})

    @rule()
    def expire(self) -> None:
        self.world.expire_sync_tokens()

    @rule()
    def follow(self) -> None:
        """Sync as the guide says: follow all pages; begin again after 410."""
        items = self._listed({} if self.token is None else {"syncToken": self.token})
        if items is None:
            self.token = None
            items = self._listed({})
            assert items is not None
        if self.token is None:
            self.mirror = {}
        for item in items:
            self._absorb(item)
        self.token = self.next_token

    @rule()
    def the_mirror_equals_a_full_list(self) -> None:
        self.follow()

        held = self._listed({})

        assert held is not None
        assert self.mirror == {item["id"]: item for item in held}

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.the_mirror_equals_a_full_list()

    def _absorb(self, item: dict[str, Any]) -> None:
        if item["status"] == "cancelled" and "recurringEventId" not in item:
            for gone in [held for held in self.mirror if held == item["id"] or held.startswith(item["id"] + "_2")]:
                del self.mirror[gone]
            return
        if "recurringEventId" not in item:
            self._drop_misfits(item)
        self.mirror[item["id"]] = item

    def _drop_misfits(self, master: dict[str, Any]) -> None:
        """Forget exceptions whose date the rule no longer gives: Google does not say that they are gone."""
        held = [event_id for event_id, event in self.mirror.items() if event.get("recurringEventId") == master["id"]]
        family = self.world.calendar(HANAKO).families[master["id"]]
        for event_id in held:
            if event_id not in family.exceptions:
                del self.mirror[event_id]
            else:  # The family shares one revision, which is not always sent for each.
                self.mirror[event_id] = {**self.mirror[event_id], "etag": master["etag"]} | (
                    {"updated": master["updated"]} if "updated" in self.mirror[event_id] else {}
                )

    def _instance(self, event_id: str, number: int) -> str | None:
        found = self.world.calendar(HANAKO).families[event_id]
        if not found.is_series:
            return None
        first = date.fromisoformat(found.root["start"]["date"])
        instance = f"{event_id}_{first + timedelta(days=number):%Y%m%d}"
        return instance if self.world.calendar(HANAKO).find(instance) is not None else None

    def _listed(self, parameters: dict[str, str]) -> list[dict[str, Any]] | None:
        items: list[dict[str, Any]] = []
        page: str | None = None
        while True:
            query = "&".join(f"{name}={value}" for name, value in {**parameters, **({"pageToken": page} if page else {})}.items())
            request = ApiRequest("GET", f"{_LIST}?{query}", {"authorization": f"Bearer {self.access}"})
            found = answer(self.world, request, "http://127.0.0.1")
            if found.status == 410:
                return None
            assert found.status == 200
            assert found.body is not None
            items += found.body["items"]
            page = found.body.get("nextPageToken")
            if page is None:
                self.next_token: str = found.body["nextSyncToken"]
                return items


def _whole_day(day: date) -> dict[str, Any]:
    return {"start": {"date": day.isoformat()}, "end": {"date": (day + timedelta(days=1)).isoformat()}}


MirrorTest = Mirror.TestCase
MirrorTest.settings = settings(
    max_examples=60, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
