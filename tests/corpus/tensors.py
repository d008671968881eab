"""Safetensors files whose header lies. The format's own rules call each of them invalid."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

from tests.corpus.assembly import evil
from tests.corpus.sample import Hostile, dropped

__all__ = ["safetensors", "tensors"]


def safetensors(header: Any, data: bytes = bytes(16), length: int | None = None) -> bytes:
    """Return a file: eight bytes with the header's length, the header, the numbers."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(start: int = 0, end: int = 16, shape: Any = (4,), dtype: Any = "F32") -> dict[str, Any]:
    """Return what the header says about a tensor."""
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


def _rows() -> Iterator[tuple[str, Any, bytes]]:
    yield "a pickle behind the last tensor", {"a": tensor()}, bytes(16) + evil()
    yield (
        "a hole between two tensors",
        {"a": tensor(0, 4, (1,)), "b": tensor(12, 16, (1,))},
        bytes(16),
    )
    yield "a hole with a pickle in it", {"a": tensor(64, 80)}, evil().ljust(64, b"\0") + bytes(16)
    yield "overlapping tensors", {"a": tensor(), "b": tensor(8, 16, (2,))}, bytes(16)
    yield "the same bytes twice", {"a": tensor(), "b": tensor()}, bytes(16)
    yield "a tensor beyond the end", {"a": tensor(0, 64, (16,))}, bytes(16)
    yield "an end before the beginning", {"a": tensor(16, 0)}, bytes(16)
    yield "negative places", {"a": tensor(-16, 0)}, bytes(16)
    yield "a shape that does not fit", {"a": tensor(shape=(5,))}, bytes(16)
    yield "a shape that overflows", {"a": tensor(shape=(1 << 32, 1 << 32))}, bytes(16)
    yield "a negative shape", {"a": tensor(shape=(-2, -2))}, bytes(16)
    yield "an unknown type", {"a": tensor(dtype="O8")}, bytes(16)
    yield "a type that is no text", {"a": tensor(dtype=["F32"])}, bytes(16)
    yield "numbers with a point", {"a": {**tensor(), "data_offsets": [0.0, 16.0]}}, bytes(16)
    yield "truth values as numbers", {"a": {**tensor(0, 1, (True,), "U8")}}, bytes(1)
    yield "three places", {"a": {**tensor(), "data_offsets": [0, 8, 16]}}, bytes(16)
    yield "remarks that are no text", {"__metadata__": {"a": {"b": 1}}, "a": tensor()}, bytes(16)
    yield "a list instead of a header", [tensor()], bytes(16)
    yield (
        "one name twice",
        b'{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":'
        + (b'{"dtype":"U8","shape":[16],"data_offsets":[0,16]}}'),
        bytes(16),
    )
    yield "no text at all", b'{"\xff\xfe": 1}', bytes(16)
    yield (
        "brackets until the parser crashes",
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"",
    )
    yield (
        "a number of many digits",
        b'{"a":{"dtype":"U8","shape":[' + b"9" * 9999 + (b'],"data_offsets":[0,16]}}'),
        bytes(16),
    )
    yield "not a number", b'{"a":{"dtype":"U8","shape":[NaN],"data_offsets":[0,16]}}', bytes(16)
    yield "text behind the header", json.dumps({"a": tensor()}).encode() + b"\nx", bytes(16)
    yield "blanks before the header", b" " + json.dumps({"a": tensor()}).encode(), bytes(16)


def tensors() -> Iterator[Hostile]:
    """Headers that lie, and lengths that lie."""
    rows = [
        (why.replace(" ", "-"), "model.safetensors", why, safetensors(header, data))
        for why, header, data in _rows()
    ]
    yield from dropped("safetensors", rows)
    fine = {"a": tensor()}
    lengths = {"0": 0, "beyond": 1 << 20, "huge": 1 << 63, "large": 200_000_001, "short": 9}
    yield from dropped(
        "safetensors",
        [
            (
                f"length-{trick}",
                "model.safetensors",
                "the length lies",
                safetensors(fine, length=count),
            )
            for trick, count in lengths.items()
        ],
    )
