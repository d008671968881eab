"""ZIP archives that one program reads differently from another."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator

from tests.corpus.assembly import evil, value, whole
from tests.corpus.sample import Hostile, dropped
from tests.corpus.zipping import Entry, archive, plain

__all__ = ["zips"]


EVIL = evil()
FINE = whole(value({"w": 1}), 2)
KEY = b"archive/data.pkl"
NESTING = 5
ZEROS = 1 << 20


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def _of(*entries: Entry, **more: bytes | int) -> bytes:
    return archive(entries, **more)  # type: ignore[arg-type]


def _lies() -> Iterator[tuple[str, str, str, bytes]]:
    packed, crc = _deflated(EVIL), zlib.crc32(EVIL)
    size = len(EVIL)
    yield "plain", "model.zip", "a pickle in an archive", plain({"model.pkl": EVIL})
    yield "pt", "model.pt", "torch.load opens data.pkl", plain({"archive/data.pkl": EVIL})
    yield (
        "crc",
        "model.pt",
        "CVE-2025-10156: torch ignores a wrong CRC, scanners stopped at it",
        _of(Entry(KEY, EVIL, crc=1)),
    )
    yield (
        "encrypted-bit",
        "model.pt",
        "CVE-2025-1945: a flag says encrypted; torch ignores it",
        _of(Entry(KEY, EVIL, flags=1)),
    )
    yield (
        "encrypted-bit-listing",
        "model.pt",
        "the flag stands in the directory only",
        _of(Entry(KEY, EVIL, flags=1, local_flags=0)),
    )
    yield (
        "encrypted-bit-local",
        "model.pt",
        "the flag stands at the entry only",
        _of(Entry(KEY, EVIL, local_flags=1)),
    )
    yield (
        "masked-bit",
        "model.pt",
        "the flag for masked headers",
        _of(Entry(KEY, EVIL, flags=1 << 13)),
    )
    yield (
        "local-name",
        "model.pt",
        "CVE-2025-1944: another name at the entry than in the directory",
        _of(Entry(KEY, EVIL, local_name=b"archive/data.txt")),
    )
    yield (
        "local-method",
        "model.pt",
        "another compression at the entry than in the directory",
        _of(Entry(KEY, packed, method=8, local_method=0, crc=crc, size=size)),
    )
    yield (
        "unlisted",
        "model.pt",
        "an entry that the directory leaves out",
        _of(Entry(KEY, FINE), Entry(b"archive/extra.pkl", EVIL, listed=False)),
    )
    yield (
        "duplicate-last",
        "model.pt",
        "one name twice; the first is harmless",
        _of(Entry(KEY, FINE), Entry(KEY, EVIL)),
    )
    yield (
        "duplicate-first",
        "model.pt",
        "one name twice; the last is harmless",
        _of(Entry(KEY, EVIL), Entry(KEY, FINE)),
    )
    yield (
        "duplicate-case",
        "model.pt",
        "names that differ in case only",
        _of(Entry(KEY, FINE), Entry(b"archive/DATA.PKL", EVIL)),
    )
    yield (
        "null-name",
        "model.pt",
        "readers cut the name at a zero byte",
        _of(Entry(KEY + b"\0.txt", EVIL)),
    )
    yield (
        "overlap",
        "model.pt",
        "two entries share the same bytes",
        _of(
            Entry(b"archive/version", b"3" + archive([Entry(KEY, EVIL)])[:-22]),
            Entry(KEY, EVIL, at=46),
        ),
    )
    yield (
        "in-comment",
        "model.pt",
        "a second archive in the comment",
        _of(Entry(KEY, FINE), comment=archive([Entry(KEY, EVIL)])),
    )
    yield (
        "in-gap",
        "model.pt",
        "a pickle between two entries",
        _of(Entry(b"archive/version", b"3\n"), Entry(KEY, FINE, gap=EVIL)),
    )
    yield (
        "two-ends",
        "model.pt",
        "two directories; which one counts differs",
        archive([Entry(KEY, FINE)]) + archive([Entry(KEY, EVIL)]),
    )
    yield (
        "prepended-pickle",
        "model.pkl",
        "a pickle with an archive behind it",
        _of(Entry(b"a.txt", b"fine"), before=EVIL),
    )
    yield (
        "prepended-text",
        "model.pt",
        "an archive with text before it",
        _of(Entry(KEY, EVIL), before=b"# a model\n"),
    )
    yield ("appended", "model.pt", "a pickle behind the archive", _of(Entry(KEY, FINE)) + EVIL)
    yield (
        "count-lie",
        "model.pt",
        "more entries than the directory states",
        _of(Entry(KEY, FINE), Entry(b"archive/b.pkl", EVIL), count=1),
    )
    yield (
        "size-lie",
        "model.pt",
        "states fewer bytes than there are",
        _of(Entry(KEY, packed, method=8, crc=crc, size=4)),
    )
    yield (
        "packed-lie",
        "model.pt",
        "states more packed bytes than there are",
        _of(Entry(KEY, packed, method=8, crc=crc, size=size, packed=1 << 31)),
    )
    yield (
        "zip64-lie",
        "model.pt",
        "sizes of exabytes in a ZIP64 field",
        _of(
            Entry(
                KEY,
                EVIL,
                size=0xFFFFFFFF,
                packed=0xFFFFFFFF,
                extra=struct.pack("<HHQQ", 1, 16, 1 << 62, 1 << 62),
            )
        ),
    )
    yield (
        "zip64-short",
        "model.pt",
        "a ZIP64 field without its content",
        _of(Entry(KEY, EVIL, size=0xFFFFFFFF, extra=struct.pack("<HH", 1, 0))),
    )
    yield (
        "unknown-method",
        "model.pt",
        "a compression nobody has (99)",
        _of(Entry(KEY, EVIL, method=99)),
    )
    yield (
        "zstd-method",
        "model.zip",
        "Zstandard, which older programs cannot read",
        _of(
            Entry(
                b"model.pkl",
                b"\x28\xb5\x2f\xfd\x20" + bytes([size & 255]) + EVIL,
                method=93,
                crc=crc,
                size=size,
            )
        ),
    )
    yield (
        "unicode-name",
        "model.zip",
        "an extra field with another name (0x7075)",
        _of(
            Entry(
                b"notes.txt",
                EVIL,
                extra=struct.pack("<HHBI", 0x7075, 14, 1, zlib.crc32(b"notes.txt")) + b"model.pkl",
            )
        ),
    )


def _paths() -> Iterator[tuple[str, str, str, bytes]]:
    link = 0o120777 << 16
    for trick, name in (
        ("up", b"../../wb-canary.txt"),
        ("up-inside", b"archive/../../../wb-canary.txt"),
        ("absolute", b"/tmp/wb-canary.txt"),
        ("backslash", b"..\\..\\wb-canary.txt"),
        ("drive", b"C:\\wb-canary.txt"),
    ):
        yield f"path-{trick}", "model.zip", "unpacking writes outside", _of(Entry(name, b"x"))
    yield (
        "symlink",
        "model.zip",
        "a link that leads outside, then a file through it",
        _of(Entry(b"weights", b"/etc", external=link), Entry(b"weights/wb-canary", b"x")),
    )


def _depth() -> Iterator[tuple[str, str, str, object]]:
    nested = EVIL
    for level in range(NESTING):
        nested = plain({f"level{level}.{'pkl' if not level else 'zip'}": nested})
    yield "nested", "model.zip", "five archives deep", nested
    yield "bomb", "model.zip", "4 GiB of zeros where the directory states 100 bytes", bomb
    yield (
        "bomb-nested",
        "model.zip",
        "64 GiB of zeros in 100 KiB",
        lambda: plain({"inner.zip": bomb(4096)}, zipfile.ZIP_DEFLATED),
    )
    yield "bomb-shared", "model.zip", "thousands of entries share the same 16 MiB", shared
    yield (
        "many",
        "model.zip",
        "more entries than anybody reads, the last one hostile",
        lambda: _of(
            *(Entry(b"%d" % number, b"") for number in range(70_000)),
            Entry(b"z.pkl", EVIL),
            count=0xFFFF,
        ),
    )


def zeros(count: int) -> bytes:
    """Return raw DEFLATE data that unpacks to ``count`` times 16 MiB of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(16 * ZEROS)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(16 * ZEROS)) + packer.flush(zlib.Z_FULL_FLUSH)
    return piece + again * (count - 1) + b"\x03\x00"


def bomb(count: int = 256) -> bytes:
    """Return an archive whose one entry unpacks to ``count`` times 16 MiB, and states 100 bytes."""
    return _of(Entry(b"weights.bin", zeros(count), method=8, size=100))


def shared() -> bytes:
    """Return an archive whose entries all point at the same packed zeros (Fifield, 2019)."""
    packed, size = zeros(1), 16 * ZEROS
    crc = zlib.crc32(bytes(size))
    first = Entry(b"0", packed, method=8, crc=crc, size=size)
    again = (
        Entry(b"%d" % number, b"", method=8, crc=crc, size=size, packed=len(packed), at=0)
        for number in range(1, 5000)
    )
    return _of(first, *again)


def zips() -> Iterator[Hostile]:
    """Archives whose fields lie, lead outside or never end."""
    yield from dropped("zip", [*_lies(), *_paths(), *_depth()])  # type: ignore[list-item]
