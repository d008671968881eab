"""Digests in the background: right, bounded, patient with nobody, harmless in a fork."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties import SHARED
from workbench.senses import hashing
from workbench.senses.hashing import BLOCK, SLICE, Digested, Digests


@pytest.fixture
def digests() -> Iterator[Digests]:
    made = Digests()
    yield made
    made.close()


def as_read(path: Path) -> tuple[str, int, int]:
    status = path.stat()
    return str(path), status.st_size, status.st_mtime_ns


def digest(digests: Digests, path: Path) -> Digested | None:
    key = as_read(path)
    digests.ask(*key)
    assert digests.wait(60)
    return digests.get(*key)


class Gate:
    """Stops the background at the blocks of one file until it may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.inode = path.stat().st_ino
        self.read = hashing.read_block
        monkeypatch.setattr(hashing, "read_block", self.block)

    def block(self, fd: int, buffer: memoryview) -> int:
        assert len(buffer) <= BLOCK
        if os.fstat(fd).st_ino == self.inode:
            self.reached.set()
            assert self.go_on.wait(60)
        return self.read(fd, buffer)


class TestDigest:
    @settings(SHARED, max_examples=20)
    @given(st.sampled_from([0, 1, BLOCK - 1, BLOCK, BLOCK + 1, SLICE * BLOCK + 3]), st.binary())
    def test_it_is_that_of_the_system(self, tmp_path: Path, size: int, start: bytes) -> None:
        """SHA-256 of the whole file, whatever its length in blocks and slices."""
        path = tmp_path / "a.bin"
        path.write_bytes((start + b"\1" * size)[:size])
        digests = Digests()
        found = digest(digests, path)
        digests.close()
        expected = hashlib.sha256(path.read_bytes()).hexdigest()
        assert found == Digested(f"sha256:{expected}", size)

    def test_sha256sum_agrees(self, digests: Digests, tmp_path: Path) -> None:
        """As the reviewer's own tool prints it."""
        path = tmp_path / "a.csv"
        path.write_text("age\n61\n")
        ran = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True)
        found = digest(digests, path)
        assert found is not None
        assert found.digest == f"sha256:{ran.stdout.split()[0]}"

    def test_the_same_content_is_read_once(
        self, digests: Digests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Asked again, or by another name for the same file, it is known."""
        path, other = tmp_path / "a.csv", tmp_path / "b.csv"
        path.write_text("x")
        os.link(path, other)
        first = digest(digests, path)
        assert digests.opened_recently() == {str(path): 1}
        monkeypatch.setattr(hashing, "read_block", lambda *_: pytest.fail("read again"))
        assert digest(digests, path) == first
        assert digest(digests, other) == first
        assert digests.opened_recently() == {}


class TestChanges:
    def test_changed_after_it_was_digested(self, digests: Digests, tmp_path: Path) -> None:
        """The digest stays that of what was read, and the change is said."""
        path = tmp_path / "a.csv"
        path.write_text("old")
        key = as_read(path)
        before = digest(digests, path)
        assert before is not None
        path.write_text("newer")
        after = digests.get(*key)
        assert after is not None
        assert after.digest == before.digest
        assert after.changed.startswith("It changed after it was read: it had 3 bytes, written 20")
        assert "and has 5" in after.changed

    def test_changed_before_it_could_be(self, digests: Digests, tmp_path: Path) -> None:
        """The digest is of what is there now, and it is said that this is not what was read."""
        path = tmp_path / "a.csv"
        path.write_text("old")
        key = as_read(path)
        path.write_text("newer")
        digests.ask(*key)
        assert digests.wait(60)
        found = digests.get(*key)
        assert found is not None
        assert found.digest == ""
        assert found.changed.startswith("It changed after it was read:")

    def test_written_to_while_it_is_read(
        self, digests: Digests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A digest of half the old and half the new is none."""
        path = tmp_path / "a.csv"
        path.write_text("old")
        gate = Gate(monkeypatch, path)
        key = as_read(path)
        digests.ask(*key)
        assert gate.reached.wait(60)
        with path.open("a") as file:
            file.write("er")
        gate.go_on.set()
        assert digests.wait(60)
        found = digests.get(*key)
        assert found == Digested("", -1, "It changed while its digest was being made.")

    def test_gone(self, digests: Digests, tmp_path: Path) -> None:
        """Before: there is no digest. After: there is, and that the file is gone is said."""
        early, late = tmp_path / "early", tmp_path / "late"
        for path in (early, late):
            path.write_text("x")
        keys = as_read(early), as_read(late)
        early.unlink()
        found = digest(digests, late)
        assert found is not None
        late.unlink()
        digests.ask(*keys[0])
        assert digests.wait(60)
        assert digests.get(*keys[0]) == Digested("", -1, "It is no longer there.")
        assert digests.get(*keys[1]) == Digested(found.digest, 1, "It is no longer there.")

    def test_it_is_back_and_asked_for_again(self, digests: Digests, tmp_path: Path) -> None:
        """An answer is of the time it was given."""
        path = tmp_path / "a.csv"
        path.write_text("x")
        key = as_read(path)
        path.rename(tmp_path / "b.csv")
        digests.ask(*key)
        assert digests.wait(60)
        (tmp_path / "b.csv").rename(path)
        digests.ask(*key)
        assert digests.wait(60)
        found = digests.get(*key)
        assert found is not None
        assert (found.size, found.changed) == (1, "")


class TestPatience:
    def test_a_large_file_holds_up_nobody(
        self, digests: Digests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While 10 GB are read, a small one asked for later is done; closing waits for neither."""
        large, small = tmp_path / "large.bin", tmp_path / "small.csv"
        with large.open("wb") as file:
            file.truncate(10 << 30)
        small.write_text("x")
        gate = Gate(monkeypatch, large)
        again = threading.Event()
        left = [SLICE]

        def block(fd: int, buffer: memoryview) -> int:
            if os.fstat(fd).st_ino == gate.inode:
                left[0] -= 1
                if left[0] < 0:  # its second turn
                    again.set()
            return gate.block(fd, buffer)

        monkeypatch.setattr(hashing, "read_block", block)
        digests.ask(*as_read(large))
        assert gate.reached.wait(60)
        digests.ask(*as_read(small))
        gate.go_on.set()
        assert again.wait(60)
        assert digests.get(*as_read(small)) is not None
        assert digests.get(*as_read(large)) is None
        assert not digests.wait(0)
        digests.close()
        assert digests._thread is not None
        assert not digests._thread.is_alive()

    def test_what_is_no_file_is_not_waited_for(self, digests: Digests, tmp_path: Path) -> None:
        """A pipe without a writer, a folder, a device: said, and never opened."""
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        for path in (pipe, tmp_path, Path(os.devnull)):
            found = digest(digests, path)
            assert found == Digested("", -1, "It is not an ordinary file.")
        assert digests.opened_recently() == {}

    def test_what_cannot_be_read_is_said(
        self, digests: Digests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The system's refusal becomes a sentence; the thread goes on with the next."""
        bad, good = tmp_path / "bad", tmp_path / "good"
        for path in (bad, good):
            path.write_text(path.name)
        gate = Gate(monkeypatch, bad)
        gate.go_on.set()

        def refuse(fd: int, buffer: memoryview) -> int:
            if os.fstat(fd).st_ino == gate.inode:
                raise OSError("the disk is gone")
            return gate.read(fd, buffer)

        monkeypatch.setattr(hashing, "read_block", refuse)
        assert digest(digests, bad) == Digested("", -1, "It could not be read again (OSError).")
        found = digest(digests, good)
        assert found is not None
        assert found.digest

    def test_after_closing_nothing_is_answered(self, tmp_path: Path) -> None:
        """Asking is allowed, and does nothing; so is closing twice."""
        digests = Digests()
        digests.close()
        digests.ask(str(tmp_path), 1, 1)
        assert digests.get(str(tmp_path), 1, 1) is None
        digests.close()

    def test_a_process_ends_though_a_file_is_being_read(self, tmp_path: Path) -> None:
        """The background holds up the end of a kernel no more than its cells."""
        large = tmp_path / "large.bin"
        with large.open("wb") as file:
            file.truncate(10 << 30)
        program = (
            "import sys\nfrom workbench.senses.hashing import Digests\n"
            "Digests().ask(sys.argv[1], 10 << 30, 0)\n"
        )
        subprocess.run([sys.executable, "-c", program, large], check=True, timeout=60)


def test_a_forked_child_never_waits(
    digests: Digests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forked while the lock is held, a child that asks gets no answer, and gets it at once."""
    path = tmp_path / "a.csv"
    path.write_text("x")
    gate = Gate(monkeypatch, path)
    key = as_read(path)
    digests.ask(*key)
    assert gate.reached.wait(60)
    with digests._turn:
        child = os.fork()
        if child == 0:
            signal.alarm(30)  # a child that waits is ended, and by that is found out
            digests.ask(*key)
            silent = digests.get(*key) is None and not digests.wait(None)
            silent = silent and digests.opened_recently() == {}
            digests.close()
            os._exit(0 if silent else 1)
    assert os.waitpid(child, 0)[1] == 0
    gate.go_on.set()
    assert digests.wait(60)
    assert digests.get(*key) is not None
