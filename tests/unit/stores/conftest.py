"""Stores for tests, opened and closed around each."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from tests.unit.stores.agents import DEVICE
from tests.unit.stores.databases import LOG
from tests.unit.stores.ledgers import (
    CountingLog,
    Store,
)
from tests.unit.stores.shares import BLOBS, save
from workbench.stores.agent import AgentServer, serve
from workbench.stores.database import DatabaseRecords
from workbench.stores.keystore import MemoryKeystore
from workbench.stores.memory import MemoryRecords


@pytest.fixture
def log() -> CountingLog:
    return CountingLog()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def make(
    request: pytest.FixtureRequest, log: CountingLog, tmp_path: Path
) -> Iterator[Callable[..., Store]]:
    """Opens the store; again and again, where there is something to open again."""
    made: list[DatabaseRecords] = []

    def open_memory(**options: Any) -> Store:
        return MemoryRecords(log, os.urandom, **options)

    def open_database(**options: Any) -> Store:
        made.append(DatabaseRecords(url, log, os.urandom, **options))
        return made[-1]

    if request.param == "memory":
        yield open_memory
        return
    url = f"sqlite:///{tmp_path / 'exchange.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    yield open_database
    for records in made:
        records.close()


@pytest.fixture
def records(make: Callable[..., Store]) -> Store:
    return make()


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """A good file."""
    return save(tmp_path / "release.share", BLOBS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "exchange.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, file: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{file}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def opened() -> Iterator[Callable[..., DatabaseRecords]]:
    """Opens databases and closes them after the test."""
    made: list[DatabaseRecords] = []

    def open_database(url: str | Path, **options: Any) -> DatabaseRecords:
        address = f"sqlite:///{url}" if isinstance(url, Path) else url
        made.append(DatabaseRecords(address, LOG, os.urandom, **options))
        return made[-1]

    yield open_database
    for records in made:
        records.close()


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A foreign hand on the same database."""
    made = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    yield made
    made.dispose()


@pytest.fixture
def place() -> Iterator[Path]:
    """A path for a socket: short, whatever the temporary folder of the tests is called."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "run" / "agent"


@pytest.fixture
def server(place: Path) -> Iterator[AgentServer]:
    """An agent with one device."""
    keystore = MemoryKeystore()
    keystore.create("alice", DEVICE.to_bytes())
    with serve(keystore, place) as running:
        yield running
