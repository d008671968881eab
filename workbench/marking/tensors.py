"""Numbers in safetensors files: as float64 whatever they are kept as, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.scanning.streams import Malformed
from workbench.scanning.tensor_table import BITS, Place, table

__all__ = ["Layout", "Tensor", "as_array", "encoded", "layout", "values"]

_TYPES: Final = "F16:f2 BF16:u2 F32:f4 F64:f8 I8:i1 U8:u1 I16:i2 U16:u2 I32:i4 U32:u4 I64:i8 U64:u8"
READ_AS: Final = {name: "<" + kind for name, kind in (x.split(":") for x in _TYPES.split())}

Floats = NDArray[np.float64]


class Tensor(Place):
    """One tensor of a file."""

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
    try:
        found = table(stream)
    except Malformed as error:
        raise _bad(str(error)) from error
    tensors = [Tensor(**vars(one)) for one in found.places]
    return Layout(tuple(tensors), found.start, found.end)


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


def _bad(why: str) -> InputError:
    return InputError(
        f"This is not a proper safetensors file: {why}.",
        unchanged="Nothing was read from it.",
        hint="Save the weights with safetensors again.",
    )
