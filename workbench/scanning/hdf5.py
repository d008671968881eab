"""HDF5 files: what Keras, PyTables and others read out of their attributes, and may run.

The numbers themselves are never read. See :mod:`workbench.scanning.hdf5_objects` for what of the
format is understood; a file that uses more is unsafe, since nobody looked.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import BinaryIO

from workbench.findings.finding import Level
from workbench.findings.scan import Outcome
from workbench.scanning.contract import Budget, Scan, Scanner, finding
from workbench.scanning.documents import parsed
from workbench.scanning.hdf5_datasets import declared, held, room
from workbench.scanning.hdf5_objects import Message, Walk
from workbench.scanning.json_files import scan_json
from workbench.scanning.kinds import HDF5
from workbench.scanning.streams import Malformed, at, head, part, size_of
from workbench.scanning.wording import escaped, label

__all__ = ["is_hdf5", "scan_hdf5"]

_ATTRIBUTE, _FILTERS = 0x0C, 0x0B
_TEXT, _OPAQUE, _COMPOUND, _VARYING, _ARRAY = 3, 5, 6, 9, 10
_PLAIN_CLASSES = (0, 1, 2, 4, 7, 8)  # numbers, times, bits, references, words for numbers
_BUILT_IN = (1, 2, 3, 4, 5, 6, 32000)  # filters of the library, and the one that h5py brings
_BEFORE, _TEXT_OF_MATLAB = 512, 116
_REMEDY = "Save the weights as safetensors, or the model in the .keras format."


@dataclass(frozen=True)
class _Attribute:
    name: str
    kind: int
    size: int
    count: int
    data: bytes


def is_hdf5(stream: BinaryIO) -> bool:
    """Tell whether the HDF5 library would open a stream: it looks at 0, 512, 1024, 2048, ….."""
    total = size_of(stream)
    offset = 0
    while offset + 8 <= total:
        if at(stream, offset, 8) == HDF5:
            return True
        offset = offset * 2 or 512
    return False


def _matlab(stream: BinaryIO) -> int:
    """Return how many bytes stand before the form as MATLAB writes them: a text and a mark."""
    start = head(stream, _BEFORE + len(HDF5))
    text, rest = start[:_TEXT_OF_MATLAB], start[_TEXT_OF_MATLAB:_BEFORE]
    plain = text.isascii() and text.replace(b"\0", b" ").decode().isprintable()
    marked = rest.strip(b"\0 ") in (b"\2IM", b"\2MI")
    known = text.startswith(b"MATLAB 7.3 MAT-file") and plain and marked
    return _BEFORE if known and start.endswith(HDF5) else 0


def scan_hdf5(stream: BinaryIO, place: str, budget: Budget, *, pickles: Scanner) -> Scan:
    """Return what was found in the attributes of all objects of a file.

    Args:
        pickles: looks into an attribute that is a pickle.
    """
    scan = Scan("hdf5", reason="It holds numbers and settings only, and cannot run code.")
    try:
        before = _matlab(stream)
        inside = part(stream, before, size_of(stream) - before)
        walk = Walk(inside, budget, before)
        asked = 0
        for messages in walk.objects():
            asked += declared(messages)
            for value in held(messages, walk):
                _check_pickle(f"{place[:120]} → dataset", value, budget, scan, pickles)
            for message in messages:
                if message.kind == _FILTERS:
                    _check_filters(message.data, place, scan)
                elif message.kind == _ATTRIBUTE:
                    one = _attribute(message)
                    for value in _values(walk, one):
                        _check_value(one.name, value, place, budget, scan, pickles)
        if asked > room(size_of(stream)):
            why = "It says that it holds far more than there is, and reading it takes that memory."
            what = f"{asked} bytes"
            scan.add(finding("too-large", place, what, why, remedy=_REMEDY))
    except (Malformed, struct.error) as error:
        said = "it is damaged" if isinstance(error, struct.error) else str(error)
        why = f"It cannot be looked into: {said}."
        scan.add(finding("hdf5-not-understood", place, "HDF5", why, remedy=_REMEDY))
    return scan


def _attribute(message: Message) -> _Attribute:
    """Return an attribute, whose type and shape stand before its bytes."""
    version, flags, named, kind_size, space_size = struct.unpack_from("<BBHHH", message.data)
    if version not in (1, 2, 3) or (version > 1 and flags) or message.flags & 2:
        raise Malformed("an attribute uses a form that is not understood here")
    position = 9 if version == 3 else 8
    parts = []
    for size in (named, kind_size, space_size):
        parts.append(message.data[position : position + size])
        position += size + (-size % 8 if version == 1 else 0)
    raw, kind, space = parts
    (size,) = struct.unpack_from("<I", kind, 4)
    name = raw.rstrip(b"\0").decode("utf-8", "backslashreplace")
    count = _count(space)
    return _Attribute(name, kind[0] & 0x0F, size, count, message.data[position:])


def _count(space: bytes) -> int:
    version, rank, flags = struct.unpack_from("<3B", space)
    if version not in (1, 2) or rank > 32:
        raise Malformed("an attribute uses a form that is not understood here")
    del flags
    if version == 2 and space[3] == 2:  # nothing
        return 0
    return prod(struct.unpack_from(f"<{rank}Q", space, 8 if version == 1 else 4))


def _values(walk: Walk, one: _Attribute) -> Iterator[bytes]:
    """Yield the values of an attribute that could be more than numbers."""
    if one.kind in _PLAIN_CLASSES:
        return
    if one.count and not 0 < one.count * one.size <= len(one.data):
        raise Malformed("an attribute in it is cut off")
    if one.kind == _VARYING:
        for i in range(one.count):
            length, address, index = struct.unpack_from("<IQI", one.data, 16 * i)
            if length:
                yield walk.heap_object(address, index, length)
    elif one.kind in (_TEXT, _OPAQUE):
        for i in range(one.count):
            yield one.data[one.size * i : one.size * (i + 1)]
    elif one.kind in (_COMPOUND, _ARRAY):
        yield one.data[: one.count * one.size]
    else:
        raise Malformed("an attribute uses a form that is not understood here")


def _check_value(
    name: str, value: bytes, place: str, budget: Budget, scan: Scan, pickles: Scanner
) -> None:
    """Check one value as the programs would that read it: as JSON, or as a pickle."""
    where = f"{place[:120]} → {label(name, 60)}"
    text = value.rstrip(b"\0").lstrip()
    if name == "PSEUDOATOM" and text == b"object":
        why = "It holds pickles among its numbers, which PyTables opens without asking."
        scan.add(finding("hdf5-pickles", where, escaped(name), why, remedy=_REMEDY))
    elif text[:1] in (b"{", b"["):
        found = scan_json(_document(text), where, budget)
        if found.kind == "keras config" or b'"class_name"' in text:
            scan.kind = "keras hdf5"
            scan.worsen(Outcome.allowed, "It names only layers that come with Keras.")
        found.outcome = Outcome.safe if not found.findings else found.outcome
        scan.absorb(found)
    elif value:
        _check_pickle(where, value.rstrip(b"\0"), budget, scan, pickles)


def _check_pickle(where: str, value: bytes, budget: Budget, scan: Scan, pickles: Scanner) -> None:
    """Look into bytes that a program may take for a pickle."""
    found = pickles(io.BytesIO(value), where, budget)
    if found.names or (found.outcome is not Outcome.unsafe and value[:1] == b"\x80"):
        scan.absorb(found)


def _document(text: bytes) -> object:
    try:
        return parsed(text)
    except Malformed as error:
        if "twice" in str(error) or "longer" in str(error):
            raise
        return None  # some other text that starts like one


def _check_filters(data: bytes, place: str, scan: Scan) -> None:
    """Note filters that are not built in: for them the library loads further code."""
    version, count = struct.unpack_from("<2B", data)
    position = 8 if version == 1 else 2
    for _ in range(count):
        (number,) = struct.unpack_from("<H", data, position)
        position += 2
        length = 0
        if version == 1 or number >= 256:  # then it has a name
            (length,) = struct.unpack_from("<H", data, position)
            position += 2
        _, values = struct.unpack_from("<2H", data, position)
        if number not in _BUILT_IN:
            why = "It needs a filter that is not part of HDF5, and so code of somebody else."
            what = f"filter {number}"
            scan.add(finding("hdf5-filter", place, what, why, level=Level.concern, remedy=_REMEDY))
        position += 4 + length + 4 * values + (4 * (values % 2) if version == 1 else 0)
