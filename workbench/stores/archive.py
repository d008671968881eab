"""A ``.share`` file: a whole OCI image layout in one plain tar file (an "OCI archive").

Written with fixed headers, so that the same release gives the same bytes. Read without unpacking:
the reader walks the 512-byte headers (POSIX.1-1988 ustar, and GNU's base-256 sizes beyond 8 GiB)
and then reads blobs where they lie. Only what an image layout needs is understood (files and
folders of fixed names); all that makes tar dangerous is refused: links, devices, sparse files,
long-name and pax headers, and with them every name that could lead elsewhere.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from workbench.encoding import MAX_JSON, canonical, check_digest, parse
from workbench.errors import InputError, NotFound, TrustError
from workbench.seeking import Seeking
from workbench.stores.contracts import Sink
from workbench.stores.durable import refused, replacing

__all__ = ["MAX_MEMBERS", "ReadOnlyBlobs", "ShareFile", "write"]

MAX_MEMBERS = 250_000  # a blob for each of 100,000 files, with envelopes and room to spare
_BLOCK = 512
_PIECE = 1 << 20
_MAX_TRAILER = 1 << 20  # zeros after the end mark; tar pads to 10 KiB, at most to its record size
_LAYOUT = {"imageLayoutVersion": "1.0.0"}
_BLOB = re.compile(r"blobs/sha256/([0-9a-f]{64})\Z")
_OCTAL = re.compile(rb"[0-7]+[\0 ]{0,2}\Z")
_MAGICS = (b"ustar\x0000", b"ustar  \0")
_ZERO = bytes(_BLOCK)
_OTHER_FORMATS = {
    b"\x1f\x8b": "a gzip file; unpack it with gunzip first",
    b"PK": "a zip file",
    b"\x28\xb5\x2f\xfd": "a zstd file; unpack it with unzstd first",
    b"BZh": "a bzip2 file; unpack it with bunzip2 first",
    b"\xfd7zXZ": "an xz file; unpack it with unxz first",
    b"age-encryption.org/": "a single age file",
}


def write(path: Path, blobs: Iterable[tuple[str, int, BinaryIO]], index: bytes) -> None:
    """Write a ``.share`` file, replacing what is at ``path``; on failure nothing is changed.

    Args, in prose: ``blobs`` gives (digest, size, open file) for each blob, read in turn; a blob
    that comes twice is written once. ``index`` is the layout's index (see ``release.layout``).

    Raises:
        TrustError: a blob's bytes are not those of its digest (step ``"blob"``).
        Unavailable: disk full, no permission.
    """
    seen: set[str] = set()
    with replacing(path, f"the file {path.name}") as target:
        for name, data in (("oci-layout", canonical(_LAYOUT)), ("index.json", index)):
            target.write(_header(name, len(data)))
            target.write(data + _padding(len(data)))
        for digest, size, source in blobs:
            if digest not in seen:
                seen.add(digest)
                _add_blob(target, check_digest(digest), size, source)
        target.write(2 * _ZERO)


class ShareFile:
    """Read access to a ``.share`` file, the reading half of ``Blobs``; use it in ``with``.

    Attributes:
        index: the bytes of ``index.json``.

    Raises:
        InputError: not a ``.share`` file, or cut off, or holding what does not belong in one.
        NotFound: there is no such file.
    """

    index: bytes

    def __init__(self, path: Path) -> None:
        self._name = path.name
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise self._bad("it is not an ordinary file")
            # Without O_NONBLOCK a FIFO that came in its place would hang us.
            self._file = io.FileIO(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb")
        except FileNotFoundError:
            raise NotFound(f"There is no file {path}.", hint="Check the path.") from None
        except OSError as error:
            raise refused(error, f"the file {path}") from error
        try:
            self._members = self._read_members()
            self.index = self._document("index.json")
            if parse(self._document("oci-layout")) != _LAYOUT:
                raise self._bad("its image layout has another version")
        except OSError as error:
            self._file.close()
            raise refused(error, f"the file {path}") from error
        except InputError:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; blobs opened from it can no longer be read."""
        self._file.close()

    def digests(self) -> list[str]:
        """Return the digests of all blobs inside, in the order of the file."""
        found = (_BLOB.match(name) for name in self._members)
        return ["sha256:" + match.group(1) for match in found if match]

    def open(self, digest: str) -> BinaryIO:
        """Open a blob for reading, seekable. The reader must verify what it reads.

        Raises:
            NotFound: no such blob.
            InputError: not a digest.
        """
        start, size = self._find(digest)
        return io.BufferedReader(_Region(self._file, start, size))

    def size(self, digest: str) -> int:
        """Return a blob's size in bytes.

        Raises:
            NotFound: no such blob.
            InputError: not a digest.
        """
        return self._find(digest)[1]

    def _find(self, digest: str) -> tuple[int, int]:
        name = "blobs/sha256/" + check_digest(digest).removeprefix("sha256:")
        try:
            return self._members[name]
        except KeyError:
            raise NotFound(f"There is no blob {digest} in {self._name}.") from None

    def _document(self, name: str) -> bytes:
        start, size = self._members.get(name, (0, 0))
        if not 0 < size <= MAX_JSON:
            raise self._bad(f"it has no usable {name}")
        return self._at(start, size)

    def _read_members(self) -> dict[str, tuple[int, int]]:
        """Walk the headers; return where each file lies."""
        total = os.fstat(self._file.fileno()).st_size
        self._check_format()
        members: dict[str, tuple[int, int]] = {}
        offset = count = 0
        while (header := self._at(offset, _BLOCK)) != _ZERO:
            count += 1
            if count > MAX_MEMBERS:
                raise self._bad(f"it holds more than {MAX_MEMBERS} entries")
            name, size, folder = self._parse(header)
            start = offset + _BLOCK
            offset = start + size + len(_padding(size))
            if offset > total:
                raise self._bad("it is cut off")
            if self._at(start + size, offset - start - size).strip(b"\0"):
                raise self._bad("there is something between its entries")
            if members.setdefault(name, (start, size)) != (start, size):
                raise self._bad(f"it holds {name} twice")
            if folder and size:
                raise self._bad("a folder in it has contents")
        self._check_end(offset, total)
        return members

    def _check_format(self) -> None:
        first = os.pread(self._file.fileno(), _BLOCK, 0)
        for magic, what in _OTHER_FORMATS.items():
            if first.startswith(magic):
                raise self._bad(f"it is {what}")
        if len(first) < _BLOCK:
            raise self._bad("it is too short")

    def _check_end(self, offset: int, size: int) -> None:
        if self._at(offset, 2 * _BLOCK) != 2 * _ZERO:
            raise self._bad("its end mark is damaged")
        rest = size - offset
        if rest > _MAX_TRAILER or self._at(offset, rest).strip(b"\0"):
            raise self._bad("there is something after its end")

    def _parse(self, header: bytes) -> tuple[str, int, bool]:
        """Return (name, size, is a folder) of one header, if it is one we know."""
        total = sum(header) - sum(header[148:156]) + 8 * 0x20  # the sum counts itself as spaces
        if header[257:265] not in _MAGICS or _octal(header[148:156]) != total:
            raise self._bad("it is not a tar file, or it is damaged")
        kind = header[156:157]
        if kind not in (b"0", b"\0", b"5"):
            raise self._bad("it holds a link, a device or another kind of entry that has no place")
        prefix = header[345:500] if header[257:265] == _MAGICS[0] else b""
        raw = header[:100].rstrip(b"\0")
        name = raw.decode("ascii", "replace")
        folder = kind == b"5"
        known = name in ("blobs/", "blobs/sha256/") if folder else _is_member(name)
        if not known or prefix.strip(b"\0") or header[157:257].strip(b"\0"):
            raise self._bad(f"it holds {name[:100]!r}, which has no place in it")
        size = _number(header[124:136])
        if size is None:
            raise self._bad("an entry in it has no valid size")
        return name, size, folder

    def _at(self, offset: int, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            piece = os.pread(self._file.fileno(), size - len(data), offset + len(data))
            if not piece:
                raise self._bad("it is cut off")
            data += piece
        return bytes(data)

    def _bad(self, reason: str) -> InputError:
        return InputError(
            f"{self._name} is not a usable .share file: {reason}.",
            unchanged="Nothing was opened.",
            hint="Ask the sender to send it again.",
        )


class _Region(Seeking):
    """A part of a file as a file of its own; many may be open at once, in many threads."""

    def __init__(self, file: io.FileIO, start: int, size: int) -> None:
        super().__init__(size)
        self._file = file
        self._start = start

    def fill(self, start: int, view: memoryview) -> int:
        # fileno() of a closed file raises, so a reused descriptor is never read by mistake.
        return os.preadv(self._file.fileno(), [view], self._start + start)


def _add_blob(target: BinaryIO, digest: str, size: int, source: BinaryIO) -> None:
    name = "blobs/sha256/" + digest.removeprefix("sha256:")
    target.write(_header(name, size))
    sha = hashlib.sha256()
    left = size
    while left and (piece := source.read(min(left, _PIECE))):
        sha.update(piece)
        target.write(piece)
        left -= len(piece)
    if left or source.read(1) or "sha256:" + sha.hexdigest() != digest:
        raise TrustError(
            "blob",
            f"the stored bytes are not those of {digest}.",
            unchanged="No file was written.",
            hint="The store is damaged; publish again or restore it.",
        )
    target.write(_padding(size))


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)  # its other fields are constants: no owner, time zero
    member.size = size
    member.mode = 0o644
    return member.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


def _is_member(name: str) -> bool:
    return name in ("oci-layout", "index.json") or _BLOB.match(name) is not None


def _octal(field: bytes) -> int | None:
    return int(field.rstrip(b"\0 "), 8) if _OCTAL.match(field) else None


def _number(field: bytes) -> int | None:
    """Return a size: octal, or GNU's binary form, marked by the top bit of the first byte."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    return _octal(field)


class ReadOnlyBlobs:
    """A ``.share`` file as a store that nothing can be added to."""

    def __init__(self, share: ShareFile) -> None:
        self._share = share

    def open(self, digest: str) -> BinaryIO:
        return self._share.open(digest)

    def size(self, digest: str) -> int:
        return self._share.size(digest)

    def create(self) -> Sink:
        raise InputError("Nothing can be added to a sealed file.", hint="Pack a new one.")

    def index(self, _manifests: Sequence[tuple[str, str, int]], /) -> None:
        raise InputError("A sealed file cannot be changed.", hint="Pack a new one.")
