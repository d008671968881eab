"""A database that a foreign hand changed: noticed when it is read, never built upon."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, text

from tests.unit.stores.databases import ANNA, BEN, EVENT, ORIGIN, Opened, fill
from workbench.errors import TrustError
from workbench.ledger import checkpoint, merkle
from workbench.ledger.checkpoint import CheckpointSigner
from workbench.records import Person
from workbench.stores.database import DatabaseRecords
from workbench.stores.tables import node_number

# Edited ------------------------------------------------------------------------------------------

EDITS = {
    "record-not-json": ("UPDATE records SET body = 'x' WHERE key = 'anna'", "record"),
    "record-empty": ("UPDATE records SET body = '' WHERE key = 'anna'", "record"),
    "record-other-spelling": (
        "UPDATE records SET body = replace(body, ',', ', ') WHERE key = 'anna'", "record",
    ),
    "record-other-kind": ("UPDATE records SET body = '{\"text\":\"x\",\"title\":\"y\"}'", "record"),
    "record-of-another-key": (
        "UPDATE records SET body = (SELECT body FROM records WHERE key = 'ben')", "record",
    ),
    "column-added": ("UPDATE records SET person = 'ben' WHERE key = 'anna'", "record"),
    "event-not-json": ("UPDATE entries SET event = 'x' WHERE position = 1", "ledger entry"),
    "event-other-spelling": (
        "UPDATE entries SET event = event || ' ' WHERE position = 1", "ledger entry",
    ),
    "salt-not-base64": ("UPDATE entries SET salt = 'x' WHERE position = 1", "ledger entry"),
    "salt-short": ("UPDATE entries SET salt = 'AAAA' WHERE position = 1", "ledger entry"),
    "entry-deleted": ("DELETE FROM entries WHERE position = 1", "ledger entry"),
    "last-entry-deleted": ("DELETE FROM entries WHERE position = 2", "ledger entry"),
    "node-deleted": ("DELETE FROM nodes WHERE number = 2", "ledger tree"),
    "node-cut": ("UPDATE nodes SET hash = '' WHERE number = 2", "ledger tree"),
    "checkpoints-deleted": ("DELETE FROM checkpoints", "checkpoint"),
    "table-dropped": ("DROP TABLE records", "database"),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "step"), EDITS.values(), ids=EDITS)
def test_what_a_foreign_hand_changed(
    url: str, opened: Opened, engine: Engine, statement: str, step: str
) -> None:
    """Edited rows are refused where they are read, with the step that found them."""
    records = opened(url)
    fill(records)
    with engine.begin() as connection:
        connection.execute(text(statement))
    reads: dict[str, Callable[[], object]] = {
        "record": lambda: records.get(Person, "anna"),
        "database": lambda: records.find(Person),
        "ledger entry": records.entries,
        "ledger tree": lambda: records.hashes([(0, 0), (0, 1)]),
        "checkpoint": records.checkpoint,
    }
    with pytest.raises(TrustError) as caught:
        reads[step]()
    assert caught.value.step == step
    if step == "record":
        with pytest.raises(TrustError, match=r"^record"):
            records.find(Person)


BEFORE_WRITING = {
    "edge-of-the-tree-changed": (
        f"UPDATE nodes SET hash = (SELECT hash FROM nodes WHERE number = 0) "
        f"WHERE number = {node_number((1, 0))}", "ledger tree",
    ),
    "edge-of-the-tree-deleted": (
        f"DELETE FROM nodes WHERE number = {node_number((1, 0))}", "ledger tree",
    ),
    "checkpoint-changed": ("UPDATE checkpoints SET note = replace(note, '3', '4')", "checkpoint"),
    "checkpoint-taken-back": ("DELETE FROM checkpoints WHERE size = 3", "checkpoint"),
    "checkpoint-of-nothing": ("DELETE FROM checkpoints", "checkpoint"),
    "entry-smuggled-in": ("INSERT INTO entries VALUES (3, 'x', 'x')", "database"),
    "node-smuggled-in": ("INSERT INTO nodes VALUES (6, '')", "database"),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "step"), BEFORE_WRITING.values(), ids=BEFORE_WRITING)
def test_nothing_is_built_upon_an_edited_ledger(
    url: str, opened: Opened, engine: Engine, statement: str, step: str
) -> None:
    """A log never signs a tree that contradicts its last checkpoint."""
    records = opened(url)
    fill(records)
    with engine.begin() as connection:
        connection.execute(text(statement))
    with pytest.raises(TrustError) as caught, records.writing() as writing:
        writing.append(EVENT)
    assert caught.value.step == step


def test_another_log_s_key_does_not_continue_this_one(url: str, opened: Opened) -> None:
    """Opening an exchange with a wrong log key reads, but never writes."""
    fill(opened(url))
    key = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32)
    verifier = checkpoint.verifier_key(ORIGIN, key.public_key().public_bytes_raw())
    other = DatabaseRecords(url, CheckpointSigner(ORIGIN, verifier, key.sign), os.urandom)
    try:
        assert other.find(Person) == [ANNA, BEN]
        with pytest.raises(TrustError) as caught, other.writing() as writing:
            writing.append(EVENT)
        assert caught.value.step == "checkpoint"
    finally:
        other.close()


def test_text_that_is_no_text(file: Path, opened: Opened) -> None:
    """Bytes that are not UTF-8, and values of other types, are refused as ours to read."""
    records = opened(file)
    fill(records)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("UPDATE records SET body = CAST(x'ff' AS TEXT) WHERE key = 'anna'")
        other.execute("UPDATE records SET body = x'7b7d' WHERE key = 'ben'")
        other.execute("UPDATE checkpoints SET note = x'00'")
    with pytest.raises(TrustError, match=r"^database"):
        records.get(Person, "anna")
    with pytest.raises(TrustError, match=r"^record"):
        records.get(Person, "ben")
    with pytest.raises(TrustError, match=r"^checkpoint"):
        records.checkpoint()


def test_node_numbers_are_an_in_order_walk() -> None:
    """Each node lies between its children, and no two nodes share a number."""
    nodes = [(level, index) for level in range(8) for index in range(128 >> level)]
    assert sorted(node_number(node) for node in nodes) == list(range(255))
    for level, index in nodes[128:]:
        left, right = (level - 1, 2 * index), (level - 1, 2 * index + 1)
        assert node_number(left) < node_number((level, index)) < node_number(right)
    assert node_number((0, merkle.MAX_SIZE // 2)) <= merkle.MAX_SIZE


def test_the_installed_sqlalchemy_is_the_pinned_one() -> None:
    """The begin hook relies on the events of SQLAlchemy 2."""
    assert sqlalchemy.__version__.startswith("2.")
