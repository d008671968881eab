"""The wire format of Protocol Buffers, read where it lies and within bounds.

Nothing is decoded but what is asked for: a model's numbers are stepped over. A message is walked
by a table of the fields that lead to other messages.

Trees in ONNX are lists of millions of small values, each a field of its own. Where nobody needs
them, all that are read ahead are passed over in one step.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from workbench.scanning.contract import Budget
from workbench.scanning.streams import Malformed, at

__all__ = [
    "BYTES",
    "FIXED32",
    "FIXED64",
    "VARINT",
    "Field",
    "Message",
    "Schema",
    "fields",
    "number",
    "text",
    "varints",
    "walk",
]

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MAX_DEPTH = 64
MAX_FIELDS = 1_000_000  # of one message; each takes memory while its message is looked at
MAX_TEXT = 1 << 20  # bytes of a text that is looked at

AHEAD = 1 << 14  # bytes read at once
_LONGEST = 20  # bytes of a tag and the number that follows it
# What follows a tag of one byte, by wire type; texts as short as the names of branches of trees.
_REST = {
    VARINT: rb"[\x80-\xff]{0,9}[\x00-\x7f]",
    FIXED32: rb"[\x00-\xff]{4}",
    BYTES: b"(?:" + b"|".join(rb"\x%02x[\x00-\xff]{%d}" % (n, n) for n in range(16)) + b")",
}
_RUNS = {
    tag: re.compile(b"(?:" + re.escape(bytes([tag])) + _REST[tag & 7] + b")+")
    for tag in range(8, 128)
    if tag & 7 in _REST
}

# Message: {field number: the message it holds}, for the fields that hold messages of interest.
Schema = dict[str, dict[int, str]]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its number, wire type, and its value or where its bytes lie."""

    number: int
    wire: int
    value: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message within a walk: its type, where it lies, and the types it is inside of."""

    kind: str
    start: int
    size: int
    path: tuple[str, ...]


def fields(
    stream: BinaryIO, start: int, size: int, budget: Budget, once: Container[int] = ()
) -> Iterator[Field]:
    """Yield the fields of the message in these bytes.

    Args:
        once: the fields of which those may be passed over that follow one of their own.

    Raises:
        Malformed: not a message, groups, or a length beyond its end.
    """
    position, end = start, start + size
    held, first = b"", position  # what was read ahead, and where it begins
    while position < end:
        budget.spend()
        if position + _LONGEST > first + len(held) < end:
            stream.seek(position)
            held, first = stream.read(min(AHEAD, end - position)), position
        window = held[position - first : position - first + _LONGEST]
        tag, used = _varint(window, 0)
        wire, key = tag & 7, tag >> 3
        if not 0 < key < 1 << 29:
            raise Malformed("it holds something that is no field")
        value = length = 0
        if wire == VARINT:
            value, used = _varint(window, used)
        elif wire == BYTES:
            length, used = _varint(window, used)
        elif wire in (FIXED64, FIXED32):
            length = 8 if wire == FIXED64 else 4
        else:
            raise Malformed("it holds something that is no field")
        if position + used + length > end:
            raise Malformed("a part of it is longer than the whole")
        yield Field(key, wire, value, position + used, length)
        position += used + length
        run = _RUNS.get(tag) if key in once else None
        if run is not None and (more := run.match(held, position - first)):
            position = first + more.end()


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(data) or shift > 63:
            raise Malformed("a number in it does not end")
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            return value, position
        shift += 7


def varints(data: bytes) -> list[int]:
    """Return the whole numbers that follow each other in a field.

    Raises:
        Malformed: the last one does not end.
    """
    found, position = [], 0
    while position < len(data):
        value, position = _varint(data, position)
        found.append(value)
    return found


def text(stream: BinaryIO, field: Field) -> str:
    """Return a text field; bytes that are not UTF-8 are shown as escapes.

    Raises:
        Malformed: longer than 1 MiB, or no text.
    """
    if field.wire != BYTES or field.size > MAX_TEXT:
        raise Malformed("a text in it is too long, or is none")
    return at(stream, field.start, field.size).decode("utf-8", "backslashreplace")


def number(field: Field) -> int:
    """Return a number field.

    Raises:
        Malformed: it is none.
    """
    if field.wire != VARINT:
        raise Malformed("a number in it is none")
    return field.value


def walk(
    stream: BinaryIO,
    schema: Schema,
    root: str,
    size: int,
    budget: Budget,
    once: Mapping[str, Container[int]] | None = None,
) -> Iterator[tuple[Message, list[Field]]]:
    """Yield each message that the schema leads to, outermost first, with its other fields.

    The fields of a message that lead to further messages are not in its list.

    Args:
        once: fields of messages that may be listed once where one follows its own kind.

    Raises:
        Malformed: not the wire format, or nested too deeply.
        Exhausted: as the budget says.
    """
    waiting = [Message(root, 0, size, ())]
    while waiting:
        message = waiting.pop()
        if len(message.path) > MAX_DEPTH:
            raise Malformed("it is nested too deeply")
        leads = schema.get(message.kind, {})
        path = (*message.path, message.kind)
        plain: list[Field] = []
        inner: list[Message] = []
        passed = (once or {}).get(message.kind, ())
        found = fields(stream, message.start, message.size, budget, passed)
        for field in found:
            if len(plain) + len(inner) > MAX_FIELDS:
                raise Malformed("a part of it has too many parts")
            kind = leads.get(field.number)
            if kind is None:
                plain.append(field)
            elif field.wire != BYTES:
                raise Malformed("a part of it has a type that it cannot have")
            else:
                inner.append(Message(kind, field.start, field.size, path))
        yield message, plain
        waiting.extend(reversed(inner))
