"""The safetensors format: a table of names, types and shapes, then the numbers; nothing runs.

Written from the format's description (https://github.com/huggingface/safetensors#format), with the
widest type first as the reference implementation does. Files are read by the one strict reader of
their tables, :mod:`workbench.scanning.tensor_table`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

import numpy as np

from workbench.errors import InputError, TrustError
from workbench.scanning.streams import Malformed
from workbench.scanning.tensor_table import BITS, METADATA, table

__all__ = ["ITEM_SIZE", "Tensor", "read", "write"]

ALIGNED = 8  # the table is padded with spaces so that numbers start at a multiple of this
NUMPY = {
    "BOOL": "?",
    "U8": "u1",
    "I8": "i1",
    "U16": "<u2",
    "I16": "<i2",
    "U32": "<u4",
    "I32": "<i4",
    "U64": "<u8",
    "I64": "<i8",
    "F16": "<f2",
    "F32": "<f4",
    "F64": "<f8",
    "C64": "<c8",
}
# Bytes of one number. Packed numbers and rarer floats of 8 bits are left out: torch may lack them.
ITEM_SIZE = {name: BITS[name] // 8 for name in (*NUMPY, "BF16", "F8_E4M3", "F8_E5M2")}


@dataclass(frozen=True)
class Tensor:
    """One tensor: its type as the format spells it, its shape, its bytes."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes | memoryview

    @classmethod
    def of(cls, array: np.ndarray[Any, Any]) -> Tensor:
        """Return an array as a tensor.

        Raises:
            InputError: a type that the format does not have, such as objects or text.
        """
        plain = np.asarray(array)
        little = plain.dtype.newbyteorder("<")
        for name, spelled in NUMPY.items():
            if little == np.dtype(spelled):
                solid = np.ascontiguousarray(plain, dtype=little).reshape(plain.shape)
                return cls(name, plain.shape, solid.tobytes())
        raise InputError(
            f"Numbers of type {plain.dtype} have no place in a safetensors file.",
            unchanged="Nothing was written.",
            hint="Convert them to float32, float64 or whole numbers first.",
        )

    def array(self) -> np.ndarray[Any, Any]:
        """Return the numbers; of bfloat16 as float32, which holds each of them exactly.

        Raises:
            InputError: 8-bit floats, which numpy does not have.
        """
        if self.dtype == "BF16":
            wide = np.frombuffer(self.data, "<u2").astype("<u4") << np.uint32(16)
            return wide.view("<f4").reshape(self.shape)
        if self.dtype not in NUMPY:
            raise InputError(
                f"numpy has no numbers of type {self.dtype}.",
                unchanged="Nothing was loaded.",
                hint="Import torch first; they are then loaded as its tensors.",
            )
        return np.frombuffer(self.data, NUMPY[self.dtype]).reshape(self.shape).copy()


def write(
    stream: BinaryIO, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> None:
    """Write tensors by name, in the order of the reference implementation: widest type first.

    Raises:
        InputError: no tensors, or a name that the format keeps for itself.
    """
    if not tensors or METADATA in tensors or "" in tensors:
        raise InputError(
            "There are no tensors to write, or one has a name that the format does not allow.",
            unchanged="Nothing was written.",
        )
    ordered = sorted(tensors, key=lambda name: (-ITEM_SIZE[tensors[name].dtype], name))
    table: dict[str, Any] = {METADATA: dict(metadata)} if metadata else {}
    end = 0
    for name in ordered:
        one = tensors[name]
        start, end = end, end + len(one.data)
        table[name] = {"dtype": one.dtype, "shape": list(one.shape), "data_offsets": [start, end]}
    header = json.dumps(table, separators=(",", ":"), ensure_ascii=False).encode()
    header += b" " * (-len(header) % ALIGNED)
    stream.write(struct.pack("<Q", len(header)) + header)
    for name in ordered:
        stream.write(tensors[name].data)


def read(stream: BinaryIO) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors of a file by name, and its metadata.

    Raises:
        TrustError: anything but what :func:`write` could have written (step ``"model content"``).
    """
    try:
        known = table(stream)
    except Malformed as error:
        _refuse(str(error))
    if not known.places:
        _refuse("it holds no tensors")
    found = {}
    for one in known.places:
        if not one.name or one.dtype not in ITEM_SIZE:
            _refuse("a tensor in it has no name, or a type that is not known here")
        stream.seek(one.start)
        data = stream.read(one.end - one.start)
        if len(data) != one.end - one.start:
            _refuse("it was cut while it was read")
        found[one.name] = Tensor(one.dtype, one.shape, data)
    return found, known.metadata


def _refuse(why: str) -> NoReturn:
    raise TrustError(
        "model content",
        f"this is not a safetensors file that can be loaded: {why}.",
        unchanged="Nothing was loaded.",
        hint="Ask the owner to publish the model again.",
    )
