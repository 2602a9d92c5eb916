"""Takes tokens, keys, passwords and titles out of whatever is about to be written down. Pure; knows nothing of logging.

Two nets: a field whose *name* says that it holds a secret or a user's text is hidden whatever it holds, and any text is searched
for what *looks* like a secret. Neither alone is enough.
"""

import re
from collections.abc import Mapping

HIDDEN = "[hidden]"

_SECRET_WORDS = frozenset(
    {"token", "tokens", "secret", "secrets", "password", "passwd", "passphrase", "cookie", "cookies", "credential", "credentials"}
    | {"authorization", "auth", "key", "keys", "verifier", "assertion", "sealed", "plain"}
)
_SECRET_NAMES = frozenset({"code", "id_token"})
_TEXT_WORDS = frozenset(
    {"title", "titles", "summary", "subject", "description", "location", "memo", "attendance", "place", "detail"}
)
_PLAIN_NAMES = frozenset({"key_id", "routing_key"})

_PARAMETERS = (
    "access_?key|api_?key|access_token|refresh_token|id_token|client_secret|password|passwd|code_verifier|assertion"
    "|syncToken|pageToken|token|secret|key"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # An address with a password in it, such as a database URL.
    (re.compile(r"(://[^\s:/@]*):[^\s/@]+@"), rf"\1:{HIDDEN}@"),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (
        re.compile(r"(X-Desknets-Auth|Authorization|Set-Cookie|Cookie)([\"']?\s*[:=]\s*[\"']?)[^\r\n\"',}]+", re.IGNORECASE),
        rf"\1\2{HIDDEN}",
    ),
    # Query strings, form bodies and keyword arguments.
    (re.compile(rf"(?<![A-Za-z])({_PARAMETERS})=([\"']?)[^\s&\"',;)}}]+", re.IGNORECASE), rf"\1=\2{HIDDEN}"),
    (re.compile(r"([?&]code)=[^\s&\"']+"), rf"\1={HIDDEN}"),
    # JSON and Python mappings.
    (re.compile(rf"([\"'](?:{_PARAMETERS})[\"']\s*:\s*)([\"'])(?:\\.|(?!\2).)*\2", re.IGNORECASE), rf"\1\2{HIDDEN}\2"),
    # What Google's access tokens, refresh tokens and client secrets, and JSON web tokens, look like.
    (re.compile(r"\bya29\.[\w.-]+"), HIDDEN),
    (re.compile(r"\b1//[\w-]{16,}"), HIDDEN),
    (re.compile(r"\bGOCSPX-[\w-]+"), HIDDEN),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), HIDDEN),
)


def redact(text: str) -> str:
    """Return the text with everything that looks like a secret replaced."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_field(name: str, value: object) -> object:
    """Return what may be shown under that name: the value, the value without its secrets, or `HIDDEN`.

    Numbers, truth values and `None` are shown under any name: a count of tokens is no token.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if is_hidden(name):
        return HIDDEN
    match value:
        case str():
            return redact(value)
        case Mapping():
            return {str(key): redact_field(str(key), item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [redact_field(name, item) for item in value]
        case _:
            return redact(str(value))


def is_hidden(name: str) -> bool:
    """Say whether a field of that name, in snake_case or camelCase, holds a secret or what a user wrote."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[\s.-]+", "_", name).lower()
    if snake in _PLAIN_NAMES:
        return False
    return snake in _SECRET_NAMES or not (_SECRET_WORDS | _TEXT_WORDS).isdisjoint(snake.split("_"))
