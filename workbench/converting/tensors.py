"""The safetensors format: a table of names, types and shapes, then the numbers; nothing runs.

Written from the format's description (https://github.com/huggingface/safetensors#format): eight
bytes with the length of the table, the table as JSON, the numbers without gaps in little-endian
order. What the description leaves open is refused: names given twice, gaps, overlaps, sizes that do
not fit their shapes.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

import numpy as np

from workbench.errors import InputError, TrustError

__all__ = ["ITEM_SIZE", "Tensor", "read", "write"]

MAX_HEADER = 100_000_000  # bytes; the bound of the reference implementation
MAX_TENSORS = 1_000_000
MAX_DIMENSIONS = 64
METADATA = "__metadata__"
ALIGNED = 8  # the table is padded with spaces so that numbers start at a multiple of this
ITEM_SIZE = {
    "BOOL": 1,
    "U8": 1,
    "I8": 1,
    "U16": 2,
    "I16": 2,
    "U32": 4,
    "I32": 4,
    "U64": 8,
    "I64": 8,
    "F8_E4M3": 1,
    "F8_E5M2": 1,
    "F16": 2,
    "BF16": 2,
    "F32": 4,
    "F64": 8,
    "C64": 8,
}
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
    size = stream.seek(0, 2)
    stream.seek(0)
    first = stream.read(8)
    if len(first) != 8:
        _refuse("it is shorter than its own beginning")
    (length,) = struct.unpack("<Q", first)
    if length > min(MAX_HEADER, size - 8):
        _refuse("its table does not fit into the file")
    table = _parsed(stream.read(length))
    metadata = _metadata(table.pop(METADATA, {}))
    if not table or len(table) > MAX_TENSORS:
        _refuse("it holds no tensors, or too many")
    places = {name: _place(name, entry) for name, entry in table.items()}
    end = 0
    for start, stop, _, _ in sorted(places.values()):
        if start != end:
            _refuse("there are gaps or overlaps between its tensors")
        end = stop
    if 8 + length + end != size:
        _refuse("its numbers do not end where the file ends")
    found = {}
    for name, (start, stop, dtype, shape) in places.items():
        stream.seek(8 + length + start)
        data = stream.read(stop - start)
        if len(data) != stop - start:
            _refuse("it was cut while it was read")
        found[name] = Tensor(dtype, shape, data)
    return found, metadata


def _parsed(header: bytes) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name is given twice")
        return found

    try:
        table = json.loads(header.decode("utf-8"), object_pairs_hook=once)
    except (ValueError, RecursionError):
        _refuse("its table cannot be read")
    if not isinstance(table, dict):
        _refuse("its table is none")
    return table


def _metadata(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        _refuse("its notes are not text")
    return value


def _place(name: str, entry: object) -> tuple[int, int, str, tuple[int, ...]]:
    """Return start, end, type and shape of an entry in the table."""
    if not name or not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        _refuse("an entry of its table is not as it has to be")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    whole = isinstance(shape, list) and isinstance(offsets, list)
    if not whole or not all(type(one) is int and 0 <= one < 2**63 for one in [*shape, *offsets]):
        _refuse("a shape or a place in its table is no list of whole numbers")
    known = isinstance(dtype, str) and dtype in ITEM_SIZE
    if not known or len(shape) > MAX_DIMENSIONS or len(offsets) != 2:
        _refuse("a type or a shape in its table is not known")
    if offsets[1] - offsets[0] != math.prod(shape) * ITEM_SIZE[dtype]:
        _refuse("a tensor's size does not fit its shape")
    return offsets[0], offsets[1], dtype, tuple(shape)


def _refuse(why: str) -> NoReturn:
    raise TrustError(
        "model content",
        f"this is not a safetensors file that can be loaded: {why}.",
        unchanged="Nothing was loaded.",
        hint="Ask the owner to publish the model again.",
    )
