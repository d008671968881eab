"""A ZIP archive, field by field (APPNOTE 6.3.10): also what no archiver would write."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Entry", "archive", "plain"]


@dataclass(frozen=True)
class Entry:
    """One entry; every field that archives state twice can be made to differ."""

    name: bytes
    data: bytes  # as it stands in the archive
    method: int = 0
    flags: int = 0
    crc: int | None = None
    size: int | None = None  # once unpacked
    packed: int | None = None
    local_name: bytes | None = None
    local_method: int | None = None
    local_flags: int | None = None
    local_extra: bytes = b""
    extra: bytes = b""
    external: int = 0
    at: int | None = None  # where the directory says that the entry begins
    listed: bool = True
    gap: bytes = b""  # before the entry

    @property
    def sums(self) -> tuple[int, int, int]:
        """CRC, packed and unpacked size as the directory states them."""
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        packed = len(self.data) if self.packed is None else self.packed
        return crc, packed, len(self.data) if self.size is None else self.size


def archive(
    entries: Sequence[Entry], *, before: bytes = b"", comment: bytes = b"", count: int | None = None
) -> bytes:
    """Return an archive of these entries, after ``before``, with a comment and a stated count."""
    body, listing = bytearray(before), bytearray()
    for entry in entries:
        body += entry.gap
        start = len(body) if entry.at is None else entry.at
        name = entry.name if entry.local_name is None else entry.local_name
        flags = entry.flags if entry.local_flags is None else entry.local_flags
        method = entry.method if entry.local_method is None else entry.local_method
        body += b"PK\x03\x04" + struct.pack(
            "<5H3I2H", 20, flags, method, 0, 33, *entry.sums, len(name), len(entry.local_extra)
        )
        body += name + entry.local_extra + entry.data
        if entry.listed:
            listing += b"PK\x01\x02" + struct.pack(
                "<6H3I5H2I", 0x0314, 20, entry.flags, entry.method, 0, 33, *entry.sums,
                len(entry.name), len(entry.extra), 0, 0, 0, entry.external, start,
            ) + entry.name + entry.extra  # fmt: skip
    stated = sum(entry.listed for entry in entries) if count is None else count
    end = struct.pack("<4H2IH", 0, 0, stated, stated, len(listing), len(body), len(comment))
    return bytes(body + listing) + b"PK\x05\x06" + end + comment


def plain(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """Return an ordinary archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archived:
        for name, data in files.items():
            archived.writestr(zipfile.ZipInfo(name), data, method)
    return target.getvalue()
