"""Reads the settings, and turns whatever is wrong with them into lines that a person can act on, without showing a value."""

import os
import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from pydantic_settings import SettingsError as UnreadableSource

from desksync.ops.settings import PREFIX, Settings

SECRETS_FOLDER = Path("/run/secrets")

_JOINS_NOBODY = (
    "memory://, which it is if nothing is set, joins the parts of one process only, and this program would hear of no other; "
    "name the RabbitMQ that all of them use, or run everything in one process with `desksync up`"
)
_FOR_TESTS = f"{PREFIX}TEST_"
# Kubernetes tells every pod where its services are; a service of ours becomes DESKSYNC_<its name>_PORT=tcp://… and so on.
_FROM_KUBERNETES = re.compile(r".*_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP)_(PROTO|PORT|ADDR))")


class SettingsError(Exception):
    """Some settings are wrong, missing or unknown. `str()` has one line for each: name, what is wrong, an example."""


def load_settings(
    *,
    required: Collection[str] = (),
    is_one_of_several: bool = False,
    secrets_folder: Path = SECRETS_FOLDER,
    **overrides: object,
) -> Settings:
    """Return the settings from arguments, variables and secret files, in this order.

    `required` names the fields (`"neo_base_url"`) without which the calling program cannot work. `is_one_of_several` says that it
    works with others, which a broker within one process cannot join. Raises `SettingsError`.
    """
    folder = secrets_folder if secrets_folder.is_dir() else None
    wrong = list(_unknown(_given(os.environ, folder)))
    try:
        settings = Settings(_secrets_dir=folder, **overrides)  # type: ignore[arg-type] # pydantic checks them
    except ValidationError as error:
        wrong += _described(error)
        raise SettingsError("\n".join(wrong)) from None
    except UnreadableSource as error:
        raise SettingsError(
            f"{folder}: {error} ({type(error.__cause__).__name__}); the file must be UTF-8 text that the program's user may read"
        ) from None
    wrong += [_line(name, "is not set") for name in required if not getattr(settings, name)]
    if is_one_of_several and settings.broker_url.startswith("memory:"):
        wrong.append(_line("broker_url", _JOINS_NOBODY))
    if wrong:
        raise SettingsError("\n".join(wrong))
    return settings


class _OfItsOwn(Settings):
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic passes it
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - it has no say
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - it has no say
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - it has no say
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def own_settings(**given: object) -> Settings:
    """Return the settings from arguments alone, whatever variables and secret files there are. Raises `SettingsError`."""
    try:
        return _OfItsOwn(**given)  # type: ignore[arg-type] # pydantic checks them
    except ValidationError as error:
        raise SettingsError("\n".join(_described(error))) from None


def given_from_outside(*, secrets_folder: Path = SECRETS_FOLDER) -> list[str]:
    """Return the names of all variables and secret files that are settings of ours, or are meant to be."""
    given = _given(os.environ, secrets_folder if secrets_folder.is_dir() else None)
    return sorted({name.upper() for name in given if _is_meant_for_us(name.upper())})


def variable(field: str) -> str:
    """Return the name of the environment variable of a field."""
    return f"{PREFIX}{field.upper()}"


def _given(environment: Mapping[str, str], folder: Path | None) -> Iterable[str]:
    """Yield the names that look like settings of ours. A file without the prefix belongs to somebody else."""
    yield from (name for name, value in environment.items() if not value.startswith(("tcp://", "udp://")))
    if folder is not None:
        yield from (path.name for path in sorted(folder.iterdir()) if path.is_file())


def _unknown(names: Iterable[str]) -> Iterable[str]:
    known = [variable(field) for field in Settings.model_fields]
    for name in sorted({name.upper() for name in names}):
        if name in known or not _is_meant_for_us(name):
            continue
        near = get_close_matches(name, known, n=1)
        yield f"{name}: there is no such setting" + (f"; did you mean {near[0]}?" if near else "")


def _is_meant_for_us(name: str) -> bool:
    return name.startswith(PREFIX) and not name.startswith(_FOR_TESTS) and not _FROM_KUBERNETES.fullmatch(name)


def _described(error: ValidationError) -> Iterable[str]:
    for problem in error.errors(include_input=False, include_url=False):
        field = str(problem["loc"][0])
        if problem["type"] == "extra_forbidden":
            yield from _unknown([variable(field)])
        else:
            yield _line(field, _sentence(problem["msg"]))


def _sentence(message: str) -> str:
    """Take pydantic's own words off the front, so that the line reads on after the name."""
    return re.sub(r"^(Value error, |Input )", "", message)


def _line(field: str, wrong: str) -> str:
    examples = Settings.model_fields[field].examples or []
    return f"{variable(field)}: {wrong}; for example {variable(field)}={examples[0]}"
