"""What a reader was given, as addresses: paths, URLs, databases and the tables of a query.

A reader takes nearly anything: a path in any spelling, a list or pattern of them, a folder, a URL,
an open file, a connection. What comes back names the data and lets nobody in (see
:mod:`workbench.senses.urls`); what is no address, such as the data itself, gives none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from glob import iglob
from itertools import islice
from pathlib import PurePath
from typing import Any

from workbench.senses.queries import Quoted, quoted_files, tables
from workbench.senses.readings import Address
from workbench.senses.sources import is_source
from workbench.senses.urls import is_url, printable, url_address

__all__ = [
    "Found",
    "addresses",
    "database",
    "file_address",
    "is_source",
    "quoted",
    "tables_of",
]

MAX_FILES = 1000  # named of one folder or pattern
MAX_PARTS = 1000  # looked at of one list
MAX_PATH = 4096  # characters, Linux' PATH_MAX; a longer text is data, not a path
_REMOTE = {"s3": "s3", "gcs": "gs", "gs": "gs", "abfs": "abfs", "abfss": "abfss", "hdfs": "hdfs"}
_NOTED_WHEN_OPENED = {"duckdb", "_duckdb"}
_LOCAL = {"", "file", "local", "memory"}


@dataclass(frozen=True)
class Found:
    """The addresses in a value; ``notes`` say where there were more than are named."""

    addresses: tuple[Address, ...] = ()
    notes: tuple[str, ...] = ()


def file_address(path: str | bytes | os.PathLike[Any]) -> Address:
    """Return the address of a file: absolute and normalised, symbolic links left as they are."""
    return Address(printable(os.path.abspath(os.fsdecode(path))))


def addresses(value: object, filesystem: object = None) -> Found:
    """Return what a reader's argument names.

    Args:
        value: a path (text, bytes, path object), a URL, a pattern, a folder, an open file, a list
            of those, or anything else, which names nothing.
        filesystem: of pyarrow or fsspec, in which the paths lie; ``None`` for this machine's.

    A local path that leads to nothing names nothing: whoever reads it fails.
    """
    remote = _scheme(filesystem)
    found: dict[Address, None] = {}
    notes: list[str] = []
    for one in islice(_flat(value), MAX_PARTS):
        text = _text(one)
        if text is None or not text or len(text) > MAX_PATH:
            continue
        if remote and not is_url(text):
            text = f"{remote}://{text.lstrip('/')}"
        local = _local(text)
        if local is None:
            address = url_address(text)
            found.update({address: None} if address else {})
        else:
            files = list(islice(_files(local), MAX_FILES + 1))
            if len(files) > MAX_FILES:
                where = printable(os.path.abspath(local))
                notes.append(f"{where} holds more than {MAX_FILES} files; only so many are named.")
            found.update(dict.fromkeys(map(file_address, files[:MAX_FILES])))
    return Found(tuple(found), tuple(notes))


def database(connection: object) -> Address | None:
    """Return where a database lies that a connection, an engine or a URL leads to.

    SQLite is a file. What is a connection of a kind not known here is named by its driver alone.
    Nothing is asked of a server.
    """
    if isinstance(connection, str):
        return url_address(connection)
    module = type(connection).__module__.partition(".")[0]
    if module == "sqlalchemy":
        return _engine(connection)
    sqlite = sys.modules.get("sqlite3")
    if sqlite is not None and isinstance(connection, sqlite.Connection):
        return _sqlite(sqlite, connection)
    inner = getattr(connection, "connection", None)  # of a cursor
    if inner is not None and inner is not connection and not hasattr(connection, "cursor"):
        return database(inner)
    if not hasattr(connection, "cursor") or module in _NOTED_WHEN_OPENED:
        return None
    return _server(module, connection)


def tables_of(query: object, connection: object, schema: object = None) -> tuple[Address, ...]:
    """Return the tables that a query on a connection reads; the database alone if none is named.

    ``query`` is SQL, a table's name, or a statement of SQLAlchemy (whose values stay out of it).
    A file has no tables: it is read as one.
    """
    where = database(connection)
    if where is None:
        return ()
    if where.scheme == "file":
        return (where,)
    text = str(query)
    names = tables(text) or ((text,) if _is_name(text) else ())
    if schema and isinstance(schema, str) and _is_name(schema):
        names = tuple(name if "." in name else f"{schema}.{name}" for name in names)
    return tuple(Address(f"{where.text}#{name}", "sql") for name in names) or (where,)


def quoted(query: object) -> Iterator[tuple[Quoted, Found]]:
    """Yield the files that DuckDB's SQL reads or writes, each with what it names."""
    for literal in quoted_files(query) if isinstance(query, str) else ():
        if literal.wrote and not is_url(literal.text):
            yield literal, Found((file_address(literal.text),))
        else:
            yield literal, addresses(literal.text)


def _flat(value: object, depth: int = 3) -> Iterator[object]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple | set | frozenset) and depth:
        for part in islice(value, MAX_PARTS):
            yield from _flat(part, depth - 1)
    else:
        yield value


def _text(value: object) -> str | None:
    """Return a path or URL as text; of an open file, where it lies."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return os.fsdecode(value) if len(value) <= MAX_PATH else None
    if isinstance(value, PurePath):
        return os.fspath(value)
    if isinstance(value, os.PathLike):
        text = str(value)  # universal paths print their URL, and lead to a copy of the file
        return text if is_url(text) else os.fsdecode(value)
    if not hasattr(type(value), "read"):
        return None
    remote = _scheme(getattr(value, "fs", None))
    path = getattr(value, "path", None)
    if remote and isinstance(path, str):
        return path if is_url(path) else f"{remote}://{path.lstrip('/')}"
    name = getattr(value, "name", None)
    return name if isinstance(name, str) and os.path.isabs(name) else _opened(name)


def _opened(name: object) -> str | None:
    """Return the relative path a file was opened by, unless the name is only a name (in a zip)."""
    return name if isinstance(name, str) and os.path.isfile(name) else None


def _local(text: str) -> str | None:
    """Return a text as a path of this machine; ``None`` for an address elsewhere."""
    if not is_url(text):
        if "\0" in text or "\n" in text:
            return ""
        return text if os.path.exists(text) else os.path.expanduser(text)
    return None


def _files(path: str) -> Iterator[str]:
    """Yield the files that a path, a folder or a pattern stands for."""
    if not path:
        return
    if os.path.isfile(path):
        yield path
    elif os.path.isdir(path):
        yield from _inside(path)
    elif any(mark in path for mark in "*?["):
        matches = islice(iglob(path, recursive=True), MAX_FILES + 1)
        yield from sorted(match for match in matches if os.path.isfile(match))


def _inside(folder: str) -> Iterator[str]:
    """Yield the data files in a folder; those that start with ``_`` or ``.`` are about the data."""
    for where, folders, names in islice(os.walk(folder), MAX_FILES):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        for name in sorted(names):
            path = os.path.join(where, name)
            if not name.startswith((".", "_")) and is_source(os.path.abspath(path)):
                yield path


def _scheme(filesystem: object) -> str:
    """Return the scheme of a file system elsewhere (pyarrow's, fsspec's); empty for this machine's.

    The attributes are asked of the classes these come with, so a made-up one tells nothing.
    """
    if filesystem is None:
        return ""
    name = getattr(filesystem, "type_name", None) or getattr(filesystem, "protocol", "")
    if isinstance(name, tuple | list):
        name = name[0] if name else ""
    if not isinstance(name, str):
        return ""
    return "" if name.rpartition("::")[2] in _LOCAL else _REMOTE.get(name, name)


def _engine(value: Any) -> Address | None:
    bound = value.get_bind() if hasattr(value, "get_bind") else value
    url = getattr(getattr(bound, "engine", bound), "url", bound)
    dialect, name = str(url.drivername), url.database or ""
    if dialect.partition("+")[0] == "sqlite":
        return None if name in ("", ":memory:") or "mode=memory" in name else file_address(name)
    return _named(dialect, url.host, url.port, name)


def _sqlite(sqlite: Any, connection: Any) -> Address | None:
    """Ask SQLite where its main file is; a cursor of our own leaves the user's settings alone."""
    cursor = sqlite.Cursor(connection)
    cursor.row_factory = None
    try:
        for _, schema, path in cursor.execute("PRAGMA database_list"):
            if os.fsdecode(schema) == "main":
                return file_address(path) if path else None
    finally:
        cursor.close()
    return None


def _server(module: str, connection: Any) -> Address:
    """Name a database by what the connection of a known driver (DB-API 2.0) says of itself."""
    if module in ("psycopg", "psycopg2"):
        info = connection.info
        return _named("postgresql", info.host, info.port, info.dbname)
    if module in ("pymysql", "MySQLdb", "mysql"):
        host = getattr(connection, "server_host", None) or getattr(connection, "host", None)
        name = getattr(connection, "database", None) or getattr(connection, "db", b"")
        return _named("mysql", host, getattr(connection, "port", None), name)
    return Address(f"{module}://", "sql")


def _named(dialect: str, host: object, port: object, name: object) -> Address:
    """Put an address together; a socket's folder in place of a host is this machine."""
    where = str(host or "localhost")
    where = "localhost" if where.startswith(("/", "@")) else where
    plain = dialect.partition("+")[0]
    shown = f":{port}" if port else ""
    base = os.fsdecode(name) if isinstance(name, str | bytes) else ""
    found = url_address(f"{plain}://{where}{shown}/{base}")
    return found if found is not None else Address(f"{plain}://", "sql")


def _is_name(text: str) -> bool:
    return text.replace(".", "").replace("_", "").isalnum() and len(text) <= 256
