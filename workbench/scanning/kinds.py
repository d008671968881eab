"""What the first bytes of a stream say it is; names play no part."""

from __future__ import annotations

import re

__all__ = ["HDF5", "MEDIA", "PROGRAMS", "kind_of_start", "program_of_start"]

HDF5 = b"\x89HDF\r\n\x1a\n"

# What other scanners look into.
_KINDS = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x06\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (b"\x93NUMPY", "npy"),
    (b"GGUF", "gguf"),
    (HDF5, "hdf5"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x5d\x00", "lzma"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x02\x21\x4c\x18", "old lz4"),
    (b"\x1f\x9d", "compress"),
    (b"\x1f\xa0", "compress"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"ZF0x", "zfile"),
    (b"CBM1", "catboost"),
    (b"\x01\xab\xff\xffversion:", "dmatrix"),
    (b"SQLite format 3\0", "sqlite"),
    (b"%PDF-", "pdf"),
)
# Marks of which a word may start with the first bytes: (what the start has to match, kind).
_LONGER = (
    (re.compile(rb"MATLAB 5\.0 MAT-file.{105}(?:\0\x01IM|\x01\0MI)", re.DOTALL), "mat"),
    (re.compile(rb"BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0{3}", re.DOTALL), "bmp"),
    (re.compile(rb"II(?:\*\0|\+\0\x08\0\0\0)|MM(?:\0\*|\0\+\0\x08\0\0)"), "tiff"),
    (re.compile(rb"RIFF.{4}WEBPVP8[ LX]", re.DOTALL), "webp"),
)

# Pictures and tables, which nothing runs: (start, kind, what they have to end with).
MEDIA = (
    (b"\x89PNG\r\n\x1a\n", "png", b"IEND\xaeB`\x82"),
    (b"\xff\xd8\xff", "jpeg", b"\xff\xd9"),
    (b"GIF87a", "gif", b";"),
    (b"GIF89a", "gif", b";"),
    (b"PAR1", "parquet", b"PAR1"),
    (b"ARROW1\0\0", "arrow", b"ARROW1"),
    (b"FEA1", "feather", b"FEA1"),
)

# Programs: (start, what people call it).
PROGRAMS = (
    (b"\x7fELF", "a program or library for Linux"),
    (b"MZ", "a program or library for Windows"),
    (b"\xfe\xed\xfa\xce", "a program or library for macOS"),
    (b"\xfe\xed\xfa\xcf", "a program or library for macOS"),
    (b"\xce\xfa\xed\xfe", "a program or library for macOS"),
    (b"\xcf\xfa\xed\xfe", "a program or library for macOS"),
    (b"\xca\xfe\xba\xbe", "a program for Java or macOS"),
    (b"\0asm", "a WebAssembly program"),
    (b"BC\xc0\xde", "a compiled program"),
    (b"dex\n", "a program for Android"),
    (b"!<arch>\n", "a library"),
    (b"\x4c\0\0\0\x01\x14\x02\0", "a shortcut of Windows"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a file of an old Office, which may hold macros"),
)
# Objects of R, with or without the mark of a workspace: as text, in XDR, in memory order.
_R = re.compile(
    rb"RD[XAB][0-9]\r?\n|A\r?\n[23]\r?\n[0-9]{5,7}\r?\n|X\n\0\0\0[\x02\x03]|B\n[\x02\x03]\0\0\0"
)
_COMPILED_PYTHON = re.compile(rb"..\r\n[\0-\x03]\0\0\0", re.DOTALL)


def kind_of_start(start: bytes) -> str:
    """Return the kind of a stream by its first bytes, or an empty text."""
    for magic, kind in _KINDS:
        if start.startswith(magic):
            return kind
    if len(start) > 1 and start[0] == 0x80 and start[1] <= 5:
        return "pickle"
    for form, kind in _LONGER:
        if form.match(start):
            return kind
    zlib = len(start) > 1 and start[0] == 0x78 and int.from_bytes(start[:2], "big") % 31 == 0
    return "zlib" if zlib else ""


def program_of_start(start: bytes) -> str:
    """Return what kind of program a stream is by its first bytes, or an empty text."""
    for magic, what in PROGRAMS:
        if start.startswith(magic):
            return what
    if _R.match(start):
        return "data of R, in which promises and functions run when they are read"
    return "a compiled program of Python" if _COMPILED_PYTHON.match(start) else ""
