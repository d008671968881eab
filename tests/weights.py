"""Files that hold numbers and nothing else, as models do: bytes as one tensor in safetensors."""

from __future__ import annotations

import json
import struct

__all__ = ["header", "weights"]


def header(size: int) -> bytes:
    """What stands before ``size`` bytes of a single tensor."""
    about = {"weights": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}
    text = json.dumps(about).encode()
    return struct.pack("<Q", len(text)) + text


def weights(data: bytes) -> bytes:
    """A file whose only tensor is these bytes."""
    return header(len(data)) + data
