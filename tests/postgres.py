"""A real PostgreSQL for tests: a throw-away server on a private socket, a fresh database per test.

A pytest plugin. ``postgres_url`` is the address of an empty UTF-8 database; ``postgres_server``
makes more of them. The server listens on no port, so nothing outside this test run can meet it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

PROGRAMS = "usr/lib/postgresql/*/bin/initdb"  # below the root folder, as Debian installs them
ACCOUNT = "postgres"  # whom the server runs as when we are root, which it refuses


@dataclass
class PostgresServer:
    """A running server in ``folder``."""

    folder: Path
    programs: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        """Return the address of a database as SQLAlchemy and psycopg understand it."""
        return f"postgresql://{ACCOUNT}@/{database}?host={self.folder}"

    def create(self, options: str = "ENCODING 'UTF8'") -> str:
        """Create an empty database and return its name."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template0 {options}")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, statement: str) -> None:
        """Run one statement as the administrator."""
        psql = [self.programs / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", self.folder]
        _run([*psql, "-U", ACCOUNT, "-d", "postgres", "-c", statement], self.folder)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server for this test session; stopped and removed at its end."""
    programs = _find_programs()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: socket paths end at 107 bytes
    try:
        if os.geteuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            os.chown(folder, account.pw_uid, account.pw_gid)
        data = folder / "data"
        initdb = [programs / "initdb", "-D", data, "-E", "UTF8", "--locale=C", "-A", "trust"]
        _run([*initdb, "-U", ACCOUNT, "--no-sync"], folder)
        control = [programs / "pg_ctl", "-D", data, "-w", "-s", "-l", folder / "log"]
        # Only the socket, and no waiting for a disk that nobody will read again.
        settings = f"-k {folder} -c listen_addresses='' -c fsync=off"
        _run([*control, "-o", settings, "start"], folder)
        try:
            yield PostgresServer(folder, programs)
        finally:
            _run([*control, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a database that is empty and this test's own."""
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)


def _find_programs() -> Path:
    found = sorted(Path("/").glob(PROGRAMS))
    if not found:
        pytest.fail("PostgreSQL is not installed here; `make test` installs it.", pytrace=False)
    return found[-1].parent


def _run(command: list[str | Path], folder: Path) -> None:
    """Run a program of the server's, as an account that it accepts."""
    if os.geteuid() == 0:
        command = ["runuser", "-u", ACCOUNT, "--", *command]
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.fail(f"{Path(command[-1]).name}: {done.stdout[-2000:]}", pytrace=False)
