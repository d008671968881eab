"""Tar archives: plain files and folders only, with long names as GNU tar and pax write them.

Links, devices, sparse files and names that lead elsewhere are what makes unpacking dangerous
(CVE-2007-4559); none has a place in a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from workbench.scanning.contract import Budget, Scan, Scanner, finding
from workbench.scanning.streams import Malformed, at, part, size_of
from workbench.scanning.wording import within
from workbench.scanning.zips import check_names

__all__ = ["is_tar", "scan_tar"]

MAX_NAME = 64 << 10  # bytes of a long name, or of a pax header
_BLOCK = 512
_PIECE = 1 << 20
_MAGICS = (b"ustar\x0000", b"ustar  \0")
_OCTAL = re.compile(rb"[\0 ]*[0-7]+[\0 ]*\Z")
_PAX = re.compile(rb"([1-9][0-9]{0,5}) ([^=\n\0]+)=")
# What a pax header may say. Others change how the data are read, or are unknown.
_HARMLESS = re.compile(
    r"(?:[amc]time|[ug]id|[ug]name|comment|SCHILY\.(?:dev|ino|nlink|xattr\..*)|"
    r"LIBARCHIVE\.(?:creationtime|xattr\..*))\Z",
    re.DOTALL,
)


@dataclass(frozen=True)
class _Member:
    name: str
    start: int
    size: int
    folder: bool
    link: bool = False


def is_tar(start: bytes) -> bool:
    """Tell whether a stream with this first block would be read as a tar archive.

    As Python does, by the checksum alone; old archives have no other mark.
    """
    return len(start) >= _BLOCK and start[:_BLOCK].strip(b"\0") != b"" and _sum_fits(start[:_BLOCK])


def scan_tar(stream: BinaryIO, place: str, budget: Budget, *, look: Scanner) -> Scan:
    """Return what was found in the members of a tar archive."""
    scan = Scan("tar", reason="It is an archive, and all files in it are safe.")
    try:
        found = list(_members(stream, budget))
        check_names(one.name for one in found)
    except Malformed as error:
        scan.add(
            finding(
                "damaged",
                place,
                "tar archive",
                f"Unpacking it is not safe: {error}.",
                remedy="Pack plain files and folders only, and pack them again.",
            )
        )
        return scan
    with budget.deeper():
        for one in found:
            if not one.folder and not one.link:
                inner = part(stream, one.start, one.size)
                scan.absorb(look(inner, within(place, one.name), budget))
    return scan


def _members(stream: BinaryIO, budget: Budget) -> Iterator[_Member]:
    """Yield the files and folders; long names are put together on the way."""
    total = size_of(stream)
    offset = 0
    long_name: str | None = None
    pax: dict[str, str] = {}
    while (header := at(stream, offset, _BLOCK)).strip(b"\0"):
        budget.spend()
        kind, size = header[156:157], _number(header[124:136])
        if not _sum_fits(header):
            raise Malformed("the checksum of a header does not fit")
        start = offset + _BLOCK
        if kind in (b"0", b"\0", b"5"):
            size = _number(pax["size"].encode(), 10) if "size" in pax else size
            name = (pax.get("path", long_name) or _short_name(header)).removeprefix("./")
            folder = kind == b"5" or not name or name.endswith("/")
            if folder and size:
                raise Malformed("a folder in it has contents")
            if name:  # not the folder that all is in
                yield _Member(name.rstrip("/") + "/" * folder, start, size, folder)
            long_name, pax = None, {}
        elif kind == b"L" and long_name is None:
            long_name = _text(_bounded(stream, start, size).removesuffix(b"\0"))
        elif kind == b"x" and not pax:
            pax = _parsed(_bounded(stream, start, size))
        elif kind == b"g" and _parsed(_bounded(stream, start, size)).keys() <= {"comment"}:
            pass  # git writes the commit here
        elif kind == b"2" and not size and not pax:
            name = (long_name or _short_name(header)).removeprefix("./")
            _check_link(name, _text(header[157:257].rstrip(b"\0")))
            yield _Member(name, start, 0, folder=False, link=True)
            long_name = None
        else:
            raise Malformed("it holds a link, a device or another kind of entry without a place")
        offset = start + size + -size % _BLOCK
        if offset + _BLOCK > total:
            raise Malformed("it is cut off")
    if long_name is not None or pax:
        raise Malformed("it ends with a name that is for nothing")
    _check_end(stream, offset, total, budget)


def _check_link(name: str, target: str) -> None:
    """Check that a link leads to something in the archive, whatever stands there.

    It may go up first, and from there down only: what is above another link is not where its name
    says. Nothing can be put below a link, as no name may go on from an entry that is no folder.
    """
    steps = [step for step in target.split("/") if step not in ("", ".")]
    up = next((i for i, step in enumerate(steps) if step != ".."), len(steps))
    leads = up > name.count("/") or ".." in steps[up:] or target.startswith("/")
    if not target or leads or "\\" in target or ":" in target:
        raise Malformed("a link in it leads outside of it")


def _check_end(stream: BinaryIO, offset: int, total: int, budget: Budget) -> None:
    stream.seek(offset)
    while piece := stream.read(_PIECE):
        budget.check()
        if piece.strip(b"\0"):
            raise Malformed("there is something after its end")
    if offset + _BLOCK > total:
        raise Malformed("it is cut off")


def _bounded(stream: BinaryIO, start: int, size: int) -> bytes:
    if size > MAX_NAME:
        raise Malformed("a name in it is too long")
    return at(stream, start, size)


def _parsed(data: bytes) -> dict[str, str]:
    """Return what a pax header says (POSIX.1-2001, "pax Extended Header")."""
    found: dict[str, str] = {}
    while data:
        match = _PAX.match(data)
        size = int(match.group(1)) if match else 0
        if match is None or not match.end() < size <= len(data) or data[size - 1 : size] != b"\n":
            raise Malformed("a pax header in it is damaged")
        key, value = _text(match.group(2)), data[match.end() : size - 1]
        if key in found or not (key in ("path", "size") or _HARMLESS.match(key)):
            raise Malformed("a pax header in it says something that has no place")
        found[key] = _text(value) if key in ("path", "size") else ""
        data = data[size:]
    return found


def _short_name(header: bytes) -> str:
    name = _text(header[:100].rstrip(b"\0"))
    prefix = _text(header[345:500].rstrip(b"\0")) if header[257:265] == _MAGICS[0] else ""
    return f"{prefix}/{name}" if prefix else name


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("a name in it can be read in two ways") from None


def _sum_fits(header: bytes) -> bool:
    # The sum counts its own field as spaces; old programs took bytes as signed.
    said = header[148:156]
    if not _OCTAL.match(said):
        return False
    plain = sum(header) - sum(said) + 8 * 0x20
    signed = plain - 256 * sum(b > 127 for b in header[:148] + header[156:])
    return int(said.strip(b"\0 "), 8) in (plain, signed)


def _number(field: bytes, base: int = 8) -> int:
    """Return a size: octal, or GNU's binary form, marked by the top bit of the first byte."""
    if field[:1] == b"\x80" and base == 8:
        return int.from_bytes(field[1:], "big")
    if base == 10 and field.isdigit() and len(field) < 20:
        return int(field)
    if base == 8 and _OCTAL.match(field):
        return int(field.strip(b"\0 "), 8)
    raise Malformed("an entry in it has no valid size")
