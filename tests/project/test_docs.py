import re
import tomllib
from collections.abc import Callable

import pytest
from typer import Typer

from desksync.ops.metrics_page import metrics_page
from desksync.ops.settings import Settings
from desksync.ops.settings_loading import variable
from desksync.ops.settings_page import settings_page
from desksync_embedded.app import app
from scripts.env_example import env_example
from scripts.prometheus_rule import prometheus_rule
from tests.project.files import ROOT, kept_texts


def test_the_page_of_settings_is_what_the_settings_say() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert page == settings_page(), "docs/settings.md is old; run: make docs"


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("deploy/compose/.env.example", env_example),
        ("deploy/monitoring/kubernetes/prometheus-rule.yaml", prometheus_rule),
        ("docs/metrics.md", metrics_page),
    ],
)
def test_the_files_that_are_made_from_others_are_not_old(name: str, made: Callable[[], str]) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == made(), f"{name} is old; run: make docs"


def test_every_setting_has_a_meaning_and_an_example() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert len(field.examples or []) == 1, name


def test_every_setting_named_anywhere_exists() -> None:
    known = {variable(name) for name in Settings.model_fields}
    named = {
        (file, setting)
        for file, text in kept_texts()
        if not file.startswith("tests/")
        for setting in re.findall(r"\bDESKSYNC_[A-Z][A-Z_]*[A-Z]\b", text)
        if not setting.startswith("DESKSYNC_TEST_")
    }

    assert {(file, setting) for file, setting in named if setting not in known} == set()


def test_decisions_are_numbered_without_gaps_and_have_the_same_parts() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))

    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. "), path.name
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Cost", "What enforces it"], path.name


def test_every_make_target_that_a_text_names_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        (file, target)
        for file, text in kept_texts()
        if file.endswith(".md") or file in {"Makefile", ".ci/run"}
        for target in re.findall(r"(?:`|^\s*|exec )make ([a-z][a-z0-9-]*)", text, re.MULTILINE)
    }

    assert {(file, target) for file, target in named if target not in targets} == set()
    assert ("README.md", "demo") in named or not (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = [
        (file, link)
        for file, text in kept_texts()
        if file.endswith(".md")
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
        if "://" not in link and not link.startswith("mailto:") and not ((ROOT / file).parent / link).exists()
    ]

    assert broken == []


RULES = re.compile(r"^- \*\*R(\d+) · (holds|in part|to come)\.\*\* ((?:.+\n)(?: {2}.+\n)*)", re.MULTILINE)
"""One rule of the page: its number, whether it holds, and the rest with the names of its tests."""


def the_rules() -> list[tuple[int, str, str]]:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    return [(int(number), state, text) for number, state, text in RULES.findall(page)]


def existing_tests() -> set[str]:
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {name for source in sources for name in re.findall(r"^def (test_\w+)", source, re.MULTILINE)}


def test_every_rule_is_on_the_page_once() -> None:
    assert [number for number, _, _ in the_rules()] == list(range(1, 29))


def test_every_test_that_the_page_of_rules_names_exists() -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))

    assert named - existing_tests() == set()
    assert len(named) > 28


def test_every_rule_names_a_test_that_shows_it() -> None:
    unshown = [number for number, _, text in the_rules() if "`test_" not in text]

    assert unshown == []


def test_the_number_of_each_rule_finds_its_tests() -> None:
    named = {int(match[1]) for name in existing_tests() if (match := re.match(r"test_r(\d+)_", name))}

    assert named == {number for number, _, _ in the_rules()}, "`pytest -k r7_` runs what is named test_r7_..."


def test_every_rule_that_the_code_names_exists() -> None:
    numbers = {number for number, _, _ in the_rules()}
    named = {
        (file, int(number))
        for file, text in kept_texts()
        if file.endswith(".py")
        for numbers in re.findall(r"\(rules? (R\d+(?:(?:, | and | to )R\d+)*)", text)
        for number in re.findall(r"R(\d+)", numbers)
    }

    assert {(file, number) for file, number in named if number not in numbers} == set()
    assert len(named) > 20


def the_commands() -> set[str]:
    """Return the full name of every command that an installation has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {*project["scripts"], *_commands_of("desksync", app)} - {"desksync"}


def _commands_of(name: str, several: Typer) -> set[str]:
    called = {one.name or getattr(one.callback, "__name__", "") for one in several.registered_commands}
    nested = (_commands_of(f"{name} {one.name}", one.typer_instance) for one in several.registered_groups if one.typer_instance)
    return {f"{name} {one}" for one in called}.union(*nested)


def test_every_command_that_a_page_names_exists() -> None:
    commands = the_commands()
    wrong = [
        (file, told)
        for file, text in kept_texts()
        if file.endswith(".md")
        for told in re.findall(r"(?:`|^(?:\.venv/bin/)?)(desksync(?:-[a-z-]+| [a-z][^`#\n]*))", text, re.MULTILINE)
        if not any(told == one or told.startswith(f"{one} ") for one in commands)
    ]

    assert wrong == []
    assert "desksync users sync-now" in commands


def test_the_readme_names_the_commands_of_a_newcomer() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert re.search(r"^make demo\b", readme, re.MULTILINE)
    assert re.search(r"^make test\b", readme, re.MULTILINE)


def test_pictures_are_small_and_each_is_shown_somewhere() -> None:
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    shown = "\n".join(text for file, text in kept_texts() if file.endswith(".md"))

    assert [path.name for path in pictures if path.stat().st_size > 400_000 or f"images/{path.name})" not in shown] == []
    assert len(pictures) > 0


def test_the_map_names_files_that_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:desksync|store|services|libs|deploy|tests)/[\w./]+)`", text))
    roots = [ROOT, ROOT / "libs" / "common", ROOT / "libs" / "common" / "desksync"]

    assert [name for name in sorted(named) if not any((root / name).exists() for root in roots)] == []
    assert len(named) > 10
