"""The objects of an HDF5 file and their attributes, walked without the HDF5 library.

The library is a large program in C, and what it does with a crafted file nobody knows. What is
understood here is what h5py writes (HDF5 File Format Specification 3.0): superblocks 0, 2 and 3,
both kinds of object headers, groups as symbol tables or links, attributes in headers. Anything
else is said not to be understood. The contents of datasets are never read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from workbench.scanning.contract import Budget
from workbench.scanning.kinds import HDF5
from workbench.scanning.streams import Malformed, at, size_of

__all__ = ["Message", "Walk"]

UNDEFINED = 0xFFFFFFFFFFFFFFFF
MAX_HEADER = 1 << 20  # bytes of one block of messages
_LINK_INFO, _EXTERNAL, _LINK, _LAYOUT = 0x02, 0x07, 0x06, 0x08
_CONTINUED, _SYMBOLS, _ATTRIBUTES = 0x10, 0x11, 0x15
_SHARED = 0x02


@dataclass(frozen=True)
class Message:
    """One message of an object's header: its type, flags and bytes."""

    kind: int
    flags: int
    data: bytes


class Walk:
    """A walk over all objects that can be reached from the root of a file.

    Args:
        stream: from the superblock on.
        before: bytes of the file that stand before it, from which some programs count.
    """

    def __init__(self, stream: BinaryIO, budget: Budget, before: int = 0) -> None:
        self._stream = stream
        self._budget = budget
        self._before = before
        self._total = size_of(stream)

    def objects(self) -> Iterator[list[Message]]:
        """Yield the messages of each object, the root group first.

        Raises:
            Malformed: damaged, or a part of the format that is not understood here.
            Exhausted: as the budget says.
        """
        waiting = [self._root()]
        seen = set(waiting)
        while waiting:
            address = waiting.pop()
            messages = list(self._messages(address))
            yield messages
            for other in self._members(messages):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)

    def stored(self, address: int, size: int) -> bytes:
        """Return bytes of the file.

        Raises:
            Malformed: they are not all there, or too many.
        """
        return self._at(address, size)

    def heap_object(self, address: int, index: int, size: int) -> bytes:
        """Return a value that is kept in a global heap.

        Raises:
            Malformed: there is none of this size.
        """
        head = self._at(address, 16)
        length = int.from_bytes(head[8:], "little")
        if head[:5] != b"GCOL\x01" or length > self._total:
            raise Malformed("a value in it is not where it should be")
        position, end = address + 16, address + length
        while position + 16 <= end:
            self._budget.spend()
            found, _, _, held = struct.unpack("<HHIQ", self._at(position, 16))
            if found == index and index and size <= held:
                return self._at(position + 16, size)
            if not found:
                break
            position += 16 + held + -held % 8
        raise Malformed("a value in it is not where it should be")

    def _at(self, address: int, size: int) -> bytes:
        self._budget.spend()
        if address + size > self._total or size > 16 << 20:
            raise Malformed("it points outside itself")
        return at(self._stream, address, size)

    def _root(self) -> int:
        """Return the address of the root group, from the superblock."""
        start = self._at(0, 16)
        if start[:8] != HDF5:
            raise Malformed("there is something before its start")
        version = start[8]
        if version in (0, 1):
            sizes = start[13:15]
            extra = 4 if version == 1 else 0
            body = self._at(24 + extra, 72)
            base, _, end, driver, _, root = struct.unpack("<6Q", body[:48])
        elif version in (2, 3):
            sizes = start[9:11]
            base, driver, end, root = struct.unpack("<4Q", self._at(12, 32))
        else:
            raise Malformed("its version is not known")
        if sizes != b"\x08\x08" or base not in (0, self._before) or driver != UNDEFINED:
            raise Malformed("it uses a part of HDF5 that is not understood here")
        if end != self._total + base:
            raise Malformed("it does not end where it says")
        return int(root)

    def _messages(self, address: int) -> Iterator[Message]:
        start = self._at(address, 16)
        blocks: list[tuple[int, int]]
        if start[:4] == b"OHDR":
            blocks, ordered, version = self._new_header(address, start)
        elif start[0] == 1:
            size = int.from_bytes(start[8:12], "little")
            blocks, ordered, version = [(address + 16, size)], False, 1
        else:
            raise Malformed("an object in it is not where it should be")
        done: set[int] = set()
        while blocks:
            place, size = blocks.pop()
            if place in done or size > MAX_HEADER:
                raise Malformed("an object in it has no end")
            done.add(place)
            data = self._at(place, size)
            if len(done) > 1 and version == 2:
                if data[:4] != b"OCHK":
                    raise Malformed("an object in it is not where it should be")
                data = data[4:-4]
            for message in self._split(data, version, ordered=ordered):
                if message.kind == _CONTINUED:
                    blocks.append(struct.unpack("<QQ", message.data[:16]))
                else:
                    yield message

    def _new_header(self, address: int, start: bytes) -> tuple[list[tuple[int, int]], bool, int]:
        flags = start[5]
        if start[4] != 2:
            raise Malformed("an object in it has a version that is not known")
        position = address + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        size = int.from_bytes(self._at(position, width), "little")
        return [(position + width, size)], bool(flags & 4), 2

    def _split(self, data: bytes, version: int, *, ordered: bool) -> Iterator[Message]:
        position = 0
        head = 8 if version == 1 else 6 if ordered else 4
        while position + head <= len(data):
            if version == 1:
                kind, size, flags = struct.unpack_from("<HHB", data, position)
            else:
                kind, size, flags = struct.unpack_from("<BHB", data, position)
            self._budget.spend()
            body = data[position + head : position + head + size]
            if len(body) != size:
                raise Malformed("a part of an object in it is cut off")
            if kind:
                yield Message(kind, flags, body)
            position += head + size

    def _members(self, messages: list[Message]) -> Iterator[int]:
        """Yield the addresses of the objects in a group."""
        for message in messages:
            data = message.data
            if message.flags & _SHARED and message.kind not in (3, 5):
                raise Malformed("it uses a part of HDF5 that is not understood here")
            if message.kind == _SYMBOLS:
                tree, heap = struct.unpack("<QQ", _exact(data, 16))
                yield from self._symbols(tree, heap)
            elif message.kind == _LINK:
                yield from self._link(data)
            elif message.kind in (_LINK_INFO, _ATTRIBUTES):
                # Version, flags, and a creation index where flags say so; then the heap's address.
                width = 8 if message.kind == _LINK_INFO else 2
                skip = 2 + (width if _exact(data, 2)[1] & 1 else 0)
                if _exact(data[skip:], 8) != b"\xff" * 8:
                    raise Malformed("it holds so much that it uses a form not understood here")
            elif message.kind == _EXTERNAL or _is_virtual(message):
                raise Malformed("it takes numbers from other files")

    def _symbols(self, tree: int, heap: int) -> Iterator[int]:
        """Yield the objects of a group of the old form, by its tree of symbol tables."""
        del heap  # only names are kept there
        waiting, seen = [tree], set()
        while waiting:
            address = waiting.pop()
            if address in seen:
                raise Malformed("a group in it has no end")
            seen.add(address)
            start = self._at(address, 8)
            if start[:4] == b"SNOD":
                count = int.from_bytes(start[6:8], "little")
                for i in range(count):
                    entry = self._at(address + 8 + 40 * i, 40)
                    if int.from_bytes(entry[16:20], "little") != 2:  # not a link by a path
                        yield int.from_bytes(entry[8:16], "little")
            elif start[:5] == b"TREE\0":
                count = int.from_bytes(start[6:8], "little")
                body = self._at(address + 24, 8 + 16 * count)
                waiting += [
                    int.from_bytes(body[8 + 16 * i : 16 + 16 * i], "little") for i in range(count)
                ]
            else:
                raise Malformed("a group in it is not where it should be")

    def _link(self, data: bytes) -> Iterator[int]:
        version, flags = _exact(data, 2)
        position = 2
        kind = 0
        if flags & 8:
            kind = _exact(data[position:], 1)[0]
            position += 1
        position += (8 if flags & 4 else 0) + (1 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        position += width + int.from_bytes(_exact(data[position:], width), "little")
        if version != 1 or kind not in (0, 1):
            raise Malformed("it leads to objects in other files")
        if kind == 0:
            yield int.from_bytes(_exact(data[position:], 8), "little")


def _is_virtual(message: Message) -> bool:
    """Tell whether a dataset is put together from others, which may be in other files."""
    return message.kind == _LAYOUT and _exact(message.data, 2)[0] >= 3 and message.data[1] == 3


def _exact(data: bytes, size: int) -> bytes:
    if len(data) < size:
        raise Malformed("a part of an object in it is cut off")
    return data[:size]
