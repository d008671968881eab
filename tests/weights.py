"""Files that hold numbers and nothing else, as models do: bytes as one tensor in safetensors."""

from __future__ import annotations

import json
import struct
from random import Random

__all__ = ["floats", "header", "weights"]


def header(size: int) -> bytes:
    """What stands before ``size`` bytes of a single tensor."""
    about = {"weights": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}
    text = json.dumps(about).encode()
    return struct.pack("<Q", len(text)) + text


def weights(data: bytes) -> bytes:
    """A file whose only tensor is these bytes."""
    return header(len(data)) + data


def floats(rows: int, columns: int) -> bytes:
    """A file whose only tensor is a layer of random weights."""
    size = rows * columns * 4
    about = {"layer": {"dtype": "F32", "shape": [rows, columns], "data_offsets": [0, size]}}
    text = json.dumps(about).encode()
    random = Random(1)
    data = struct.pack(f"<{rows * columns}f", *(random.gauss(0, 1) for _ in range(rows * columns)))
    return struct.pack("<Q", len(text)) + text + data
