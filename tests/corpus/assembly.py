"""A pickle, opcode by opcode: also what no pickler would write.

Everything here returns bytes; ``Code`` marks opcodes that leave one value on the stack, so that
values and opcodes can be mixed. Opcodes are those of the standard library's ``pickletools``.
Every payload is harmless: a shell that does nothing, or a look at one environment variable.
"""

from __future__ import annotations

import struct
from typing import Any

__all__ = [
    "CODE",
    "EVAL",
    "SHELL",
    "SYSTEM",
    "Code",
    "call",
    "dotted",
    "evil",
    "glob",
    "short",
    "value",
    "whole",
]

SHELL = ": wb-canary"
CODE = "__import__('os').getenv('WB_CANARY')"


class Code(bytes):
    """Opcodes that leave one value on the stack."""


def short(text: str) -> Code:
    """SHORT_BINUNICODE: a text of less than 256 bytes."""
    data = text.encode()
    return Code(b"\x8c" + bytes([len(data)]) + data)


def value(thing: Any) -> Code:
    """Return opcodes that put a plain value, or what opcodes make, on the stack."""
    match thing:
        case Code():
            return thing
        case None:
            return Code(b"N")
        case bool():
            return Code(b"\x88" if thing else b"\x89")
        case int():
            data = thing.to_bytes(thing.bit_length() // 8 + 1, "little", signed=True)
            return Code(b"\x8a" + bytes([len(data)]) + data)
        case float():
            return Code(b"G" + struct.pack(">d", thing))
        case str():
            return Code(b"X" + struct.pack("<I", len(thing.encode())) + thing.encode())
        case bytes():
            return Code(b"B" + struct.pack("<I", len(thing)) + thing)
        case tuple():
            return Code(b"(" + b"".join(map(value, thing)) + b"t")
        case list():
            return Code(b"](" + b"".join(map(value, thing)) + b"e")
        case dict():
            pairs = (value(key) + value(item) for key, item in thing.items())
            return Code(b"}(" + b"".join(pairs) + b"u")
    raise TypeError(type(thing).__name__)


def glob(module: str, name: str) -> Code:
    """GLOBAL: a name, as text."""
    return Code(f"c{module}\n{name}\n".encode())


def dotted(module: str, name: str) -> Code:
    """STACK_GLOBAL: a name from two texts on the stack, in which dots are followed."""
    return Code(short(module) + short(name) + b"\x93")


def call(function: bytes, *arguments: Any) -> Code:
    """REDUCE: call what opcodes put on the stack."""
    return Code(function + value(arguments) + b"R")


def whole(body: bytes, protocol: int | None = 4, after: bytes = b"") -> bytes:
    """Return a pickle: PROTO unless ``protocol`` is ``None``, the opcodes, STOP, what follows."""
    start = b"" if protocol is None else b"\x80" + bytes([protocol])
    return start + body + b"." + after


SYSTEM = call(glob("os", "system"), SHELL)
EVAL = call(glob("builtins", "eval"), CODE)


def evil(protocol: int | None = 2) -> bytes:
    """Return the plainest hostile pickle there is."""
    return whole(SYSTEM, protocol)
