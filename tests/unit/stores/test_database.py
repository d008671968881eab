"""What only a database can do: migrate, be full, be damaged, be edited, be elsewhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, text

from tests.unit.stores.databases import ANNA, BEN, EVENT, Opened, fill
from workbench.errors import InputError, TrustError, Unavailable
from workbench.records import Person
from workbench.stores import migrate, upgrade
from workbench.stores.tables import METADATA

# Opening -----------------------------------------------------------------------------------------


def test_what_is_kept_outlives_the_process_that_wrote_it(url: str, opened: Opened) -> None:
    """A second opening finds records, entries, nodes and the checkpoint of the first."""
    first = opened(url)
    fill(first)
    first.close()
    second = opened(url)
    assert second.find(Person) == [ANNA, BEN]
    assert second.entries() == first.entries()
    assert second.checkpoint() == first.checkpoint()
    with second.writing() as writing:
        assert writing.append(EVENT).index == 3


def test_opening_an_up_to_date_database_migrates_nothing(
    url: str, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alembic's machinery only runs when there is something to do."""
    opened(url)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a migration was run")

    monkeypatch.setattr(upgrade, "ScriptDirectory", refuse)
    fill(opened(url))


def test_migrations_make_exactly_our_tables(url: str, opened: Opened, engine: Engine) -> None:
    """Alembic finds no difference between the migrated database and the tables in the code."""
    opened(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert migrate.version(connection) == migrate.HEAD


def test_the_newest_migration_is_the_head() -> None:
    """The constant that makes opening cheap names the newest file in migrations/versions."""
    assert ScriptDirectory(str(upgrade.MIGRATIONS)).get_heads() == [migrate.HEAD]


def test_a_newer_database_is_not_touched(url: str, opened: Opened, engine: Engine) -> None:
    """Tables of a later version are left alone, with advice to update."""
    opened(url).close()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable, match="newer version") as caught:
        opened(url)
    assert "Update the workbench" in caught.value.hint


def test_sqlite_waits_for_the_disk_and_lets_readers_read(file: Path, opened: Opened) -> None:
    """Commits are durable (synchronous FULL) and readers do not block (WAL)."""
    seen: list[tuple[int, str]] = []

    def look(connection: Any, _record: object) -> None:
        seen.append((
            connection.execute("PRAGMA synchronous").fetchone()[0],
            connection.execute("PRAGMA journal_mode").fetchone()[0],
        ))  # fmt: skip

    opened(file).close()
    event.listen(Engine, "checkin", look)
    try:
        fill(opened(file))
    finally:
        event.remove(Engine, "checkin", look)
    assert set(seen) == {(2, "wal")}


def test_records_are_stored_as_they_were_printed(file: Path, opened: Opened) -> None:
    """The text in the tables is the canonical bytes, so anybody can hash it."""
    records = opened(file)
    fill(records)
    with closing(sqlite3.connect(file)) as database:
        bodies = database.execute("SELECT body FROM records ORDER BY sequence").fetchall()
        events = database.execute("SELECT event FROM entries ORDER BY position").fetchall()
    assert [body for (body,) in bodies] == [ANNA.to_bytes().decode(), BEN.to_bytes().decode()]
    expected = [entry.event.to_bytes().decode() for entry in records.entries()]
    assert [body for (body,) in events] == expected


# Addresses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["", "exchange.db", "sqlite://", "sqlite:///:memory:", "mysql://h/x", "sqlite+aiosqlite:///x"],
)
def test_other_addresses(url: str, opened: Opened) -> None:
    """Only a database file and a PostgreSQL server are accepted; the hint shows both forms."""
    with pytest.raises(InputError, match="database") as caught:
        opened(url)
    assert "sqlite:///<file>" in caught.value.hint


def test_a_server_that_is_not_there(tmp_path: Path, opened: Opened) -> None:
    """A server that cannot be reached is unavailable, and its password stays out of the error."""
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        opened(f"postgresql://anna:correct-horse@/x?host={tmp_path}")
    chain: BaseException | None = caught.value
    while chain:
        assert "correct-horse" not in str(chain)
        chain = chain.__cause__


def test_a_server_of_another_encoding(postgres_server: Any, opened: Opened) -> None:
    """A database that does not store text as UTF-8 is refused before anything is in it."""
    name = postgres_server.create("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
    with pytest.raises(Unavailable, match="UTF-8") as caught:
        opened(postgres_server.url(name))
    assert "-E UTF8" in caught.value.hint
    postgres_server.drop(name)


def test_a_server_that_goes_away(postgres_server: Any, opened: Opened) -> None:
    """A dropped database makes reads and writes unavailable, without a driver's error."""
    name = postgres_server.create()
    records = opened(postgres_server.url(name))
    fill(records)
    postgres_server.drop(name)
    with pytest.raises(Unavailable, match="cannot be reached"):
        records.get(Person, "anna")
    with pytest.raises(Unavailable, match="cannot be reached"), records.writing():
        pass


def test_a_folder_that_is_not_there(tmp_path: Path, opened: Opened) -> None:
    """A file in no folder cannot be opened, and the hint says where to look."""
    with pytest.raises(Unavailable, match="cannot be opened") as caught:
        opened(tmp_path / "nowhere" / "exchange.db")
    assert "folder exists" in caught.value.hint


# Full, busy and damaged --------------------------------------------------------------------------


def test_a_full_disk_changes_nothing(file: Path, opened: Opened) -> None:
    """When SQLite finds no room, the transaction is gone as a whole and the sentence says so."""
    records = opened(file)
    fill(records)
    before = records.checkpoint()
    records.close()

    def leave_no_room(connection: Any, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 5}")

    event.listen(Engine, "connect", leave_no_room)
    try:
        with pytest.raises(Unavailable, match="disk is full") as caught, records.writing() as full:
            full.append(EVENT, Person(id="cleo", name="Cleo", roles=(), devices=()))
            for _ in range(1000):
                full.append(EVENT)
    finally:
        event.remove(Engine, "connect", leave_no_room)
    assert caught.value.unchanged == "Nothing was changed."
    records.close()
    assert records.find(Person) == [ANNA, BEN]
    assert records.checkpoint() == before
    fill(records)
    assert len(records.entries()) == 6


def test_a_failed_write_cannot_be_ignored(file: Path, opened: Opened) -> None:
    """A block that swallows a full disk's error is still taken back as a whole."""
    records = opened(file)
    fill(records)
    records.close()

    def leave_no_room(connection: Any, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 5}")

    event.listen(Engine, "connect", leave_no_room)
    try:
        with pytest.raises(Unavailable, match="earlier write"), records.writing() as writing:
            with pytest.raises(Unavailable, match="disk is full"):
                for _ in range(5000):
                    writing.append(EVENT)
            writing.append(EVENT, Person(id="cleo", name="Cleo", roles=(), devices=()))
    finally:
        event.remove(Engine, "connect", leave_no_room)
    records.close()
    assert records.find(Person) == [ANNA, BEN]
    assert len(records.entries()) == 3


def test_another_program_s_lock_ends_in_a_sentence(file: Path, opened: Opened) -> None:
    """A lock held by somebody else is waited for, then reported; the driver's words never show."""
    records = opened(file, patience=0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="too long") as caught, records.writing():
            pass
        assert "locked" not in str(caught.value)
        assert records.find(Person) == []
    records.close()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match="too long"):
            opened(file, patience=0.05)


def test_a_file_that_is_no_database(file: Path, opened: Opened) -> None:
    """Another kind of file is not what was stored."""
    file.write_bytes(b"certainly no database " * 500)
    with pytest.raises(TrustError) as caught:
        opened(file)
    assert caught.value.step == "database"


def test_a_damaged_file(file: Path, opened: Opened) -> None:
    """Pages that were overwritten are found when they are read."""
    records = opened(file)
    fill(records, events=200)
    records.close()
    with file.open("r+b") as raw:
        raw.seek(4096)
        raw.write(b"\xff" * (file.stat().st_size - 4096))
    for use in (records.entries, lambda: records.get(Person, "anna"), lambda: opened(file)):
        with pytest.raises(TrustError) as caught:
            use()
        assert caught.value.step == "database"
