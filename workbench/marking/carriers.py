"""Which tensors can carry a mark, and how wide their weights spread.

Left as they are: tensors of one dimension (biases, norms, running statistics: few numbers, and
delicate ones), integers and whole numbers kept as floats (indices, quantised weights), constant
ones, tensors of fewer than 64 weights, tensors with NaN or infinity, and in all others the exact
zeros: padding rows of embeddings, pruned weights, masks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt
from typing import BinaryIO, Final

import numpy as np

from workbench.marking.tensors import Floats, Layout, Tensor, values

__all__ = ["CHUNK", "FORMATS", "Carrier", "Progress", "carriers", "chunks", "silent"]

CHUNK: Final = 1 << 20  # weights that are looked at together; a multiple of 64
FORMATS: Final = frozenset({"F16", "BF16", "F32", "F64"})
SMALLEST: Final = 64
SAME: Final = 1e-9  # of the mean: a spread that is no more than rounding

Progress = Callable[[str, int, int], None]


def silent(_what: str, _done: int, _total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Carrier:
    """A tensor that can carry a mark: the spread and number of its weights other than zero."""

    tensor: Tensor
    spread: float
    weights: int


def carriers(
    stream: BinaryIO, found: Layout, progress: Progress = silent, *, total: int = 0
) -> list[Carrier]:
    """Return the tensors of a file that can carry a mark, in the order of the file."""
    kept = []
    total = total or found.end
    for tensor in found.tensors:
        carrier = _measured(stream, tensor, progress, total) if _eligible(tensor) else None
        if carrier is not None:
            kept.append(carrier)
        progress("Measuring the weights", tensor.end, total)
    return kept


def chunks(stream: BinaryIO, tensor: Tensor) -> Iterator[Floats]:
    """Return the weights of a tensor piece by piece."""
    for first in range(0, tensor.size, CHUNK):
        yield values(stream, tensor, first, CHUNK)


def _eligible(tensor: Tensor) -> bool:
    return tensor.dtype in FORMATS and len(tensor.shape) >= 2 and tensor.size >= SMALLEST


def _measured(stream: BinaryIO, tensor: Tensor, progress: Progress, total: int) -> Carrier | None:
    """Return a tensor with its spread; means and squares of pieces are merged as by Chan (1979)."""
    count, mean, squares, whole = 0, 0.0, 0.0, True
    done = tensor.start
    for piece in chunks(stream, tensor):
        if not np.isfinite(piece).all():
            return None
        whole = whole and bool((piece == np.rint(piece)).all())
        done += len(piece) * tensor.width
        progress("Measuring the weights", done, total)
        piece = piece[piece != 0]
        if not len(piece):
            continue
        own, both = float(piece.mean()), count + len(piece)
        apart = own - mean
        squares += float(np.square(piece - own).sum()) + apart * apart * count * len(piece) / both
        mean += apart * len(piece) / both
        count = both
    spread = sqrt(squares / count) if count else 0.0
    if whole or count < SMALLEST or not np.isfinite(spread) or spread <= SAME * abs(mean):
        return None
    return Carrier(tensor, spread, count)
