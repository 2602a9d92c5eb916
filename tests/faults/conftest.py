"""The servers and the seed of the fault tests, and their summary."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from _pytest.terminal import TerminalReporter

from desksync_local.postgres import PostgresServer, PrivatePostgres
from desksync_local.rabbitmq_node import PrivateNode
from desksync_local.server import Server
from tests.faults.site import Servers, Site, a_site
from tests.faults.tally import Tally, summed

SEED = "DESKSYNC_TEST_FAULTS_SEED"
_seed = os.environ.setdefault(SEED, secrets.token_hex(4))  # Set for the processes of xdist as well.
_failed = pytest.StashKey[bool]()


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> Random:
    """Give what draws the schedule of this test."""
    return Random(f"{_seed} {request.node.nodeid}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Tell the seed of what has failed, and remember that it did."""
    outcome: Any = yield
    report = outcome.get_result()
    if report.failed:
        item.stash[_failed] = True
        report.sections.append(("seed", f"{SEED}={_seed} makes the same schedule again."))


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print what was broken, and what came of it."""
    reports = [report for several in terminalreporter.stats.values() for report in several if hasattr(report, "user_properties")]
    properties = [dict(report.user_properties) for report in reports if getattr(report, "when", "") == "teardown"]
    total = summed(properties)
    if not total.faults:
        return
    terminalreporter.section("faults")
    for kind, number in sorted(total.faults.items()):
        terminalreporter.write_line(f"{number:>7}  {kind}")
    terminalreporter.write_line(
        f"{total.faults.total():>7}  faults injected, {total.actions} actions done, lost {total.lost}, doubled {total.doubled}"
        f"  (seed {_seed})"
    )


Make = Callable[..., AbstractContextManager[Site]]
"""Makes a site of another kind on servers that stand for all; takes the ports of proxies, and what `a_site` takes."""

MakeWith = Callable[..., AbstractContextManager[Site]]
"""Makes a site on servers of its own; takes `Servers`, and what `a_site` takes."""

Breakable = tuple[PrivatePostgres, str, PrivateNode]
"""Servers that may be broken, with the URL of an empty database for copying."""


@contextmanager
def _made(
    breakable: Breakable,
    folder: Path,
    chance: Random,
    *,
    database_port: int | None = None,
    broker_port: int | None = None,
    **options: Any,
) -> Iterator[Site]:
    """Make a site with a database and a virtual host of its own; its programs go through the proxies at the ports, if any."""
    postgres, template, rabbitmq = breakable
    database_url, broker_url = postgres.create_database(template), rabbitmq.create_vhost()
    urls = Servers(database_url, broker_url, _through(database_url, database_port), _through(broker_url, broker_port))
    try:
        with a_site(urls, folder, chance, **options) as site:
            yield site
    finally:
        postgres.drop_database(database_url)
        rabbitmq.drop_vhost(broker_url)


def _through(url: str, port: int | None) -> str:
    """Return the URL with another port, that of a proxy; with none as it is."""
    parts = urlsplit(url)
    return url if port is None else parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl()


class Sites:
    """Gives the tests of a module one site, as long as none of them fails: the next one would suffer for it."""

    def __init__(self, make: Callable[[Random], AbstractContextManager[Site]]) -> None:
        self._make = make
        self._stack = ExitStack()
        self._site: Site | None = None

    def site(self, chance: Random) -> Site:
        """Return the site that stands, or a new one."""
        if self._site is None:
            self._site = self._stack.enter_context(self._make(chance))
        self._site.chance = self._site.people.chance = chance
        return self._site

    def close(self) -> None:
        """End the site that stands, if any."""
        self._site = None
        self._stack.close()


@pytest.fixture(scope="session")
def breakable(postgres: PostgresServer, postgres_template: str, rabbitmq: Server) -> tuple[PrivatePostgres, str, PrivateNode]:
    """Give the servers of this test run, with the URL of an empty database. They have to be ours."""
    if not isinstance(postgres, PrivatePostgres) or not isinstance(rabbitmq, PrivateNode):
        pytest.fail(
            "These tests break servers and need their own: unset what names others, and install their programs.", pytrace=False
        )
    return postgres, postgres_template, rabbitmq


@pytest.fixture(scope="module")
def sites(breakable: Breakable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Give the sites of a module."""
    sites = Sites(lambda chance: _made(breakable, tmp_path_factory.mktemp("site"), chance))
    yield sites
    sites.close()


@contextmanager
def _counted(node: pytest.Item, site: Site) -> Iterator[Site]:
    """Hand the counts of a site over to the summary."""
    site.tally = Tally()
    before = site.judge.writes()
    try:
        yield site
    finally:
        site.tally.actions = site.judge.writes() - before
        node.user_properties += site.tally.properties()


@pytest.fixture
def site(request: pytest.FixtureRequest, sites: Sites, chance: Random) -> Iterator[Site]:
    """Give a site that is in step and quiet."""
    with _counted(request.node, sites.site(chance)) as site:
        yield site
    if request.node.stash.get(_failed, False):
        sites.close()


@pytest.fixture
def make_site_with(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, chance: Random) -> MakeWith:
    """Give what makes a site on other servers, in step and quiet."""

    @contextmanager
    def make(servers: Servers, **options: Any) -> Iterator[Site]:
        with a_site(servers, tmp_path_factory.mktemp("site"), chance, **options) as site, _counted(request.node, site):
            yield site

    return make


@pytest.fixture
def make_site(
    request: pytest.FixtureRequest, breakable: Breakable, tmp_path_factory: pytest.TempPathFactory, chance: Random
) -> Make:
    """Give what makes a site of another kind, in step and quiet."""

    @contextmanager
    def make(**options: Any) -> Iterator[Site]:
        with _made(breakable, tmp_path_factory.mktemp("site"), chance, **options) as site, _counted(request.node, site):
            yield site

    return make
