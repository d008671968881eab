"""Tables as XGBoost keeps them for itself: numbers and names, accounted for to the last byte.

Fields with a name, a type and a shape each, then the rows that hold numbers (``MetaInfo`` and
``SparsePage`` in XGBoost's ``src/data``, 1.0 to 3.2).
"""

from __future__ import annotations

import sys
from array import array
from typing import BinaryIO

from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.streams import Malformed, exactly, size_of, unpack

__all__ = ["scan_dmatrix"]

_MARK = 12  # bytes of the mark that all such files start with
MAX_FIELDS = 64
MAX_NAME = 1 << 16  # bytes of a field's name, or of a column's
_WIDTHS = {1: 4, 2: 8, 3: 4, 4: 8}  # bytes of a number of each type
_TEXTS = 5
_PIECE = 1 << 20


def scan_dmatrix(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found: whether all of it is fields and rows, and the rows lie inside.

    Raises:
        Exhausted: as the budget says.
    """
    scan = Scan("xgboost data", reason="It holds numbers and names only, and cannot run code.")
    try:
        stream.seek(_MARK)
        major, *_ = unpack(stream, "<3i")
        (count,) = unpack(stream, "<Q")
        if not 1 <= major <= 9 or count > MAX_FIELDS:
            raise Malformed("its version is not known")
        sizes: dict[bytes, int] = {}
        for _ in range(count):
            _field(stream, sizes, budget)
        _check_rows(stream, sizes, budget)
    except Malformed as error:
        why = f"It is damaged, so reading it could go wrong: {error}."
        remedy = "Save the table again, or share it as CSV or Parquet."
        scan.add(finding("damaged", place, "xgboost data", why, remedy=remedy))
    return scan


def _field(stream: BinaryIO, sizes: dict[bytes, int], budget: Budget) -> None:
    """Pass over a field; a single number is kept in ``sizes``."""
    budget.spend()
    name = exactly(stream, _bounded(stream, MAX_NAME))
    kind, single = unpack(stream, "<BB")
    if name in sizes or single > 1 or kind not in (*_WIDTHS, _TEXTS) or (single and kind == _TEXTS):
        raise Malformed("a field in it comes twice, or is of a type that is not known")
    if single:
        sizes[name] = int.from_bytes(exactly(stream, _WIDTHS[kind]), "little")
        return
    sizes[name] = 0
    rows, columns = unpack(stream, "<2Q")
    count = _bounded(stream, _rest(stream))
    if count not in (rows * columns, 0) or (rows and columns and not count):
        raise Malformed("a field in it has another shape than its numbers")
    if kind != _TEXTS:
        _skip(stream, count * _WIDTHS[kind])
    elif name == b"cats":  # the categories, as XGBoost packs them
        _skip(stream, count)
    else:
        for _ in range(count):
            budget.spend()
            _skip(stream, _bounded(stream, MAX_NAME))


def _check_rows(stream: BinaryIO, sizes: dict[bytes, int], budget: Budget) -> None:
    """Check that each row starts where the one before ends, and names a column that there is."""
    wanted = [sizes.get(name, -1) for name in (b"num_row", b"num_col", b"num_nonzero")]
    rows, columns, filled = wanted
    before = -1
    left = _bounded(stream, _rest(stream) // 8)
    if left != rows + 1 or min(wanted) < 0:
        raise Malformed("it has more or fewer rows than it says")
    while left:
        budget.check()
        piece = _numbers("Q", exactly(stream, 8 * min(left, _PIECE)))
        if (before < 0 and piece[0]) or before > piece[0] or list(piece) != sorted(piece):
            raise Malformed("its rows do not follow each other")
        before, left = piece[-1], left - len(piece)
    left = _bounded(stream, _rest(stream) // 8)
    if not before == left == filled or 8 * left != _rest(stream):
        raise Malformed("it has more or fewer numbers than it says")
    while left:
        budget.check()
        numbers = _numbers("I", exactly(stream, 8 * min(left, _PIECE)))
        if max(numbers[::2]) >= columns:
            raise Malformed("a row in it names a column that there is not")
        left -= len(numbers) // 2


def _numbers(kind: str, data: bytes) -> array[int]:
    found = array(kind, data)
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _rest(stream: BinaryIO) -> int:
    """Return how many bytes come after the place where a stream stands, which it keeps."""
    here = stream.tell()
    total = size_of(stream)
    stream.seek(here)
    return total - here


def _bounded(stream: BinaryIO, most: int) -> int:
    (count,) = unpack(stream, "<Q")
    if count > most:
        raise Malformed("it is cut off")
    return int(count)


def _skip(stream: BinaryIO, size: int) -> None:
    if size > _rest(stream):
        raise Malformed("it is cut off")
    stream.seek(size, 1)
