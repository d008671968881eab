"""Bytes inside a model, searched for rows that were written into them without change.

Only rows that stand one after the other, as 64-bit or 32-bit numbers, are found; bytes stay a gap,
for they may be packed in any other way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from workbench.retention.view import View
from workbench.retention.walk import Held

__all__ = ["unpacked"]

TRIED = 200  # rows that are searched for
LARGEST = 200_000_000  # bytes


def unpacked(blobs: Iterable[tuple[str, bytes, str]], view: View) -> Iterator[Held]:
    """Return the arrays that bytes hold, as far as one of some training rows is found in them."""
    step = max(1, view.size // TRIED)
    sample = np.asarray(view.matrix[::step], dtype=np.float64)
    sample = sample[(sample != sample[:, :1]).any(axis=1)]  # zeros are everywhere
    for where, data, owner in blobs:
        if len(data) > LARGEST:
            continue
        for form in (np.float64, np.float32):
            start = _found(data, sample.astype(form))
            if start is not None:
                long = view.width * np.dtype(form).itemsize
                first = start % long
                count = (len(data) - first) // long * view.width
                array = np.frombuffer(data, dtype=form, count=count, offset=first)
                yield Held(where, array.reshape(-1, view.width), owner)
                break


def _found(data: bytes, sample: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> int | None:
    for row in sample:
        at = data.find(row.tobytes())
        if at >= 0:
            return at
    return None
