"""Compressed data, unpacked within bounds: a little in memory, much as a stream read again.

Every byte that comes out is counted against the budget before it is looked at, so a small file
that unpacks to a huge one costs no more than the limit.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from workbench.scanning.contract import Budget, Exhausted
from workbench.scanning.frames import Lz4, Zstandard
from workbench.scanning.streams import Malformed, Region
from workbench.seeking import Seeking

__all__ = ["IN_MEMORY", "LARGEST_RATIO", "Pieces", "Start", "again", "pieces_of", "unpacked"]

IN_MEMORY = 64 << 20  # bytes that are kept; more is unpacked again when it is read
LARGEST_RATIO = 1000  # of unpacked to packed bytes beyond that; data that mean something have less
MEMORY_OF_XZ = 256 << 20  # bytes; a header may ask its reader for up to 4 GiB
_PIECE = 1 << 20
_ERRORS = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)

Pieces = Callable[[], Iterator[bytes]]


class _Decompressor(Protocol):
    """What zlib, bz2, lzma and :mod:`workbench.scanning.frames` have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Start:
    """How to start unpacking each format.

    Each is called once for every stream in the data, and gives a decompressor of its own.
    """

    @staticmethod
    def gzip() -> _Decompressor:
        return zlib.decompressobj(31)

    @staticmethod
    def zlib() -> _Decompressor:
        return zlib.decompressobj(15)

    @staticmethod
    def deflate() -> _Decompressor:
        return zlib.decompressobj(-15)

    @staticmethod
    def bzip2() -> _Decompressor:
        return bz2.BZ2Decompressor()

    @staticmethod
    def xz() -> _Decompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, MEMORY_OF_XZ)

    @staticmethod
    def lzma() -> _Decompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_ALONE, MEMORY_OF_XZ)

    @staticmethod
    def zstd() -> _Decompressor:
        return Zstandard()

    @staticmethod
    def lz4() -> _Decompressor:
        return Lz4()


def pieces_of(
    stream: BinaryIO,
    start: int,
    size: int,
    begin: Callable[[], _Decompressor],
    again: bytes = b"",
) -> Iterator[bytes]:
    """Yield what the packed bytes ``start`` to ``start + size`` come to, at most 1 MiB at a time.

    Args:
        again: what another stream of the same format starts with; empty if there may be only one.

    Raises:
        Malformed: damaged, cut off, or something else after its end.
    """
    source = Region(stream, start, size)
    inner = begin()
    data = b""
    while True:
        if not data and getattr(inner, "needs_input", True):
            data = source.read(_PIECE)
        fed = len(data)
        try:
            out = inner.decompress(data, _PIECE)
        except _ERRORS:
            raise Malformed("what is packed in it cannot be unpacked") from None
        yield out  # an empty one too, so that whoever reads can stop
        if inner.eof:
            data = inner.unused_data
            if len(data) < len(again) or not data:
                data += source.read(_PIECE)
            if not again or not data.startswith(again):
                _nothing_more(data, source, padded=bool(again))
                return
            inner = begin()
        elif not out and not fed and getattr(inner, "needs_input", True):
            raise Malformed("it is cut off")
        else:
            data = getattr(inner, "unconsumed_tail", b"")


def _nothing_more(data: bytes, source: Region, *, padded: bool) -> None:
    """Check that nothing but padding is left; readers skip it, but not all of them the rest."""
    while data:
        if not padded or data.strip(b"\0"):
            raise Malformed("there is something after its end")
        data = source.read(_PIECE)


def unpacked(pieces: Pieces, budget: Budget, packed: int) -> tuple[BinaryIO, int]:
    """Unpack all of it once; return it as a seekable stream, and its size in bytes.

    Args:
        packed: bytes that it is made from.

    Raises:
        Malformed: as the pieces do.
        Exhausted: it comes to more than the budget has left, or than real data ever come to.
    """
    most = max(IN_MEMORY, LARGEST_RATIO * packed)
    kept = bytearray()
    total = 0
    for piece in pieces():
        total += len(piece)
        budget.expand(len(piece))
        if total > most:
            raise Exhausted("expanded")
        if total <= IN_MEMORY:
            kept += piece
        else:
            kept.clear()
    if total <= IN_MEMORY:
        return io.BytesIO(kept), total
    return again(pieces, total, budget), total


def again(pieces: Pieces, size: int, budget: Budget) -> BinaryIO:
    """Return data that are unpacked whenever they are read, as a seekable stream.

    Args:
        size: bytes that the pieces come to; they were counted before.
    """
    return io.BufferedReader(_Again(pieces, size, budget), 1 << 16)


class _Again(Seeking):
    """Unpacked data that do not fit in memory: going back starts over, at the budget's cost."""

    def __init__(self, pieces: Pieces, size: int, budget: Budget) -> None:
        super().__init__(size)
        self._pieces = pieces
        self._budget = budget
        self._running = pieces()
        self._piece = b""
        self._from = 0  # where the piece in hand starts

    def fill(self, start: int, view: memoryview) -> int:
        if start < self._from:
            self._running, self._piece, self._from = self._pieces(), b"", 0
        while start >= self._from + len(self._piece):
            self._from += len(self._piece)
            piece = next(self._running, None)
            if piece is None:
                raise Malformed("it changed while it was read")
            self._piece = piece
            self._budget.spend(1 + len(piece) // 1024)
        found = self._piece[start - self._from :][: len(view)]
        view[: len(found)] = found
        return len(found)
