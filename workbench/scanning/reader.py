"""A stream read piece by piece: what is short is in memory, what is long is passed over."""

from __future__ import annotations

import io
from typing import BinaryIO

from workbench.scanning.contract import Budget

__all__ = ["MARGIN", "Broken", "Reader"]

PIECE = 1 << 18  # bytes read at a time
MARGIN = 1 << 10  # bytes that are there beyond `edge`, unless the stream ends before
LONGEST_LINE = 1 << 12  # bytes of a line that is looked at


class Broken(Exception):
    """The stream is not what a pickle may be; Python would stop here too, or might not."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(what)
        self.what = what
        self.why = why


class Reader:
    """A window on a stream.

    ``data[at:]`` is what comes next, and ``start`` the offset of ``data[0]``. While ``at`` is below
    ``edge``, at least :data:`MARGIN` bytes are there, or all that are left.
    """

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        self.stream = stream
        self.budget = budget
        here = stream.tell()
        self.size = stream.seek(0, io.SEEK_END)
        self.start = here
        self.data = b""
        self.at = 0
        self.edge = 0
        self.go(here)

    @property
    def offset(self) -> int:
        """Bytes from the start of the stream to what comes next."""
        return self.start + self.at

    @property
    def left(self) -> int:
        """Bytes that come."""
        return self.size - self.offset

    def go(self, offset: int) -> None:
        """Go to an offset; what is behind is not kept."""
        if self.start <= offset < self.start + len(self.data):
            self.at = offset - self.start
        else:
            self.start, self.data, self.at = offset, b"", 0
        self.fill()

    def fill(self) -> None:
        """Read on, so that what comes next is there; counts the bytes as steps."""
        self.budget.spend(self.at + 1)
        rest = self.data[self.at :]
        self.start += self.at
        self.at = 0
        self.stream.seek(self.start + len(rest))
        self.data = rest + self.stream.read(PIECE)
        whole = self.start + len(self.data) >= self.size
        self.edge = len(self.data) if whole else max(len(self.data) - MARGIN, 1)

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes, at most :data:`MARGIN`.

        Raises:
            Broken: there are fewer.
        """
        if self.at >= self.edge:
            self.fill()
        taken = self.data[self.at : self.at + count]
        if len(taken) < count:
            raise Broken("the end of the stream", "It ends in the middle of an instruction.")
        self.at += count
        return taken

    def number(self, width: int) -> int:
        """Return the next bytes as a whole number, the least first."""
        return int.from_bytes(self.take(width), "little")

    def skip(self, count: int) -> int:
        """Pass over bytes without reading them; return the offset where they start.

        Raises:
            Broken: there are fewer.
        """
        offset = self.offset
        if count > self.left:
            raise Broken(f"a length of {count} bytes", "It says to be longer than the stream is.")
        self.go(offset + count)
        return offset

    def line(self) -> bytes | None:
        """Return the next line without its end; ``None`` for one too long to be looked at.

        Raises:
            Broken: there is no end of line.
        """
        if self.at >= self.edge:
            self.fill()
        end = self.data.find(b"\n", self.at)
        if 0 <= end <= self.at + LONGEST_LINE:
            line = self.data[self.at : end]
            self.at = end + 1
            return line
        read = 0
        while True:
            end = self.data.find(b"\n", self.at)
            if end >= 0:
                line = self.data[self.at : end]
                self.at = end + 1
                short = read == 0 and len(line) <= LONGEST_LINE
                return line if short else None
            if self.start + len(self.data) >= self.size:
                raise Broken("the end of the stream", "It ends in the middle of a line.")
            if self.at == 0:  # a window without an end of line: drop it
                read += len(self.data)
                self.at = len(self.data)
            self.fill()
