"""Instructions of a pickle that push a value of their own: numbers, texts, bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

from workbench.scanning.memory import Memory
from workbench.scanning.reader import MARGIN, Broken
from workbench.scanning.texts import decoded, raw_text, string_line
from workbench.scanning.values import NUMBER, TEXT, Blob, Made, Named, Role

__all__ = ["CONSTANTS", "INDEX", "SHORT", "whole"]

BYTEARRAY = Named("builtins", "bytearray", Role())
LARGE = 1 << 400  # stands for what is too long to be read
SHORT = 128  # characters or bytes up to which a text stands for itself
WHOLE = re.compile(rb"-?[0-9]{1,4000}\Z")
INDEX = re.compile(rb"[0-9]{1,9}\Z")
DECIMAL = re.compile(rb"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\Z|-?inf\Z|nan\Z")


def whole(m: Memory, line: bytes | None, pattern: re.Pattern[bytes] = WHOLE) -> int:
    """Return the whole number that a line is; a very long one as a large one.

    One that no pickler writes so, but that a reader takes all the same, is reported.

    Raises:
        Broken: no reader takes it for a number.
    """
    if line is not None and pattern.match(line):
        return int(line) if len(line) < 100 else LARGE
    value = LARGE if line is None else _taken(line)
    if value is None:
        raise Broken("a number", "A number in it is not written as a pickle writes it.")
    m.odd("a number")
    return value


def _taken(line: bytes) -> int | None:
    """Return what CPython's readers take a line for: in any base, and only up to a zero byte."""
    for base in (10, 0):
        with suppress(ValueError):
            return int(line.partition(b"\0")[0], base)
    return None


def _int(m: Memory) -> None:
    line = m.reader.line()
    m.stack.append(line == b"01" if line in (b"00", b"01") else whole(m, line))


def _long(m: Memory) -> None:
    line = m.reader.line()
    m.stack.append(whole(m, line[:-1] if line and line[-1:] == b"L" else line))


def _long1(m: Memory) -> None:
    data = m.reader.take(m.reader.number(1))
    m.stack.append(int.from_bytes(data, "little", signed=True))


def _long4(m: Memory) -> None:
    m.reader.skip(_signed_length(m))
    m.stack.append(NUMBER)


def _float(m: Memory) -> None:
    line = m.reader.line()
    if line is None or not DECIMAL.match(line):
        try:
            float(line or b"0")
        except ValueError:
            why = "A number in it is not written as a pickle writes it."
            raise Broken("a number", why) from None
        m.odd("a number")
    m.stack.append(NUMBER)


def _binary_float(m: Memory) -> None:
    m.reader.take(8)
    m.stack.append(NUMBER)


def _signed_length(m: Memory) -> int:
    length = int.from_bytes(m.reader.take(4), "little", signed=True)
    if length < 0:
        raise Broken("a negative length", "A length in it is negative.")
    return length


def _string(m: Memory) -> None:
    m.stack.append(string_line(m.reader.line()))


def _unicode(m: Memory) -> None:
    m.stack.append(raw_text(m.reader.line()))


def _sized_string(m: Memory, length: int) -> None:
    """Text of Python 2, of which the encoding is not known."""
    if length > SHORT:
        m.reader.skip(length)
        m.stack.append(TEXT)
        return
    data = m.reader.take(length)
    m.stack.append(data.decode("ascii") if data.isascii() else TEXT)


def _sized_text(m: Memory, length: int) -> None:
    if length > MARGIN:
        m.reader.skip(length)
        m.stack.append(TEXT)
        return
    text = decoded(m.reader.take(length))
    m.stack.append(text if length <= SHORT else TEXT)


def _sized_bytes(m: Memory, length: int) -> None:
    if length > SHORT:
        m.stack.append(Blob(m.reader.skip(length), length))
    else:
        m.stack.append(m.reader.take(length))


def _bytearray(m: Memory) -> None:
    m.reader.skip(m.reader.number(8))
    m.stack.append(Made(BYTEARRAY))


CONSTANTS: dict[int, Callable[[Memory], None]] = {
    ord("I"): _int,
    ord("L"): _long,
    0x8A: _long1,
    0x8B: _long4,
    ord("F"): _float,
    ord("G"): _binary_float,
    ord("J"): lambda m: m.stack.append(int.from_bytes(m.reader.take(4), "little", signed=True)),
    ord("K"): lambda m: m.stack.append(m.reader.number(1)),
    ord("M"): lambda m: m.stack.append(m.reader.number(2)),
    ord("S"): _string,
    ord("V"): _unicode,
    ord("T"): lambda m: _sized_string(m, _signed_length(m)),
    ord("U"): lambda m: _sized_string(m, m.reader.number(1)),
    ord("X"): lambda m: _sized_text(m, m.reader.number(4)),
    0x8C: lambda m: _sized_text(m, m.reader.number(1)),
    0x8D: lambda m: _sized_text(m, m.reader.number(8)),
    ord("B"): lambda m: _sized_bytes(m, m.reader.number(4)),
    ord("C"): lambda m: _sized_bytes(m, m.reader.number(1)),
    0x8E: lambda m: _sized_bytes(m, m.reader.number(8)),
    0x96: _bytearray,
    ord("N"): lambda m: m.stack.append(None),
    0x88: lambda m: m.stack.append(True),
    0x89: lambda m: m.stack.append(False),
}
