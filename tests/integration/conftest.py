"""Exchanges over each kind of store, with six people in them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.integration.exchange import Exchange, Keys, write_model
from tests.integration.owner import layer, save
from workbench.stores.contracts import Blobs, Records
from workbench.stores.database import DatabaseRecords
from workbench.stores.disk import DiskBlobs
from workbench.stores.marks import Marks
from workbench.stores.memory import MemoryBlobs, MemoryRecords


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model folder."""
    return write_model(tmp_path / "model")


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder in memory where there is one: processes are killed there, disks are not pulled."""
    shared = Path("/dev/shm")  # noqa: S108 - the folder made in it is private and goes at the end
    within = shared if os.access(shared, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="workbench-", dir=within) as name:
        yield Path(name)


@pytest.fixture
def memory(keys: Keys) -> Exchange:
    """An exchange that ends with the test."""
    return _made(MemoryRecords(keys.log(), Random(2).randbytes), MemoryBlobs(), keys)


@pytest.fixture
def embedded(tmp_path: Path, keys: Keys) -> Iterator[Exchange]:
    """An exchange as one machine has it: SQLite and a folder."""
    exchange = Exchange.on_disk(tmp_path / "exchange", keys).enrol()
    yield exchange
    exchange.close()


@pytest.fixture
def team(tmp_path: Path, keys: Keys, postgres_url: str) -> Iterator[Exchange]:
    """An exchange as a team has it: PostgreSQL and a folder."""
    records = DatabaseRecords(postgres_url, keys.log(), os.urandom)
    exchange = _made(records, DiskBlobs(tmp_path / "store"), keys)
    yield exchange
    exchange.close()


@pytest.fixture
def markable(tmp_path: Path) -> Path:
    """A model of one layer that can carry a mark, and a text beside it."""
    place = tmp_path / "markable"
    save(place / "part" / "model.safetensors", layer(1))
    (place / "config.json").write_text('{"layers": 1}')
    return place


@pytest.fixture
def shelf(memory: Exchange, markable: Path, tmp_path: Path) -> Marks:
    """Ada's release of it is published, and Rui has room to mark copies."""
    memory.publish(markable)
    return memory.give_room("rui", tmp_path)


@pytest.fixture(params=["memory", "embedded"])
def exchange(request: pytest.FixtureRequest) -> Exchange:
    """Whichever exchange: a test that asks for this one holds for each."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["memory", "embedded", "team"])
def any_exchange(request: pytest.FixtureRequest) -> Exchange:
    """As ``exchange``, with a team's as well."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["embedded", "team"])
def durable(request: pytest.FixtureRequest) -> Exchange:
    """An exchange whose tables somebody could edit."""
    return request.getfixturevalue(request.param)


def _made(records: Records, blobs: Blobs, keys: Keys) -> Exchange:
    return Exchange(records, blobs, keys).enrol()
