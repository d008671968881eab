"""Single compressed streams: unpacked within bounds, then looked into as what they hold.

joblib and many others unpack by content, without being asked, so a compressed pickle is a pickle.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO

from workbench.scanning.contract import Budget, Scan, Scanner, finding
from workbench.scanning.streams import Malformed, size_of
from workbench.scanning.unpacking import IN_MEMORY, Start, pieces_of, unpacked
from workbench.scanning.wording import within

__all__ = ["COMPRESSED", "UNREADABLE", "salvaged", "scan_compressed", "scan_unreadable"]

_STEP = 256  # bytes unpacked at a time where an error is expected

# Kind: (how to unpack it, what another stream right after it starts with). Readers of the formats
# that allow for none here do not agree on whether they go on with it.
COMPRESSED: dict[str, tuple[Callable[[], Any], bytes]] = {
    "gzip": (Start.gzip, b"\x1f\x8b"),
    "bzip2": (Start.bzip2, b"BZh"),
    "xz": (Start.xz, b"\xfd7zXZ\0"),
    "lzma": (Start.lzma, b""),
    "zlib": (Start.zlib, b""),
    "zstd": (Start.zstd, b""),
    "lz4": (Start.lz4, b""),
}
# Kind: what people call it.
UNREADABLE = {
    "old lz4": "LZ4 data of the old form",
    "compress": "a file of compress (.Z)",
    "rar": "a RAR archive",
    "zfile": "a compressed file of an old joblib",
}


def scan_compressed(
    stream: BinaryIO, place: str, budget: Budget, *, kind: str, look: Scanner
) -> Scan:
    """Return what was found in what a compressed stream unpacks to.

    Args:
        kind: one of :data:`COMPRESSED`.
        look: looks into what comes out.
    """
    scan = Scan(kind)
    begin, again = COMPRESSED[kind]
    pieces = partial(pieces_of, stream, 0, size_of(stream), begin, again)
    try:
        with budget.deeper():
            inner, _ = unpacked(pieces, budget, size_of(stream))
            found = look(inner, within(place, "contents"), budget)
    except Malformed as error:
        scan.add(
            finding(
                "damaged",
                place,
                f"{kind} data",
                f"It is damaged, so what is in it cannot be known: {error}.",
                remedy="Save the file again.",
            )
        )
        return scan
    scan.kind = f"{kind} of {found.kind}"[:60]
    scan.reason = found.reason
    scan.absorb(found)
    return scan


def scan_unreadable(place: str, kind: str) -> Scan:
    """Return that data of a ``kind`` of :data:`UNREADABLE` are refused: nobody looked inside."""
    scan = Scan(kind)
    scan.add(
        finding(
            "not-looked-into",
            place,
            UNREADABLE[kind],
            f"It is {UNREADABLE[kind]}, which cannot be looked into.",
            remedy="Unpack it first and share what is in it.",
        )
    )
    return scan


def salvaged(stream: BinaryIO, budget: Budget) -> bytes:
    """Return what comes out of a stream read as zlib data, up to where it is damaged.

    Two bytes are all that marks zlib data, and a text may start with the same. A program that
    unpacks it works with what came out before it meets the error.

    Raises:
        Exhausted: as the budget says.
    """
    inner = zlib.decompressobj(15)
    out = bytearray()
    stream.seek(0)
    while not inner.eof and len(out) < IN_MEMORY and (piece := stream.read(_STEP)):
        before = inner.copy()
        try:
            out += inner.decompress(piece)
        except zlib.error:
            return bytes(out + _bytewise(before, piece))
        budget.expand(_STEP)
    return bytes(out)


def _bytewise(inner: Any, piece: bytes) -> bytes:
    out = b""
    try:
        for i in range(len(piece)):
            out += inner.decompress(piece[i : i + 1])
    except zlib.error:
        pass
    return out
