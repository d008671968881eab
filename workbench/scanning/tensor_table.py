"""The table at the start of a safetensors file: which tensors there are, and where their numbers.

Everything that reads such files reads them by this table, so that what was looked into is what is
loaded and marked. Written from the format's description (huggingface/safetensors, "Format"): eight
bytes of length, little-endian; a JSON object; numbers to the end. Its rules are kept strictly: no
name twice, no tensor over another, no hole between them, nothing behind them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any, BinaryIO

from workbench.scanning.documents import LONGEST, parsed
from workbench.scanning.streams import Malformed, at, size_of

__all__ = ["BITS", "METADATA", "Place", "Table", "length", "table"]

MOST_SIDES = 64  # dimensions of a tensor
METADATA = "__metadata__"
# Bits of one number; those below eight are packed.
_TYPES = {
    64: "F64 I64 U64 C64",
    32: "F32 I32 U32",
    16: "F16 BF16 I16 U16",
    8: "BOOL I8 U8 F8_E4M3 F8_E5M2 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ",
    6: "F6_E2M3 F6_E3M2",
    4: "F4",
}
BITS = {name: bits for bits, names in _TYPES.items() for name in names.split()}


@dataclass(frozen=True)
class Place:
    """One tensor: its numbers are from ``start`` to ``end``, bytes from the start of the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


@dataclass(frozen=True)
class Table:
    """A table, read and found to fit its file.

    Attributes:
        places: the tensors, in the order of their numbers.
        metadata: texts by name.
        start: where the numbers begin.
        end: the length of the file.
    """

    places: tuple[Place, ...]
    metadata: dict[str, str]
    start: int
    end: int


def table(stream: BinaryIO, each: Callable[[], None] = lambda: None) -> Table:
    """Return the table of a file; reads nothing else of it, so size does not matter.

    Args:
        each: called for each tensor, to count the work; may raise to stop it.

    Raises:
        Malformed: it is not exactly as the format says.
    """
    end = size_of(stream)
    if end < 10:
        raise Malformed("it is shorter than its own beginning")
    bytes_of_text = length(at(stream, 0, 8))
    if bytes_of_text > min(LONGEST, end - 8):
        raise Malformed("its header is too long")
    text = at(stream, 8, bytes_of_text)
    if text[:1] != b"{":
        raise Malformed("its header does not start as one")
    entries = parsed(text)
    metadata = entries.pop(METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise Malformed("its metadata are not texts")
    start, found = 8 + bytes_of_text, []
    for name, entry in entries.items():
        each()
        found.append(_place(name, entry, start))
    found.sort(key=lambda one: (one.start, one.end, one.name))
    _without_holes(found, start, end)
    return Table(tuple(found), metadata, start, end)


def length(start: bytes) -> int:
    """Return how long the table is, by the first eight bytes of a file."""
    return int.from_bytes(start[:8], "little")


def _place(name: str, entry: Any, start: int) -> Place:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise Malformed("a tensor is not described as it should be")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    bits = BITS.get(dtype) if isinstance(dtype, str) else None
    if bits is None or not _counts(shape) or not _counts(offsets) or len(offsets) != 2:
        raise Malformed("a tensor has a type, shape or place that is not known")
    if prod(shape) * bits != 8 * (offsets[1] - offsets[0]):
        raise Malformed("a tensor takes more or less room than its shape needs")
    return Place(name, dtype, tuple(shape), start + offsets[0], start + offsets[1])


def _without_holes(places: list[Place], start: int, end: int) -> None:
    for one in places:
        if one.start != start:
            raise Malformed("its tensors overlap, or there is a hole between them")
        start = one.end
    if start != end:
        raise Malformed("its tensors do not end where the file does")


def _counts(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_SIDES
        and all(type(n) is int and 0 <= n < 1 << 62 for n in value)
    )
