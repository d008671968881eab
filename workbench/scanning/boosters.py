"""Models of XGBoost in UBJSON, and of CatBoost: data for programs that only compute with them."""

from __future__ import annotations

import re
import struct
from typing import BinaryIO

from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.streams import Malformed, exactly, head, size_of

__all__ = ["is_catboost", "is_ubjson", "scan_catboost", "scan_ubjson"]

_DEPTH = 64
_WIDTHS = {b"i": 1, b"U": 1, b"I": 2, b"l": 4, b"L": 8, b"d": 4, b"D": 8, b"C": 1}
_WORDS = (b"Z", b"N", b"T", b"F")
_COUNTS = {b"i": ">b", b"U": ">B", b"I": ">h", b"l": ">i", b"L": ">q"}


def is_ubjson(start: bytes) -> bool:
    """Tell whether a stream starts with the one object that XGBoost writes as UBJSON."""
    return (
        re.match(rb"\{(?:L.{7}|[iU]).(?:learner|version|Config|Model)", start, re.DOTALL)
        is not None
    )


def scan_ubjson(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return whether a stream is one proper value of UBJSON (draft 12), to its last byte."""
    scan = Scan("xgboost ubjson", reason="It holds numbers and texts only, and cannot run code.")
    try:
        total = size_of(stream)
        stream.seek(0)
        _Walk(stream, total, budget).value(_letter(stream))
        if stream.tell() != total:
            raise Malformed("there is something after its end")
    except Malformed as error:
        why = f"It is not a proper model of XGBoost: {error}."
        scan.add(finding("damaged", place, "UBJSON", why, remedy="Save the model again."))
    return scan


def _letter(stream: BinaryIO) -> bytes:
    return exactly(stream, 1)


class _Walk:
    """A walk over one value; nothing is kept of it."""

    def __init__(self, stream: BinaryIO, total: int, budget: Budget) -> None:
        self._stream = stream
        self._total = total
        self._budget = budget

    def value(self, kind: bytes, depth: int = 0) -> None:
        """Step over the rest of a value of this kind."""
        self._budget.spend()
        if kind in _WIDTHS:
            self._forward(_WIDTHS[kind])
        elif kind in (b"S", b"H"):
            self._forward(self._count(_letter(self._stream)))
        elif kind in (b"[", b"{") and depth < _DEPTH:
            self._inside(b"]" if kind == b"[" else b"}", depth)
        elif kind not in _WORDS:
            raise Malformed("it holds something of a kind that is not known")

    def _inside(self, closing: bytes, depth: int) -> None:
        """Step over the items of an array or object, counted or up to its end."""
        kind: bytes | None = None
        letter = _letter(self._stream)
        if letter == b"$":
            kind = _letter(self._stream)
            letter = _letter(self._stream)
            if letter != b"#":
                raise Malformed("a list in it has a type and no length")
        if letter == b"#":
            count = self._count(_letter(self._stream))
            self._items(closing, count, kind, depth)
            return
        while letter != closing:
            if letter == b"N":  # means nothing, and stands between items
                letter = _letter(self._stream)
                continue
            if closing == b"}":
                self._forward(self._count(letter))
                letter = _letter(self._stream)
            self.value(letter, depth + 1)
            letter = _letter(self._stream)

    def _items(self, closing: bytes, count: int, kind: bytes | None, depth: int) -> None:
        if closing == b"]" and kind is not None and kind in (*_WIDTHS, *_WORDS):
            self._forward(count * _WIDTHS.get(kind, 0))
            return
        if count > self._total:  # each takes a byte
            raise Malformed("a list in it is longer than the file")
        for _ in range(count):
            if closing == b"}":
                self._forward(self._count(_letter(self._stream)))
            self.value(kind or _letter(self._stream), depth + 1)

    def _count(self, kind: bytes) -> int:
        form = _COUNTS.get(kind)
        if form is None:
            raise Malformed("a length in it is no number")
        (count,) = struct.unpack(form, exactly(self._stream, struct.calcsize(form)))
        if count < 0:
            raise Malformed("a length in it is negative")
        return int(count)

    def _forward(self, size: int) -> None:
        if self._stream.tell() + size > self._total:
            raise Malformed("something in it is longer than the file")
        self._stream.seek(size, 1)


def is_catboost(start: bytes) -> bool:
    """Tell whether a stream starts as CatBoost's own model files do."""
    return start[:4] == b"CBM1"


def scan_catboost(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return whether the core of a CatBoost model fits into the file."""
    budget.spend()
    scan = Scan("catboost", reason="It holds numbers only, for a program that computes with them.")
    start = head(stream, 8)
    size = int.from_bytes(start[4:8], "little")
    if len(start) < 8 or not 0 < size <= size_of(stream) - 8:
        why = "It is not a proper model of CatBoost: it is cut off."
        scan.add(finding("damaged", place, "CBM1", why, remedy="Save the model again."))
    return scan
