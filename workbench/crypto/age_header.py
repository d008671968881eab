"""The header of an age file: stanzas that each carry the file key, and a code over all of it.

C2SP age, "Header". The parser follows its grammar to the letter, so whatever parses is printed back
byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.crypto.age_io import Input
from workbench.crypto.primitives import Rejected, check_hmac, hkdf, hmac_sha256
from workbench.encoding import b64decode, b64encode
from workbench.errors import InputError, TrustError

__all__ = [
    "MAX_HEADER",
    "MAX_STANZAS",
    "VERSION_LINE",
    "Header",
    "Stanza",
    "malformed",
    "raw_b64decode",
    "raw_b64encode",
    "read",
    "seal",
]

VERSION_LINE = b"age-encryption.org/v1\n"
MAX_HEADER = 64 * 1024  # bytes; room for about 40 hybrid or 600 X25519 recipients
MAX_STANZAS = 1024  # the shortest stanza takes 6 bytes; a header this long is no longer a header

_MARK = b"\n---"  # only the line of the code starts like this
_MAC_LINE = 49  # bytes: mark without its newline (3), space, 43 of base64, newline, one to spare
_MAC = 32
_COLUMNS = 64
_BLOCK = 4096
_ARGUMENTS = re.compile(r"-> ([!-~]+(?: [!-~]+)*)\Z")
_END = re.compile(r"--- ([A-Za-z0-9+/]{43})\n\Z")


@dataclass(frozen=True)
class Stanza:
    """One wrapping of the file key: its arguments, the first naming the kind, and its body."""

    args: tuple[str, ...]
    body: bytes

    def encode(self) -> bytes:
        """Return the lines of this stanza; the last line of a body is always a short one."""
        text = raw_b64encode(self.body)
        lines = [text[start : start + _COLUMNS] for start in range(0, len(text) + 1, _COLUMNS)]
        return "\n".join([f"-> {' '.join(self.args)}", *lines, ""]).encode("ascii")


@dataclass(frozen=True)
class Header:
    """All stanzas and the code (HMAC) over them."""

    stanzas: tuple[Stanza, ...]
    mac: bytes

    def encode(self) -> bytes:
        """Return the bytes of the header."""
        return _covered(self.stanzas) + f" {raw_b64encode(self.mac)}\n".encode("ascii")

    def check(self, file_key: bytes) -> None:
        """Check the code with the key that a stanza gave.

        Raises:
            TrustError: the header was changed after it was made (step ``"age header"``).
        """
        try:
            check_hmac(_mac_key(file_key), _covered(self.stanzas), self.mac)
        except Rejected:
            raise TrustError(
                "age header", "it was changed after it was sealed.", hint="Fetch the file again."
            ) from None

    @classmethod
    def parse(cls, data: bytes) -> Header:
        """Parse exactly one header.

        Raises:
            TrustError: anything the grammar does not allow, or more than ``MAX_HEADER`` bytes or
                ``MAX_STANZAS`` stanzas (step ``"age header"``).
        """
        if len(data) > MAX_HEADER:
            raise malformed(f"it is longer than {MAX_HEADER} bytes")
        if not data.startswith(VERSION_LINE):
            raise malformed("this is not an age v1 file")
        # From the newline of the version line, so that a header without stanzas ends there too.
        mark = data.find(_MARK, len(VERSION_LINE) - 1) + 1
        if mark == 0:
            raise malformed("it does not end")
        try:
            text = data.decode("ascii")
        except UnicodeDecodeError:
            raise malformed("it holds characters that no header has") from None
        end = _END.match(text, mark)
        if end is None:
            raise malformed("the line of its code is malformed")
        stanzas = _stanzas(text[len(VERSION_LINE) : mark])
        if any(stanza.args[0] == "scrypt" for stanza in stanzas) and len(stanzas) > 1:
            raise malformed("a passphrase is mixed with other ways to open the file")
        return cls(stanzas, raw_b64decode(end.group(1), _MAC))


def seal(stanzas: Sequence[Stanza], file_key: bytes) -> Header:
    """Return the header with its code.

    Raises:
        InputError: more recipients than a reader would accept.
    """
    header = Header(tuple(stanzas), hmac_sha256(_mac_key(file_key), _covered(stanzas)))
    if len(header.stanzas) > MAX_STANZAS or len(header.encode()) > MAX_HEADER:
        raise InputError(
            f"{len(header.stanzas)} recipients are too many for one file.",
            unchanged="Nothing was sealed.",
            hint="Seal the file to fewer people at a time.",
        )
    return header


def read(source: Input) -> tuple[Header, int]:
    """Read a header; return it and its length, and leave ``source`` where the payload starts.

    Raises:
        TrustError: as :meth:`Header.parse` (step ``"age header"``).
    """
    data = b""
    end = 0
    while end == 0 and len(data) <= MAX_HEADER:
        block = source.take(_BLOCK)
        data += block
        if not data.startswith(VERSION_LINE[: len(data)]):
            break  # the parser says what it is not
        end = _end(data)
        if len(block) < _BLOCK:
            break
    source.put_back(data[end:] if end else b"")
    header = Header.parse(data[:end] if end else data)
    return header, end


def malformed(reason: str) -> TrustError:
    """Return the error for a header not to be believed; ``reason`` completes the sentence."""
    return TrustError("age header", f"{reason}.", hint="Fetch the file again from its source.")


def raw_b64encode(data: bytes) -> str:
    """Return base64 without padding (C2SP age, "Conventions")."""
    return b64encode(data).rstrip("=")


def raw_b64decode(text: str, size: int | None = None) -> bytes:
    """Decode base64 without padding in its one spelling, of ``size`` bytes if given.

    Raises:
        TrustError: any other text or size (step ``"age header"``).
    """
    try:
        data = b64decode(text + "=" * (-len(text) % 4))
    except InputError:
        data = b""
    if raw_b64encode(data) != text:
        raise malformed("its base64 is not in the one allowed spelling")
    if size is not None and len(data) != size:
        raise malformed(f"a value in it is {len(data)} bytes long instead of {size}")
    return data


def _covered(stanzas: Sequence[Stanza]) -> bytes:
    """Return what the code covers: everything up to and including its own mark."""
    return VERSION_LINE + b"".join(stanza.encode() for stanza in stanzas) + b"---"


def _mac_key(file_key: bytes) -> bytes:
    return hkdf(file_key, b"", b"header")


def _end(data: bytes) -> int:
    """Return where the header ends, or 0 while that cannot be told."""
    mark = data.find(_MARK, len(VERSION_LINE) - 1)
    if mark < 0:
        return 0
    newline = data.find(b"\n", mark + 1)
    if newline < 0:
        # A line of the code this long is wrong already; the parser gets what there is.
        return len(data) if len(data) > mark + _MAC_LINE else 0
    return newline + 1


def _stanzas(text: str) -> tuple[Stanza, ...]:
    """Parse stanza lines, each ended by a newline."""
    lines = text.split("\n")
    lines.pop()  # what follows the last newline: nothing
    stanzas: list[Stanza] = []
    place = 0
    while place < len(lines):
        if len(stanzas) == MAX_STANZAS:
            raise malformed(f"it has more than {MAX_STANZAS} stanzas")
        arguments = _ARGUMENTS.match(lines[place])
        if arguments is None:
            raise malformed("the first line of a stanza is malformed")
        start = place = place + 1
        while place < len(lines) and len(lines[place]) == _COLUMNS:
            place += 1
        if place == len(lines) or len(lines[place]) > _COLUMNS:
            raise malformed("the body of a stanza does not end with a short line")
        place += 1
        body = raw_b64decode("".join(lines[start:place]))
        stanzas.append(Stanza(tuple(arguments.group(1).split(" ")), body))
    if not stanzas:
        raise malformed("it names nobody who could open the file")
    return tuple(stanzas)
