"""No secret is kept in this repository: every kept file is searched for what secrets look like."""

import re

import pytest

from tests.project.files import kept_texts

# Written in pieces where the pattern would find itself.
SECRETS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE " + "KEY-----",
    "a client secret of Google": r"\bGOCSPX-[\w-]{20,}",
    "a refresh token of Google": r"\b1//0[\w-]{40,}",
    "an access token of Google": r"\bya29\.[\w-]{40,}",
    "an API key of Google": r"\bAIza[\w-]{35}\b",
    "a token of DeskSync": r"\bdsk_[\w-]{43}\b",
    "a key of AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub or GitLab": r"\b(?:gh[pousr]_\w{36}|github_pat_\w{60,}|glpat-[\w-]{20})",
    "a token of Slack": r"\bxox[abprs]-[\w-]{20,}",
    "a signed token": r"\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}",
    "an encryption key of DeskSync": r"\b[\w.-]{1,32}:[A-Za-z0-9+/]{43}=",
    "a password in an address": r"\b(?:postgresql|amqps?|https?)://[\w.-]+:(?!password@|secret@|x@|\$|\{|%|…|sesame@|desksync@|guest@)[^\s:/@\"'`]{12,}@",
}


def found_in(text: str) -> list[str]:
    return [kind for kind, pattern in SECRETS.items() if re.search(pattern, text)]


def test_no_kept_file_holds_a_secret() -> None:
    assert [(name, kind) for name, text in kept_texts() for kind in found_in(text)] == []


A_KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU"


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("a private key", "-----BEGIN RSA PRIVATE " + "KEY-----"),
        ("a client secret of Google", "GOCSPX-" + "a" * 28),
        ("a refresh token of Google", "1//0" + "b" * 60),
        ("an access token of Google", "ya29." + "c" * 60),
        ("an API key of Google", "AIza" + "d" * 35),
        ("a token of DeskSync", "dsk_" + "e" * 43),
        ("a key of AWS", "AKIA" + "F" * 16),
        ("a token of GitHub or GitLab", "ghp_" + "g" * 36),
        ("a token of Slack", "xoxb-" + "1" * 24),
        ("a signed token", ".".join(["eyJ" + "h" * 30] * 2 + ["i" * 40])),
        ("an encryption key of DeskSync", f"DESKSYNC_SECRET_KEYS=k1:{A_KEY}" + "="),
        ("a password in an address", "postgresql://desksync:" + "j" * 20 + "@db/desksync"),
    ],
)
def test_a_secret_would_be_seen(kind: str, line: str) -> None:
    assert kind in found_in(f"setting = {line!r}\n")
