"""7-Zip archives: plain files and folders, each file looked into.

Files that were packed as one are unpacked once, one after the other; nothing is unpacked that is
not looked at, and nothing may be left between or behind the parts.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO

from workbench.scanning.contract import Budget, Exhausted, Scan, Scanner, finding
from workbench.scanning.sevenzip_coders import unpacked_pieces
from workbench.scanning.sevenzip_headers import (
    Entry,
    Folder,
    NotUnderstood,
    Streams,
    read_entries,
    read_streams,
)
from workbench.scanning.streams import Malformed, at, size_of
from workbench.scanning.unpacking import IN_MEMORY, LARGEST_RATIO, again
from workbench.scanning.wording import within
from workbench.scanning.zips import check_names

__all__ = ["scan_sevenzip"]

MAX_HEADER = 64 << 20  # bytes
_START = 32  # bytes of the first header
_NEWEST = 4  # version of the format, after the point
_HEADER, _PACKED_HEADER = b"\x01", b"\x17"
_PIECE = 1 << 20


def scan_sevenzip(stream: BinaryIO, place: str, budget: Budget, *, look: Scanner) -> Scan:
    """Return what was found in the files of a 7-Zip archive."""
    scan = Scan("7z", reason="It is an archive, and all files in it are safe.")
    try:
        found, files = _read(stream, budget)
        check_names(one.name + "/" * one.folder for one in files)
        with budget.deeper():
            names = iter(one.name for one in files if one.filled)
            for folder in found.folders:
                for name, inner in _opened(stream, folder, names, budget):
                    scan.absorb(look(inner, within(place, name), budget))
    except NotUnderstood as error:
        scan.add(
            finding(
                "not-looked-into",
                place,
                "a 7-Zip archive",
                f"It is a 7-Zip archive that cannot be looked into: {error}.",
                remedy="Unpack it first and share what is in it.",
            )
        )
    except Malformed as error:
        scan.add(
            finding(
                "damaged",
                place,
                "7-Zip archive",
                f"Programs could see different things in it: {error}.",
                remedy="Pack plain files and folders only, and pack them again.",
            )
        )
    return scan


def _read(stream: BinaryIO, budget: Budget) -> tuple[Streams, list[Entry]]:
    """Return what the headers say, once every byte of the archive has its place."""
    total = size_of(stream)
    start = at(stream, 0, _START)
    _, major, minor, crc, offset, size, header_crc = struct.unpack("<6sBBIQQI", start)
    if (major, zlib.crc32(start[12:])) != (0, crc) or minor > _NEWEST:
        raise Malformed("its first header is damaged, or of a version that is not known")
    if _START + offset + size != total:
        raise Malformed("it is cut off, or there is something after its end")
    if size > MAX_HEADER:
        raise Malformed("it has too many parts")
    header = at(stream, _START + offset, size)
    if zlib.crc32(header) != header_crc:
        raise Malformed("the checksum of its header does not fit")
    end = offset
    if header.startswith(_PACKED_HEADER):
        packed = read_streams(header[1:], budget)
        if packed.end != offset or len(packed.folders) != 1:
            raise Malformed("there is something before its header")
        header, end = _unpacked_header(stream, packed.folders[0], budget), packed.start
    if not header and not total - _START:
        return Streams(0, 0, ()), []
    if not header.startswith(_HEADER):
        raise NotUnderstood("its header is packed twice, or is of another kind")
    found, files = read_entries(header[1:], budget)
    if found.start or found.end != end:
        raise Malformed("there is something between its parts")
    return found, files


def _unpacked_header(stream: BinaryIO, folder: Folder, budget: Budget) -> bytes:
    ((size, checksum),) = folder.files
    if size > MAX_HEADER:
        raise Malformed("it has too many parts")
    _check_packed(stream, folder, budget)
    flow = _Flow(_pieces(stream, folder), budget)
    header = b"".join(flow.take(size, checksum))
    flow.end()
    return header


def _opened(
    stream: BinaryIO, folder: Folder, names: Iterator[str], budget: Budget
) -> Iterator[tuple[str, BinaryIO]]:
    """Yield each file of a folder, once its size and checksum were found to fit."""
    total = sum(size for size, _ in folder.files)
    if total > max(IN_MEMORY, LARGEST_RATIO * folder.packed):
        raise Exhausted("expanded")
    _check_packed(stream, folder, budget)
    pieces = partial(_pieces, stream, folder)
    flow = _Flow(pieces(), budget)
    start = 0
    for size, checksum in folder.files:
        taken = flow.take(size, checksum)
        if size <= IN_MEMORY:
            inner: BinaryIO = io.BytesIO(b"".join(taken))
        else:
            for _ in taken:
                pass
            inner = again(partial(_from, pieces, start, size), size, budget)
        yield next(names), inner
        start += size
    flow.end()


def _pieces(stream: BinaryIO, folder: Folder) -> Iterator[bytes]:
    return unpacked_pieces(stream, _START, folder)


def _check_packed(stream: BinaryIO, folder: Folder, budget: Budget) -> None:
    if folder.checksum is None:
        return
    crc, left = 0, folder.packed
    stream.seek(_START + folder.start)
    while left and (piece := stream.read(min(left, _PIECE))):
        budget.check()
        crc = zlib.crc32(piece, crc)
        left -= len(piece)
    if left or crc != folder.checksum:
        raise Malformed("the checksum of what is packed does not fit")


def _from(pieces: Callable[[], Iterator[bytes]], start: int, size: int) -> Iterator[bytes]:
    """Yield ``size`` bytes from ``start`` on; what comes before is unpacked on the way."""
    place = 0
    for piece in pieces():
        part = piece[max(0, start - place) : max(0, start + size - place)]
        place += len(piece)
        yield part  # an empty one too, so that whoever reads can stop
        if place >= start + size:
            return


class _Flow:
    """What a folder comes to, taken file by file, and counted as it comes."""

    def __init__(self, pieces: Iterator[bytes], budget: Budget) -> None:
        self._pieces = pieces
        self._budget = budget
        self._left = memoryview(b"")  # of a piece that many small files may be in

    def take(self, size: int, checksum: int | None) -> Iterator[bytes]:
        """Yield the next ``size`` bytes.

        Raises:
            Malformed: there are fewer, or at their end: their checksum is another.
            Exhausted: as the budget says.
        """
        crc = 0
        while size:
            if not self._left:
                self._left = memoryview(self._next())
            part, self._left = bytes(self._left[:size]), self._left[size:]
            crc, size = zlib.crc32(part, crc), size - len(part)
            yield part
        if checksum not in (crc, None):
            raise Malformed("the checksum of a file in it does not fit")

    def end(self) -> None:
        """Raise :class:`Malformed` unless all was taken, and what is packed ends here."""
        if self._left or any(self._pieces):
            raise Malformed("there is something after its last file")

    def _next(self) -> bytes:
        piece = next(self._pieces, None)
        if piece is None:
            raise Malformed("it is cut off")
        self._budget.expand(len(piece))
        return piece
