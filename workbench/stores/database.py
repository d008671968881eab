"""Records in a database: SQLite for one machine, PostgreSQL for a team.

Many processes may hold the same database open; one at a time writes. On SQLite the writer's place
is the file's write lock (``BEGIN IMMEDIATE``), on PostgreSQL an advisory lock that ends with the
transaction. A commit returns when the data is durable (SQLite ``synchronous=FULL``).
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, delete, event, func, or_, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from workbench.errors import InputError, NotFound, TrustError, Unavailable
from workbench.forms import Record
from workbench.ledger import merkle
from workbench.records import Entry, Event
from workbench.stores.appending import (
    Appending,
    Batch,
    EntryRow,
    RecordRow,
    empty_checkpoint,
    is_storable,
    read_entry,
    read_record,
)
from workbench.stores.contracts import Log
from workbench.stores.faults import translated
from workbench.stores.migrate import WRITING, migrate
from workbench.stores.tables import (
    checkpoints,
    entries,
    insert,
    node_number,
    nodes,
    records,
    upsert,
)

__all__ = ["DatabaseRecords", "DatabaseWriting"]

R = TypeVar("R", bound=Record)

PATIENCE = 60.0  # seconds a writer waits for its place
_LOCK = 0x776F726B_6C6F6721  # an advisory lock of our own: "worklog!"
_CHUNK = 5000  # nodes asked for at once; SQLite takes 32,766 parameters, PostgreSQL 65,535
_COLUMNS = tuple(records.c[name] for name in RecordRow._fields)


class _DatabaseReading:
    """What reading means on a connection."""

    def __init__(self, log: Log) -> None:
        self._log = log

    @abstractmethod
    def _connection(self) -> AbstractContextManager[Connection]:
        """Return a connection inside a transaction."""

    @abstractmethod
    def _size(self, connection: Connection, /) -> int:
        """Return how many entries the ledger has as seen from here."""

    def get(self, kind: type[R], key: str) -> R:
        """Return one record (see :class:`workbench.stores.contracts.Reading`)."""
        query = select(*_COLUMNS).where(records.c.kind == kind.kind, records.c.key == key)
        row = None
        if is_storable(key):
            with self._connection() as connection:
                row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"There is no {kind.kind} {key[:200]!r} here.")
        return read_record(kind, RecordRow(*row))

    def find(
        self,
        kind: type[R],
        *,
        person: str | None = None,
        release: str | None = None,
        state: str | None = None,
    ) -> list[R]:
        """Return the records of a kind whose columns match, in the order of their creation."""
        wanted = {"person": person, "release": release, "state": state}
        asked = {name: value for name, value in wanted.items() if value is not None}
        if not all(is_storable(value) for value in asked.values()):
            return []
        query = select(*_COLUMNS)
        if kind is not Record:
            query = query.where(records.c.kind == kind.kind)
        for name, value in asked.items():
            query = query.where(records.c[name] == value)
        with self._connection() as connection:
            rows = connection.execute(query.order_by(records.c.sequence)).all()
        return [read_record(kind, RecordRow(*row)) for row in rows]

    def entries(self, start: int = 0, stop: int | None = None) -> list[Entry]:
        """Return the log entries ``start`` (included) to ``stop`` (excluded)."""
        with self._connection() as connection:
            size = self._size(connection)
            end = size if stop is None else min(stop, size)
            if start < 0 or end < 0:
                raise InputError("Ledger entries are counted from 0.")
            query = (
                select(entries.c.position, entries.c.salt, entries.c.event)
                .where(entries.c.position >= min(start, end), entries.c.position < end)
                .order_by(entries.c.position)
            )
            rows = [EntryRow(*row) for row in connection.execute(query)]
        if [row.position for row in rows] != list(range(start, end)):
            raise TrustError("ledger entry", f"entries are missing between {start} and {end}.")
        return [read_entry(row) for row in rows]

    def hashes(self, nodes: Sequence[merkle.Node]) -> list[bytes]:
        """Return stored tree nodes, each named (level, index); level 0 holds the leaves."""
        with self._connection() as connection:
            return _hashes(connection, nodes)

    def checkpoint(self) -> bytes:
        """Return the newest signed checkpoint; of the empty tree before the first event."""
        with self._connection() as connection:
            note = _newest(connection)
            _check_bounds(connection, self._size(connection))
        return empty_checkpoint(self._log) if note is None else note


class DatabaseWriting(_DatabaseReading):
    """One open transaction (see :class:`workbench.stores.contracts.Writing`)."""

    def __init__(self, connection: Connection, log: Log, random: Callable[[int], bytes]) -> None:
        super().__init__(log)
        self._database = connection
        self._open = True
        self._appending = Appending(
            log,
            random,
            newest=lambda: _newest(connection),
            hashes=lambda nodes: _hashes(connection, nodes),
            store=self._store,
        )

    def append(self, event: Event, *records: Record) -> Entry:
        """Write ``records`` and the event that explains them."""
        self._check_open()
        with translated():
            return self._appending.append(event, records)

    def checkpoint(self) -> bytes:
        """Return the newest signed checkpoint; this transaction's comes at its end."""
        self._check_open()
        with translated():
            return self._appending.checkpoint()

    def close(self, *, keep: bool) -> None:
        """Write what is left and, if anything was appended, a signed checkpoint."""
        finished = self._appending.finish() if keep else None
        if finished:
            size, note = finished
            self._database.execute(delete(checkpoints))
            insert(self._database, checkpoints, ("size", "note"), [(size, note.decode())])
            self._check_transaction()
        self._open = False

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        self._check_open()
        with translated():
            self._appending.flush()
            yield self._database

    def _size(self, _: Connection, /) -> int:
        return self._appending.size

    def _store(self, batch: Batch) -> None:
        self._check_transaction()
        database = self._database
        numbered = [(node_number(node), value) for node, value in batch.nodes.items()]
        upsert(database, list(batch.records.values()))
        insert(database, entries, EntryRow._fields, batch.entries)
        insert(database, nodes, ("number", "hash"), numbered)

    def _check_open(self) -> None:
        if not self._open:
            raise RuntimeError("this transaction is over")

    def _check_transaction(self) -> None:
        """Refuse to write outside the transaction, which SQLite ends by itself if a disk fails."""
        driver: Any = self._database.connection.driver_connection
        if self._database.dialect.name == "sqlite" and not driver.in_transaction:
            raise Unavailable("The disk failed.", unchanged="Nothing was changed.")


class DatabaseRecords(_DatabaseReading):
    """The state and ledger of an exchange in a database.

    Args: ``url`` is ``sqlite:///<file>`` or ``postgresql://…``; ``log`` signs checkpoints;
    ``random`` draws salts; ``patience`` is how many seconds a writer waits for its place. Tables
    are created or upgraded when needed; many processes may do this at once.

    Raises:
        InputError: another kind of address.
        Unavailable: the database cannot be reached or was made by a newer version.
        TrustError: the file is damaged or no database (step ``"database"``).
    """

    def __init__(
        self, url: str, log: Log, random: Callable[[int], bytes], *, patience: float = PATIENCE
    ) -> None:
        super().__init__(log)
        self._random = random
        self._patience = patience
        self._held = threading.local()
        self._engine = _engine(_address(url), patience)
        self._reader = _reading(self._engine)
        try:
            with translated():
                migrate(self._engine, patience=patience)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of every connection; the records may still be used and will open new ones."""
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[DatabaseWriting]:
        """Wait for the single writer's place and open a transaction."""
        if getattr(self._held, "place", False):
            raise RuntimeError("a transaction cannot be opened inside another one")
        self._held.place = True
        try:
            with translated(), self._writer() as connection:
                writing = DatabaseWriting(connection, self._log, self._random)
                try:
                    yield writing
                    writing.close(keep=True)
                finally:
                    writing.close(keep=False)
        finally:
            self._held.place = False

    @contextmanager
    def _writer(self) -> Iterator[Connection]:
        options = {WRITING: True}
        with self._engine.connect().execution_options(**options) as connection, connection.begin():
            if connection.dialect.name != "sqlite":
                limit = f"SET LOCAL lock_timeout = {round(self._patience * 1000)}"
                connection.execute(text(limit))
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with translated(), self._reader.connect() as connection:
            yield connection

    def _size(self, connection: Connection, /) -> int:
        return connection.execute(select(func.max(checkpoints.c.size))).scalar() or 0


def _newest(connection: Connection) -> bytes | None:
    """Return the last signed checkpoint, or ``None`` while there are no entries either."""
    notes = connection.scalars(select(checkpoints.c.note).limit(2)).all()
    if len(notes) > 1:
        raise TrustError("checkpoint", "the ledger has more than one newest checkpoint.")
    note = notes[0] if notes else None
    if note is None and connection.execute(select(entries.c.position).limit(1)).first():
        raise TrustError("checkpoint", "the ledger has entries and no checkpoint.")
    if note is not None and not isinstance(note, str):
        raise TrustError("checkpoint", "the stored checkpoint is not text.")
    return None if note is None else note.encode()


def _check_bounds(connection: Connection, size: int) -> None:
    """Refuse rows that no ledger of ``size`` entries has: nobody would read them, so look here.

    Node numbers run from 0 to 2·size - 2; those of unfinished subtrees stay free.
    """
    free = [node_number((level, size >> level)) for level in range(size.bit_length() + 1)]
    strays = (
        select(entries.c.position).where(or_(entries.c.position < 0, entries.c.position >= size)),
        select(nodes.c.number).where(or_(nodes.c.number < 0, nodes.c.number > 2 * size - 2)),
        select(nodes.c.number).where(nodes.c.number.in_(free)),
    )
    for query in strays:
        if connection.execute(query.limit(1)).first() is not None:
            raise TrustError("ledger", "there are rows outside of what the last checkpoint signed.")


def _hashes(connection: Connection, wanted: Sequence[merkle.Node]) -> list[bytes]:
    numbers = [node_number(node) for node in wanted]
    found: dict[int, Any] = {}
    for start in range(0, len(numbers), _CHUNK):
        query = select(nodes.c.number, nodes.c.hash)
        query = query.where(nodes.c.number.in_(numbers[start : start + _CHUNK]))
        found.update((number, value) for number, value in connection.execute(query))
    for node, number in zip(wanted, numbers, strict=True):
        value = found.get(number)
        if not isinstance(value, bytes) or len(value) != len(merkle.EMPTY):
            raise TrustError("ledger tree", f"the node {node} is missing.")
    return [found[number] for number in numbers]


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise InputError("Not a database address.", hint=_ADDRESS_HINT) from error
    name = address.drivername
    if name in ("sqlite", "sqlite+pysqlite") and address.database not in (None, "", ":memory:"):
        return address.set(drivername="sqlite+pysqlite")
    if name in ("postgresql", "postgres", "postgresql+psycopg"):
        return address.set(drivername="postgresql+psycopg")
    raise InputError("Not the address of a database file or server.", hint=_ADDRESS_HINT)


_ADDRESS_HINT = "Use sqlite:///<file> or postgresql://<user>@<host>/<database>."


def _engine(address: URL, patience: float) -> Engine:
    if address.drivername.startswith("postgresql"):
        try:
            return create_engine(
                address,
                hide_parameters=True,
                isolation_level="READ COMMITTED",  # after waiting, a writer sees what was committed
                pool_pre_ping=True,
                connect_args={"connect_timeout": 10, "client_encoding": "utf8"},
            )
        except ModuleNotFoundError as error:
            raise Unavailable(
                "The driver for PostgreSQL is not installed.",
                hint="Install it: pip install 'sharing-workbench[team]'.",
            ) from error
    engine = create_engine(
        address, hide_parameters=True, max_overflow=-1, connect_args={"timeout": patience}
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _reading(engine: Engine) -> Engine:
    """Return the engine for reading: all queries of one contact see the same moment."""
    if engine.dialect.name == "sqlite":
        return engine  # a transaction that reads is one moment there
    return engine.execution_options(isolation_level="REPEATABLE READ")


def _prepare(connection: Any, _record: object) -> None:
    """Set up a new SQLite connection; the driver must not begin transactions on its own."""
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cell_size_check = ON")  # notice damage where it is read


def _begin(connection: Connection) -> None:
    """Take SQLite's write lock at the start: a reader that turned writer could not wait for it."""
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
