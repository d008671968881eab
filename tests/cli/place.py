"""Where transcripts run: one folder, its exchange, and the command line over it.

:class:`InProcess` calls the command line in this process, with keys in memory and a clock that
stands still. :class:`Executable` starts the installed ``workbench`` for each command, with the
keystore file under a passphrase. After every command that fails, :class:`InProcess` also checks
that nothing was changed.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import safetensors.numpy

from tests.cli.transcript import Outcome, Transcript, compare, fill
from workbench import cli
from workbench.app import Workplace
from workbench.crypto.keys import DeviceSecret
from workbench.errors import WorkbenchError
from workbench.records import Catalogue, Envelope, Grant, Person, Release, Request, Terms, Vote
from workbench.stores.keystore import MemoryKeystore

__all__ = ["Executable", "InProcess", "Place", "executable"]

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KINDS = (Person, Terms, Release, Request, Vote, Grant, Envelope, Catalogue)
# What the log may say about an attempt that changed nothing else.
TRACES = {1: {"refused"}, 2: set(), 3: {"opened"}, 4: set()}


def executable() -> Path:
    """Return the installed command."""
    return Path(sys.executable).with_name("workbench")


class Place:
    """A working folder in which a transcript is played."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.known: dict[str, str] = {}
        self.manifests: dict[str, str] = {}  # as they were before anybody altered them

    def workbench(self, arguments: Sequence[str]) -> Outcome:
        """Run one ``workbench`` command in the folder."""
        raise NotImplementedError

    def play(self, transcript: Transcript) -> None:
        """Lay out the files, run every step and check what comes of it."""
        for name, text in transcript.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        for step in transcript.steps:
            where = f"{transcript.path.name}:{step.line}: {step.command}"
            verb, *words = fill(step.command, self.known)
            if verb == "workbench":
                outcome = self.workbench(words)
            else:
                with contextlib.chdir(self.folder):
                    outcome = Outcome(0, _VERBS[verb](self, *words) or "")
            compare(step, outcome, self.known, where)

    def move(self, name: str) -> None:
        """Go on as somebody on another machine, with a home of that name."""
        self.home = self.folder / name

    def wait(self, days: str) -> None:
        """Let days pass."""
        raise NotImplementedError

    def passphrase(self, text: str) -> None:
        """Say which passphrase is given from now on."""
        raise NotImplementedError


class Executable(Place):
    """The installed command, one process for each step."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        kept = {name: value for name, value in os.environ.items() if "WORKBENCH" not in name}
        backend = "keyring.backends.fail.Keyring"  # a test must not touch somebody's real keyring
        self.environment = {
            **kept,
            "WORKBENCH_HOME": str(self.home),
            "WORKBENCH_PASSPHRASE": "correct horse battery staple",
            "PYTHON_KEYRING_BACKEND": backend,
            "NO_COLOR": "1",
        }

    def workbench(self, arguments: Sequence[str]) -> Outcome:
        done = subprocess.run(
            [executable(), *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def move(self, name: str) -> None:
        super().move(name)
        self.environment["WORKBENCH_HOME"] = str(self.home)

    def passphrase(self, text: str) -> None:
        self.environment["WORKBENCH_PASSPHRASE"] = text


class InProcess(Place):
    """The command line in this process."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.now = START
        self.keystores = {self.home: MemoryKeystore()}

    def open(self, _passphrase: Callable[[], str | None]) -> Workplace:
        """Open the workplace as a new process would."""
        keystore = self.keystores.setdefault(self.home, MemoryKeystore())
        return Workplace(self.home, keystore, clock=lambda: self.now)

    def workbench(self, arguments: Sequence[str]) -> Outcome:
        before = self.state()
        outcome = self.run(arguments)
        if outcome.code in TRACES:
            self._check_unchanged(before, self.state(), TRACES[outcome.code], arguments)
        return outcome

    def run(self, arguments: Sequence[str]) -> Outcome:
        """Run one command; what it prints on each stream comes back apart."""
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                cli.run(self.open, lambda _notebook, _command: 0, list(arguments))
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0
        return Outcome(code, out.getvalue(), err.getvalue())

    def wait(self, days: str) -> None:
        self.now += timedelta(days=int(days))

    def state(self) -> tuple[list[str], dict[str, object]]:
        """Return the kinds of the log's entries, and everything else a command could change."""
        files: dict[str, object] = {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and not any(home in path.parents for home in self.keystores)
        }
        store = self.home / "exchange" / "store"
        files["store"] = sorted(path.name for path in store.rglob("*") if path.is_file())
        if not (self.home / "exchange" / "exchange.db").exists():
            return [], files
        try:
            records = self.open(lambda: None).context().records
            kinds = [entry.event.kind for entry in records.entries()]
            for kind in KINDS:
                files[kind.kind] = [record.to_bytes() for record in records.find(kind)]
        except WorkbenchError as error:  # a transcript has damaged the exchange
            return [], {**files, "exchange": str(error)}
        return kinds, files

    def _check_unchanged(
        self,
        before: tuple[list[str], dict[str, object]],
        after: tuple[list[str], dict[str, object]],
        traces: set[str],
        arguments: Sequence[str],
    ) -> None:
        grown = set(after[0][len(before[0]) :])
        assert grown <= traces | {"expired"}, f"{arguments}: the log grew by {grown}"
        # Whatever is asked, a grant whose time is over ends first.
        ended = {Grant.kind, Request.kind} if "expired" in grown else set()
        names = (before[1] | after[1]).keys() - ended
        changed = [name for name in names if before[1].get(name) != after[1].get(name)]
        assert not changed, f"{arguments}: a command that failed changed {changed}"


# What a transcript may do besides: small, and in the words of the table it checks ---------------


def _flip(path: Path, place: int = -1) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)


def _flip_blob(place: Place, what: str) -> None:
    """Flip a bit in the middle of one blob of the only release in the store."""
    folder = place.home / "exchange" / "store" / "blobs" / "sha256"
    (release,) = Workplace(place.home, MemoryKeystore()).context().records.find(Release)
    manifest = folder / release.manifest.removeprefix("sha256:")
    document = place.manifests.setdefault(release.key, manifest.read_text())
    parts = json.loads(document)
    digest = {
        "manifest": release.manifest,
        "listing": parts["config"]["digest"],
        "evidence": parts["layers"][0]["digest"],
        "file": parts["layers"][-1]["digest"],
    }[what]
    blob = folder / digest.removeprefix("sha256:")
    _flip(blob, blob.stat().st_size // 2)


def _other_device(place: InProcess, name: str) -> None:
    """Let somebody act with other keys than those they enrolled with."""
    old = place.keystores[place.home]
    keystore = place.keystores[place.home] = MemoryKeystore()
    for kept in old.names():
        secret = DeviceSecret.generate() if kept == name else old._secret(kept)
        keystore.create(kept, secret.to_bytes())


def _sql(place: Place, statement: str) -> None:
    """Be whoever can write to the exchange's database."""
    with contextlib.closing(sqlite3.connect(place.home / "exchange" / "exchange.db")) as database:
        assert database.execute(statement).rowcount > 0, "the statement changed nothing"
        database.commit()


def _bomb(path: str) -> None:
    with gzip.open(path, "wb") as file:
        for _ in range(64):
            file.write(bytes(1 << 20))


def _list(path: str) -> str:
    found = sorted(str(p.relative_to(path)) for p in Path(path).rglob("*") if p.is_file())
    return "".join(line + "\n" for line in found)


def _absent(*paths: str) -> None:
    for path in paths:
        assert not os.path.lexists(path), f"{path} is there"
        left = list(Path(path).absolute().parent.glob(f".{Path(path).name}.*"))
        assert not left, f"beside {path} is left {left}"


def _cut(path: str, size: str) -> None:
    os.truncate(path, os.path.getsize(path) - int(size))


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, f"{path} does not hold {old}"
    path.write_text(text.replace(old, new), "utf-8")


_VERBS: dict[str, Callable[..., str | None]] = {
    "absent": lambda _place, *paths: _absent(*paths),
    "bomb": lambda _place, path: _bomb(path),
    "copy": lambda _place, old, new: shutil.copy(old, new) and None,
    "copy-folder": lambda _place, old, new: shutil.copytree(old, new) and None,
    "cut": lambda _place, path, size: _cut(path, size),
    "edit": lambda _place, path, old, new: _edit(Path(path), old, new),
    "flip": lambda _place, path, place="-1": _flip(Path(path), int(place)),
    "flip-blob": _flip_blob,
    "home": lambda place, name: place.move(name),
    "link": lambda _place, target, path: os.symlink(target, path),
    "list": lambda _place, path: _list(path),
    "mkdir": lambda _place, path: os.makedirs(path),
    "name-in-latin": lambda _place, path: Path(path, os.fsdecode(b"caf\xe9")).touch(),
    "other-device": _other_device,
    "passphrase": lambda place, text: place.passphrase(text),
    "read": lambda _place, path: Path(path).read_text("utf-8"),
    "remove": lambda _place, path: os.remove(path),
    "same": lambda _place, one, other: _same(one, other),
    "sql": _sql,
    "wait": lambda place, days: place.wait(days),
    "weights": lambda _place, path, seed: _weights(path, int(seed)),
}


def _weights(path: str, seed: int) -> None:
    """Write what a small network would be kept as: one layer of 64 times 32 weights."""
    chance = np.random.default_rng(seed)
    layer = {"layer.weight": chance.normal(size=(64, 32)), "layer.bias": chance.normal(size=64)}
    with open(path, "xb") as file:
        file.write(safetensors.numpy.save(layer))


def _same(one: str, other: str) -> None:
    assert Path(one).read_bytes() == Path(other).read_bytes(), f"{one} and {other} differ"
