"""Reads the Dockerfile, and carries its build stage out in a plain folder, so that its commands are known to work without Docker.

Understands the few forms that our own file uses, and fails on any other.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from tests.project.files import ROOT, kept_files

DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"
DOCKERIGNORE = ROOT / ".dockerignore"

_LIMIT_SECONDS = 900


@dataclass(frozen=True)
class Step:
    """One instruction. `stage` counts from 0; what stands before the first `FROM` has -1."""

    stage: int
    word: str
    rest: str


def steps(text: str) -> list[Step]:
    """Return every instruction of a Dockerfile, each on one line."""
    stage, found = -1, []
    for line in _joined(text):
        word, _, rest = line.partition(" ")
        stage += word == "FROM"
        found.append(Step(stage, word, rest.strip()))
    return found


def the_steps(stage: int, *words: str) -> list[Step]:
    """Return those of our Dockerfile that stand in a stage and begin with one of the words."""
    return [step for step in steps(DOCKERFILE.read_text(encoding="utf-8")) if step.stage == stage and step.word in words]


def sent_files() -> list[Path]:
    """Return the files that a build gets to see: those that git keeps, less what `.dockerignore` holds back."""
    patterns = [line for line in DOCKERIGNORE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [path for path in kept_files() if _is_sent(path.relative_to(ROOT).as_posix(), patterns)]


def build_in(folder: Path) -> Path:
    """Carry the build stage out below the folder, as if it were `/`, and return the folder of the environment that results."""
    here = folder
    environment = {"PATH": f"{folder / 'bin'}:{os.defpath}", "HOME": str(folder), "LANG": "C.UTF-8"}
    _python(folder / "bin" / "python")
    for step in the_steps(0, "FROM", "ENV", "WORKDIR", "COPY", "RUN"):
        match step.word:
            case "FROM":
                continue
            case "ENV":
                environment |= dict(one.split("=", 1) for one in shlex.split(step.rest))
            case "WORKDIR":
                here = folder / step.rest.lstrip("/")
                here.mkdir(parents=True)
            case "COPY":
                *sources, target = step.rest.split()
                _copy(sources, here / target)
            case _:
                _run(step.rest.replace("/opt/", f"{folder}/opt/"), here, environment)
    return folder / "opt" / "desksync"


def _joined(text: str) -> Iterator[str]:
    """Yield the lines without comments, those that end with a backslash together with the next."""
    begun = ""
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            begun += line.strip()
            if begun.endswith("\\"):
                begun = begun[:-1]
            else:
                yield begun
                begun = ""
    assert not begun, "the last line ends with a backslash"


def _is_sent(name: str, patterns: Iterable[str]) -> bool:
    """Say what Docker says: the last pattern that matches decides."""
    path, is_sent = PurePosixPath(name), True
    for pattern in patterns:
        bare = pattern.removeprefix("!")
        if bare.startswith("**/"):
            matches = any(fnmatch(part, bare[3:]) for part in path.parts)
        else:
            matches = any(fnmatch(str(one), bare) for one in (path, *path.parents) if str(one) != ".")
        if matches:
            is_sent = pattern.startswith("!")
    return is_sent


def _copy(sources: list[str], target: Path) -> None:
    for source in sources:
        found = [path for path in sent_files() if path.relative_to(ROOT).is_relative_to(source)]
        assert found, f"COPY {source}: a build does not get to see it"
        is_folder = (ROOT / source).is_dir()
        for path in found:
            to = target / path.relative_to(ROOT / source) if is_folder else target / path.name
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)


def _python(name: Path) -> None:
    """Make the `python` of the base: one that has pip, and nothing of the tests' own environment."""
    name.parent.mkdir(parents=True)
    name.write_text(f'#!/bin/sh\nexec {sys._base_executable} "$@"\n', encoding="utf-8")  # type: ignore[attr-defined]
    name.chmod(0o755)


def _run(command: str, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - our own file
        ["/bin/sh", "-ec", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LIMIT_SECONDS,
    )
    assert done.returncode == 0, f"RUN {command}\n{done.stdout}\n{done.stderr}"
