"""Makes the fixtures of `tests/servers` known to all tests, and lets given servers be elsewhere than on this machine."""

import os

import pytest

pytest_plugins = ["tests.profiles", "tests.servers.databases", "tests.servers.rabbitmq"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests that need servers reach further than this machine, where somebody has named servers for them."""
    if "DESKSYNC_TEST_DATABASE_URL" in os.environ or "DESKSYNC_TEST_BROKER_URL" in os.environ:
        for item in items:
            if item.get_closest_marker("servers"):
                item.add_marker("enable_socket")
