"""SQLite databases: rows only, whole pages; what acts when it is used is told of.

Triggers and views are statements that run when a table is used, and a virtual table is read by a
module that its name asks for. None of them reaches beyond the database by itself (Database File
Format, sqlite.org/fileformat2.html).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from workbench.findings.finding import Level
from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.streams import Malformed, at, size_of
from workbench.scanning.wording import escaped

__all__ = ["scan_sqlite"]

_HEAD = 100
_INNER, _LEAF = 0x05, 0x0D  # kinds of pages of a table
_COLUMNS = 5  # type, name, table, first page, SQL
_ACTS = {"trigger": "a trigger", "view": "a view"}


def scan_sqlite(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found: whether it is whole pages, and whether statements are kept in it.

    Raises:
        Exhausted: as the budget says.
    """
    scan = Scan("sqlite", reason="It is a database of plain values, and cannot run code.")
    try:
        for what, name in _kept(stream, budget):
            why = "It keeps a statement that a program runs when it uses a table of it."
            shown = f"{what} {escaped(name)}"
            scan.add(finding("sql-kept", place, shown, why, level=Level.note))
    except Malformed as error:
        why = f"It is damaged, so what is in it cannot be known: {error}."
        remedy = "Write the database again, with VACUUM INTO."
        scan.add(finding("damaged", place, "database", why, remedy=remedy))
    return scan


def _kept(stream: BinaryIO, budget: Budget) -> Iterator[tuple[str, str]]:
    """Yield what the schema has beside tables of rows and indexes, and its name."""
    start = at(stream, 0, _HEAD)
    size, writing, reading, reserved = struct.unpack(">H3B", start[16:21])
    change, pages = struct.unpack(">2I", start[24:32])
    counted_at = struct.unpack(">I", start[92:96])[0]
    size = 1 << 16 if size == 1 else size
    if size < 512 or size & (size - 1) or start[21:24] != b"\x40\x20\x20":
        raise Malformed("its header is not known")
    if writing not in (1, 2) or reading not in (1, 2) or size - reserved < 480:
        raise Malformed("its header is not known")
    total = size_of(stream)
    if total % size or (change == counted_at and pages and pages * size != total):
        raise Malformed("it is cut off, or there is something after its end")
    pages = total // size
    waiting, seen = [1], set()
    while waiting:
        page = waiting.pop()
        if page in seen or not 1 <= page <= pages:
            raise Malformed("its schema has no end")
        seen.add(page)
        data = at(stream, (page - 1) * size, size)
        for cell in _cells(data, _HEAD if page == 1 else 0, size - reserved, waiting):
            budget.spend()
            found = _row(data, cell)
            if found is not None:
                yield found


def _cells(data: bytes, header: int, usable: int, waiting: list[int]) -> Iterator[int]:
    """Yield where the rows on a page start; other pages are added to those that wait."""
    kind, _, count = struct.unpack(">BHH", data[header : header + 5])
    first = header + (12 if kind == _INNER else 8)
    if kind not in (_INNER, _LEAF) or first + 2 * count > usable:
        raise Malformed("its schema is not where it should be")
    for i in range(count):
        cell = int.from_bytes(data[first + 2 * i : first + 2 * i + 2], "big")
        if not first <= cell <= usable - 4:
            raise Malformed("its schema is not where it should be")
        if kind == _LEAF:
            yield cell
        else:
            waiting.append(int.from_bytes(data[cell : cell + 4], "big"))
    if kind == _INNER:
        waiting.append(int.from_bytes(data[header + 8 : header + 12], "big"))


def _row(data: bytes, position: int) -> tuple[str, str] | None:
    """Return what a row of the schema stands for and its name, unless it is rows or an index."""
    _, position = _varint(data, position)  # bytes of the row; the first columns are always here
    _, position = _varint(data, position)  # its number
    length, after = _varint(data, position)
    position, end = after, position + length
    kinds: list[int] = []
    while position < end and len(kinds) < _COLUMNS:
        kind, position = _varint(data, position)
        kinds.append(kind)
    texts = [(kind - 13) // 2 if kind >= 13 and kind % 2 else None for kind in kinds[:3]]
    if len(kinds) < _COLUMNS or position != end or texts[0] is None or texts[1] is None:
        raise Malformed("a row of its schema is not known")
    what = data[position : position + texts[0]].decode("latin-1").replace("\0", "").lower()
    named = data[position + texts[0] : position + texts[0] + min(texts[1], 120)]
    name = named.decode("utf-8", "replace").replace("\0", "")
    if what == "index":
        return None
    if what == "table":
        return None if kinds[3] not in (0, 8) else ("a virtual table", name)
    return _ACTS.get(what, "something"), name


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Return a number of up to nine bytes, and where it ends."""
    value = 0
    for i in range(9):
        byte = data[position + i] if position + i < len(data) else -1
        if byte < 0:
            raise Malformed("its schema is cut off")
        if i == 8:
            return value << 8 | byte, position + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, position + i + 1
    raise AssertionError
