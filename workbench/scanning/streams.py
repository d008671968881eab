"""Parts of a stream as streams of their own, and reads that give all the bytes or say why not."""

from __future__ import annotations

import io
import struct
from typing import Any, BinaryIO

from workbench.seeking import Seeking

__all__ = ["Malformed", "Region", "at", "exactly", "head", "part", "size_of", "tail", "unpack"]


class Malformed(Exception):
    """A stream is not what its format says; the message finishes the sentence "It is damaged: …".

    What people see is a finding, or the error of whoever reads with parts of this package.
    """


class Region(Seeking):
    """The bytes from ``start`` to ``start + size`` of another stream; nothing is copied.

    Several regions of one stream may be read in turn, but not in several threads at once.
    """

    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        super().__init__(size)
        self._stream = stream
        self._start = start

    def fill(self, start: int, view: memoryview) -> int:
        self._stream.seek(self._start + start)
        piece = self._stream.read(len(view))
        view[: len(piece)] = piece
        return len(piece)


def part(stream: BinaryIO, start: int, size: int) -> BinaryIO:
    """Return a part of a stream as a buffered stream of its own, fit for many small reads."""
    return io.BufferedReader(Region(stream, start, size), 1 << 16)


def size_of(stream: BinaryIO) -> int:
    """Return the length of a stream in bytes; where it stands is not kept."""
    return stream.seek(0, io.SEEK_END)


def exactly(stream: BinaryIO, size: int) -> bytes:
    """Return the next ``size`` bytes; the caller has bounded ``size``.

    Raises:
        Malformed: the stream ends before.
    """
    data = stream.read(size)
    while len(data) < size:
        piece = stream.read(size - len(data))
        if not piece:
            raise Malformed("it is cut off")
        data += piece
    return data


def at(stream: BinaryIO, offset: int, size: int) -> bytes:
    """Return ``size`` bytes from ``offset`` on.

    Raises:
        Malformed: the stream ends before, or the offset is impossible.
    """
    if not 0 <= offset < 1 << 62:
        raise Malformed("it points outside itself")
    stream.seek(offset)
    return exactly(stream, size)


def unpack(stream: BinaryIO, form: str) -> tuple[Any, ...]:
    """Return the next fields of a fixed layout (see :mod:`struct`).

    Raises:
        Malformed: the stream ends before.
    """
    return struct.unpack(form, exactly(stream, struct.calcsize(form)))


def head(stream: BinaryIO, size: int) -> bytes:
    """Return at most the first ``size`` bytes."""
    stream.seek(0)
    return stream.read(size)


def tail(stream: BinaryIO, size: int) -> bytes:
    """Return at most the last ``size`` bytes."""
    length = size_of(stream)
    stream.seek(max(0, length - size))
    return stream.read(size)
