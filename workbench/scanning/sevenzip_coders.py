"""The methods of a 7-Zip archive: what packed data come to, step by step, within bounds.

Those that the standard library can undo: copies, LZMA, LZMA2, Deflate and BZip2, with the filters
that programs for processors and rows of numbers are packed with (Methods.txt of the LZMA SDK).
"""

from __future__ import annotations

import lzma
import struct
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO

from workbench.scanning.sevenzip_headers import Coder, Folder, NotUnderstood
from workbench.scanning.streams import Malformed, Region
from workbench.scanning.unpacking import Start, pieces_of

__all__ = ["unpacked_pieces"]

LARGEST_DICTIONARY = 256 << 20  # bytes
_SLACK = 1 << 20  # bytes that a decoder needs beside its dictionary
_PIECE = 1 << 20
_CHUNK = 1 << 16  # bytes of data in LZMA2 that are not packed
_COPY, _LZMA, _LZMA2 = b"\0", b"\x03\x01\x01", b"\x21"
_SIMPLE = {b"\x04\x01\x08": Start.deflate, b"\x04\x02\x02": Start.bzip2}
_DELTA = b"\x03"
# Filters for programs, by their new and their old number.
_PROGRAMS = {
    **dict.fromkeys((b"\x04", b"\x03\x03\x01\x03"), lzma.FILTER_X86),
    **dict.fromkeys((b"\x05", b"\x03\x03\x02\x05"), lzma.FILTER_POWERPC),
    **dict.fromkeys((b"\x06", b"\x03\x03\x04\x01"), lzma.FILTER_IA64),
    **dict.fromkeys((b"\x07", b"\x03\x03\x05\x01"), lzma.FILTER_ARM),
    **dict.fromkeys((b"\x08", b"\x03\x03\x07\x01"), lzma.FILTER_ARMTHUMB),
    **dict.fromkeys((b"\x09", b"\x03\x03\x08\x05"), lzma.FILTER_SPARC),
}
# What people call the methods that are not undone here.
_NAMES = {
    b"\x06\xf1\x07\x01": "it is encrypted",
    b"\x03\x04\x01": "it is packed with PPMd",
    b"\x04\x01\x09": "it is packed with Deflate64",
    b"\x04\xf7\x11\x01": "it is packed with Zstandard",
}


def unpacked_pieces(stream: BinaryIO, start: int, folder: Folder) -> Iterator[bytes]:
    """Yield what a folder's packed data come to, a few MiB at a time at most.

    Args:
        start: what the places of packed data are counted from.

    Raises:
        Malformed: damaged, cut off, or it comes to another size than is said.
        NotUnderstood: a method that is not undone here.
    """
    first, *others = folder.coders
    found = _compressed(stream, start + folder.start, folder.packed, first)
    if others:
        found = _filtered(found, [_filter(one) for one in others])
    if any(one.size != first.size for one in others):
        raise Malformed("its sizes do not fit")
    total = 0
    for piece in found:
        total += len(piece)
        if total > first.size:
            break
        yield piece
    if total != first.size:
        raise Malformed("it unpacks to another size than it says")


def _compressed(stream: BinaryIO, start: int, size: int, coder: Coder) -> Iterator[bytes]:
    begin: Callable[[], Any]
    if coder.method == _COPY and not coder.settings:
        return _copied(stream, start, size)
    if coder.method == _LZMA and len(coder.settings) == 5:
        _check_dictionary(int.from_bytes(coder.settings[1:], "little"))
        begin = partial(_lzma, coder)
    elif coder.method == _LZMA2 and len(coder.settings) == 1 and coder.settings[0] <= 40:
        bits = coder.settings[0]
        wide = _check_dictionary((2 | bits & 1) << (bits // 2 + 11))
        filters = [{"id": lzma.FILTER_LZMA2, "dict_size": wide}]
        begin = partial(lzma.LZMADecompressor, lzma.FORMAT_RAW, filters=filters)
    elif coder.method in _SIMPLE and not coder.settings:
        begin = _SIMPLE[coder.method]
    else:
        raise _unknown(coder)
    return pieces_of(stream, start, size, begin)


def _copied(stream: BinaryIO, start: int, size: int) -> Iterator[bytes]:
    source = Region(stream, start, size)
    while piece := source.read(_PIECE):
        yield piece


def _lzma(coder: Coder) -> lzma.LZMADecompressor:
    """Return a decompressor that was told the size, which old LZMA data end by."""
    made = lzma.LZMADecompressor(lzma.FORMAT_ALONE, LARGEST_DICTIONARY + _SLACK)
    try:
        made.decompress(coder.settings + struct.pack("<Q", coder.size))
    except lzma.LZMAError:
        raise NotUnderstood("it is packed with settings that are not known") from None
    return made


def _check_dictionary(size: int) -> int:
    if size > LARGEST_DICTIONARY:
        raise NotUnderstood("unpacking it takes more memory than 256 MiB")
    return size


def _filter(coder: Coder) -> dict[str, int]:
    if coder.method in _PROGRAMS and not coder.settings:
        return {"id": _PROGRAMS[coder.method]}
    if coder.method == _DELTA and len(coder.settings) == 1:
        return {"id": lzma.FILTER_DELTA, "dist": coder.settings[0] + 1}
    raise _unknown(coder)


def _unknown(coder: Coder) -> NotUnderstood:
    return NotUnderstood(_NAMES.get(coder.method, "it is packed with a method that is not known"))


def _filtered(pieces: Iterator[bytes], filters: list[dict[str, int]]) -> Iterator[bytes]:
    """Undo filters, the first one first.

    The standard library does so only behind LZMA2. Its data may come in chunks that are not packed
    (xz, "The .lzma2 format"), so pieces are put into such chunks.
    """
    behind = [*filters[::-1], {"id": lzma.FILTER_LZMA2, "dict_size": _CHUNK}]
    inner = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=behind)
    control = b"\1"  # the first chunk starts a dictionary
    for piece in pieces:
        for at in range(0, len(piece), _CHUNK):
            chunk = piece[at : at + _CHUNK]
            yield inner.decompress(control + struct.pack(">H", len(chunk) - 1) + chunk)
            control = b"\2"
    yield inner.decompress(b"\0")
