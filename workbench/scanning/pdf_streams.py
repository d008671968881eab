"""The streams of a PDF file: found as readers find them, and unpacked as far as they can be.

Readers follow a table of places, or search for objects where that is damaged; so every place where
an object could start is tried (ISO 32000-1, 7.3.8 and 7.5.7).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.scanning.contract import Budget, Exhausted
from workbench.scanning.streams import Malformed
from workbench.scanning.unpacking import IN_MEMORY

__all__ = [
    "SPACE",
    "Stream",
    "inflated",
    "names_in",
    "plain",
    "streams",
    "unpacked_streams",
    "value_end",
]

SPACE = b"\0\t\n\f\r "
_OBJECT = re.compile(rb"obj")
_GAP = re.compile(rb"(?:[" + SPACE + rb"]+|%[^\r\n]*)*+")
_START = re.compile(rb"stream[ \t]*(?:\r\n|\n|\r)")
_TOKEN = re.compile(rb"[^()<>\[\]%]+|<<|>>|%[^\r\n]*|<[0-9A-Fa-f" + SPACE + rb"]*>|.", re.DOTALL)
_IN_STRING = re.compile(rb"(?:[^()\\]|\\.)+|[()\\]", re.DOTALL)
_NAME = re.compile(rb"/([^" + SPACE + rb"()<>\[\]{}/%]*)")
_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")
_FLATE_FIRST = re.compile(rb"/Filter[" + SPACE + rb"\[]*/(?:FlateDecode|Fl)(?![A-Za-z])")
_CLOSED_BY = {b"<<": b">>", b"[": b"]"}
_PIECE = 1 << 16
_FIRST_PIECE = 1 << 9  # most places where a stream could start are none
MAX_DEPTH = 100  # of dictionaries, and of brackets in a text, in each other


@dataclass(frozen=True)
class Stream:
    """A stream of an object.

    Attributes:
        dictionary: what the object says of it, names in plain letters.
        start: where its bytes start in the file.
    """

    dictionary: bytes
    start: int

    @property
    def packed(self) -> bool:
        """Whether its bytes are Flate data, before anything else that is done with them."""
        return _FLATE_FIRST.search(self.dictionary) is not None

    @property
    def of_objects(self) -> bool:
        """Whether readers could take it for a stream that other objects are in."""
        names = set(names_in(self.dictionary))
        return b"ObjStm" in names or {b"First", b"N"} <= names


def plain(text: bytes) -> bytes:
    """Return a text in which no letter of a name is written by its number."""
    return _HEX.sub(lambda found: bytes([int(found[1], 16)]), text)


def names_in(text: bytes) -> list[bytes]:
    """Return the names in a text, without their slashes, in order."""
    return _NAME.findall(text)


def streams(data: bytes, budget: Budget) -> Iterator[Stream]:
    """Yield each stream of a file, by every place where an object could start.

    Raises:
        Malformed: a dictionary has no end, or a stream no start.
        Exhausted: as the budget says.
    """
    for found in _OBJECT.finditer(data):
        start = _after_gap(data, found.end())
        if data[start : start + 2] != b"<<":
            continue
        end = value_end(data, start, budget)
        after = _after_gap(data, end)
        if data.startswith(b"stream", after):
            begun = _START.match(data, after)
            if begun is None:
                raise Malformed("a stream in it has no start")
            yield Stream(plain(data[start:end]), begun.end())


def value_end(data: bytes, start: int, budget: Budget) -> int:
    """Return where a dictionary ends that starts at ``start``.

    Raises:
        Malformed: it does not end, or readers could disagree on where.
        Exhausted: as the budget says.
    """
    open_: list[bytes] = []
    position = start
    while token := _TOKEN.match(data, position):
        found = token[0]
        budget.spend(1 + len(found) // 1024)
        position = token.end()
        if found == b"(":
            position = _string_end(data, position, budget)
        elif found in _CLOSED_BY:
            open_.append(_CLOSED_BY[found])
            if len(open_) > MAX_DEPTH:
                break
        elif found in (b">>", b"]"):
            if open_.pop() != found:
                break
            if not open_:
                return position
        elif found in (b")", b"<", b">"):
            break
    raise Malformed("an object in it has no end, or readers could disagree on where it is")


def unpacked_streams(data: bytes, budget: Budget) -> Iterator[tuple[int, bytes, bool]]:
    """Yield what each place unpacks to where a stream could start, and whether to its end.

    Raises:
        Exhausted: as the budget says.
    """
    for found in _START.finditer(data):
        budget.spend()
        out, whole = inflated(data, found.end(), budget)
        if out or whole:
            yield found.end(), out, whole


def inflated(data: bytes, start: int, budget: Budget) -> tuple[bytes, bool]:
    """Return what comes out of Flate data, and whether that is all, or up to where it is damaged.

    Raises:
        Exhausted: as the budget says.
    """
    packed = memoryview(data)[start:]
    inner = zlib.decompressobj(15)
    out = bytearray()
    at, size = 0, _FIRST_PIECE
    while at < len(packed) and not inner.eof:
        rest = bytes(packed[at : at + size])
        at, size = at + size, min(2 * size, _PIECE)
        while rest and not inner.eof:
            try:
                piece = inner.decompress(rest, _PIECE)
            except zlib.error:
                return bytes(out), False
            budget.expand(len(piece))
            out += piece
            if len(out) > IN_MEMORY:
                raise Exhausted("expanded")
            rest = inner.unconsumed_tail
    return bytes(out), inner.eof


def _after_gap(data: bytes, position: int) -> int:
    found = _GAP.match(data, position)
    return found.end() if found else position


def _string_end(data: bytes, position: int, budget: Budget) -> int:
    depth = 1
    while 0 < depth < MAX_DEPTH and (found := _IN_STRING.match(data, position)):
        budget.spend(1 + len(found[0]) // 1024)
        position = found.end()
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
    if depth:
        raise Malformed("a text in it has no end")
    return position
