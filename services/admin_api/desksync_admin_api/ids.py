"""Numbers of rows as they stand in paths. What no row can have is refused before a database is asked."""

from typing import Annotated

from fastapi import Path

UserId = Annotated[int, Path(ge=1, le=2**31 - 1)]
RowId = Annotated[int, Path(ge=1, le=2**53 - 1)]
"""Of everything but users. Programs that read JSON keep numbers up to this one exact."""
