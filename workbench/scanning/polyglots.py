"""Streams that are one thing to one program and another to the next.

A zip archive is found from its end, a pickle is read from its start and stops before the end, a
tar archive is known by its 257th byte, HDF5 may start at the 513th: one file can be all of them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from workbench.findings.finding import Finding
from workbench.scanning.contract import finding
from workbench.scanning.hdf5 import is_hdf5
from workbench.scanning.streams import tail
from workbench.scanning.tars import is_tar

__all__ = ["ends_in_zip", "second_kinds"]

_TAIL = (1 << 16) + 22 + 20 + 56  # the longest comment, and what may come before it
_END = b"PK\x05\x06"
_REMEDY = "Save the model again, as one kind of file."


def second_kinds(stream: BinaryIO, kind: str, start: bytes, place: str) -> Iterator[Finding]:
    """Yield a finding for each further kind of file that a stream could be read as.

    Args:
        kind: what it was taken for.
        start: its first 512 bytes.
    """
    if kind not in ("zip", "tar") and ends_in_zip(stream):  # one in a tar is looked at there
        why = "A zip archive is hidden at its end, which other programs would open instead."
        yield finding("polyglot", place, f"{kind} and zip", why, remedy=_REMEDY)
    if kind not in ("hdf5", "zip", "tar") and is_hdf5(stream):
        why = "It is an HDF5 file as well, which other programs would open instead."
        yield finding("polyglot", place, f"{kind} and hdf5", why, remedy=_REMEDY)
    if kind != "tar" and is_tar(start):
        why = "It is a tar archive as well, which other programs would open instead."
        yield finding("polyglot", place, f"{kind} and tar", why, remedy=_REMEDY)


def ends_in_zip(stream: BinaryIO) -> bool:
    """Tell whether Python, torch or unzip would find a zip archive from the end of a stream.

    Four bytes alone are found in random numbers by chance, so a directory has to be where its
    end record says.
    """
    data = tail(stream, _TAIL)
    at = data.find(_END)
    while at >= 0:
        if at + 22 <= len(data) and _leads_to_directory(stream, data, at):
            return True
        at = data.find(_END, at + 1)
    return False


def _leads_to_directory(stream: BinaryIO, data: bytes, at: int) -> bool:
    _, disk, _, _, count, size, start, comment = struct.unpack_from("<4s4H2IH", data, at)
    if data[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        return True
    total = stream.seek(0, 2)
    end = total - len(data) + at
    if disk not in (0, 0xFFFF) or at + 22 + comment > len(data) or not count:
        return False
    for place in (end - size, start):
        if 0 <= place < total:
            stream.seek(place)
            if stream.read(4) == b"PK\x01\x02":
                return True
    return False
