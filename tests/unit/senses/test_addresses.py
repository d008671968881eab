"""Whatever a reader was given, as the addresses it names."""

from __future__ import annotations

import io
import os
import sqlite3
import zipfile
from pathlib import Path, PurePath
from typing import Any

import duckdb
import fsspec
import psycopg
import pyarrow.fs
import pytest
import sqlalchemy
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from workbench.senses import addresses as module
from workbench.senses.addresses import Found, addresses, database, file_address, quoted, tables_of
from workbench.senses.readings import Address

# Not what would walk through all folders of the machine that the tests run on.
NO_FOLDERS = st.text(st.characters(exclude_characters="./*?[~"), max_size=40)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.csv", "b.csv", "deep/c.csv", "deep/_SUCCESS", "deep/.d.crc", "deep/e.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Home:
    """A path object of somebody's own."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return self.path


def texts(found: Found) -> list[str]:
    return [one.text for one in found.addresses]


class TestPaths:
    @pytest.mark.parametrize(
        "spell",
        [str, os.fsencode, Path, PurePath, os.path.relpath, lambda p: Home(str(p)),
         lambda p: f"./deep/../{p.name}", lambda p: p.as_uri(), lambda p: [p],
         lambda p: {"train": [str(p)]}, lambda p: (p, p), lambda p: p.open(),
         lambda p: p.open("rb")],
    )  # fmt: skip
    def test_each_spelling_is_the_same_file(self, folder: Path, spell: Any) -> None:
        """Text, bytes, path objects, lists, mappings, a URL, an open file."""
        assert addresses(spell(folder / "a.csv")).addresses == (Address(f"{folder}/a.csv"),)

    def test_links_are_left_as_they_are(self, folder: Path) -> None:
        """The address is what the person wrote, made absolute."""
        (folder / "link.csv").symlink_to(folder / "a.csv")
        assert file_address("link.csv") == Address(f"{folder}/link.csv")
        assert texts(addresses("link.csv")) == [f"{folder}/link.csv"]

    def test_home_is_where_readers_take_it_to_be(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """pandas and polars expand a tilde; a file that is called so comes first."""
        monkeypatch.setenv("HOME", str(folder / "deep"))
        assert texts(addresses("~/c.csv")) == [f"{folder}/deep/c.csv"]

    def test_patterns_and_folders(self, folder: Path) -> None:
        """Each file in them, in order, without what is about the data, or code."""
        assert texts(addresses("*.csv")) == [f"{folder}/a.csv", f"{folder}/b.csv"]
        assert texts(addresses("**/[bc].csv")) == [f"{folder}/b.csv", f"{folder}/deep/c.csv"]
        assert texts(addresses(folder / "deep")) == [f"{folder}/deep/c.csv"]

    def test_large_folders_are_cut_and_it_is_said(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is left out is not left unsaid."""
        monkeypatch.setattr(module, "MAX_FILES", 2)
        found = addresses(folder)
        assert texts(found) == [f"{folder}/a.csv", f"{folder}/b.csv"]
        assert found.notes == (f"{folder} holds more than 2 files; only so many are named.",)
        assert addresses("?.csv").notes == ()

    @pytest.mark.parametrize(
        "value",
        [None, 3, b"a,b\n1,2\n", "a,b\n1,2\n", "none.csv", "none/*.csv", "", "\0", "x" * 5000,
         io.StringIO("a"), io.BytesIO(b"a"), object(), [[[[["a.csv"]]]]], "memory", sqlite3],
    )  # fmt: skip
    def test_what_names_nothing(self, folder: Path, value: object) -> None:
        """Data itself, buffers, paths that lead nowhere."""
        assert addresses(value) == Found()

    def test_a_member_of_an_archive_is_no_file(self, folder: Path) -> None:
        """Its name is only a name; the archive was opened in view of the interpreter."""
        with zipfile.ZipFile("z.zip", "w") as archive:
            archive.writestr("inner.csv", "x")
        with zipfile.ZipFile("z.zip") as archive, archive.open("inner.csv") as member:
            assert addresses(member) == Found()

    def test_names_that_no_screen_should_show(self, folder: Path) -> None:
        """They are spelled out; no address holds what could reorder a line."""
        path = folder / "a\u202egpj.csv"
        path.write_text("x")
        assert texts(addresses(path)) == [f"{folder}/a\\u202egpj.csv"]

    @settings(deadline=None)
    @given(NO_FOLDERS | NO_FOLDERS.map(lambda text: text.encode("utf-8", "surrogatepass")))
    def test_any_text(self, value: str | bytes) -> None:
        """Nothing raises; what is no path on this machine and no URL names nothing local."""
        assert all(one.text.isprintable() for one in addresses(value).addresses)


class TestElsewhere:
    def test_file_systems_of_pyarrow_and_fsspec(self, folder: Path) -> None:
        """A path in a file system elsewhere is an address there, in this machine's a path."""
        assert addresses("a.csv", pyarrow.fs.LocalFileSystem()) == addresses("a.csv")
        assert addresses("a.csv", fsspec.filesystem("file")) == addresses("a.csv")
        s3 = pyarrow.fs.S3FileSystem(access_key="Qx7Zw9", secret_key="Qx7Zw9", region="eu-west-1")
        assert addresses("bucket/a.parquet", s3).addresses == (
            Address("s3://bucket/a.parquet", "s3"),
        )

    def test_an_open_file_of_fsspec(self, folder: Path) -> None:
        """Where it lies is said by its file system."""
        with fsspec.open(str(folder / "a.csv")) as file:
            assert texts(addresses(file)) == [f"{folder}/a.csv"]
        with fsspec.open("memory://x.csv", "w") as file:
            assert addresses(file) == Found()

    def test_urls(self) -> None:
        """Without credentials, in a list as well."""
        found = addresses(["s3://b/k?x=1", "https://u:p@h/x.csv"])
        assert texts(found) == ["s3://b/k", "https://h/x.csv"]


class TestDatabases:
    def test_sqlite_is_a_file(self, folder: Path) -> None:
        """By connection, by cursor, by engine; with the connection's own settings left alone."""
        expected = Address(f"{folder}/x.db")
        link = sqlite3.connect("x.db")
        link.row_factory = lambda *_: pytest.fail("a row was made as the user has them made")
        link.execute("CREATE TABLE t (a)")
        link.commit()
        assert database(link) == database(link.cursor()) == expected
        assert not link.in_transaction
        engine = sqlalchemy.create_engine("sqlite:///x.db")
        assert database(engine) == expected
        with engine.connect() as connection, Session(engine) as session:
            assert database(connection) == database(session) == expected
        assert tables_of("SELECT * FROM t", link) == (expected,)
        link.close()

    def test_in_memory_is_nowhere(self) -> None:
        """Neither are DuckDB's connections: its file was named when it was opened."""
        assert database(sqlite3.connect(":memory:")) is None
        assert database(sqlalchemy.create_engine("sqlite://")) is None
        assert database(duckdb.connect()) is None
        assert tables_of("SELECT * FROM t", sqlite3.connect(":memory:")) == ()

    def test_servers(self) -> None:
        """Host and database, not who connects nor how; nobody is connected to."""
        url = "postgresql+psycopg://anna:Qx7Zw9@db.host:5432/clinic?sslmode=require"
        place = "postgresql://db.host/clinic"
        assert database(url) == Address(place, "sql")
        engine = sqlalchemy.create_engine(url)
        assert database(engine) == Address(place, "sql")
        query = "SELECT a FROM stays JOIN icu.beds USING (id) WHERE name = 'Qx7Zw9 FROM z'"
        assert [one.text for one in tables_of(query, engine)] == [
            f"{place}#stays",
            f"{place}#icu.beds",
        ]
        assert tables_of("stays", engine) == (Address(f"{place}#stays", "sql"),)
        assert tables_of("stays", engine, "icu") == (Address(f"{place}#icu.stays", "sql"),)
        assert tables_of("CALL everything()", engine) == (Address(place, "sql"),)

    def test_a_statement_of_sqlalchemy_shows_no_values(self) -> None:
        """Its tables are found; what it compares with is not in the text."""
        table = sqlalchemy.table("stays", sqlalchemy.column("name"))
        statement = sqlalchemy.select(table).where(table.c.name == "Qx7Zw9")
        found = tables_of(statement, "mysql://h/db")
        assert found == (Address("mysql://h/db#stays", "sql"),)

    def test_a_live_connection_to_a_server(self, postgres_url: str) -> None:
        """A driver's connection and cursor say where they lead; a socket is this machine."""
        with psycopg.connect(postgres_url) as link:
            expected = Address(f"postgresql://localhost/{link.info.dbname}", "sql")
            assert database(link) == database(link.cursor()) == expected

    def test_drivers_that_are_not_known(self) -> None:
        """They are named, and no more is claimed."""

        class Connection:
            """As DB-API 2.0 has it."""

            def cursor(self) -> None:
                raise AssertionError("nothing is asked of a server")

        Connection.__module__ = "exotic.driver"
        assert database(Connection()) == Address("exotic://", "sql")
        assert database(object()) is None


def test_files_in_a_query(folder: Path) -> None:
    """Read ones that are there, and written ones whether they are or not."""
    query = "COPY (SELECT * FROM read_csv(['a.csv', 'none.csv'])) TO 'out.parquet'"
    assert [(one.wrote, texts(found)) for one, found in quoted(query)] == [
        (False, [f"{folder}/a.csv"]),
        (False, []),
        (True, [f"{folder}/out.parquet"]),
    ]
    assert list(quoted(3)) == []
