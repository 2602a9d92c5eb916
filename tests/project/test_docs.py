import re

from desksync.ops.settings import Settings
from desksync.ops.settings_loading import variable
from desksync.ops.settings_page import settings_page
from tests.project.files import ROOT, kept_texts


def test_the_page_of_settings_is_what_the_settings_say() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert page == settings_page(), "docs/settings.md is old; run: make docs"


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
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        (file, target)
        for file, text in kept_texts()
        if file.endswith(".md") or file in {"Makefile", ".ci/run"}
        for target in re.findall(r"(?:`|^\s*|exec )make ([a-z][a-z-]*)", text, re.MULTILINE)
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
