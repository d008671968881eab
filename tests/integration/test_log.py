"""The log: whoever edits, deletes, moves or inserts a row of the database is noticed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.integration.exchange import START, Exchange, Keys, Remembered
from tests.postgres import PostgresServer
from workbench.crypto.keys import LogSecret
from workbench.errors import TrustError
from workbench.ledger import checkpoint, merkle
from workbench.stores.database import DatabaseRecords
from workbench.stores.tables import node_number

EDITS = {
    # the text of an event, its salt, its place
    "event-reason": (
        "UPDATE entries SET event = replace(event, 'It is fine.', 'It is bad.')", "ledger",
    ),
    "event-unreadable": ("UPDATE entries SET event = '{}' WHERE position = 3", "ledger entry"),
    "event-of-another-entry": (
        "UPDATE entries SET event = (SELECT event FROM entries WHERE position = 2)"
        " WHERE position = 3", "ledger",
    ),
    "salt": (
        "UPDATE entries SET salt = (SELECT salt FROM entries WHERE position = 2)"
        " WHERE position = 3", "ledger",
    ),
    "entries-swapped": (
        "UPDATE entries SET position = -1 WHERE position = 3;"
        "UPDATE entries SET position = 3 WHERE position = 4;"
        "UPDATE entries SET position = 4 WHERE position = -1", "ledger",
    ),
    "entry-deleted": ("DELETE FROM entries WHERE position = 3", "ledger entry"),
    "first-entry-deleted": ("DELETE FROM entries WHERE position = 0", "ledger entry"),
    "last-entry-deleted": ("DELETE FROM entries WHERE position = 11", "ledger entry"),
    "all-entries-deleted": ("DELETE FROM entries", "ledger entry"),
    "entry-appended": (
        "INSERT INTO entries SELECT position + 1, salt, event FROM entries WHERE position = 11",
        "ledger",
    ),
    "entry-before-the-first": (
        "INSERT INTO entries SELECT -1, salt, event FROM entries WHERE position = 11", "ledger",
    ),
    # what people and things are
    "record-body": (
        "UPDATE records SET body = replace(body, 'Noor', 'Nora') WHERE kind = 'person'",
        "ledger records",
    ),
    "record-unreadable": ("UPDATE records SET body = '{}' WHERE key = 'noor'", "record"),
    "record-state": ("UPDATE records SET state = 'revoked' WHERE kind = 'grant'", "record"),
    "record-state-and-body": (
        "UPDATE records SET state = 'revoked', body = replace(body, '\"active\"', '\"revoked\"')"
        " WHERE kind = 'grant'", "ledger records",
    ),
    "record-deleted": ("DELETE FROM records WHERE kind = 'grant'", "ledger records"),
    "all-records-deleted": ("DELETE FROM records", "ledger records"),
    "record-inserted": (
        "INSERT INTO records (kind, key, body) SELECT kind, 'eve',"
        " replace(body, '\"noor\"', '\"eve\"') FROM records WHERE key = 'noor'", "ledger records",
    ),
    "record-of-an-unknown-kind": (
        "INSERT INTO records (kind, key, body) VALUES ('note', 'x', '{}')", "record",
    ),
    "records-swapped": (
        "UPDATE records SET sequence = 1000 WHERE key = 'noor';"
        "UPDATE records SET sequence = 1001 WHERE key = 'rui'", "ledger records",
    ),
    # the tree
    "leaf": (
        "UPDATE nodes SET hash = (SELECT hash FROM nodes WHERE number = 0) WHERE number = 2",
        "ledger",
    ),
    "inner-node": (
        "UPDATE nodes SET hash = (SELECT hash FROM nodes WHERE number = 0)"
        f" WHERE number = {node_number((1, 1))}", "ledger tree",
    ),
    "leaf-deleted": ("DELETE FROM nodes WHERE number = 2", "ledger tree"),
    "inner-node-deleted": (
        f"DELETE FROM nodes WHERE number = {node_number((1, 1))}", "ledger tree",
    ),
    "nodes-swapped": (
        "UPDATE nodes SET number = -1 WHERE number = 4;"
        "UPDATE nodes SET number = 4 WHERE number = 6;"
        "UPDATE nodes SET number = 6 WHERE number = -1", "ledger",
    ),
    "node-appended": (
        "INSERT INTO nodes SELECT 1000, hash FROM nodes WHERE number = 0", "ledger",
    ),
    "node-of-an-unfinished-subtree": (
        f"INSERT INTO nodes SELECT {node_number((4, 0))}, hash FROM nodes WHERE number = 0",
        "ledger",
    ),
    # the signature over all of it
    "checkpoint": ("UPDATE checkpoints SET note = replace(note, '12', '11')", "checkpoint"),
    "checkpoint-deleted": ("DELETE FROM checkpoints", "checkpoint"),
    "checkpoint-moved": ("UPDATE checkpoints SET size = 11", "ledger"),
    "checkpoint-inserted": (
        "INSERT INTO checkpoints SELECT size + 1, note FROM checkpoints", "checkpoint",
    ),
}  # fmt: skip


def written(exchange: Exchange, model: Path) -> Exchange:
    """Let something happen, twelve entries in all."""
    exchange.publish(model)
    exchange.granted()
    exchange.stella.suspend("vera", "On holiday.")
    assert exchange.sam.verify_log().size == 12
    return exchange


@pytest.fixture(scope="module")
def sqlite_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Keys, bytes | None]:
    """A finished exchange, to be copied; and the checkpoint that Sam saw."""
    place = tmp_path_factory.mktemp("log")
    keys = Keys()
    exchange = Exchange.on_disk(place / "exchange", keys).enrol()
    model = place / "model"
    model.mkdir()
    (model / "weights.bin").write_bytes(b"weights")
    written(exchange, model)
    exchange.close()
    return place / "exchange", keys, exchange.memories["sam"].note


@pytest.fixture
def copied(
    tmp_path: Path, sqlite_once: tuple[Path, Keys, bytes | None]
) -> Iterator[tuple[Exchange, str]]:
    """A copy of it, and the database's address."""
    source, keys, seen = sqlite_once
    place = tmp_path / "copy"
    shutil.copytree(source, place)
    exchange = Exchange.on_disk(place, keys)
    exchange.clock.now = START
    exchange.memories["sam"] = Remembered(seen)
    yield exchange, f"sqlite:///{place / 'exchange.db'}"
    exchange.close()


def edit(url: str, statements: str) -> None:
    """Edit the database behind everybody's back."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for statement in statements.split(";"):
            connection.execute(text(statement))
    engine.dispose()


def noticed(exchange: Exchange, step: str) -> None:
    """Check that a client without a memory notices, at this step."""
    exchange.memories["sam"] = Remembered()
    with pytest.raises(TrustError) as caught:
        exchange.sam.verify_log()
    assert caught.value.step == step
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(("statements", "step"), EDITS.values(), ids=EDITS)
def test_edited_rows(copied: tuple[Exchange, str], statements: str, step: str) -> None:
    """Verification names what does not match, even to somebody who saw nothing before."""
    exchange, url = copied
    edit(url, statements)
    noticed(exchange, step)


@pytest.mark.parametrize("name", ["event-reason", "record-deleted", "inner-node", "entry-appended"])
def test_edited_rows_of_a_team(team: Exchange, postgres_url: str, model: Path, name: str) -> None:
    """The same holds on PostgreSQL, for one edit of each table."""
    written(team, model)
    statements, step = EDITS[name]
    edit(postgres_url, statements)
    noticed(team, step)


def test_unedited_copy(copied: tuple[Exchange, str]) -> None:
    """A faithful copy verifies, so that the failures above mean something."""
    exchange, _ = copied
    assert exchange.sam.verify_log().size == 12


# Yesterday's database ----------------------------------------------------------------------------


def history(call: Callable[[], object]) -> None:
    """Check that a client notices that the log it knew is not continued."""
    with pytest.raises(TrustError) as caught:
        call()
    assert caught.value.step == "ledger history"


def test_yesterday_s_file_put_back(tmp_path: Path, keys: Keys, model: Path) -> None:
    """An older database verifies in itself; whoever saw the newer log notices at first contact."""
    place = tmp_path / "exchange"
    exchange = Exchange.on_disk(place, keys).enrol()
    exchange.publish(model)
    exchange.close()
    shutil.copytree(place, tmp_path / "yesterday")
    exchange.granted()
    exchange.close()
    shutil.rmtree(place)
    shutil.copytree(tmp_path / "yesterday", place)
    back = Exchange.on_disk(place, keys)
    back.memories = exchange.memories
    history(back.noor.catalogue)
    history(back.rui.queue)
    assert back.stella.verify_log().size == 8  # who saw nothing since cannot know
    back.close()


def test_yesterday_s_team_database(
    postgres_server: PostgresServer, postgres_url: str, team: Exchange, model: Path
) -> None:
    """The same on PostgreSQL, by a copy of the whole database."""
    team.publish(model)
    team.close()
    name = postgres_url.partition("@/")[2].partition("?")[0]
    postgres_server.run(f"CREATE DATABASE {name}_old TEMPLATE {name}")
    try:
        team.granted()
        records = DatabaseRecords(postgres_server.url(f"{name}_old"), team.keys.log(), os.urandom)
        back = Exchange(records, team.context.blobs, team.keys)
        back.memories = team.memories
        history(back.noor.catalogue)
        back.close()
    finally:
        postgres_server.drop(f"{name}_old")


def test_rewritten_and_grown(tmp_path: Path, keys: Keys, model: Path) -> None:
    """A log that went back and then grew past what a client saw is another log."""
    place = tmp_path / "exchange"
    exchange = Exchange.on_disk(place, keys).enrol()
    exchange.close()
    shutil.copytree(place, tmp_path / "yesterday")
    exchange.publish(model)
    exchange.close()
    shutil.rmtree(place)
    shutil.copytree(tmp_path / "yesterday", place)
    back = Exchange.on_disk(place, keys, seed=7)
    back.publish(model)
    back.granted()
    back.memories = exchange.memories
    history(back.ada.catalogue)
    back.close()


def test_another_log_in_its_place(memory: Exchange, model: Path) -> None:
    """A checkpoint that another key signed is no checkpoint of this log."""
    memory.publish(model)
    other = LogSecret.generate("exchange.example/log")
    note = checkpoint.sign(
        checkpoint.Checkpoint("exchange.example/log", 0, merkle.EMPTY),
        other.sign_raw,
        other.verifier,
    )
    memory.memories["noor"].note = note
    with pytest.raises(TrustError) as caught:
        memory.noor.catalogue()
    assert caught.value.step == "checkpoint"
