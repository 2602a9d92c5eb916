"""The alert rules: Prometheus can read them, each is raised by what it is for and by nothing else, and each has its page."""

import re
from collections import Counter
from typing import Any

import pytest
import yaml

from tests.deploy.prometheus import KNOWN, names_in, promtool
from tests.project.files import ROOT

MONITORING = ROOT / "deploy" / "monitoring"
RULES = sorted((MONITORING / "rules").glob("*.yaml"))
TESTS = MONITORING / "tests" / "alerts.yaml"
PAGES = ROOT / "docs" / "runbooks"


def alerts() -> list[dict[str, Any]]:
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]]
    return [rule for group in groups for rule in group["rules"]]


@pytest.mark.wide
def test_prometheus_can_read_the_rules() -> None:
    said = promtool("check", "rules", *RULES)

    assert f"SUCCESS: {len(alerts())} rules found" in said


@pytest.mark.wide
def test_each_alert_is_raised_by_what_it_is_for_and_by_nothing_else() -> None:
    assert "SUCCESS" in promtool("test", "rules", TESTS.name, folder=TESTS.parent)


def test_each_alert_has_a_test_that_raises_it_and_one_that_does_not() -> None:
    tried = Counter(one["name"] for one in yaml.safe_load(TESTS.read_text(encoding="utf-8"))["tests"])

    assert tried == Counter(f"{rule['alert']} {kind}" for rule in alerts() for kind in ("fires", "stays quiet"))


def test_alerts_ask_for_numbers_that_there_are() -> None:
    asked = {rule["alert"]: names_in(rule["expr"]) for rule in alerts()}

    assert {name: series - KNOWN for name, series in asked.items() if series - KNOWN or not series} == {}


def test_each_alert_leads_to_its_page_and_each_page_belongs_to_an_alert() -> None:
    led_to = {rule["annotations"]["runbook_url"] for rule in alerts()}

    assert led_to == {f"docs/runbooks/{page.name}" for page in PAGES.glob("*.md") if page.name != "README.md"}
    assert len(led_to) == len(alerts())
    listed = re.findall(r"\((\S+\.md)\)", (PAGES / "README.md").read_text(encoding="utf-8"))
    assert {f"docs/runbooks/{page}" for page in listed if not page.startswith("..")} == led_to


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_a_page_shows_its_rule_and_says_what_it_means_how_to_look_and_what_to_do(rule: dict[str, Any]) -> None:
    page = (ROOT / rule["annotations"]["runbook_url"]).read_text(encoding="utf-8")

    assert page.startswith(f"# {rule['alert']}\n")
    assert f"Severity: {rule['labels']['severity']}. Raised after {rule['for']} of:" in page
    assert f"```promql\n{rule['expr']}\n```" in page
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == ["What it means", "How to look", "What to do"]
    assert all(rule["annotations"][part].strip() for part in ("summary", "description"))
