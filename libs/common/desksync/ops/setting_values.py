"""What a setting may be: each kind of value with the check and the words that say what is wrong with it."""

import re
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from desksync.ops.durations import duration
from desksync.ops.secrets import SecretKey


def _web_address(value: str) -> str:
    parts = urlsplit(value.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is no web address; it begins with https:// or http:// and names a host")
    return value.strip()


def _without_slash(value: str) -> str:
    return value.rstrip("/")


def _database(value: str) -> str:
    if value.partition(":")[0] not in {"sqlite", "postgresql", "postgresql+psycopg"}:
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return value


def _broker(value: str) -> str:
    if {node.partition(":")[0].strip() for node in value.split(";")} - {"memory", "amqp", "amqps"}:
        raise ValueError("must begin with memory://, amqp:// or amqps://")
    return value


def _keys(value: object) -> object:
    """Split the text at commas and line ends. The key texts appear in no error."""
    if not isinstance(value, str):
        return value
    keys = tuple(SecretKey.parse(part) for part in re.split(r"[,\s]+", value) if part)
    if len({key.id for key in keys}) != len(keys):
        raise ValueError("has two keys with the same id; every key needs its own")
    return keys


def _none_if_empty(value: object) -> object:
    """Let an empty file under `/run/secrets` count as not set, as an empty variable does: Docker cannot leave a file out."""
    return None if value == "" else value


def _network(value: str) -> str:
    try:
        ip_network(value)
    except ValueError:
        raise ValueError("is no address and no network such as 10.0.0.0/8") from None
    return value


def _words(value: object) -> object:
    """Split the text at commas."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("must be longer than nothing")
    return value


Duration = Annotated[timedelta, BeforeValidator(duration), AfterValidator(_positive)]
Secret = Annotated[SecretStr | None, BeforeValidator(_none_if_empty)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Network = Annotated[str, AfterValidator(_network)]
Port = Annotated[int, Field(ge=0, le=65535)]
Site = Annotated[WebAddress, AfterValidator(_without_slash)]
Database = Annotated[str, AfterValidator(_database)]
Broker = Annotated[str, AfterValidator(_broker)]
SecretKeys = Annotated[tuple[SecretKey, ...], NoDecode, BeforeValidator(_keys)]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_words)]
WaysIn = Annotated[tuple[Literal["neo", "local", "oidc"], ...], NoDecode, BeforeValidator(_words)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
