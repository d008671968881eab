"""Safetensors files: a strict reader of headers, and values as float64 whatever they are kept as.

Source: the safetensors format, version 0.4 and later (8 bytes length, little endian; a JSON header
of at most 100 MB; one buffer without holes). Headers of more than 16 MB are refused here.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from workbench.encoding import parse
from workbench.errors import InputError

__all__ = ["Layout", "Tensor", "as_array", "encoded", "layout", "values"]

MAX_HEADER: Final = 16 * 1024 * 1024
MAX_DIMENSIONS: Final = 16
MAX_SIZE: Final = 2**48  # weights in one tensor
_WIDTHS: Final = {
    4: "F4",
    6: "F6_E2M3 F6_E3M2",
    8: "BOOL U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E5M2FNUZ F8_E4M3FNUZ",
    16: "I16 U16 F16 BF16",
    32: "I32 U32 F32",
    64: "I64 U64 F64 C64",
}
BITS: Final = {name: bits for bits, names in _WIDTHS.items() for name in names.split()}
_TYPES: Final = "F16:f2 BF16:u2 F32:f4 F64:f8 I8:i1 U8:u1 I16:i2 U16:u2 I32:i4 U32:u4 I64:i8 U64:u8"
READ_AS: Final = {name: "<" + kind for name, kind in (x.split(":") for x in _TYPES.split())}

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tensor:
    """One tensor: its place is ``start`` to ``end``, in bytes from the start of the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def width(self) -> int:
        """Bytes of one number; 0 if it is not read here."""
        return BITS[self.dtype] // 8 if self.dtype in READ_AS else 0


@dataclass(frozen=True)
class Layout:
    """The tensors of a file in the order of their places; ``end`` is the length of the file."""

    tensors: tuple[Tensor, ...]
    start: int
    end: int


def layout(stream: BinaryIO) -> Layout:
    """Return where the tensors of a file are; reads its header only.

    Raises:
        InputError: not a safetensors file, or one in which tensors overlap, leave holes, or do not
            fit their shape.
    """
    end = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    length = int.from_bytes(stream.read(8), "little")
    if end < 10 or length > min(end - 8, MAX_HEADER):
        raise _bad("its header does not fit into it")
    text = stream.read(length)
    if len(text) != length or not text.startswith(b"{"):
        raise _bad("it has no header")
    header = parse(text, limit=MAX_HEADER)
    start = 8 + length
    found = [_tensor(name, one, start) for name, one in header.items() if name != "__metadata__"]
    found.sort(key=lambda one: (one.start, one.end, one.name))
    at = start
    for one in found:
        if one.start != at:
            raise _bad("its tensors overlap or leave holes")
        at = one.end
    if at != end:
        raise _bad("its tensors do not fill it")
    return Layout(tuple(found), start, end)


def values(stream: BinaryIO, tensor: Tensor, first: int = 0, count: int | None = None) -> Floats:
    """Return ``count`` numbers of a tensor from number ``first`` on, as a flat array.

    Raises:
        InputError: a number format that is not read here, or the file is shorter than it was.
    """
    if not tensor.width:
        raise InputError(f"Numbers of the format {tensor.dtype} cannot be read.")
    count = tensor.size - first if count is None else min(count, tensor.size - first)
    stream.seek(tensor.start + first * tensor.width)
    data = stream.read(count * tensor.width)
    if len(data) != count * tensor.width:
        raise _bad("it ends early")
    kept = np.frombuffer(data, READ_AS[tensor.dtype])
    if tensor.dtype == "BF16":
        kept = (kept.astype(np.uint32) << 16).view(np.float32)
    with np.errstate(invalid="ignore"):  # NaN of the signalling kind
        return kept.astype(np.float64)


def as_array(stream: BinaryIO, tensor: Tensor) -> Floats:
    """Return all numbers of a tensor in its shape."""
    return values(stream, tensor).reshape(tensor.shape)


def encoded(numbers: Floats, dtype: str) -> bytes:
    """Return numbers in a file's format, rounded to the nearest, ties to even.

    Raises:
        InputError: ``dtype`` is not one of F16, BF16, F32, F64.
    """
    with np.errstate(over="ignore"):
        if dtype == "BF16":
            whole = numbers.astype("<f4").view("<u4").astype(np.uint64)
            return ((whole + 0x7FFF + ((whole >> 16) & 1)) >> 16).astype("<u2").tobytes()
        if dtype in ("F16", "F32", "F64"):
            return numbers.astype(READ_AS[dtype]).tobytes()
    raise InputError(f"Numbers of the format {dtype} cannot be written.")


def _tensor(name: str, entry: Any, start: int) -> Tensor:
    """Return a tensor from its entry in a header; each field is what the format says, or none."""
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise _bad("an entry of its header has other fields")
    dtype, shape, place = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in BITS:
        raise _bad("it has a number format that is not known")
    if not _counts(shape, MAX_DIMENSIONS) or math.prod(shape) > MAX_SIZE:
        raise _bad("a tensor's shape is out of range")
    if not _counts(place, 2) or len(place) != 2:
        raise _bad("a tensor's place is out of range")
    bits = math.prod(shape) * BITS[dtype]
    if bits % 8 or place[1] - place[0] != bits // 8:
        raise _bad("a tensor's place does not fit its shape")
    return Tensor(name, dtype, tuple(shape), start + place[0], start + place[1])


def _counts(value: Any, most: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= most
        and all(type(one) is int and 0 <= one <= MAX_SIZE * 8 for one in value)
    )


def _bad(why: str) -> InputError:
    return InputError(
        f"This is not a proper safetensors file: {why}.",
        unchanged="Nothing was read from it.",
        hint="Save the weights with safetensors again.",
    )
