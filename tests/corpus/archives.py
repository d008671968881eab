"""Other wrappings: tar, gzip, bzip2, xz, zlib, Zstandard, LZ4, 7z, and one in another."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib
from collections.abc import Iterator

from tests.corpus.assembly import evil, value, whole
from tests.corpus.sample import Hostile, dropped
from tests.corpus.zipping import plain
from tests.corpus.zips import zeros

__all__ = ["archives", "lz4", "member", "sevenzip", "tar", "zstd"]


EVIL = evil()
FINE = whole(value({"w": 1}), 2)
JOBLIB = "picklescan 1.0.5 said nothing about compressed joblib files"


def member(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, to: str = "") -> bytes:
    """Return one member of a tar archive."""
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, len(data), to
    return info.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % 512)


def tar(*members: bytes) -> bytes:
    """Return a tar archive."""
    return b"".join(members) + bytes(1024)


def sevenzip(name: str, data: bytes) -> bytes:
    """Return a 7z archive with one entry that is copied (7zFormat.txt of the LZMA SDK)."""
    title = b"\0" + name.encode("utf-16-le") + b"\0\0"

    def number(count: int) -> bytes:
        return b"\xc0" + struct.pack("<H", count & 0xFFFF) if count > 127 else bytes([count])

    header = (
        b"\x01\x04"
        + (b"\x06\x00\x01\x09" + number(len(data)) + b"\x00")  # where the packed streams are
        + (b"\x07\x0b\x01\x00\x01\x01\x00\x0c" + number(len(data)) + b"\x00")  # how: copied
        + (b"\x08\x0a\x01" + struct.pack("<I", zlib.crc32(data)) + b"\x00\x00")
        + (b"\x05\x01\x11" + number(len(title)) + title + b"\x00\x00")
    )
    start = struct.pack("<QQI", len(data), len(header), zlib.crc32(header))
    head = b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start
    return head + data + header


def zstd(data: bytes) -> bytes:
    """Return a Zstandard frame of one raw block (RFC 8878)."""
    size = struct.pack("<I", len(data))
    return b"\x28\xb5\x2f\xfd\xa0" + size + struct.pack("<I", len(data) << 3 | 1)[:3] + data


def lz4(data: bytes) -> bytes:
    """Return an LZ4 frame of one block that is not compressed."""
    head = struct.pack("<I", len(data) | 1 << 31)
    return b"\x04\x22\x4d\x18\x60\x40\x82" + head + data + bytes(4)


def _single() -> Iterator[tuple[str, str, str, object]]:
    yield "gzip", "model.pkl.gz", "a pickle under gzip", gzip.compress(EVIL)
    yield "gzip-joblib", "model.joblib", JOBLIB, gzip.compress(EVIL)
    yield "zlib-joblib", "model.joblib", JOBLIB, zlib.compress(EVIL)
    yield "zlib-weak", "model.joblib", "the other headers zlib has", zlib.compress(EVIL, 1)
    yield "bzip2-joblib", "model.joblib", JOBLIB, bz2.compress(EVIL)
    yield "xz-joblib", "model.joblib", JOBLIB, lzma.compress(EVIL)
    yield "lzma-joblib", "model.joblib", JOBLIB, lzma.compress(EVIL, lzma.FORMAT_ALONE)
    yield "lz4-joblib", "model.joblib", "joblib reads LZ4 as well", lz4(EVIL)
    yield "zstd", "model.pkl.zst", "pandas reads Zstandard", zstd(EVIL)
    yield "zstd-frame", "model.pkl.zst", "the second frame is hostile", zstd(FINE) + zstd(EVIL)
    yield "lz4-frame", "model.joblib", "the second frame is hostile", lz4(FINE) + lz4(EVIL)
    yield "zstd-tar", "model.tar.zst", "a tar archive", zstd(tar(member("data.pkl", EVIL)))
    yield "sevenzip", "model.7z", "nullifAI: 7z was not looked into", sevenzip("data.pkl", EVIL)
    yield "sevenzip-pt", "model.pt", "the same under the name of a model", sevenzip("a.pkl", EVIL)
    yield "sevenzip-up", "model.7z", "unpacking writes outside", sevenzip("../wb-canary", b"x")
    yield "sevenzip-tail", "model.7z", "a pickle behind it", sevenzip("a.txt", b"x") + EVIL
    yield "rar", "model.rar", "RAR is not looked into", b"Rar!\x1a\x07\x01\x00" + EVIL
    yield (
        "gzip-member",
        "model.pkl.gz",
        "the second member is hostile",
        (gzip.compress(FINE) + gzip.compress(EVIL)),
    )
    yield (
        "gzip-tail",
        "model.pkl.gz",
        "a pickle behind the compressed data",
        (gzip.compress(FINE) + EVIL),
    )
    yield (
        "gzip-cut",
        "model.pkl.gz",
        "the end is missing; the start is enough to run",
        (gzip.compress(EVIL)[:-6]),
    )
    yield (
        "gzip-crc",
        "model.pkl.gz",
        "a wrong checksum, noticed after the call",
        (gzip.compress(EVIL)[:-8] + bytes(8)),
    )
    yield (
        "bzip2-stream",
        "model.pkl.bz2",
        "the second stream is hostile",
        (bz2.compress(FINE) + bz2.compress(EVIL)),
    )
    yield (
        "xz-stream",
        "model.pkl.xz",
        "the second stream is hostile",
        (lzma.compress(FINE) + bytes(4) + lzma.compress(EVIL)),
    )
    yield (
        "zlib-tail",
        "model.joblib",
        "a pickle behind the compressed data",
        (zlib.compress(FINE) + EVIL),
    )
    yield "gzip-name", "notes.txt", "gzip under the name of a text", gzip.compress(EVIL)
    yield (
        "twice",
        "model.pkl.gz",
        "gzip in xz in bzip2",
        (bz2.compress(lzma.compress(gzip.compress(EVIL)))),
    )
    yield (
        "gzip-bomb",
        "weights.bin.gz",
        "16 GiB of zeros",
        lambda: b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + zeros(1024) + bytes(8),
    )
    yield (
        "bzip2-bomb",
        "weights.bin.bz2",
        "bzip2 of bzip2 of zeros",
        lambda: bz2.compress(bz2.compress(bytes(1 << 26)) * 4000),
    )
    alone = lzma.compress(EVIL, lzma.FORMAT_ALONE)
    yield (
        "lzma-memory",
        "model.joblib",
        "asks for a dictionary of 4 GiB",
        (alone[:1] + b"\xff" * 4 + alone[5:]),
    )


def _tars() -> Iterator[tuple[str, str, str, object]]:
    inside = tar(member("model/data.pkl", EVIL))
    yield "tar", "model.tar", "a pickle in a tar archive", inside
    yield "tar-gz", "model.tar.gz", "the same under gzip", gzip.compress(inside)
    yield "tar-gz-zip", "model.zip", "tar in gzip in ZIP", plain({"a.bin": gzip.compress(inside)})
    yield "tar-bin", "pytorch_model.bin", "a tar archive under the name of weights", inside
    yield (
        "nemo",
        "model.nemo",
        "CVE-2025-23304: NeMo builds what its settings name",
        tar(
            member(
                "model_config.yaml",
                b"target: nemo.core\nloss:\n  _target_: os.system\n  command: ': wb-canary'\n",
            )
        ),
    )
    yield "tar-up", "model.tar", "unpacking writes outside", tar(member("../../wb-canary", b"x"))
    yield (
        "tar-absolute",
        "model.tar",
        "unpacking writes outside",
        tar(member("/nowhere/wb-canary", b"x")),
    )
    yield (
        "tar-symlink",
        "model.tar",
        "a link outside, then a file through it",
        tar(member("out", kind=tarfile.SYMTYPE, to="/nowhere"), member("out/wb-canary", b"x")),
    )
    yield (
        "tar-hardlink",
        "model.tar",
        "CVE-2025-4517 family: a hard link outside",
        tar(member("out", kind=tarfile.LNKTYPE, to="../../wb-canary")),
    )
    yield "tar-device", "model.tar", "a device", tar(member("null", kind=tarfile.CHRTYPE))
    yield "tar-pax", "model.tar", "an extended header gives another name", _pax()
    yield (
        "tar-behind",
        "model.tar",
        "a pickle behind the end of the archive",
        (tar(member("a.txt", b"x")) + EVIL),
    )
    yield (
        "tar-duplicate",
        "model.tar",
        "one name twice",
        tar(member("data.pkl", FINE), member("data.pkl", EVIL)),
    )
    yield (
        "tar-size",
        "model.tar",
        "states more bytes than there are",
        (member("a.bin", b"x" * 99)[:300]),
    )


def _pax() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archived:
        info = tarfile.TarInfo("weights.txt")
        info.size, info.pax_headers = len(EVIL), {"path": "../data.pkl"}
        archived.addfile(info, io.BytesIO(EVIL))
    return target.getvalue()


def archives() -> Iterator[Hostile]:
    """A hostile pickle in every wrapping."""
    yield from dropped("archive", [*_single(), *_tars()])  # type: ignore[list-item]
