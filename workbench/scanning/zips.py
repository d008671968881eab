"""Zip archives read so strictly that no two readers could see different things in them.

Python's zipfile trusts the central directory, torch's reader skips checksums, others start at the
local headers; scanners have been fooled by files that these read differently (CVE-2025-1944,
CVE-2025-1945, CVE-2025-10156; overlapping members after Fifield, "A better zip bomb", WOOT 2019).
What is accepted here: members one after the other from the first byte to the directory, both
headers of each in agreement, the directory at the very end (APPNOTE.TXT 6.3.10).
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from workbench.scanning.contract import Budget
from workbench.scanning.streams import Malformed, at, size_of

__all__ = ["MAX_MEMBERS", "Member", "check_names", "members"]

MAX_MEMBERS = 250_000
MAX_DIRECTORY = 256 << 20  # bytes of a central directory

_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_LOCATOR64 = b"PK\x06\x07"
_CENTRAL = b"PK\x01\x02"
_LOCAL = b"PK\x03\x04"
_DESCRIPTOR = b"PK\x07\x08"
_NOT32 = 0xFFFFFFFF
_NOT16 = 0xFFFF

_LATER = 0x0008  # checksum and sizes follow the data
_UTF8 = 0x0800
_FLAGS = _LATER | _UTF8 | 0x0006  # bits 1 and 2 say how hard deflate tried
_ZIP64 = 0x0001
_NEWEST = 63  # version of the format, times ten, which Python and others read up to
_UNICODE_EXTRAS = (0x7075, 0x6375)  # a second name or comment, which some readers prefer


@dataclass(frozen=True)
class Member:
    """One member: where its bytes lie, how they are packed, and what they must come to.

    Attributes:
        method: 0 for stored, 8 for deflate, others as in APPNOTE.TXT 4.4.5.
        header: offset of the local header.
        start: offset of the (packed) data.
    """

    name: str
    method: int
    crc: int
    packed: int
    size: int
    header: int
    start: int

    @property
    def folder(self) -> bool:
        """Whether it only names a folder."""
        return self.name.endswith("/")


@dataclass(frozen=True)
class _Entry:
    """What the central directory says of a member."""

    raw: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    header: int
    attributes: int
    system: int


def members(stream: BinaryIO, budget: Budget) -> list[Member]:
    """Return the members in the order of their bytes.

    Raises:
        Malformed: anything that readers could disagree on, or that has no place in a model.
        Exhausted: as the budget says.
    """
    start, size, count = _directory(stream)
    if count > MAX_MEMBERS or size > MAX_DIRECTORY:
        raise Malformed("it has too many members")
    entries = sorted(
        _entries(at(stream, start, size), count, budget), key=lambda entry: entry.header
    )
    found = []
    expected = 0
    for i, entry in enumerate(entries):
        end = entries[i + 1].header if i + 1 < len(entries) else start
        if entry.header != expected:
            raise Malformed("its members overlap, or there is something between them")
        found.append(_member(stream, entry, end))
        expected = end
        budget.spend()
    if expected != start:
        raise Malformed("there is something before its directory")
    check_names([member.name for member in found])
    return found


def check_names(names: Iterable[str]) -> None:
    """Check the names of an archive's members, folders with a slash at their end.

    Raises:
        Malformed: a name that leads out of the archive, that systems read differently, or that
            comes twice.
    """
    files: set[str] = set()
    folders: set[str] = set()
    for name in names:
        parts = name.removesuffix("/").split("/")
        if any(part in ("", ".", "..") for part in parts):
            raise Malformed("a name in it leads outside of it")
        if "\\" in name or ":" in name or any(not c.isprintable() for c in name):
            raise Malformed("a name in it has characters that systems read differently")
        folded = unicodedata.normalize("NFC", name.removesuffix("/")).casefold()
        if folded in files or (folded in folders and not name.endswith("/")):
            raise Malformed("a name in it comes twice")
        if not name.endswith("/"):
            files.add(folded)
        steps = folded.split("/")
        above = {"/".join(steps[:n]) for n in range(1, len(steps))}
        folders |= above | ({folded} if name.endswith("/") else set())
        if above & files:
            raise Malformed("a name in it comes twice")
    if folders & files:
        raise Malformed("a name in it comes twice")


def _directory(stream: BinaryIO) -> tuple[int, int, int]:
    """Return where the central directory starts, its size, and how many entries it has."""
    total = size_of(stream)
    end = total - 22
    if end < 0:
        raise Malformed("it is cut off")
    record = at(stream, end, 22)
    magic, disk, first, here, count, size, start, comment = struct.unpack("<4s4H2IH", record)
    if magic != _END or comment:
        raise Malformed("it does not end with its directory: there is something after it")
    if disk or first or here != count:
        raise Malformed("it is one of several parts")
    if end >= 20 and at(stream, end - 20, 4) == _LOCATOR64:
        return _directory64(stream, end - 20, (start, size, count))
    if _NOT32 in (start, size) or count == _NOT16 or start + size != end:
        raise Malformed("its directory is not where it should be")
    return start, size, count


def _directory64(
    stream: BinaryIO, locator: int, short: tuple[int, int, int]
) -> tuple[int, int, int]:
    _, disk, offset, disks = struct.unpack("<4sIQI", at(stream, locator, 20))
    if disk or disks > 1 or offset + 56 != locator:
        raise Malformed("its directory is not where it should be")
    magic, length, _, _, disk, first, here, count, size, start = struct.unpack(
        "<4sQ2H2I4Q", at(stream, offset, 56)
    )
    if magic != _END64 or length != 44 or disk or first or here != count:
        raise Malformed("its directory is damaged")
    if start + size != offset:
        raise Malformed("its directory is not where it should be")
    limits = (_NOT32, _NOT32, _NOT16)
    for said, wide, limit in zip(short, (start, size, count), limits, strict=True):
        if said not in (wide, limit):
            raise Malformed("its two directories disagree")
    return start, size, count


def _entries(data: bytes, count: int, budget: Budget) -> Iterator[_Entry]:
    form = struct.Struct("<4s2B5H3I5H2I")
    position = 0
    for _ in range(count):
        budget.spend()
        if position + 46 > len(data):
            raise Malformed("its directory is cut off")
        fields = form.unpack_from(data, position)
        _, _, system, needed, flags, method, _, _, crc, packed, size = fields[:11]
        named, extra_size, commented, disk, _, attributes, header = fields[11:]
        after = position + 46 + named + extra_size + commented
        if fields[0] != _CENTRAL or disk or commented or after > len(data):
            raise Malformed("its directory is damaged")
        if needed & 0xFF > _NEWEST:
            raise Malformed("a member needs a newer program than there is")
        raw = data[position + 46 : position + 46 + named]
        extra = data[position + 46 + named : after]
        size, packed, header = _wide(extra, [size, packed, header])
        yield _Entry(raw, flags, method, crc, packed, size, header, attributes, system)
        position = after
    if position != len(data):
        raise Malformed("its directory has something after its last entry")


def _wide(extra: bytes, values: list[int]) -> list[int]:
    """Return sizes and offset with the 64-bit ones in place of those that did not fit."""
    position = 0
    seen: set[int] = set()
    while position < len(extra):
        if position + 4 > len(extra):
            raise Malformed("an extra field in it is cut off")
        kind, size = struct.unpack_from("<2H", extra, position)
        body = extra[position + 4 : position + 4 + size]
        if len(body) != size or kind in seen or kind in _UNICODE_EXTRAS:
            raise Malformed("an extra field in it can be read in two ways")
        seen.add(kind)
        if kind == _ZIP64:
            values = _filled(body, values)
        position += 4 + size
    return values


def _filled(body: bytes, values: list[int]) -> list[int]:
    wanted = [i for i, value in enumerate(values) if value == _NOT32]
    if len(body) != 8 * len(wanted):
        raise Malformed("an extra field in it can be read in two ways")
    filled = list(values)
    for i, (wide,) in zip(wanted, struct.iter_unpack("<Q", body), strict=True):
        filled[i] = wide
    return filled


def _member(stream: BinaryIO, entry: _Entry, end: int) -> Member:
    """Return a member whose local header says the same, and whose data end where they should."""
    local = struct.unpack("<4s5H3I2H", at(stream, entry.header, 30))
    magic, needed, flags, method, _, _, crc, packed, size, named, extra_size = local
    rest = at(stream, entry.header + 30, named + extra_size)
    if magic != _LOCAL or (flags, method, rest[:named]) != (entry.flags, entry.method, entry.raw):
        raise Malformed("the two headers of a member disagree")
    if flags & ~_FLAGS or needed & 0xFF > _NEWEST:
        raise Malformed("a member is encrypted, or marked as something that readers ignore")
    size, packed = _wide(rest[named:], [size, packed])
    said, known = (crc, packed, size), (entry.crc, entry.packed, entry.size)
    if said != known and not (flags & _LATER and said == (0, 0, 0)):
        raise Malformed("the two headers of a member disagree")
    start = entry.header + 30 + named + extra_size
    after = start + entry.packed
    if after > end:
        raise Malformed("its members overlap")
    if after != end and not (
        flags & _LATER and _described(at(stream, after, min(end - after, 25)), entry)
    ):
        raise Malformed("there is something between its members")
    name = _name(entry)
    if (method == 0 or name.endswith("/")) and entry.packed != entry.size:
        raise Malformed("a member that is not packed has two sizes")
    if name.endswith("/") and entry.size:
        raise Malformed("a folder in it has contents")
    return Member(name, method, entry.crc, entry.packed, entry.size, entry.header, start)


def _described(found: bytes, entry: _Entry) -> bool:
    """Tell whether the bytes after the data are its checksum and sizes, in any spelling."""
    for form in ("<IQQ", "<III"):
        try:
            plain = struct.pack(form, entry.crc, entry.packed, entry.size)
        except struct.error:  # sizes that need 64 bits
            continue
        if found in (plain, _DESCRIPTOR + plain):
            return True
    return False


def _name(entry: _Entry) -> str:
    kind = entry.attributes >> 16 & 0xF000 if entry.system == 3 else 0
    if kind not in (0, 0x8000, 0x4000):
        raise Malformed("a member is a link or a device")
    try:
        name = entry.raw.decode("utf-8" if entry.flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        raise Malformed("a name in it can be read in two ways") from None
    if not name or name.startswith("/") or (kind == 0x4000) > name.endswith("/"):
        raise Malformed("a name in it leads outside of it")
    return name
