"""The web side for a test, over a database of its own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from desksync.store.engine import make_begin, make_engine
from tests.admin_api.office import WebOffice, an_office, settle


@pytest.fixture(scope="session")
def settled_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file with the users of the office, for copying."""
    file = tmp_path_factory.mktemp("office") / "template.db"
    shutil.copy(sqlite_template, file)
    engine = make_engine(f"sqlite:///{file}")
    settle(make_begin(engine))
    engine.dispose()
    return file


@pytest.fixture
def engine(settled_template: Path, tmp_path: Path) -> Iterator[Engine]:
    file = tmp_path / "office.db"
    shutil.copy(settled_template, file)
    engine = make_engine(f"sqlite:///{file}")

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # Nothing here dies, so nothing has to reach the disk; waiting for it would take most of the time.
        connection.execute("PRAGMA synchronous = OFF").close()

    yield engine
    engine.dispose()


@pytest.fixture
def office(engine: Engine) -> Iterator[WebOffice]:
    """Give the web side with three users, over https."""
    with an_office(engine) as made:
        yield made


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def office_on_any(request: pytest.FixtureRequest) -> Iterator[WebOffice]:
    """Give the same: the test runs once on each database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("office")
        return
    engine = make_engine(request.getfixturevalue("postgres_url"))
    settle(make_begin(engine))
    with an_office(engine) as made:
        yield made
    engine.dispose()


@pytest.fixture
def make_office(engine: Engine) -> Iterator[Callable[..., WebOffice]]:
    """Give what makes the web side with other options."""
    with ExitStack() as stack:

        def make(**options: Any) -> WebOffice:
            return stack.enter_context(an_office(engine, **options))

        yield make
