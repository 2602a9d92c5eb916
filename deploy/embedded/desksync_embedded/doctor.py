"""`desksync doctor`: checks what an installation needs, and says what is wrong and what to do."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from rich.console import Console

import desksync_google_worker.app
import desksync_neo_worker.app
from desksync.broker.connection import BrokerUnreachable, connect
from desksync.ops.redaction import redact
from desksync.ops.secrets import Cipher, SecretsError
from desksync.ops.settings import Settings
from desksync.ops.settings_loading import SettingsError
from desksync.store.engine import DatabaseProblem, is_missing, make_begin, make_engine
from desksync.store.schema import REMEDIES, SchemaState, require_current
from desksync.store.users import User, list_users
from desksync.worker.accounts import GOOGLE_TOKEN, NEO_KEY
from desksync.worker.errors import CalendarError, Reason, UserMustAct
from desksync_embedded.launcher import REQUIRED
from desksync_neo_worker.directory import read_directory


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one thing; `said` is a sentence, with the remedy when something is wrong."""

    what: str
    is_good: bool
    said: str


Check = Callable[[Settings, Callable[[], datetime]], str]
"""Returns what is well, or raises an error whose text says what is wrong and what to do."""


def examine(load: Callable[..., Settings], now: Callable[[], datetime]) -> list[Finding]:
    """Check everything that can be checked; what needs a setting that is missing says so."""
    try:
        settings = load(required=REQUIRED)
    except SettingsError as problem:
        lines = str(problem).splitlines()
        findings = [Finding("settings", is_good=False, said=line) for line in lines]
        try:
            settings = load()
        except SettingsError:
            return findings
    else:
        findings = [Finding("settings", is_good=True, said="every setting that is needed is there")]
    return findings + [_found(what, check, settings, now) for what, check in _CHECKS.items()]


def show(findings: list[Finding], console: Console, *, as_json: bool) -> None:
    """Print the findings."""
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))  # noqa: T201 - asked for
        return
    for finding in findings:
        mark = "[green]✓[/green]" if finding.is_good else "[red]✗[/red]"
        console.print(f"{mark} [bold]{finding.what:<12}[/bold] {finding.said}", highlight=False, soft_wrap=True)


def _found(what: str, check: Check, settings: Settings, now: Callable[[], datetime]) -> Finding:
    try:
        return Finding(what, is_good=True, said=check(settings, now))
    except UserMustAct as problem:
        # What is switched off in NEO itself has a remedy of its own; anything else is the address or a key.
        remedy = "" if problem.reason is Reason.DIRECTORY_OFF else _REMEDIES.get(what, "")
        return Finding(what, is_good=False, said=f"{problem} {remedy}".strip())
    except CalendarError as problem:
        return Finding(what, is_good=False, said=f"{problem} {_REMEDIES.get(what, '')}".strip())
    except (DatabaseProblem, BrokerUnreachable, SecretsError, SettingsError, _Missing, ValueError, OSError) as problem:
        return Finding(what, is_good=False, said=str(problem))


_REMEDIES = {
    "NEO": "Look at DESKSYNC_NEO_BASE_URL and DESKSYNC_NEO_ACCESS_KEY, and whether NEO can be reached from this machine.",
    "Google": (
        "Look at DESKSYNC_GOOGLE_CLIENT_ID, DESKSYNC_GOOGLE_CLIENT_SECRET and DESKSYNC_GOOGLE_TOKEN_URL, "
        "and whether Google can be reached from this machine."
    ),
}


class _Missing(Exception):
    """A setting without which nothing can be checked."""


def _require_file(url: str) -> None:
    """Raise `DatabaseProblem` for a SQLite file that is not there: looking makes nothing."""
    if is_missing(url):
        raise DatabaseProblem(REMEDIES[SchemaState.EMPTY])


def _database(settings: Settings, _now: Callable[[], datetime]) -> str:
    _require_file(settings.database_url)
    engine = make_engine(settings.database_url)
    try:
        require_current(engine)
    finally:
        engine.dispose()
    return f"{engine.url.render_as_string(hide_password=True)} answers and has the tables of this program"


def _broker(settings: Settings, _now: Callable[[], datetime]) -> str:
    connect(settings.broker_url).release()
    return f"{redact(settings.broker_url)} answers"


def _keys(settings: Settings, now: Callable[[], datetime]) -> str:
    cipher = Cipher(settings.secret_keys)
    said = f"{len(settings.secret_keys)} encryption key(s); the first one seals"
    if is_missing(settings.database_url):
        return f"{said}. Nothing is stored yet"
    engine = make_engine(settings.database_url)
    try:
        require_current(engine)
        with make_begin(engine, reads_only=True)() as session:
            everybody = list_users(session, now())
    except DatabaseProblem:
        return f"{said}. Whether they open what is stored was not tried, because the database cannot be used"
    finally:
        engine.dispose()
    closed = [why for user in everybody for why in _closed(cipher, user)]
    if closed:
        raise SecretsError(f"{len(closed)} stored secrets do not open. The first: {closed[0]}")
    return f"{said}. Everything that is stored opens"


def _closed(cipher: Cipher, user: User) -> Iterator[str]:
    """Yield why a stored secret of the user does not open."""
    for sealed, purpose in ((user.google_token, GOOGLE_TOKEN), (user.neo_key, NEO_KEY)):
        try:
            if sealed is not None:
                cipher.open(sealed, purpose=purpose, user_id=user.id)
        except SecretsError as problem:
            yield str(problem)


def _neo(settings: Settings, _now: Callable[[], datetime]) -> str:
    if settings.neo_base_url is None:
        raise _Missing("Not checked, because DESKSYNC_NEO_BASE_URL is not set.")
    if settings.neo_access_key is None:
        return f"{settings.neo_base_url} is set; without DESKSYNC_NEO_ACCESS_KEY every user needs a key of their own"
    with desksync_neo_worker.app.client(settings) as neo:
        people = read_directory(neo, settings.neo_access_key.get_secret_value()).users
    return f"{settings.neo_base_url} takes the site's access key and lists {len(people)} users"


def _google(settings: Settings, now: Callable[[], datetime]) -> str:
    if settings.google_client_id is None or settings.google_client_secret is None:
        raise _Missing("Not checked, because DESKSYNC_GOOGLE_CLIENT_ID or DESKSYNC_GOOGLE_CLIENT_SECRET is not set.")
    desksync_google_worker.app.check_client(settings, now)
    return f"{settings.google_token_url} knows the client"


_CHECKS: dict[str, Check] = {
    "database": _database,
    "broker": _broker,
    "keys": _keys,
    "NEO": _neo,
    "Google": _google,
}
