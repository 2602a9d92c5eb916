"""Makes the fixtures of `tests/servers` known to all tests, and sorts the tests by what they cost and need."""

import os

import pytest

pytest_plugins = ["tests.profiles", "tests.servers.databases", "tests.servers.rabbitmq"]

_WIDE_FOLDERS = {
    "admin_api",
    "broker",
    "calendars",
    "embedded",
    "faults",
    "local",
    "operations",
    "sandbox",
    "scenarios",
    "whole_path",
}
"""Folders whose tests talk to a stand-in over HTTP, run programs, or wait for threads."""

_NARROW_FILES = {"test_forms.py", "test_guard.py", "test_locale.py", "test_transactions.py", "test_walk.py"}
"""Files in such folders that are quick, and tell early what breaks most often."""

_WIDE_FIXTURES = {"running_neo", "running_server"}
"""The stand-ins that the tests of an adapter start."""


_WIDE_FILES = {
    "test_clean.py",
    "test_crashes.py",
    "test_held.py",
    "test_history.py",
    "test_preview.py",
    "test_outages.py",
    "test_privacy.py",
    "test_quarantine.py",
    "test_races_with_people.py",
    "test_readings.py",
    "test_rules_of_kinds.py",
    "test_scheduler.py",
    "test_state_machine.py",
    "test_tools.py",
    "test_undo.py",
    "test_undo_of_any_run.py",
    "test_undo_of_series.py",
}
"""Files with whole runs by the dozen, or with programs: they take longer than the fast loop has."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the wide tests, and let tests that need servers reach further where somebody has named servers for them."""
    are_named = "DESKSYNC_TEST_DATABASE_URL" in os.environ or "DESKSYNC_TEST_BROKER_URL" in os.environ
    for item in items:
        is_in_wide = item.path.parent.name in _WIDE_FOLDERS and item.path.name not in _NARROW_FILES
        is_wide = is_in_wide or item.path.name in _WIDE_FILES
        if is_wide or _WIDE_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("wide")
        if are_named and item.get_closest_marker("servers"):
            item.add_marker("enable_socket")
