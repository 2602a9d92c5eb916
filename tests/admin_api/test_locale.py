import ast
from collections import Counter

import pytest

from desksync_admin_api.locale.catalogue import LANGUAGES, catalogues, say
from desksync_admin_api.locale.choice import language_of
from desksync_admin_api.locale.texts import T
from tests.admin_api.office import As, WebOffice
from tests.admin_api.texts import Key, marked, placeholders, texts


def translated() -> list[tuple[str, Key, tuple[str, ...]]]:
    """Return area, text and translations of every entry of the Japanese catalogues."""
    found = []
    for area, catalog in catalogues("ja"):
        for message in catalog:
            if message.id:
                key = message.id if isinstance(message.id, str) else (message.id[0], message.id[1])
                said = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
                found.append((area, key, said))
    return found


def test_every_text_has_a_japanese_translation() -> None:
    known = {key for _, key, said in translated() if all(said)}

    missing = {key: file for key, file in texts().items() if key not in known}

    entries = "\n".join(
        f'msgid "{key}"\nmsgstr ""\n' if isinstance(key, str) else f'msgid "{key[0]}"\nmsgid_plural "{key[1]}"\nmsgstr[0] ""\n'
        for key in missing
    )
    assert missing == {}, f"add these to a file in locale/ja:\n\n{entries}"


def test_no_translation_is_left_of_a_text_that_nobody_says() -> None:
    assert {key for _, key, _ in translated()} - set(texts()) == set()


def test_every_text_is_translated_once() -> None:
    counts = Counter(key for _, key, _ in translated())

    assert [key for key, number in counts.items() if number > 1] == []


def test_a_translation_wants_the_same_values_as_its_text() -> None:
    wrong = [
        key
        for _, key, said in translated()
        for one in said
        if placeholders(one) != placeholders(key if isinstance(key, str) else key[1])
    ]

    assert wrong == []


def test_words_that_are_put_together_at_run_time_are_seen_to_be_wrong() -> None:
    with pytest.raises(AssertionError, match="must be written out"):
        list(marked(ast.parse('T("no " + what)')))


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        ("en", "ja", "en"),
        ("xx", "ja", "ja"),
        (None, "en-GB,en;q=0.9,ja;q=0.5", "en"),
        (None, "fr,ja;q=0.1", "ja"),
        (None, "en;q=0.2,ja;q=0.8", "ja"),
        (None, "fr-FR", "ja"),
        (None, "", "ja"),
        (None, "en;q=x, ;;;, *", "ja"),
    ],
)
def test_a_choice_wins_then_the_browser_then_the_installation(chosen: str | None, accepted: str, language: str) -> None:
    assert language_of(chosen, accepted, "ja") == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_depend_on_the_number(language: str) -> None:
    one, two = (T("Use at least %(number)s character.", "Use at least %(number)s characters.", number) for number in (1, 2))

    assert "1" in say(language, one)
    assert "2" in say(language, two)
    assert (say(language, one).replace("1", "2") == say(language, two)) is (language == "ja")


def test_the_choice_is_kept_and_leads_back(office: WebOffice) -> None:
    browser = office.browser(As.ADMINISTRATOR)
    before = browser.get("/admin")

    chosen = browser.get("/language/en?back=/admin")

    assert chosen.headers["location"] == "/admin"
    assert '<html lang="ja">' in before.text
    assert '<html lang="en">' in browser.get("/admin").text


@pytest.mark.parametrize("away", ["https://example.com", "//example.com", "/\\example.com", "javascript:alert(1)", "/a\nb"])
def test_nothing_leads_to_another_site(office: WebOffice, away: str) -> None:
    answer = office.browser().client.get("/language/en", params={"back": away})

    assert answer.headers["location"] == "/"


def test_there_are_no_other_languages(office: WebOffice) -> None:
    assert office.browser().get("/language/fr").status_code == 404
