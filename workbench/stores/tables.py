"""The tables of an exchange, and how rows get into them fast.

::

    records      what the exchange keeps, in the order of creation      replaced by later writes
    entries      the ledger's events with their salts                   never change
    nodes        the ledger's tree, complete subtrees only              never change
    checkpoints  the newest signed checkpoint; clients keep older ones  one row, replaced

The bytes of records and events are stored as the text they were printed as; nothing in a table is
believed before it was parsed again. Changing a table means a new file in ``migrations/versions``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from workbench.ledger.merkle import Node

__all__ = [
    "METADATA",
    "checkpoints",
    "entries",
    "insert",
    "node_number",
    "nodes",
    "records",
    "upsert",
]

METADATA = MetaData()

# SQLite counts a row's place only in a column declared exactly INTEGER PRIMARY KEY.
_SERIAL = BigInteger().with_variant(Integer(), "sqlite")

records = Table(
    "records",
    METADATA,
    Column("sequence", _SERIAL, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("person", Text),
    Column("release", Text),
    Column("state", Text),
    Column("body", Text, nullable=False),
    UniqueConstraint("kind", "key", name="records_by_key"),
    Index("records_by_person", "kind", "person"),
    Index("records_by_release", "kind", "release"),
    Index("records_by_state", "kind", "state"),
)
entries = Table(
    "entries",
    METADATA,
    Column("position", _SERIAL, primary_key=True, autoincrement=False),
    Column("salt", Text, nullable=False),
    Column("event", Text, nullable=False),
)
nodes = Table(
    "nodes",
    METADATA,
    Column("number", _SERIAL, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
checkpoints = Table(
    "checkpoints",
    METADATA,
    Column("size", _SERIAL, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)


def node_number(node: Node) -> int:
    """Return where a node of the tree is stored: its place in an in-order walk of the tree.

    One number instead of (level, index) makes every read one indexed ``IN``. Leaf i is at 2·i.
    """
    level, index = node
    return index << (level + 1) | (1 << level) - 1


def insert(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert many rows, in order, in the fastest way the database has.

    Raises:
        DBAPIError: whatever the database says.
    """
    _write(connection, table, columns, rows, "")


def upsert(connection: Connection, rows: Sequence[Sequence[str | None]]) -> None:
    """Insert records, or replace those with a known (kind, key), which keep their place.

    ``rows`` hold every column of ``records`` but the first, and no (kind, key) twice.

    Raises:
        DBAPIError: whatever the database says.
    """
    columns = [column.name for column in records.columns][1:]
    updates = ", ".join(f'"{name}" = excluded."{name}"' for name in columns[2:])
    suffix = f' ON CONFLICT ("kind", "key") DO UPDATE SET {updates}'
    _write(connection, records, columns, rows, suffix)


def _write(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    suffix: str,
) -> None:
    """Write rows past SQLAlchemy's compiler, which would cost more than the database does.

    Every name comes from the tables above; values travel as parameters.
    """
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    head = f'INSERT INTO "{table.name}" ({names})'
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in columns)
        connection.exec_driver_sql(f"{head} VALUES ({marks}){suffix}", [tuple(row) for row in rows])
        return
    types = [table.c[name].type.compile(connection.dialect) for name in columns]
    arrays = ", ".join(f"%s::{kind}[]" for kind in types)
    source = f"unnest({arrays}) WITH ORDINALITY AS given({names}, place)"
    statement = f"{head} SELECT {names} FROM {source} ORDER BY place{suffix}"  # noqa: S608 - see above
    connection.exec_driver_sql(statement, tuple(list(values) for values in zip(*rows, strict=True)))
