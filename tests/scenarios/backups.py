"""Backups as an administrator takes them: `pg_dump` and `pg_restore`, or a copy of the SQLite file while it is in use."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from desksync_local.postgres import installed_programs


def back_up(url: str, into: Path) -> None:
    """Copy the whole database while programs may be using it."""
    if (file := sqlite_file(url)) is None:
        _run("pg_dump", "--format=custom", f"--file={into}", url)
        return
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(into)) as copy:
        source.backup(copy)


def restore(url: str, backup: Path) -> None:
    """Put the backup in the place of the database. No program may be using it."""
    if (file := sqlite_file(url)) is None:
        _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", f"--dbname={url}", backup)
        return
    for leftover in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        leftover.unlink(missing_ok=True)
    file.write_bytes(backup.read_bytes())


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite database, `None` for another one."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _run(program: str, *words: str | Path) -> None:
    folder = installed_programs()
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's
        [program if folder is None else folder / program, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
