"""Pictures whose headers say how long they are or where their parts lie: BMP, TIFF and WebP."""

from __future__ import annotations

import struct
from typing import BinaryIO

from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.streams import Malformed, at, head, size_of

__all__ = ["scan_bmp", "scan_tiff", "scan_webp"]

MAX_ENTRIES = 4096  # of a directory of a TIFF picture; there are fewer than 100 in use
_REASON = "It is a picture, and cannot run code."
# Bytes of a value of each type (TIFF 6.0, section 2; the last three are BigTIFF's).
_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4,
           16: 8, 17: 8, 18: 8}  # fmt: skip


def scan_bmp(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found: whether a BMP picture is as long as it says."""
    budget.check()
    scan = Scan("bmp", reason=_REASON)
    total = size_of(stream)
    said, pixels = struct.unpack("<2xI4xI", head(stream, 14))
    if said != total or pixels > total:
        _damaged(scan, place, "it is not as long as it says, or its numbers are not inside it")
    return scan


def scan_webp(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found: whether a WebP picture is chunks from its start to its end."""
    scan = Scan("webp", reason=_REASON)
    total = size_of(stream)
    (said,) = struct.unpack("<4xI", head(stream, 8))
    try:
        if said + 8 != total:
            raise Malformed("it is not as long as it says")
        position = 12
        while position < total:
            budget.spend()
            (size,) = struct.unpack("<4xI", at(stream, position, 8))
            position += 8 + size + size % 2
        if position != total:
            raise Malformed("a part of it is cut off")
    except Malformed as error:
        _damaged(scan, place, str(error))
    return scan


def scan_tiff(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found: whether all directories of a TIFF picture, and values, are inside."""
    scan = Scan("tiff", reason=_REASON)
    try:
        _check_directories(stream, budget)
    except Malformed as error:
        _damaged(scan, place, str(error))
    return scan


def _check_directories(stream: BinaryIO, budget: Budget) -> None:
    total = size_of(stream)
    start = head(stream, 16)
    order = "<" if start[:2] == b"II" else ">"
    large = struct.unpack(order + "H", start[2:4])[0] == 43
    number, counted, entry = (
        order + one for one in (("Q", "Q", "HHQ") if large else ("I", "H", "HHI"))
    )
    width = struct.calcsize(number)
    seen: set[int] = set()
    (offset,) = struct.unpack_from(number, start.ljust(16, b"\0"), 8 if large else 4)
    while offset:
        if offset in seen:
            raise Malformed("its parts have no end")
        seen.add(offset)
        (count,) = struct.unpack(counted, at(stream, offset, struct.calcsize(counted)))
        if count > MAX_ENTRIES:
            raise Malformed("it has too many parts")
        budget.spend(1 + count)
        step = struct.calcsize(entry) + width
        offset += struct.calcsize(counted)
        rows = at(stream, offset, count * step)
        for i in range(count):
            _, kind, values = struct.unpack_from(entry, rows, i * step)
            length = values * _WIDTHS.get(kind, 1)
            (place,) = struct.unpack_from(number, rows, i * step + struct.calcsize(entry))
            if length > width and place + length > total:
                raise Malformed("it points outside itself")
        (offset,) = struct.unpack(number, at(stream, offset + count * step, width))


def _damaged(scan: Scan, place: str, why: str) -> None:
    remedy = "Save it again."
    scan.add(finding("damaged", place, scan.kind, f"It is damaged: {why}.", remedy=remedy))
