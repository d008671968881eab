"""Texts of a pickle: of lines and of counted bytes; long ones are not kept."""

from __future__ import annotations

from workbench.scanning.reader import Broken
from workbench.scanning.values import TEXT, Value

__all__ = ["decoded", "raw_text", "string_line"]

LONGEST = 128  # characters up to which a text stands for itself
QUOTES = (b"'", b'"')


def decoded(data: bytes) -> str:
    """Return counted bytes as text.

    Raises:
        Broken: they are none.
    """
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise Broken("a text", "A text in it is not in the encoding of pickles.") from None


def raw_text(line: bytes | None) -> Value:
    """Return what stands for a line of text with escapes.

    Raises:
        Broken: an escape is not complete.
    """
    if line is None:
        return TEXT
    try:
        text = line.decode("raw-unicode-escape")
    except UnicodeDecodeError:
        raise Broken("a text", "A text in it is not in the encoding of pickles.") from None
    return text if len(text) <= LONGEST else TEXT


def string_line(line: bytes | None) -> Value:
    """Return what stands for a quoted line, which Python 2 wrote; one with escapes is not read.

    Raises:
        Broken: it is not in quotes.
    """
    if line is None:
        return TEXT
    if len(line) < 2 or line[:1] not in QUOTES or line[-1:] != line[:1]:
        raise Broken("a text", "A text in it is not in quotes as pickles write it.")
    inner = line[1:-1]
    plain = len(inner) <= LONGEST and inner.isascii() and b"\\" not in inner
    return inner.decode() if plain else TEXT
