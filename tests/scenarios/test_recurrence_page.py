from pathlib import Path

from tests.project.files import ROOT
from tests.scenarios.recurrence_kinds import FROM_GOOGLE
from tests.scenarios.recurrence_page import an_empty_company, page


def test_r28_the_page_about_series_says_what_the_program_does() -> None:
    with an_empty_company() as company:
        found = page(company)

        assert (Path(ROOT) / "docs" / "recurrence.md").read_text(encoding="utf-8") == found, "run `make docs`"
        differing = {one.title for several in company.differences().values() for _, one in several}
        assert differing == {f"g{number}" for number, kind in enumerate(FROM_GOOGLE) if kind.name == "several times a day"}
