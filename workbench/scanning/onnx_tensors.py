"""Tensors in ONNX models: their data have to fill exactly the shape that they state.

``TensorProto`` of ``onnx.proto``. Runtimes take memory by the shape and copy by it, so a shape
that is larger than the data, negative or beyond any memory crashes them or reads what is not
theirs.
"""

from __future__ import annotations

from math import prod
from typing import BinaryIO

from workbench.scanning.contract import Budget
from workbench.scanning.protobuf import BYTES, VARINT, Field, number, varints
from workbench.scanning.streams import Malformed, exactly

__all__ = ["check_tensor", "sizes_in"]

LARGEST = 1 << 50  # bytes of one tensor
_DIMENSIONS, _KIND, _STRINGS, _RAW, _OUTSIDE = 1, 2, 6, 9, 14
_MOST_SIZES = 32  # numbers that a shape may have
_FLOATS, _INTS, _LONGS, _DOUBLES, _UNSIGNED = 4, 5, 7, 10, 11
_TYPED = (_FLOATS, _INTS, _LONGS, _DOUBLES, _UNSIGNED)
_PIECE = 1 << 20
_STRING = 8
_LAST = bytes(range(128))  # bytes that end a number

# Data type: (bits of one element, the field that holds them, numbers in it for two elements).
_KINDS = {
    1: (32, _FLOATS, 2), 2: (8, _INTS, 2), 3: (8, _INTS, 2), 4: (16, _INTS, 2), 5: (16, _INTS, 2),
    6: (32, _INTS, 2), 7: (64, _LONGS, 2), 9: (8, _INTS, 2), 10: (16, _INTS, 2),
    11: (64, _DOUBLES, 2), 12: (32, _UNSIGNED, 2), 13: (64, _UNSIGNED, 2), 14: (64, _FLOATS, 4),
    15: (128, _DOUBLES, 4), 16: (16, _INTS, 2), **dict.fromkeys(range(17, 21), (8, _INTS, 2)),
    21: (4, _INTS, 1), 22: (4, _INTS, 1), 23: (4, _INTS, 1), 24: (8, _INTS, 2),
}  # fmt: skip


def check_tensor(stream: BinaryIO, plain: list[Field], budget: Budget) -> None:
    """Check the fields of a tensor against each other.

    Raises:
        Malformed: a shape of no size, a type that is not known, or data that do not fill it.
        Exhausted: as the budget says.
    """
    kind = [number(one) for one in plain if one.number == _KIND][-1:]
    shape = [size for one in plain if one.number == _DIMENSIONS for size in _sizes(stream, one)]
    if any(size >= 1 << 63 for size in shape):
        raise Malformed("a tensor in it has a negative size")
    count = prod(shape)
    bits, field, each = _KINDS.get(kind[0] if kind else 0, (8, _STRINGS, 2))
    if bits * count > 8 * LARGEST:
        raise Malformed("a tensor in it is larger than any memory")
    if any(one.number == _OUTSIDE and number(one) == 1 for one in plain):
        return
    if kind == [_STRING]:
        found = sum(one.number == _STRINGS for one in plain)
    elif field == _STRINGS:
        raise Malformed("a tensor in it is of no type that is known")
    else:
        raw = [one for one in plain if one.number == _RAW]
        if raw:
            _check_raw(plain, raw, -(-bits * count // 8))
            return
        if any(one.number in _TYPED and one.number != field for one in plain):
            raise Malformed("a tensor in it has data of another type")
        parts = [one for one in plain if one.number == field]
        found, count = sum(_count(stream, one, budget) for one in parts), -(-count * each // 2)
    if found != count:
        raise Malformed("a tensor in it has more or less data than it states")


def sizes_in(stream: BinaryIO, plain: list[Field]) -> int:
    """Return the product of a tensor's few whole numbers, as of a shape; 1 if it is no such."""
    if [number(one) for one in plain if one.number == _KIND][-1:] != [7]:
        return 1
    found: list[int] = []
    for one in plain:
        if one.number == _RAW and one.size <= 8 * _MOST_SIZES:
            stream.seek(one.start)
            data = exactly(stream, one.size)
            found += [int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data), 8)]
        elif one.number == _LONGS and one.size <= 10 * _MOST_SIZES:
            found += _sizes(stream, one)
    return prod(size for size in found if size < 1 << 63)


def _check_raw(plain: list[Field], raw: list[Field], wanted: int) -> None:
    others = any(one.number in (_STRINGS, *_TYPED) and one.size for one in plain)
    if len(raw) > 1 or others or raw[0].wire != BYTES:
        raise Malformed("a tensor in it has its data twice")
    if raw[0].size != wanted:
        raise Malformed("a tensor in it has more or less data than it states")


def _sizes(stream: BinaryIO, field: Field) -> list[int]:
    if field.wire == VARINT:
        return [field.value]
    if field.wire != BYTES or field.size > 1024:
        raise Malformed("a tensor in it has no shape")
    stream.seek(field.start)
    return varints(exactly(stream, field.size))


def _count(stream: BinaryIO, field: Field, budget: Budget) -> int:
    """Return how many numbers a field holds: one, or many one after the other."""
    if field.wire != BYTES:
        return 1
    width = {_FLOATS: 4, _DOUBLES: 8}.get(field.number, 0)
    if width:
        return field.size // width if field.size % width == 0 else -1
    found, left = 0, field.size
    stream.seek(field.start)
    while left:
        piece = exactly(stream, min(left, _PIECE))
        left -= len(piece)
        budget.spend(1 + len(piece) // 4096)
        found += len(piece) - len(piece.translate(None, _LAST))
        if not left and piece[-1] & 0x80:
            return -1
    return found
