"""What the tests of operations share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.installation import Installation
from tests.operations.programs import on_servers


@pytest.fixture
def installation(tmp_path: Path, postgres_url: str, rabbitmq_url: str) -> Iterator[Installation]:
    """Give an installation on PostgreSQL and RabbitMQ, with two users who sync."""
    with on_servers(tmp_path, postgres_url, rabbitmq_url) as made:
        made.take_in()
        yield made
