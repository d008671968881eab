"""An age file as text (C2SP age, "ASCII armor"): strict PEM, so that text cannot be changed unseen.

Allowed besides the one spelling are white space around it, and CRLF line ends if all lines have
them.
"""

from __future__ import annotations

import base64
import binascii
import re

from workbench.crypto.age_io import Input, Writable, write_all
from workbench.errors import TrustError

__all__ = ["ArmorReader", "ArmorWriter", "dearmor"]

MAX_SPACE = 1024  # characters of white space before or after the armor
_BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
_END = b"-----END AGE ENCRYPTED FILE-----"
_COLUMNS = 64
_LINE = 48  # bytes that a full line encodes
_BLOCK = 256 * 1024
_SPACE = b" \t\r\n"
_FULL_LINES = re.compile(rb"(?:[A-Za-z0-9+/]{64}\n)*")


def dearmor(source: Input) -> Input:
    """Return an input of the binary file, whether ``source`` is armored or not.

    Raises:
        TrustError: an armor whose first line is wrong (step ``"age armor"``).
    """
    start = source.take(MAX_SPACE + len(_BEGIN) + 2)
    text = start.lstrip(_SPACE)
    if not text.startswith(_BEGIN[:5]):
        source.put_back(start)
        return source
    source.put_back(text)
    if len(start) - len(text) > MAX_SPACE:
        raise _malformed("there is too much white space before it")
    return Input(ArmorReader(source))


class ArmorReader:
    """The bytes inside an armor that starts with its first line.

    Raises:
        TrustError: another first line (step ``"age armor"``).
    """

    def __init__(self, source: Input) -> None:
        self._source = source
        first = source.take(len(_BEGIN) + 2)
        rest = first[len(_BEGIN) :]
        self._eol = b"\r\n" if rest == b"\r\n" else b"\n"
        if not first.startswith(_BEGIN) or not rest.startswith(self._eol):
            raise _malformed("its first line is wrong")
        source.put_back(rest[len(self._eol) :])
        self._text = b""  # complete lines that are not decoded yet, ended by plain newlines
        self._part = b""  # the beginning of a line
        self._data = b""  # decoded, not handed out
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes; nothing only at the end.

        Raises:
            TrustError: the text is not strict armor (step ``"age armor"``).
        """
        while not self._data and not self._ended:
            self._advance()
        data, self._data = self._data[:size], self._data[size:]
        return data

    def _advance(self) -> None:
        """Decode the full lines of the next block, or the end of the armor."""
        self._more()
        found = _FULL_LINES.match(self._text)
        full = found.end() if found else 0
        self._data = binascii.a2b_base64(self._text[:full])
        self._text = self._text[full:]
        if self._text:
            self._finish()

    def _more(self) -> None:
        """Read a block and keep its complete lines."""
        block = self._source.take(_BLOCK)
        text, newline, part = (self._part + block).rpartition(b"\n")
        text += newline
        if self._eol == b"\r\n":
            # A lone newline or return would survive nowhere below: neither is base64.
            if text.count(b"\n") != text.count(b"\r\n"):
                raise _malformed("its line ends differ")
            text = text.replace(b"\r\n", b"\n")
        if not block:  # the last line may do without a line end
            text, part = text + part, b""
            if not text:
                raise _malformed("it does not end")
        elif len(part) > _BLOCK:
            raise _malformed("a line in it is too long")
        self._text, self._part = text, part

    def _finish(self) -> None:
        """Decode what follows the full lines: a short line perhaps, the last line, white space."""
        rest = self._text + self._part + self._source.take(_COLUMNS + len(_END) + MAX_SPACE + 2)
        if self._eol == b"\r\n":
            rest = rest.replace(b"\r\n", b"\n")
        line, newline, after = rest.partition(b"\n")
        if not line.startswith(b"-"):
            if not newline:
                raise _malformed("it does not end")
            self._data += _short_line(line)
            line, _, after = after.partition(b"\n")
        if line.rstrip(_SPACE) != _END:
            raise _malformed("its last line is wrong")
        space = line[len(_END) :] + after
        if space.strip(_SPACE) or len(space) > MAX_SPACE:
            raise _malformed("something follows it")
        self._ended = True


def _short_line(line: bytes) -> bytes:
    """Decode the last line of data; a line of full length has only this place for padding."""
    try:
        data = base64.b64decode(line, validate=True)
    except binascii.Error:
        data = b""
    if not data or len(line) > _COLUMNS or base64.b64encode(data) != line:
        raise _malformed("a line in it is not base64 in its one spelling")
    return data


class ArmorWriter:
    """Writes what it gets to ``target`` as armor, complete after :meth:`finish`."""

    def __init__(self, target: Writable) -> None:
        self._target = target
        self._rest = b""
        self._put(_BEGIN + b"\n")

    def write(self, data: memoryview, /) -> int:
        """Write the full lines there are; keep the rest for later."""
        whole = self._rest + bytes(data)
        end = len(whole) - len(whole) % _LINE
        self._rest = whole[end:]
        self._lines(whole[:end])
        return len(data)

    def finish(self) -> None:
        """Write the short line, if there is one, and the last line."""
        self._lines(self._rest)
        self._rest = b""
        self._put(_END + b"\n")

    def _lines(self, data: bytes) -> None:
        text = base64.b64encode(data)
        starts = range(0, len(text), _COLUMNS)
        self._put(b"".join(text[start : start + _COLUMNS] + b"\n" for start in starts))

    def _put(self, text: bytes) -> None:
        write_all(self._target, memoryview(text))


def _malformed(reason: str) -> TrustError:
    return TrustError(
        "age armor",
        f"{reason}.",
        hint="Copy the whole text again, from the BEGIN line to the END line.",
    )
