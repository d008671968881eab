"""Bytes read from the low bits of numbers in the usual ways, and what they begin like.

The ways are those of published hiding tools: 1 to 24 low bits of each number, highest or lowest bit
first, along rows or columns. What is recognised is a file's own beginning, a compressed stream that
opens, or text.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.hidden.arrays import MANTISSA, Held

__all__ = ["Layout", "Payload", "extract", "layouts", "recognise", "search"]

WIDTHS = (1, 2, 4, 8, 12, 16, 24)
RUN = 48  # characters of text in a row; random bytes have so many once in 10^20
DIFFERENT = 12  # characters; a repeated number can spell "3333"
WRITTEN = b'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \t\r\n,.;:-_+=/"{}'
TEXT = re.compile(rb"[\x20-\x7e\t\r\n]{%d,}" % RUN)
AT = (0, 4, 8)  # where a stream starts when its length is written before it
OPENS = 256  # bytes that a compressed stream has to open to
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Layout:
    """A way to read bytes from numbers.

    Attributes:
        bits: how many of each number, from the lowest.
        high_first: the highest of them comes first.
        fills_high: a byte is filled from its highest bit.
        columns: numbers are read along columns.
        start: the first number.
    """

    bits: int
    high_first: bool = True
    fills_high: bool = True
    columns: bool = False
    start: int = 0

    def words(self) -> str:
        """Return it in words."""
        along = "columns" if self.columns else "rows"
        first = "highest" if self.high_first else "lowest"
        return f"{self.bits} low bit{'s'[: self.bits != 1]}, {first} first, along {along}"


@dataclass(frozen=True)
class Payload:
    """Something that was recognised."""

    kind: str
    offset: int  # bytes from the start of what was read
    layout: Layout
    runs: bool  # a program


def layouts(kind: str, *, square: bool) -> Iterator[Layout]:
    """Return the ways to read numbers of a kind; ``square`` numbers also along columns."""
    for bits in WIDTHS:
        if bits > MANTISSA[kind] + 1:
            return
        orders = [(True, True), (False, False)]
        if bits in (2, 4, 8):
            orders += [(True, False), (False, True)]
        for high_first, fills_high in orders:
            for columns in (False, True) if square else (False,):
                for start in range(max(8 // bits, 1)):
                    yield Layout(bits, high_first, fills_high, columns, start)


def extract(words: Array, layout: Layout) -> bytes:
    """Return the bytes that numbers hold in a layout.

    Args:
        words: the bits of each number, as whole numbers; of any shape.
        layout: how to read them.
    """
    ordered = words.T if layout.columns else words
    flat = np.ascontiguousarray(ordered).ravel()[layout.start :]
    size = -(-layout.bits // 8)
    low = flat.astype(flat.dtype.newbyteorder("<"), copy=False).view(np.uint8)
    low = low.reshape(len(flat), flat.dtype.itemsize)[:, :size]
    if layout.bits % 8 == 0 and layout.high_first == layout.fills_high:
        picked = low[:, ::-1] if layout.high_first else low
        return np.ascontiguousarray(picked).tobytes()
    bits = np.unpackbits(low, axis=1, bitorder="little")[:, : layout.bits]
    bits = bits[:, ::-1] if layout.high_first else bits
    return np.packbits(bits.ravel(), bitorder="big" if layout.fills_high else "little").tobytes()


def search(held: Held, limit: int, *, text: bool = True) -> Payload | None:
    """Return the first thing that the low bits of floats spell, if anything.

    Args:
        held: floats of any shape; of the first ``limit`` of them.
        limit: how many numbers are read.
        text: whether text counts; numbers that repeat spell much by themselves.
    """
    words = held.words()
    square = words.ndim >= 2 and min(words.shape[0], words.size // words.shape[0]) > 1
    if square:
        words = words.reshape(words.shape[0], -1)
        words = words[: max(limit // words.shape[1], 1)]
    else:
        words = words.ravel()[:limit]
    for layout in layouts(held.kind, square=square):
        found = recognise(extract(words, layout), text=text)
        if found is not None:
            kind, offset, runs = found
            return Payload(kind, offset, layout, runs)
    return None


def recognise(content: bytes, *, text: bool = True) -> tuple[str, int, bool] | None:
    """Return what bytes are: kind, where it begins, and whether it is a program."""
    for kind, magic, confirm, runs in MAGIC:
        place = content.find(magic)
        while place >= 0:
            if confirm(content, place):
                return kind, place, runs
            place = content.find(magic, place + 1)
    for place in AT:
        if _opens(content[place : place + 2**16], zlib.MAX_WBITS):
            return "a compressed stream", place, False
    for match in TEXT.finditer(content) if text else ():
        if _is_text(match[0]):
            return "text", match.start(), False
    return None


def _is_text(run: bytes) -> bool:
    """Tell text from numbers that repeat: many different characters, a few of them often."""
    counts = np.bincount(np.frombuffer(run[:4096], np.uint8), minlength=256)
    written = counts[list(WRITTEN)].sum() >= 0.85 * counts.sum()
    return bool((counts > 0).sum() >= DIFFERENT and written)


def _opens(content: bytes, window: int) -> bool:
    try:
        opened = zlib.decompressobj(window).decompress(content, 4 * OPENS)
    except zlib.error:
        return False
    return len(opened) >= OPENS


def _anywhere(_: bytes, __: int) -> bool:
    return True


def _at_start(_: bytes, place: int) -> bool:
    return place in AT


def _zip(content: bytes, at: int) -> bool:
    """A member's header: a low version, a usual method, a name in plain letters."""
    head = content[at : at + 30]
    if len(head) < 30 or head[4] > 63 or head[5] > 3:
        return False
    method, length = int.from_bytes(head[8:10], "little"), int.from_bytes(head[26:28], "little")
    name = content[at + 30 : at + 30 + length]
    return (
        method in (0, 8, 9, 12, 14, 93, 95) and 0 < len(name) == length < 1024 and b"\0" not in name
    )


def _gzip(content: bytes, at: int) -> bool:
    return content[at + 3] < 32 and _opens(content[at : at + 2**16], 31)


def _elf(content: bytes, at: int) -> bool:
    return content[at + 4] in (1, 2) and content[at + 5] in (1, 2) and content[at + 6] == 1


def _program(content: bytes, at: int) -> bool:
    """A program for Windows: its first header says where the second one is."""
    place = at + int.from_bytes(content[at + 60 : at + 64], "little")
    return at + 64 <= place < at + 4096 and content[place : place + 4] == b"PE\0\0"


def _script(content: bytes, at: int) -> bool:
    return at in AT and content[at + 3 : at + 11].isascii()


def _pickle(content: bytes, at: int) -> bool:
    size = int.from_bytes(content[at + 3 : at + 11], "little")
    framed = content[at + 1] in (4, 5) and content[at + 2] == 0x95
    return framed and 0 < size < 2**40 and at in AT


def _tar(content: bytes, at: int) -> bool:
    return at >= 257 and content[at + 5 : at + 8] in (b"\x0000", b"  \0")


def _guarded(confirm: Callable[[bytes, int], bool]) -> Callable[[bytes, int], bool]:
    """A header that is cut off is none."""

    def ask(content: bytes, at: int) -> bool:
        try:
            return confirm(content, at)
        except IndexError:
            return False

    return ask


# Kind, how it begins, what else has to be there, whether it is a program. A beginning of six bytes
# or more is enough by itself: random bytes have it once in 10^14 places.
MAGIC: tuple[tuple[str, bytes, Callable[[bytes, int], bool], bool], ...] = tuple(
    (kind, magic, _guarded(confirm), runs)
    for kind, magic, confirm, runs in (
        ("a Linux program", b"\x7fELF", _elf, True),
        ("a Windows program", b"MZ", _program, True),
        ("a macOS program", b"\xcf\xfa\xed\xfe", _at_start, True),
        ("a script", b"#!/", _script, True),
        ("a pickle", b"\x80", _pickle, True),
        ("a ZIP archive", b"PK\x03\x04", _zip, False),
        ("a gzip file", b"\x1f\x8b\x08", _gzip, False),
        ("a bzip2 file", b"BZh91AY&SY", _anywhere, False),
        ("an xz file", b"\xfd7zXZ\x00", _anywhere, False),
        ("a 7-Zip archive", b"7z\xbc\xaf\x27\x1c", _anywhere, False),
        ("a Zstandard file", b"\x28\xb5\x2f\xfd", _at_start, False),
        ("a RAR archive", b"Rar!\x1a\x07", _anywhere, False),
        ("a tar archive", b"ustar", _tar, False),
        ("a PDF", b"%PDF-1.", _anywhere, False),
        ("a PNG image", b"\x89PNG\r\n\x1a\n", _anywhere, False),
        ("a JPEG image", b"\xff\xd8\xff\xe0\x00\x10JFIF", _anywhere, False),
        ("an SQLite database", b"SQLite format 3\x00", _anywhere, False),
        ("an HDF5 file", b"\x89HDF\r\n\x1a\n", _anywhere, False),
        ("a Parquet file", b"PAR1", _at_start, False),
        ("an array of numpy", b"\x93NUMPY", _anywhere, False),
        ("an encrypted file", b"age-encryption.org/v1", _anywhere, False),
        ("an encrypted file", b"Salted__", _anywhere, False),
    )
)
