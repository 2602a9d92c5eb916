"""Random secrets for cookies, tokens and redirects, and their hashes. Only hashes are kept."""

import hashlib
import secrets

TOKEN_START = "dsk_"  # noqa: S105 - what every token begins with, so that scanners find a leaked one
_BYTES = 32


def new_secret() -> str:
    """Return 256 random bits, fit for a cookie, an address or a header."""
    return secrets.token_urlsafe(_BYTES)


def new_token() -> str:
    """Return a new token for a machine."""
    return TOKEN_START + new_secret()


def hashed(secret: str) -> str:
    """Return what is kept of a secret (64 hex digits). No salt: nobody guesses 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
