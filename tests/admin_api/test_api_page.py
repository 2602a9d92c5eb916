"""The page about the API: its lines are run against a real server, and its table is the table of errors."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from desksync.store import api_tokens
from desksync.store.api_tokens import NewToken
from desksync.store.audit import Wanted, list_entries
from desksync.store.web_states import WebRole
from desksync_admin_api import errors
from desksync_admin_api.access.secret import hashed, new_token
from desksync_admin_api.errors import FormTooOld, TooLarge, WebError
from tests.admin_api.walk import ROUTES
from tests.embedded.installation import Installation, a_program, an_installation, asked, now
from tests.project.files import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with an_installation(tmp_path) as made:
        made.settings["DESKSYNC_SYNC_INTERVAL"] = "24h"
        made.migrate()
        made.take_in()
        yield made


def a_token(installation: Installation) -> str:
    token = new_token()
    with installation.begin() as begin, begin() as session:
        new = NewToken(hashed(token), token[:12], "a script", WebRole.ADMINISTRATOR, "a test", None)
        api_tokens.add_token(session, new, now())
    return token


def deeds(installation: Installation) -> list[str]:
    with installation.begin() as begin, begin() as session:
        return [one.entry.what for one in list_entries(session, Wanted())]


def test_every_line_of_the_page_works_against_a_real_server(installation: Installation) -> None:
    bash, url = shutil.which("bash"), f"http://127.0.0.1:{installation.settings['DESKSYNC_HTTP_PORT']}"
    script = "set -euo pipefail\n" + "\n".join(re.findall(r"^```bash\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))
    environment = installation.environment() | {"SERVER": url, "TOKEN": a_token(installation)}
    assert bash is not None

    with a_program(["desksync", "up"], installation.folder, installation.environment()) as up:
        up.wait_until(lambda: asked(f"{url}/readyz")[0] == 200)
        ran = subprocess.run([bash, "-c", script], env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own page

    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr
    assert {"sync_state_changed", "settings_changed", "preview_ordered", "sync_ordered"} <= set(deeds(installation))


def test_the_table_of_errors_on_the_page_is_that_of_the_code() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, WebError) and one is not WebError]

    told = set(re.findall(r"^\| (\d{3}) \| `/problems/([a-z-]+)` \|", PAGE, re.MULTILINE))

    assert told == {(str(int(one.kind.status)), one.kind.name) for one in kinds if one is not TooLarge}
    assert FormTooOld in kinds


def test_every_address_on_the_page_is_a_route() -> None:
    known = {re.sub(r"\{\w+\}", "{id}", path) for _, path in ROUTES}
    told = set(re.findall(r"`(?:GET |POST )?(/(?:users|runs|errors|held|audit|tokens)[\w/{}]*)`", PAGE))

    assert {f"/api/v1{path}" for path in told} - known == set()
    assert len(told) > 10
