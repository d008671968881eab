"""Files of each format by hand, independent of what reads them, and a short way to look at them."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping

from workbench.findings.scan import FileScan, Outcome
from workbench.scanning.contract import Budget, Limits
from workbench.scanning.scan import scan

OS_SYSTEM = b"cos\nsystem\n(S'true'\ntR."


def budget(**limits: float) -> Budget:
    """A budget whose clock stands still."""
    return Budget(lambda: 0.0, Limits(**limits))  # type: ignore[arg-type]


def look_at(data: bytes, name: str = "file", **limits: float) -> FileScan:
    """What is said about a file with these bytes; the name is one that tells nothing."""
    files = [(name, io.BytesIO(data))]
    return scan(files, clock=lambda: 0.0, limits=Limits(**limits)).files[0]  # type: ignore[arg-type]


def rules(found: FileScan) -> set[str]:
    """The kinds of findings."""
    return {one.rule for one in found.findings}


def unsafe(data: bytes, rule: str, name: str = "file") -> FileScan:
    """Assert that a file is unsafe, for this reason among others."""
    found = look_at(data, name)
    assert found.outcome is Outcome.unsafe
    assert rule in rules(found), found
    return found


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive as Python's own library writes it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def varint(value: int) -> bytes:
    """A number as Protocol Buffers write it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: int | str | bytes) -> bytes:
    """One field of a message: a number, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def message(*fields: tuple[int, int | str | bytes]) -> bytes:
    """A message of such fields."""
    return b"".join(field(number, value) for number, value in fields)


def text(value: str) -> bytes:
    """A text as GGUF writes it."""
    return struct.pack("<Q", len(value.encode())) + value.encode()


def gguf(
    settings: Mapping[str, str] = {},
    tensors: Mapping[str, int] = {},
    change: Callable[[bytearray], None] = lambda _: None,
) -> bytes:
    """A GGUF file of texts as settings and one-dimensional tensors of 32-bit numbers."""
    out = bytearray(struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(settings)))
    for key, value in settings.items():
        out += text(key) + struct.pack("<I", 8) + text(value)
    offset = 0
    for name, count in tensors.items():
        out += text(name) + struct.pack("<IQIQ", 1, count, 0, offset)
        offset += 4 * count + -4 * count % 32
    change(out)
    return bytes(out) + bytes(-len(out) % 32) + bytes(offset)


def notebook(*cells: object, **more: object) -> bytes:
    """A notebook of these cells."""
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more}
    ).encode()


def cell(source: object, outputs: object = (), **metadata: object) -> object:
    """A cell of code."""
    return {"cell_type": "code", "source": source, "outputs": outputs, "metadata": metadata}


def markdown(source: str, **more: object) -> object:
    """A cell of text."""
    return {"cell_type": "markdown", "source": source, **more}
