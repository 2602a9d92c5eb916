import re
import tomllib
from pathlib import Path

import pytest

from tests.project.files import ROOT, kept_files, kept_texts

# Written in pieces, because this file is one of those that are searched.
INDEX = re.compile(
    "|".join((r"pypi\." + "org", "python" + "hosted", "registry" + r"\.npmjs", "--(extra-)?" + "index-url", "--find" + "-links"))
)


def names_an_index(text: str) -> bool:
    return INDEX.search(text) is not None


def test_no_kept_file_holds_the_address_of_a_package_index() -> None:
    assert [name for name, text in kept_texts() if names_an_index(text)] == []


@pytest.mark.parametrize(
    "line", ["--index" + "-url https://mirror/simple", "https://py" + "pi.org/simple", "--extra-index" + "-url x"]
)
def test_an_address_of_an_index_would_be_seen(line: str) -> None:
    assert names_an_index(f"# comment\n{line}\n")


@pytest.mark.parametrize("name", ["run.txt", "dev.txt", "build.txt", "audit.txt"])
def test_requirements_are_pinned_and_hashed_and_name_no_host(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    wanted = re.split(r"\n(?=[^\s#])", text.strip())

    assert "://" not in text
    assert len(wanted) > 5
    assert [one for one in wanted if "==" not in one or "--hash=sha256:" not in one] == []


def test_every_dependency_is_among_the_requirements() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for name, wanted in {
        "run.txt": project["project"]["dependencies"],
        "dev.txt": [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]],
        "build.txt": project["dependency-groups"]["build"],
        "audit.txt": project["dependency-groups"]["audit"],
    }.items():
        pinned = set(
            re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==", (ROOT / "requirements" / name).read_text(encoding="utf-8"), re.MULTILINE)
        )

        named = {re.split(r"[\[<>=!~ ]", one)[0].lower() for one in wanted}

        assert named - {one.lower() for one in pinned} == set()


def test_what_is_run_and_what_is_tested_are_the_same_versions() -> None:
    run, dev = (
        dict(
            re.findall(
                r"^([\w.-]+(?:\[[\w,]+\])?)==(\S+)", (ROOT / "requirements" / name).read_text(encoding="utf-8"), re.MULTILINE
            )
        )
        for name in ("run.txt", "dev.txt")
    )

    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}


def test_no_kept_file_knows_where_this_checkout_is() -> None:
    # A checkout straight below / has a name too short to be searched for.
    here = [str(folder) for folder in (ROOT, Path.home() / ".cache") if len(folder.parts) > 2]

    assert [name for name, text in kept_texts() if any(folder in text for folder in here)] == []


def test_no_kept_file_is_large() -> None:
    large = [path.name for path in kept_files() if path.stat().st_size > 1_000_000]

    assert large == []


def test_the_license_is_there() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
