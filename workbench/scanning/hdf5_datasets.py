"""Datasets of an HDF5 file: how much memory they ask for, and pickles kept in them as bytes.

A dataset says how large it is, whatever of it was ever written: two kilobytes may stand for
petabytes, and reading them asks for that much (HDF5 File Format Specification 3.0, IV.A.2). Numbers
are never read; bytes and texts are, where they stand in one piece.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from math import prod

from workbench.scanning.hdf5_objects import UNDEFINED, Message, Walk
from workbench.scanning.streams import Malformed

__all__ = ["declared", "held", "room"]

_SPACE, _TYPE, _LAYOUT = 0x01, 0x03, 0x08
_WHOLE, _TEXT, _OPAQUE, _VARYING = 0, 3, 5, 9  # classes of types
_SHARED = 0x02
_COMPACT, _CONTIGUOUS = 0, 1
_ROOM = 256 << 20  # bytes that all datasets of a small file may come to
_RATIO = 1000  # of what is declared to what is there; more does not come of compression
_MOST = 64  # values of varying length that are looked at
_LARGEST = 16 << 20  # bytes of a dataset that is looked at
_NOT_UNDERSTOOD = "a dataset uses a form that is not understood here"


def room(total: int) -> int:
    """Return how many bytes the datasets of a file of ``total`` bytes may come to."""
    return max(_ROOM, _RATIO * total)


def declared(messages: list[Message]) -> int:
    """Return how many bytes an object asks for when it is read; 0 if it is no dataset.

    Raises:
        Malformed: a form that is not understood here.
    """
    return _count(messages) * _size(messages)[1]


def held(messages: list[Message], walk: Walk) -> Iterator[bytes]:
    """Yield what a dataset of bytes or texts holds, where that is in one piece and not large.

    Raises:
        Malformed: it is not where it should be.
    """
    kind, size = _size(messages)
    fits = kind in (_TEXT, _OPAQUE, _VARYING) or (kind, size) == (_WHOLE, 1)
    if not fits or not 0 < declared(messages) <= _LARGEST:
        return
    data = _stored(messages, walk)
    if kind != _VARYING:
        yield data
        return
    for i in range(min(_count(messages), _MOST, len(data) // 16)):
        length, address, index = struct.unpack_from("<IQI", data, 16 * i)
        if length and address not in (0, UNDEFINED):
            try:
                yield walk.heap_object(address, index, length)
            except Malformed:  # a list of numbers counts its elements, not its bytes
                continue


def _one(messages: list[Message], kind: int) -> Message | None:
    return next((one for one in messages if one.kind == kind), None)


def _count(messages: list[Message]) -> int:
    space = _one(messages, _SPACE)
    if space is None:
        return 0
    if space.flags & _SHARED:
        raise Malformed(_NOT_UNDERSTOOD)
    version, rank = struct.unpack_from("<2B", space.data)
    if version not in (1, 2) or rank > 32:
        raise Malformed(_NOT_UNDERSTOOD)
    if version == 2 and space.data[3] == 2:  # nothing
        return 0
    return prod(struct.unpack_from(f"<{rank}Q", space.data, 8 if version == 1 else 4))


def _size(messages: list[Message]) -> tuple[int, int]:
    """Return the class and size of one element; of a type kept elsewhere, an usual size."""
    kind = _one(messages, _TYPE)
    if kind is None:
        return -1, 0
    if kind.flags & _SHARED:
        return -1, 8
    (size,) = struct.unpack_from("<I", kind.data, 4)
    return kind.data[0] & 0x0F, size


def _stored(messages: list[Message], walk: Walk) -> bytes:
    layout = _one(messages, _LAYOUT)
    if layout is None or layout.data[0] not in (3, 4):
        return b""
    form = layout.data[1]
    if form == _COMPACT:
        (size,) = struct.unpack_from("<H", layout.data, 2)
        return layout.data[4 : 4 + size]
    if form != _CONTIGUOUS:
        return b""
    address, size = struct.unpack_from("<QQ", layout.data, 2)
    return b"" if address == UNDEFINED else walk.stored(address, min(size, _LARGEST))
