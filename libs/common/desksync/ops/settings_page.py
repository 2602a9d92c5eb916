"""Writes `docs/settings.md` from the settings themselves: `python -m desksync.ops.settings_page > docs/settings.md`."""

import sys
from datetime import timedelta

from pydantic.fields import FieldInfo

from desksync.ops.durations import written
from desksync.ops.settings import Settings
from desksync.ops.settings_loading import SECRETS_FOLDER, variable

_HEAD = f"""\
# Settings

<!-- Written by `make docs` from libs/common/desksync/ops/settings.py. Change it there. -->

DeskSync reads its settings from environment variables. Each may instead be a file of the same name below `{SECRETS_FOLDER}`,
which keeps passwords and keys out of the environment; where both are there, the variable wins. An empty variable counts as not
set. Lengths of time are seconds, or a number with `s`, `m`, `h` or `d`. Wrong, missing and unknown settings stop a program when
it starts, with one line for each.

| Setting | Meaning | Default | Example |
| --- | --- | --- | --- |
"""


def settings_page() -> str:
    """Return the page in Markdown."""
    rows = [
        f"| `{variable(name)}` | {field.description} | {_default(field)} | `{(field.examples or [''])[0]}` |"
        for name, field in Settings.model_fields.items()
    ]
    return _HEAD + "\n".join(rows) + "\n"


def _default(field: FieldInfo) -> str:
    match field.default:
        case None | ():
            return "–"
        case timedelta() as length:
            return f"`{written(length)}`"
        case tuple() as several:
            return f"`{','.join(map(str, several))}`"
        case value:
            return f"`{value}`"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
