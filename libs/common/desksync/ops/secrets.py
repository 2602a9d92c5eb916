"""Keeps tokens and keys unreadable in the database: AES-256-GCM, bound to the user and the purpose.

A sealed value is `version (1 byte) | length of key id (1 byte) | key id | nonce (12 bytes) | ciphertext and tag`. Version, key
id, purpose and user are authenticated with it, so a value copied to another row, another column or another user does not open.
"""

import base64
import binascii
import json
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_VERSION = 1
_NONCE_BYTES = 12
_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}")


class SecretsError(Exception):
    """A secret cannot be sealed or opened. `str()` says what to do and holds no secret."""


class UnknownKey(SecretsError):
    """The value was sealed with a key that is not among ours."""


class NotOpened(SecretsError):
    """The value was changed, cut, or belongs to another user or purpose."""


@dataclass(frozen=True, slots=True)
class SecretKey:
    """One encryption key. `id` is no secret: it stands in front of everything sealed with the key."""

    id: str
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError("has a key id that is not 1 to 32 letters, digits, '_', '.' or '-'")
        if len(self.key) != KEY_BYTES:
            raise ValueError(f"has a key of {len(self.key)} bytes instead of {KEY_BYTES}")

    @classmethod
    def parse(cls, text: str) -> "SecretKey":
        """Read `id:base64`. Raises `ValueError` without repeating any of the text."""
        id_, colon, encoded = text.strip().partition(":")
        if not colon:
            raise ValueError("must be written as id:base64, with a colon between")
        try:
            key = base64.b64decode(encoded, altchars=b"-_" if "-" in encoded or "_" in encoded else None, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("has a key that is not base64") from None
        return cls(id_, key)


def make_key() -> str:
    """Return a new random key as `id:base64`, ready for `DESKSYNC_SECRET_KEYS`."""
    return f"{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


class Cipher:
    """Seals with the newest key and opens with any. Safe to use from several threads."""

    def __init__(self, keys: Sequence[SecretKey]) -> None:
        """Take the keys, newest first. Raises `SecretsError` when there is none or when two share an id."""
        if not keys:
            raise SecretsError("There is no encryption key. Make one and set DESKSYNC_SECRET_KEYS to it.")
        self._keys = {key.id: AESGCM(key.key) for key in keys}
        if len(self._keys) != len(keys):
            raise SecretsError("Two encryption keys in DESKSYNC_SECRET_KEYS have the same id. Give every key its own.")
        self._newest = keys[0].id

    def seal(self, plain: str, *, purpose: str, user_id: int) -> bytes:
        """Encrypt with the newest key. Sealing the same text twice gives different bytes."""
        head = _head(self._newest)
        # The nonce is not an argument: a repeated one would give the key away.
        nonce = os.urandom(_NONCE_BYTES)
        return head + nonce + self._keys[self._newest].encrypt(nonce, plain.encode(), _bound_to(head, purpose, user_id))

    def open(self, sealed: bytes, *, purpose: str, user_id: int) -> str:
        """Decrypt what `seal` made for the same purpose and user. Raises `UnknownKey` or `NotOpened`."""
        key_id, rest = _split(sealed)
        key = self._keys.get(key_id)
        if key is None:
            raise UnknownKey(
                f"The {purpose} of user {user_id} was encrypted with key '{key_id}', which is not in DESKSYNC_SECRET_KEYS. "
                "Add that key behind the newest one."
            )
        try:
            plain = key.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound_to(_head(key_id), purpose, user_id))
        except (InvalidTag, ValueError):
            raise NotOpened(
                f"The stored {purpose} of user {user_id} does not open: it was changed, or belongs to somebody else. "
                "Enter it again."
            ) from None
        return plain.decode()

    def key_of(self, sealed: bytes) -> str:
        """Return the id of the key with which it was sealed. Raises `NotOpened` for bytes that are no sealed value."""
        return _split(sealed)[0]

    def needs_rotation(self, sealed: bytes) -> bool:
        """Say whether it was sealed with an older key than the newest. Raises `NotOpened` for bytes that are no sealed value."""
        return _split(sealed)[0] != self._newest


def _head(key_id: str) -> bytes:
    encoded = key_id.encode()
    return bytes((_VERSION, len(encoded))) + encoded


def _bound_to(head: bytes, purpose: str, user_id: int) -> bytes:
    return json.dumps([head.hex(), purpose, user_id]).encode()


def _split(sealed: bytes) -> tuple[str, bytes]:
    """Return the key id and what follows it."""
    if len(sealed) > 1 and sealed[0] == _VERSION:
        end = 2 + sealed[1]
        key_id = sealed[2:end].decode("ascii", errors="replace")
        if _ID.fullmatch(key_id) and len(sealed) > end:
            return key_id, bytes(sealed[end:])
    raise NotOpened("This is no value that was encrypted by DeskSync.")
