"""Variables of MATLAB, as ``scipy.io.savemat`` and MATLAB 5 to 7 write them: arrays only.

Objects and functions of MATLAB are code, or become what the code of a class makes of them; they
are refused. Every byte belongs to a variable (MAT-File Format, R2023b, chapter 1).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.streams import Malformed, at, head, size_of
from workbench.scanning.unpacking import Start, pieces_of, unpacked
from workbench.scanning.wording import escaped

__all__ = ["scan_mat"]

MAX_DEPTH = 32  # of cells and structures in each other
MAX_NAME = 1 << 20  # bytes of the names of fields
_HEAD = 128
_INT8, _INT32, _UINT32, _MATRIX, _PACKED = 1, 5, 6, 14, 15
_NUMBERS = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8, 16: 1, 17: 2, 18: 4}
_CELL, _STRUCT, _OBJECT, _SPARSE, _FUNCTION, _OPAQUE = 1, 2, 3, 5, 16, 17
_LAST_ARRAY = 15
_CODE = {_OBJECT: "an object", _FUNCTION: "a function", _OPAQUE: "an object"}
_COMPLEX = 0x0800


class _Code(Exception):
    """There is a function or an object; the message says which, and of what class."""


def scan_mat(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found in the variables of a file.

    Raises:
        Exhausted: as the budget says.
    """
    scan = Scan("mat", reason="It holds arrays only, and cannot run code.")
    try:
        start = head(stream, _HEAD)
        order = "<" if start[126:128] == b"IM" else ">"
        if start[116:124].strip(b"\0 "):
            raise _Code("an object")
        reader = _Reader(order, budget)
        total = size_of(stream)
        for kind, at_data, size in reader.elements(stream, _HEAD, total, padded=False):
            if kind == _PACKED:
                pieces = partial(pieces_of, stream, at_data, size, Start.zlib)
                inner, length = unpacked(pieces, budget, size)
                parts = list(reader.elements(inner, 0, length, padded=True))
                if len(parts) != 1 or parts[0][0] != _MATRIX:
                    raise Malformed("something in it is packed that is no variable")
                reader.matrix(inner, *parts[0][1:], depth=0)
            elif kind == _MATRIX:
                reader.matrix(stream, at_data, size, depth=0)
            else:
                raise Malformed("something in it is no variable")
    except _Code as error:
        why = "It holds what code of MATLAB stands behind, which runs when it is loaded or used."
        remedy = "Save plain numbers, texts, cells and structures only."
        scan.add(finding("mat-code", place, str(error), why, remedy=remedy))
    except Malformed as error:
        why = f"It is damaged, so what is in it cannot be known: {error}."
        scan.add(finding("damaged", place, "mat", why, remedy="Save the file again."))
    return scan


class _Reader:
    """Elements in a byte order; each is a type, a size and that many bytes."""

    def __init__(self, order: str, budget: Budget) -> None:
        self._order = order
        self._budget = budget

    def elements(
        self, stream: BinaryIO, start: int, end: int, *, padded: bool
    ) -> Iterator[tuple[int, int, int]]:
        """Yield the type, the place and the size in bytes of each element, without a gap.

        Args:
            padded: whether all of them end on a multiple of eight, counted from their start.
        """
        position = start
        while position < end:
            self._budget.spend()
            tag = at(stream, position, 8)
            kind, size = struct.unpack(self._order + "2I", tag)
            place = position + 8
            if kind >> 16:  # up to four bytes stand in the tag itself
                size, kind, place = kind >> 16, kind & 0xFFFF, position + 4
                after = position + 8
                if size > 4:
                    raise Malformed("a part of it is longer than its place")
            else:
                after = place + size
                if padded or kind != _PACKED:
                    after += -size % 8
            if after > end:
                raise Malformed("it is cut off")
            yield kind, place, size
            position = after

    def matrix(self, stream: BinaryIO, start: int, size: int, depth: int) -> None:
        """Check an array, and what is in it.

        Raises:
            Malformed: its parts are not those that its class has.
            _Code: a function or an object.
            Exhausted: as the budget says.
        """
        if depth > MAX_DEPTH:
            raise Malformed("it is nested too deeply")
        if not size and depth:
            return  # an empty cell
        parts = self.elements(stream, start, start + size, padded=True)
        flags = self._bytes(stream, next(parts, None), _UINT32, 8, whole=True)
        kind = struct.unpack(self._order + "I", flags[:4])[0]
        is_complex, kind = bool(kind & _COMPLEX), kind & 0xFF
        if kind == _OPAQUE:
            raise _Code(_CODE[kind])
        shape = self._bytes(stream, next(parts, None), _INT32, 256)
        sizes = struct.unpack(f"{self._order}{len(shape) // 4}i", shape[: len(shape) // 4 * 4])
        self._bytes(stream, next(parts, None), _INT8, MAX_NAME)
        if kind in _CODE:
            named = self._bytes(stream, next(parts, None), None, 200) if kind == _OBJECT else b""
            name = escaped(named.decode("latin-1")) if named else ""
            raise _Code(f"{_CODE[kind]} {name}".strip())
        if len(sizes) < 2 or len(shape) % 4 or min(sizes) < 0:
            raise Malformed("the shape of an array in it is not known")
        count = 1
        for one in sizes:
            count *= one
        if kind == _CELL:
            self._inner(stream, parts, count, depth)
        elif kind == _STRUCT:
            said = self._bytes(stream, next(parts, None), _INT32, 4, whole=True)
            (width,) = struct.unpack(self._order + "i", said)
            names = self._bytes(stream, next(parts, None), _INT8, MAX_NAME)
            if width <= 0 or len(names) % width:
                raise Malformed("the names of fields in it are damaged")
            self._inner(stream, parts, count * (len(names) // width), depth)
        elif 0 < kind <= _LAST_ARRAY:
            self._numbers(parts, None if kind == _SPARSE else count, is_complex=is_complex)
        else:
            raise Malformed("an array in it is of a class that is not known")

    def _inner(
        self, stream: BinaryIO, parts: Iterator[tuple[int, int, int]], count: int, depth: int
    ) -> None:
        found = 0
        for kind, start, size in parts:
            if kind != _MATRIX:
                raise Malformed("something in a cell is no array")
            found += 1
            self.matrix(stream, start, size, depth + 1)
        if found != count:
            raise Malformed("a cell in it has more or fewer parts than its shape")

    def _numbers(
        self, parts: Iterator[tuple[int, int, int]], count: int | None, *, is_complex: bool
    ) -> None:
        # MATLAB says eight bytes for each sparse truth and writes one: no size is wrong there.
        found = list(parts)
        wanted = (1 if count is not None else 3) + is_complex
        if len(found) not in ((wanted,) if count is not None else (wanted, wanted - 1)):
            raise Malformed("an array in it has more or fewer parts than its class")
        for kind, _, size in found:
            width = _NUMBERS.get(kind)
            if width is None:
                raise Malformed("numbers in it are of a type that is not known")
            if count is not None and kind != 16 and size != count * width:
                raise Malformed("an array in it has more or fewer numbers than its shape")

    def _bytes(
        self,
        stream: BinaryIO,
        part: tuple[int, int, int] | None,
        kind: int | None,
        most: int,
        *,
        whole: bool = False,
    ) -> bytes:
        """Return the bytes of a part of a type: at most, or exactly, so many."""
        if part is None or (kind is not None and part[0] != kind) or part[2] > most:
            raise Malformed("an array in it has no flags, no shape or no name")
        if whole and part[2] != most:
            raise Malformed("an array in it has no flags, no shape or no name")
        return at(stream, part[1], part[2])
