"""Column types that mean the same in SQLite and PostgreSQL."""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer
from sqlalchemy.types import TypeDecorator

ROW_ID = BigInteger().with_variant(Integer(), "sqlite")
"""A key that the database counts up. SQLite does so only for a column that is declared `INTEGER`."""


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes of any zone, gives them back in UTC, and refuses naive ones with `ValueError`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring the value to UTC; SQLite keeps no offset, so it gets none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"The database takes aware datetimes only; {value!r} names no zone.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the value with UTC as its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(kind: type[StrEnum]) -> Enum:
    """Return the type of a column that holds a value of that enumeration as plain text.

    Plain text, because adding a word must not need a change of the schema.
    """
    return Enum(
        kind, native_enum=False, length=32, validate_strings=True, values_callable=lambda words: [word.value for word in words]
    )
