"""Makes the fixtures of `tests/servers` known to all tests."""

pytest_plugins = ["tests.servers.databases", "tests.servers.rabbitmq"]
