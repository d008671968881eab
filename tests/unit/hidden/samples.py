"""Weights, content that is written into their low bits, and models that the tests share."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
NEXT = {2: np.uint16, 4: np.uint32, 8: np.uint64}


def weights(shape: tuple[int, ...] = (250, 300), dtype: str = "f4", seed: int = 0) -> Array:
    """Weights as training leaves them: normal, small."""
    return (np.random.default_rng(seed).normal(size=shape) * 0.02).astype(dtype)


def table(rows: int = 400) -> bytes:
    """A table of made-up people, as text."""
    rng = np.random.default_rng(3)
    lines = ["id,age,diagnosis,dose"]
    lines += [
        f"{i},{rng.integers(20, 90)},I{rng.integers(10, 99)},{rng.random():.3f}"
        for i in range(rows)
    ]
    return "\n".join(lines).encode()


def archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("people.csv", table())
    return stream.getvalue()


PAYLOADS = {
    "text": table(),
    "a ZIP archive": archive(),
    "a gzip file": gzip.compress(table(), mtime=0),
    "a compressed stream": zlib.compress(table()),
    "a Linux program": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00" * 200,
    "a PNG image": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
    "a pickle": b"\x80\x04\x95\x20\x01\0\0\0\0\0\0\x8c\x05posix" + b"\xff\x90" * 200,
}


def hide(
    array: Array,
    content: bytes,
    bits: int,
    *,
    high: bool = True,
    columns: bool = False,
    at: int = 0,
) -> Array:
    """Write content into the low bits of each number, one bit after the other, by plain loops.

    Independent of the code that is tested: each bit is put where it belongs, by arithmetic.
    """
    copied = (array.T if columns else array).copy().ravel()
    words = copied.view(NEXT[array.dtype.itemsize])
    for number in range(min(len(content) * 8 // bits, len(words) - at)):
        value = 0
        for step in range(bits):
            byte, within = divmod(number * bits + step, 8)
            one = content[byte] >> (7 - within if high else within) & 1
            value |= one << (bits - 1 - step if high else step)
        words[at + number] = int(words[at + number]) >> bits << bits | value
    shaped = copied.reshape((array.T if columns else array).shape)
    return np.ascontiguousarray(shaped.T if columns else shaped)
