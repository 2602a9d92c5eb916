"""`desksync sandbox`: one stand-in alone, until Ctrl-C, and its people as users of DeskSync."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from desksync.ops.secrets import Cipher
from desksync.ops.service import run_service
from desksync.worker.program import listening_on
from desksync.worker.resources import Resources
from desksync_embedded.office_setup import start_google, start_neo, take_in
from desksync_sandbox.google.app import GoogleServer
from desksync_sandbox.google.errors import GoogleError
from desksync_sandbox.google.seed import Seed
from desksync_sandbox.ical import Imported, Resource, read_ical, with_events
from desksync_sandbox.ical_parts import NotACalendar, is_ical
from desksync_sandbox.ical_to_neo import schedules_of, with_schedules
from desksync_sandbox.neo.app import NeoServer
from desksync_sandbox.neo.errors import Refused
from desksync_sandbox.neo.seed import Seed as NeoSeed
from desksync_sandbox.office import CLIENT_ID, CLIENT_SECRET, SITE_KEY, ZONE, Office, make_office

_SEED_ADVICE = "A seed is a JSON or an iCalendar file; without --seed it is the office of the demo."


class BadSeed(Exception):
    """A seed file cannot be used. `str()` names it and says what is wrong, one line for each place."""


class NoStandIns(Exception):
    """The settings lead to something that may be a real NEO or a real Google. `str()` says what was looked at."""


def connect(resources: Resources, office: Office) -> str:
    """Make the office's people users who sync, each with a Google account, and say how many. Raises `NoStandIns`.

    On a real installation everybody else would count as gone from NEO, so the settings have to hold the credentials that only
    the stand-ins take.
    """
    settings, key = resources.settings, resources.settings.neo_access_key
    if key is None or (key.get_secret_value(), settings.google_client_id) != (SITE_KEY, CLIENT_ID):
        raise NoStandIns(
            "This is for trials with both stand-ins only, and nothing was done: DESKSYNC_NEO_ACCESS_KEY and "
            "DESKSYNC_GOOGLE_CLIENT_ID are not those that the stand-ins print."
        )
    taken = take_in(resources.begin, office.people, Cipher(settings.secret_keys), resources.now)
    return f"{len(taken)} people of the office are connected and set to sync."


def run_neo(seed: Path | None, ics: Path | None, office: Office, now: Callable[[], datetime], host: str, port: int) -> int:
    """Run NEO with the seed, or else with the office, and return the exit code. Raises `BadSeed`, or `CannotListen`.

    The events of the iCalendar file `ics` are added for the first user. A seed may be such a file too: there is one user then.
    """
    start = _start(seed, ics, office, now)
    with _judged(start.seed), listening_on(host, port, "--port"):
        given = start.office.neo if start.seed is None else NeoSeed.model_validate_json(start.seed.read_bytes()).model_dump()
        if start.events:
            schedules, refused = schedules_of(start.events, now().astimezone(ZoneInfo(ZONE)).date(), ZoneInfo(ZONE))
            sys.stderr.write("".join(f"{line}\n" for line in refused))
            given = with_schedules(given, schedules)
        edits = start.office.neo_edits if start.seed is None else ()
        server = start_neo(replace(start.office, neo=given, neo_edits=edits), now, port, host)
    key = f"\nDESKSYNC_NEO_ACCESS_KEY={SITE_KEY}" if start.seed is None else ""
    return _run(server, f"desknet's NEO, a stand-in: {server.url}/\nDESKSYNC_NEO_BASE_URL={server.base_url}{key}")


def run_google(seed: Path | None, ics: Path | None, office: Office, now: Callable[[], datetime], host: str, port: int) -> int:
    """Run Google Calendar likewise."""
    start = _start(seed, ics, office, now)
    with _judged(start.seed), listening_on(host, port, "--port"):
        given = start.office.google if start.seed is None else json.loads(start.seed.read_bytes())
        if start.events:
            given = with_events(Seed.model_validate(given).model_dump(by_alias=True), start.events)
        server = start_google(replace(start.office, google=given), now, port, host)
    client = (
        f"\nDESKSYNC_GOOGLE_CLIENT_ID={CLIENT_ID}\nDESKSYNC_GOOGLE_CLIENT_SECRET={CLIENT_SECRET}" if start.seed is None else ""
    )
    return _run(
        server,
        f"Google Calendar, a stand-in: {server.url}/\n"
        f"DESKSYNC_GOOGLE_API_URL={server.api_url}\n"
        f"DESKSYNC_GOOGLE_AUTH_URL={server.auth_url}\n"
        f"DESKSYNC_GOOGLE_TOKEN_URL={server.token_url}\n"
        f"DESKSYNC_GOOGLE_REVOKE_URL={server.revoke_url}{client}",
    )


@dataclass(frozen=True, slots=True)
class _Start:
    """What a stand-in begins with: the office, or a JSON file instead, and the events of iCalendar files."""

    seed: Path | None
    office: Office
    events: tuple[Resource, ...]


def _start(seed: Path | None, ics: Path | None, office: Office, now: Callable[[], datetime]) -> _Start:
    files = [] if ics is None else [ics]
    if seed is not None and is_ical(_content(seed, _SEED_ADVICE)):
        files.insert(0, seed)
        seed, office = None, make_office(users=1, events=0, seed=1, today=now().astimezone(ZoneInfo(ZONE)).date())
    events: list[Resource] = []
    for file in files:
        imported = _imported(file)
        events += imported.events
        report = [f"{file}: {len(imported.events)} entries imported.", *map(str, imported.skipped)]
        sys.stderr.write("".join(f"{line}\n" for line in report))
    return _Start(seed, office, tuple(events))


def _imported(ics: Path) -> Imported:
    try:
        return read_ical(_content(ics, "Name an iCalendar file, as calendars export it (.ics)."))
    except NotACalendar as problem:
        raise BadSeed(f"{ics}: {problem}") from problem


def _content(path: Path, advice: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as problem:
        raise BadSeed(f"There is no file {path}. {advice}") from problem
    except OSError as problem:
        raise BadSeed(f"{path} cannot be read ({problem.strerror}). {advice}") from problem


@contextmanager
def _judged(seed: Path | None) -> Iterator[None]:
    """Say of a seed that cannot be used where it is wrong."""
    try:
        yield
    except ValidationError as problem:
        places = [f"  {'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in problem.errors()]
        raise BadSeed("\n".join([f"{seed} is no seed for this stand-in:", *places])) from problem
    except (UnicodeDecodeError, json.JSONDecodeError) as problem:
        raise BadSeed(f"{seed} is no JSON: {problem}.") from problem
    except (Refused, GoogleError, ValueError, LookupError) as problem:
        raise BadSeed(f"{seed or 'The import'} holds something that the stand-in refuses: {problem}") from problem


def _run(server: NeoServer | GoogleServer, greeting: str) -> int:
    print(greeting, flush=True)  # noqa: T201 - the addresses are what the command is for

    def wait(stop: Event) -> None:
        stop.wait()

    try:
        return run_service("sandbox", [("wait", wait)])
    finally:
        server.stop()
