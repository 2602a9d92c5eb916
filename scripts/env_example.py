"""Writes `deploy/compose/.env.example` from the settings: `python scripts/env_example.py > deploy/compose/.env.example`."""

import sys
import textwrap
from datetime import timedelta

from pydantic.fields import FieldInfo

from desksync.ops.durations import written
from desksync.ops.settings import Settings
from desksync.ops.settings_loading import variable

_HEAD = """\
# Copy this to .env beside compose.yaml, and take the # away from what you change.
# Written by `make docs` from libs/common/desksync/ops/settings.py and scripts/env_example.py. Change it there.

# ---- Docker Compose itself -------------------------------------------------------------------------------------------

# The image, where it was built or is pulled from.
#IMAGE=desksync:0.1.0

# Where the web pages listen on this machine. A reverse proxy with TLS belongs in front of them.
#WEB_ADDRESS=127.0.0.1:8000

# How many workers run. NEO works through the calls of a site one by one, so that more workers for it help little.
#NEO_WORKERS=1
#GOOGLE_WORKERS=2

# ---- DeskSync --------------------------------------------------------------------------------------------------------
# Each line shows the default, or an example where there is none. Passwords and keys are files in the folder secrets
# instead, which make-secrets.sh begins; a variable here would win over the file.
"""


SET_BY_COMPOSE = ("http_host", "http_port", "health_host", "health_port")
"""Inside of a container others have to be able to ask, and the files of Compose say where."""


def env_example() -> str:
    """Return the file."""
    return _HEAD + "".join(_entry(name, field) for name, field in Settings.model_fields.items())


def _entry(name: str, field: FieldInfo) -> str:
    said = (field.description or "").replace("`", "")
    if is_secret(field):
        said = f"{said} In the file secrets/{variable(name)}."
    if name in SET_BY_COMPOSE:
        said = f"{said} Set by compose.yaml."
    comment = textwrap.fill(said, width=120, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
    # What stands elsewhere has no line that could be filled in.
    line = "" if is_secret(field) or name in SET_BY_COMPOSE else f"#{variable(name)}={_value(field)}\n"
    return f"\n{comment}\n{line}"


def is_secret(field: FieldInfo) -> bool:
    """Say whether the value has no business in an environment: the settings hide it as well."""
    return not field.repr or "SecretStr" in str(field.annotation)


def _value(field: FieldInfo) -> str:
    match field.default:
        case None | ():
            return str((field.examples or [""])[0])
        case timedelta() as length:
            return written(length)
        case tuple() as several:
            return ",".join(map(str, several))
        case value:
            return str(value)


if __name__ == "__main__":
    sys.stdout.write(env_example())
