"""The single byte form of anything hashed or signed.

JSON is written as RFC 8785 (canonical JSON) and parsed strictly: UTF-8 only, no duplicate names, no
NaN or infinities, no integers that a double cannot hold, bounded in size and depth. Base64 is
accepted in its one canonical spelling only. Whatever :func:`parse_canonical` accepts,
:func:`canonical` prints back byte for byte.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from typing import Any

import rfc8785

from workbench.errors import InputError

__all__ = [
    "MAX_DEPTH",
    "MAX_JSON",
    "b64decode",
    "b64encode",
    "canonical",
    "check_digest",
    "digest",
    "parse",
    "parse_canonical",
]

MAX_JSON = 8 * 1024 * 1024  # bytes; the largest document we write is far below 1 MiB
MAX_DEPTH = 64  # nesting; ours stay below 12
_MAX_EXACT = 2**53 - 1  # RFC 8785 section 3.2.2.3: integers beyond this are not interoperable
_LONGEST = 22  # characters: a sign and 21 digits, before RFC 8785 turns to exponents
# A string (an unfinished one runs to the end, so hostile text is scanned once) or a bracket.
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a JSON value.

    Raises:
        InputError: no canonical form (NaN, huge integers, lone surrogates, other types).
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise InputError(f"This value has no canonical JSON form: {error}.") from error


def parse(data: bytes, *, limit: int = MAX_JSON) -> Any:
    """Parse JSON from outside: at most ``limit`` bytes and ``MAX_DEPTH`` levels, strictly.

    Raises:
        InputError: too large, too deep, not UTF-8, not JSON, duplicate names, or unsafe numbers.
    """
    if len(data) > limit:
        raise InputError(f"JSON document of {len(data)} bytes is over the limit of {limit}.")
    try:
        text = data.decode("utf-8")
        _check_depth(text)
        return json.loads(
            text,
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
            parse_int=_exact_integer,
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"Not a JSON document: {error}.") from error


def parse_canonical(data: bytes, *, limit: int = MAX_JSON) -> Any:
    """Parse JSON and refuse any spelling other than the canonical one.

    Raises:
        InputError: as :func:`parse`, or the bytes are not the canonical form of their value.
    """
    value = parse(data, limit=limit)
    if canonical(value) != data:
        raise InputError("The JSON document is not in its canonical form (RFC 8785).")
    return value


def digest(data: bytes) -> str:
    """Return ``sha256:`` and the hex SHA-256 of ``data`` (OCI image spec, descriptors)."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def check_digest(text: str) -> str:
    """Return ``text`` if it is a digest as :func:`digest` prints it.

    Raises:
        InputError: any other spelling.
    """
    if not _DIGEST.match(text):
        raise InputError(f"Not a sha256 digest: {text[:80]!r}.")
    return text


def b64encode(data: bytes) -> str:
    """Return standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def b64decode(text: str) -> bytes:
    """Decode standard base64 in its one canonical spelling.

    Raises:
        InputError: other alphabet, white space, missing padding, or non-zero trailing bits.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise InputError("Not canonical base64.") from error
    if b64encode(data) != text:
        raise InputError("Not canonical base64.")
    return data


def _check_depth(text: str) -> None:
    """Refuse deep nesting before the recursive parser meets it."""
    depth = 0
    for token in _STRUCTURE.finditer(text):
        mark = token.group()[0]
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise InputError(f"JSON document nested deeper than {MAX_DEPTH} levels.")
        elif mark in "]}":
            depth -= 1


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise InputError("JSON object with the same name twice.")
    return result


def _no_constant(name: str) -> Any:
    raise InputError(f"JSON has no number called {name}.")


def _exact_integer(text: str) -> int | float:
    if len(text) <= _LONGEST:
        if abs(int(text)) <= _MAX_EXACT:
            return int(text)
        number = float(text)  # floats this large are written without a point or exponent
        if rfc8785.dumps(number) == text.encode("ascii"):
            return number
    raise InputError("JSON integer beyond what a double holds exactly.")
