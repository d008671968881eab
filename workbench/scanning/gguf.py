"""GGUF files: settings, a chat template, and quantised tensors.

The format is that of ggml (docs/gguf.md), versions 2 and 3, little-endian. Counts and lengths are
checked against the file before they are believed: readers have written past their buffers for
want of that (CVE-2024-25664 to -25668, CVE-2024-23496).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import BinaryIO

from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.streams import Malformed, at, exactly, size_of, unpack
from workbench.scanning.templates import LONGEST, check_template

__all__ = ["MAGIC", "scan_gguf"]

MAGIC = b"GGUF"
_NAME = 65_535  # bytes of a setting's name, as the format says
_TENSOR_NAME = 64
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # value types
_STRING, _ARRAY = 8, 9
_TEMPLATES = "tokenizer.chat_template"  # and others by name behind that
# Tensor types: (elements of a block, its bytes), from ggml's table of type traits.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 36), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip


def scan_gguf(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found: whether all counts and sizes fit, and whether its template is safe."""
    scan = Scan("gguf", reason="It holds settings and numbers only, and its template is harmless.")
    try:
        total = size_of(stream)
        magic, version, tensors, settings = _opening(stream)
        if magic != MAGIC or version not in (2, 3):
            raise Malformed("its version is not known")
        if tensors * 24 + settings * 13 > total:
            raise Malformed("it says that it holds more than there is room for")
        alignment = 32
        for name, value in _settings(stream, settings, total, budget):
            if name == "general.alignment":
                alignment = int.from_bytes(value, "little")
            elif name.startswith(_TEMPLATES):
                for one in check_template(_text(value), place, budget):
                    scan.add(one)
        if alignment not in {1 << n for n in range(3, 21)}:
            raise Malformed("its alignment is impossible")
        _check_tensors(stream, tensors, alignment, total, budget)
    except Malformed as error:
        scan.add(
            finding(
                "damaged",
                place,
                "GGUF header",
                f"It is not a proper GGUF file: {error}.",
                remedy="Convert the model again.",
            )
        )
    return scan


def _opening(stream: BinaryIO) -> tuple[bytes, int, int, int]:
    stream.seek(0)
    magic, version, tensors, settings = unpack(stream, "<4sIQQ")
    return magic, version, tensors, settings


def _settings(
    stream: BinaryIO, count: int, total: int, budget: Budget
) -> Iterator[tuple[str, bytes]]:
    """Yield each setting with the bytes of its value: a number, a text, each template."""
    seen: set[str] = set()
    for _ in range(count):
        budget.spend()
        name = _text(_string(stream, _NAME, total))
        if not name or name in seen:
            raise Malformed("a setting comes twice")
        seen.add(name)
        (kind,) = unpack(stream, "<I")
        if kind == _ARRAY:
            for text in _array(stream, total, budget, kept=name.startswith(_TEMPLATES)):
                yield name, text
        elif kind == _STRING:
            yield name, _string(stream, 4 * LONGEST, total)
        elif kind in _SIZES:
            yield name, exactly(stream, _SIZES[kind])
        else:
            raise Malformed("a setting has a type that is not known")


def _array(stream: BinaryIO, total: int, budget: Budget, *, kept: bool) -> Iterator[bytes]:
    """Pass over a list; yield its texts if they are to be kept."""
    kind, count = unpack(stream, "<IQ")
    if kind == _STRING:
        if count * 8 > total:
            raise Malformed("a list is longer than the file")
        for _ in range(count):
            budget.spend()
            if kept:
                yield _string(stream, 4 * LONGEST, total)
            else:
                (length,) = unpack(stream, "<Q")
                _forward(stream, length, total)
    elif kind in _SIZES:
        _forward(stream, count * _SIZES[kind], total)
    else:
        raise Malformed("a list has a type that is not known")


def _forward(stream: BinaryIO, size: int, total: int) -> None:
    if stream.tell() + size > total:
        raise Malformed("something in it is longer than the file")
    stream.seek(size, 1)


def _string(stream: BinaryIO, longest: int, total: int) -> bytes:
    (length,) = unpack(stream, "<Q")
    if length > min(longest, total):
        raise Malformed("a text in it is too long")
    return exactly(stream, length)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("a text in it is not UTF-8") from None


def _check_tensors(
    stream: BinaryIO, count: int, alignment: int, total: int, budget: Budget
) -> None:
    """Check that the tensors lie one after the other up to the end, as llama.cpp expects."""
    seen: set[bytes] = set()
    expected = 0
    for _ in range(count):
        budget.spend()
        name = _string(stream, _TENSOR_NAME, total)
        (dimensions,) = unpack(stream, "<I")
        if name in seen or not 0 < dimensions <= 4:
            raise Malformed("a tensor comes twice, or has too many dimensions")
        seen.add(name)
        shape = unpack(stream, f"<{dimensions}Q")
        kind, offset = unpack(stream, "<IQ")
        elements, size = _BLOCKS.get(kind, (0, 0))
        if not elements or shape[0] % elements or max(shape) > 1 << 48:
            raise Malformed("a tensor has a type or shape that is not known")
        if offset != expected:
            raise Malformed("its tensors overlap, or there is a hole between them")
        length = prod(shape) // elements * size
        end = offset + length
        expected = end + -end % alignment
    start = stream.tell() + -stream.tell() % alignment
    if count and not start + end <= total <= start + expected:
        raise Malformed("its tensors do not end where the file does")
    rest = total - (start + end) if count else total - stream.tell()
    if not count and rest >= alignment:
        raise Malformed("there is something after its end")
    if rest > 0 and at(stream, total - rest, rest).strip(b"\0"):
        raise Malformed("there is something after its end")
