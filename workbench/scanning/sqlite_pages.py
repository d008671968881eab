"""The rows of an SQLite database, page by page, without the library that would run its statements.

All tables are trees of pages, and long rows go on in a chain of pages (Database File Format,
sqlite.org/fileformat2.html). A page belongs to one tree only, so no tree is without an end.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from workbench.scanning.contract import Budget, Exhausted
from workbench.scanning.streams import Malformed, at, size_of
from workbench.scanning.unpacking import IN_MEMORY

__all__ = ["Pages", "Value"]

Value = tuple[int, bytes]  # its type as the format counts them, and its bytes

_HEAD = 100
_INNER_INDEX, _INNER, _LEAF_INDEX, _LEAF = 0x02, 0x05, 0x0A, 0x0D
_WIDTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)  # bytes of numbers by their type


class Pages:
    """The pages of a database.

    Raises:
        Malformed: its header is not known, or it is not whole pages.
    """

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget
        self._seen: set[int] = set()
        start = at(stream, 0, _HEAD)
        size, writing, reading, reserved = struct.unpack(">H3B", start[16:21])
        changed, pages = struct.unpack(">2I", start[24:32])
        counted = struct.unpack(">I", start[92:96])[0]
        self._size = 1 << 16 if size == 1 else size
        self._usable = self._size - reserved
        if self._size < 512 or self._size & (self._size - 1) or start[21:24] != b"\x40\x20\x20":
            raise Malformed("its header is not known")
        if writing not in (1, 2) or reading not in (1, 2) or self._usable < 480:
            raise Malformed("its header is not known")
        total = size_of(stream)
        if total % self._size or (changed == counted and pages and pages * self._size != total):
            raise Malformed("it is cut off, or there is something after its end")
        self._count = total // self._size

    def rows(self, root: int) -> Iterator[list[Value]]:
        """Yield the values of each row of a table, whose tree starts at the page ``root``.

        Raises:
            Malformed: damaged.
            Exhausted: as the budget says, or a row does not fit in memory.
        """
        waiting = [root]
        while waiting:
            page = waiting.pop()
            data = self._page(page)
            head = _HEAD if page == 1 else 0
            kind, _, count = struct.unpack(">BHH", data[head : head + 5])
            inner = kind in (_INNER, _INNER_INDEX)
            first = head + (12 if inner else 8)
            if kind not in (_INNER_INDEX, _INNER, _LEAF_INDEX, _LEAF):
                raise Malformed("a table in it is not where it should be")
            if first + 2 * count > self._usable:
                raise Malformed("a table in it is damaged")
            if inner:
                waiting.append(int.from_bytes(data[head + 8 : head + 12], "big"))
            for (cell,) in struct.iter_unpack(">H", data[first : first + 2 * count]):
                self._budget.spend()
                if not first + 2 * count <= cell <= self._usable - 4:
                    raise Malformed("a table in it is damaged")
                if inner:
                    waiting.append(int.from_bytes(data[cell : cell + 4], "big"))
                if kind != _INNER:
                    yield _values(self._row(data, cell + 4 * inner, index=kind != _LEAF))

    def _page(self, page: int) -> bytes:
        self._budget.spend()
        if page in self._seen or not 1 <= page <= self._count:
            raise Malformed("its pages lead to each other without an end, or outside it")
        self._seen.add(page)
        return at(self._stream, (page - 1) * self._size, self._size)

    def _row(self, data: bytes, position: int, *, index: bool) -> bytes:
        """Return the bytes of a row, from a page and the pages that it goes on in."""
        length, position = _varint(data, position)
        if not index:
            _, position = _varint(data, position)  # its number
        if length > IN_MEMORY:
            raise Exhausted("expanded")
        usable = self._usable
        most = (usable - 12) * 64 // 255 - 23 if index else usable - 35
        here = length
        if length > most:
            least = (usable - 12) * 32 // 255 - 23
            wanted = least + (length - least) % (usable - 4)
            here = wanted if wanted <= most else least
        if position + here + 4 * (here < length) > usable:
            raise Malformed("a row in it is cut off")
        parts = [data[position : position + here]]
        following = data[position + here : position + here + 4]
        left = length - here
        while left > 0:
            page = self._page(int.from_bytes(following, "big"))
            parts.append(page[4 : min(usable, 4 + left)])
            following, left = page[:4], left - len(parts[-1])
        return b"".join(parts)


def _values(row: bytes) -> list[Value]:
    """Return the values of a row; their types stand before them."""
    end, position = _varint(row, 0)
    kinds: list[int] = []
    while position < end:
        kind, position = _varint(row, position)
        kinds.append(kind)
    found = []
    for kind in kinds:
        if kind in (10, 11):
            raise Malformed("a value in it is of a type that is not known")
        width = _WIDTHS[kind] if kind < 12 else (kind - 12) // 2
        found.append((kind, row[position : position + width]))
        position += width
    if position != len(row) or end > len(row):
        raise Malformed("a row in it is damaged")
    return found


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Return a number of up to nine bytes, and where it ends."""
    value = 0
    for i, byte in enumerate(data[position : position + 9]):
        if i == 8:
            return value << 8 | byte, position + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, position + i + 1
    raise Malformed("a row in it is cut off")
