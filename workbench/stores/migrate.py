"""Bring a database to the tables this version needs (``migrations/``).

Opening a database that is up to date costs two small reads. Otherwise one process migrates while
the others wait for it: SQLite's write lock or a PostgreSQL advisory lock, held to the commit.
"""

from __future__ import annotations

import sqlite3
import time
from importlib import import_module

from sqlalchemy import Column, Connection, Engine, MetaData, Table, Text, inspect, select, text

from workbench.errors import Unavailable

__all__ = ["HEAD", "WRITING", "migrate", "version"]

HEAD = "0001"  # the newest revision in migrations/versions
WRITING = "workbench_writing"  # execution option: begin by taking SQLite's write lock
_LOCK = 0x776F726B_6D696772  # an advisory lock of our own: "workmigr"
_POLL = 0.02  # seconds

_version = Table("alembic_version", MetaData(), Column("version_num", Text))


def migrate(engine: Engine, *, patience: float) -> None:
    """Create or upgrade the tables unless they are up to date.

    Raises:
        Unavailable: the tables are newer than this program, the place to migrate did not become
            free within ``patience`` seconds, or the database does not store text as UTF-8.
        DBAPIError: whatever the database says.
    """
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        _switch_to_wal(engine, patience)
    with engine.connect() as connection:
        if version(connection) == HEAD:
            return
    with engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
        if not sqlite:
            _wait_for_turn(connection, patience)
        current = version(connection)  # another process may have been faster
        if current != HEAD:
            import_module("workbench.stores.upgrade").upgrade(connection, current, HEAD)


def version(connection: Connection) -> str | None:
    """Return the revision of the tables, or ``None`` in an empty database."""
    if not inspect(connection).has_table(_version.name):
        return None
    return connection.execute(select(_version.c.version_num)).scalar()


def _wait_for_turn(connection: Connection, patience: float) -> None:
    if connection.scalar(text("SHOW server_encoding")) != "UTF8":
        raise Unavailable(
            "The database does not store text as UTF-8.",
            unchanged="Nothing was changed.",
            hint="Create it with ENCODING 'UTF8' (or run initdb with -E UTF8).",
        )
    connection.execute(text(f"SET LOCAL lock_timeout = {round(patience * 1000)}"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _switch_to_wal(engine: Engine, patience: float) -> None:
    """Make the file keep a write-ahead log: readers and the writer do not wait for each other.

    The mode stays in the file. SQLite may refuse to switch while others look, so we try again.
    """
    deadline = time.monotonic() + patience
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        while cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > deadline:
                    raise
                time.sleep(_POLL)
        cursor.close()
    finally:
        connection.close()
