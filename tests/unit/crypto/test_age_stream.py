"""Large files: constant memory, several threads, and a clean end whatever goes wrong."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import tracemalloc
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.crypto import age
from workbench.errors import TrustError, Unavailable

MIB = 1024 * 1024
ALICE = age.X25519Identity(b"\x01" * 32)
TEXT = Random(1).randbytes(5 * MIB + 17)
SEALED = age.encrypt_bytes(TEXT, [ALICE.recipient], random=Random(1).randbytes)


class Zeroes:
    """A source of any size that holds nothing."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int, /) -> bytes:
        size = min(size, self._left)
        self._left -= size
        return bytes(size)


class Drop:
    """A target that keeps nothing but the size."""

    size = 0

    def write(self, data: memoryview, /) -> None:
        self.size += len(data)


class Dribble:
    """Reads and writes a few bytes at a time, as pipes do."""

    def __init__(self, data: bytes, step: int) -> None:
        self._file = io.BytesIO(data)
        self._step = step

    def read(self, size: int, /) -> bytes:
        return self._file.read(min(size, self._step))

    def write(self, data: memoryview, /) -> int:
        return self._file.write(data[: self._step])

    @property
    def content(self) -> bytes:
        return self._file.getvalue()


class Stop(Exception):
    """What a caller raises to cancel."""


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("age-")]


@pytest.mark.parametrize("workers", [0, 1, 2, 5])
def test_the_number_of_workers_changes_nothing(workers: int) -> None:
    """The same bytes come out, in both directions."""
    target = io.BytesIO()
    drawn = Random(1).randbytes
    size = age.encrypt(io.BytesIO(TEXT), target, [ALICE.recipient], random=drawn, workers=workers)
    assert (size, target.getvalue()) == (len(TEXT), SEALED)
    opened = io.BytesIO()
    assert age.decrypt(io.BytesIO(SEALED), opened, [ALICE], workers=workers) == len(TEXT)
    assert opened.getvalue() == TEXT


@settings(max_examples=15, deadline=None)
@given(st.integers(1000, 300_000))
def test_short_reads_and_writes(step: int) -> None:
    """Sources and targets that take a little at a time give the same files."""
    sealed, opened = Dribble(b"", step), Dribble(b"", step)
    age.encrypt(Dribble(TEXT, step), sealed, [ALICE.recipient], random=Random(1).randbytes)
    assert sealed.content == SEALED
    age.decrypt(Dribble(SEALED, step), opened, [ALICE])
    assert opened.content == TEXT


def test_hash_and_progress() -> None:
    """The plaintext's hash and the bytes done are told on the way, whichever the direction."""
    runs: list[Callable[..., int]] = [
        lambda **more: age.encrypt(
            io.BytesIO(TEXT), Drop(), [ALICE.recipient], random=os.urandom, **more
        ),
        lambda **more: age.decrypt(io.BytesIO(SEALED), Drop(), [ALICE], **more),
    ]
    for run in runs:
        plain, seen = hashlib.sha256(), list[int]()
        run(plain=plain, progress=seen.append)
        assert plain.digest() == hashlib.sha256(TEXT).digest()
        assert seen == sorted(seen)
        assert len(seen) > 2
        assert seen[-1] == len(TEXT)


@pytest.mark.parametrize("plain", [None, hashlib.sha256()], ids=["plain", "hashed"])
def test_progress_can_cancel(plain: object) -> None:
    """What it raises comes out as it is, soon, and no thread stays behind."""

    def stop(done: int) -> None:
        raise Stop

    target = Drop()
    with pytest.raises(Stop):
        age.encrypt(
            Zeroes(2**40), target, [ALICE.recipient], random=os.urandom, progress=stop, plain=plain
        )
    assert target.size < 16 * MIB
    with pytest.raises(Stop):
        age.decrypt(io.BytesIO(SEALED), Drop(), [ALICE], progress=stop, plain=plain)
    assert threads() == []


class Full:
    """A disk that is full."""

    def write(self, data: memoryview, /) -> int:
        return 0


class Failing:
    """A disk that breaks."""

    def write(self, data: memoryview, /) -> int:
        raise OSError(5, "broken")

    def read(self, size: int, /) -> bytes:
        raise OSError(5, "broken")


def test_failing_disks() -> None:
    """A target that takes nothing is unavailable; what a file object raises comes out as it is."""
    for work in (
        lambda: age.encrypt(Zeroes(MIB), Full(), [ALICE.recipient], random=os.urandom),
        lambda: age.decrypt(io.BytesIO(SEALED), Full(), [ALICE]),
    ):
        with pytest.raises(Unavailable, match="cannot be written"):
            work()
    for work in (
        lambda: age.encrypt(Failing(), Drop(), [ALICE.recipient], random=os.urandom),
        lambda: age.encrypt(Zeroes(MIB), Failing(), [ALICE.recipient], random=os.urandom),
        lambda: age.decrypt(io.BytesIO(SEALED), Failing(), [ALICE]),
    ):
        with pytest.raises(OSError, match="broken"):
            work()
    assert threads() == []


def test_a_source_without_data_yet_is_not_at_its_end() -> None:
    """A socket that has nothing *yet* must not cut a file short."""

    class Waiting:
        def read(self, size: int, /) -> None:
            return None

    with pytest.raises(BlockingIOError):
        age.encrypt(Waiting(), Drop(), [ALICE.recipient], random=os.urandom)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, len(SEALED) - 1), st.integers(0, 7))
def test_only_genuine_bytes_are_ever_written(place: int, bit: int) -> None:
    """Before a changed chunk is noticed, nothing but the true beginning has been written."""
    changed = bytearray(SEALED)
    changed[place] ^= 1 << bit
    target = io.BytesIO()
    with pytest.raises(TrustError):
        age.decrypt(io.BytesIO(bytes(changed)), target, [ALICE])
    assert TEXT.startswith(target.getvalue())
    assert len(target.getvalue()) <= max(0, place - 200)


def test_memory_does_not_grow_with_the_file() -> None:
    """Sealing and opening take the same memory for 24 MiB and for 96 MiB."""

    def peak(size: int) -> int:
        sealed = io.BytesIO()
        age.encrypt(Zeroes(size), sealed, [ALICE.recipient], random=os.urandom)
        sealed.seek(0)
        tracemalloc.start()
        try:
            age.encrypt(Zeroes(size), Drop(), [ALICE.recipient], random=os.urandom)
            age.decrypt(sealed, Drop(), [ALICE])
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = peak(24 * MIB), peak(96 * MIB)
    assert large < small + 4 * MIB
    assert large < 40 * MIB
