"""What may vary between stories: how both stand-ins behave where the real ones are not known, slots, rules, and faults."""

from datetime import time

from hypothesis import strategies as st

from desksync.sync.event import Side
from desksync_sandbox.google import GoogleSwitches
from desksync_sandbox.neo.switches import NeoSwitches
from tests.whole_path.people import DAYS
from tests.whole_path.repeats import GOOGLE_RULES, NEO_RULES, GoogleRule, NeoRule
from tests.whole_path.words import Slot

NEO_SWITCHES = st.builds(
    NeoSwitches,
    one_item_as_object=st.booleans(),
    empty_list_is_an_error=st.booleans(),
    changed_occurrence_keeps_sid=st.booleans(),
    changed_occurrence_shows_rule=st.booleans(),
)
GOOGLE_SWITCHES = st.builds(
    GoogleSwitches,
    starts_with_an_empty_page=st.booleans(),
    page_limit=st.sampled_from([None, 2]),
    resends_whole_series=st.booleans(),
    exceptions_inherit=st.booleans(),
    no_op_moves_etag=st.booleans(),
)
RULES: dict[Side, st.SearchStrategy[NeoRule | GoogleRule]] = {
    Side.NEO: st.sampled_from(NEO_RULES),
    Side.GOOGLE: st.sampled_from(GOOGLE_RULES),
}
SLOTS = st.builds(
    Slot,
    st.sampled_from(DAYS),
    st.sampled_from([None, time(9), time(13), time(22)]),
    st.sampled_from([60, 30, 14 * 60, 2880]),
)
SHORT_SLOTS = st.builds(Slot, st.sampled_from(DAYS), st.sampled_from([None, time(9), time(22)]), st.sampled_from([60, 30]))

_NEO = [
    *(
        {"on": on, "kind": kind}
        for on in ("insert_schedule", "update_schedule", "delete_schedule")
        for kind in ("lose_answer", "garbage")
    ),
    *({"on": on, "kind": kind} for on in ("list_schedules", "get_schedule") for kind in ("garbage", "html", "drop")),
    *({"on": "*", "kind": "status", "status": status} for status in (429, 500, 503)),
    {"on": "*", "kind": "html"},
]
_GOOGLE = [
    *(
        {"on": on, "kind": kind}
        for on in ("events.insert", "events.patch", "events.delete")
        for kind in ("lose_answer", "garbage", "drop")
    ),
    *({"on": on, "kind": kind} for on in ("events.list", "events.get", "events.instances") for kind in ("garbage", "html")),
    *({"on": "*", "kind": "status", "status": status} for status in (429, 500, 503)),
    {"on": "*", "kind": "status", "body": "rateLimitExceeded"},
    {"on": "events.list", "kind": "status", "body": "fullSyncRequired"},
    *({"on": on, "kind": "status", "body": "conditionNotMet"} for on in ("events.patch", "events.delete", "events.update")),
]
_LOST = [
    *((Side.NEO, {"on": on, "kind": "lose_answer"}) for on in ("insert_schedule", "update_schedule", "delete_schedule")),
    *((Side.GOOGLE, {"on": on, "kind": "lose_answer"}) for on in ("events.insert", "events.patch", "events.delete")),
]
FAULTS = st.one_of(
    st.tuples(
        st.sampled_from([(Side.NEO, fault) for fault in _NEO] + [(Side.GOOGLE, fault) for fault in _GOOGLE]),
        st.integers(0, 3),
        st.integers(1, 3),
    ),
    # An answer that is lost is the hardest: what was to be done is done. The client of Google sends again, and needs two.
    st.tuples(st.sampled_from(_LOST), st.integers(0, 1), st.integers(1, 2)),
)
"""A fault of one side, how many calls pass before it, and how often it strikes."""
