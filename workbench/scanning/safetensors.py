"""safetensors files: a JSON header, and numbers that it accounts for to the last byte.

The format's own rules (huggingface/safetensors, "Format") are kept strictly: no tensor overlaps
another, none leaves a hole, nothing follows. Only the header is read, so size does not matter.
"""

from __future__ import annotations

import re
from math import prod
from typing import Any, BinaryIO

from workbench.findings.finding import Level
from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.documents import LONGEST, parsed
from workbench.scanning.streams import Malformed, at, size_of

__all__ = ["is_safetensors", "scan_safetensors"]

# Bits of one element; sub-byte types are packed.
_BITS = {
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("BOOL", "I8", "U8", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 8),
    **dict.fromkeys(("F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "F4": 4,
}
_LARGE = 64 << 10  # characters of metadata; what is usual are a few names
_PACKED = re.compile(r"(?:gA[JQRSU]|H4sI|UEsDB|eJ[wyzx])[A-Za-z0-9+/_-]{12}")


def is_safetensors(start: bytes, total: int) -> bool:
    """Tell whether a stream with these first nine bytes is read as safetensors."""
    return len(start) >= 9 and start[8:9] == b"{" and 0 < _length(start) <= total - 8


def scan_safetensors(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found: whether the header is exact, and what else it carries."""
    scan = Scan("safetensors", reason="It holds plain numbers only, and cannot run code.")
    try:
        header = _header(stream)
        _check_tensors(header, size_of(stream) - 8 - _length(at(stream, 0, 8)), budget)
        note = _check_metadata(header.get("__metadata__", {}))
    except Malformed as error:
        scan.add(
            finding(
                "damaged",
                place,
                "safetensors header",
                f"It is not a proper safetensors file: {error}.",
                remedy="Save the model again.",
            )
        )
        return scan
    if note:
        what, why = note
        remedy = "Look at the metadata, and leave out what need not be there."
        scan.add(finding("metadata", place, what, why, level=Level.concern, remedy=remedy))
    return scan


def _length(start: bytes) -> int:
    return int.from_bytes(start[:8], "little")


def _header(stream: BinaryIO) -> dict[str, Any]:
    length = _length(at(stream, 0, 8))
    if length > LONGEST:
        raise Malformed("its header is too long")
    raw = at(stream, 8, length)
    if raw[:1] != b"{":
        raise Malformed("its header does not start as one")
    header = parsed(raw)
    if not isinstance(header, dict):
        raise Malformed("its header is not an object")
    return header


def _check_tensors(header: dict[str, Any], room: int, budget: Budget) -> None:
    """Check that the tensors lie one after the other, and fill the room exactly."""
    spans = []
    for name, tensor in header.items():
        budget.spend()
        if name == "__metadata__":
            continue
        if not isinstance(tensor, dict) or tensor.keys() != {"dtype", "shape", "data_offsets"}:
            raise Malformed("a tensor is not described as it should be")
        bits = _BITS.get(tensor["dtype"]) if isinstance(tensor["dtype"], str) else None
        shape, offsets = tensor["shape"], tensor["data_offsets"]
        if bits is None or not _counts(shape) or not _counts(offsets) or len(offsets) != 2:
            raise Malformed("a tensor has a type, shape or place that is not known")
        if prod(shape) * bits != 8 * (offsets[1] - offsets[0]):
            raise Malformed("a tensor takes more or less room than its shape needs")
        spans.append((offsets[0], offsets[1]))
    end = 0
    for start, stop in sorted(spans):
        if start != end:
            raise Malformed("its tensors overlap, or there is a hole between them")
        end = stop
    if end != room:
        raise Malformed("its tensors do not end where the file does")


def _counts(value: Any) -> bool:
    return isinstance(value, list) and all(type(n) is int and 0 <= n < 1 << 62 for n in value)


def _check_metadata(metadata: Any) -> tuple[str, str] | None:
    """Return what is odd about the metadata, and why it matters."""
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise Malformed("its metadata are not texts")
    if any(_PACKED.search(value) for value in metadata.values()):
        return "packed data", "Its metadata hold packed data, where texts are expected."
    size = sum(len(key) + len(value) for key, value in metadata.items())
    if size > _LARGE:
        return f"{size} characters", "Its metadata are unusually large, and go wherever it goes."
    return None
