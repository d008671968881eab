"""Neurons of a copy that were moved or scaled, put back to where the original has them.

A network computes the same when the neurons of a layer change places, and when one layer's weights
grow by what the next one's shrink. Everything here looks at the original and the copy only, never
at a key: so it cannot make a wrong key fit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.marking.tensors import Floats

__all__ = ["Moved", "correlation", "factor", "misfit", "reordered", "rescaled"]

ROUNDS: Final = 3
NEAR: Final = 4  # median distances; what is farther from the median is damage
MOST_NEURONS: Final = 4096  # the table of all against all has the square of it
ALIKE: Final = 0.5  # correlation of two neurons that are taken for one
FOUND: Final = 0.5  # of the neurons of a layer that have to be known again
Order = NDArray[np.intp]


def correlation(original: Floats, copy: Floats) -> float:
    """Return the correlation about zero of two arrays, 0 where it says nothing."""
    copy = np.where(np.isfinite(copy), copy, 0.0)
    with np.errstate(all="ignore"):
        size = np.sqrt(np.square(original).sum() * np.square(copy).sum())
        found = float((original * copy).sum() / size) if size else 0.0
    return found if np.isfinite(found) else 0.0


def factor(original: Floats, copy: Floats) -> float:
    """Return what the copy was multiplied by, 1 where that cannot be told."""
    ratios = _ratios(original.reshape(1, -1), copy.reshape(1, -1))
    return float(_factors(ratios, original.reshape(1, -1))[0])


def _ratios(original: Floats, copy: Floats) -> Floats:
    """Return copy over original for weights that are not small, NaN for others and pruned ones."""
    with np.errstate(all="ignore"):
        ratios = copy / original
        small = np.abs(original) < np.median(np.abs(original)) / 2
    ratios[small | (ratios == 0) | ~np.isfinite(ratios)] = np.nan
    return ratios


def _factors(ratios: Floats, original: Floats) -> Floats:
    """Return one factor for each row: least squares over the weights that are near the median.

    The median is what damaged weights cannot move. Alone it would not do: marked weights are a
    little more or a little less than the factor, never the factor itself.
    """
    found = np.ones(len(ratios))
    known = np.isfinite(ratios).any(axis=1)
    if not known.any():
        return found
    ratios, original = ratios[known], original[known]
    middle = np.nanmedian(ratios, axis=1, keepdims=True)
    off = np.abs((ratios - middle) * original)
    near = off <= NEAR * np.nanmedian(off, axis=1, keepdims=True)
    squares = np.where(near, np.square(original), 0.0)
    with np.errstate(all="ignore"):
        own = np.sum(np.where(near, ratios, 0.0) * squares, axis=1) / squares.sum(axis=1)
    own[~np.isfinite(own) | (own == 0)] = 1.0
    found[known] = own
    return found


def misfit(original: Floats, copy: Floats) -> float:
    """Return the median distance of the weights that a copy has, infinite if it has none."""
    there = np.isfinite(copy) & (copy != 0)
    return float(np.median(np.abs(copy - original)[there])) if there.any() else float("inf")


def rescaled(original: Floats, copy: Floats) -> Floats:
    """Return a copy with the factors of its rows and columns taken out (axes 0 and 1)."""
    first = original.reshape(*original.shape[:2], -1)
    second = copy.reshape(first.shape).copy()
    for _ in range(ROUNDS):
        for axis in (0, 1):
            lines = np.moveaxis(first, axis, 0).reshape(first.shape[axis], -1)
            others = np.moveaxis(second, axis, 0).reshape(lines.shape)
            own = _factors(_ratios(lines, others), lines)
            second /= own.reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
    return second.reshape(original.shape)


@dataclass(frozen=True)
class Moved:
    """A copy with its neurons put back; NaN where a neuron was not found.

    ``order[i]`` is where the copy has the original's neuron ``i``, -1 for nowhere.
    """

    copy: Floats
    order: Order


def reordered(original: Floats, copy: Floats, known: Iterable[Order]) -> Moved | None:
    """Return a copy with its neurons put back, or ``None`` if they are not the original's.

    Args:
        original: of two or more dimensions; neurons are rows or columns.
        copy: of the same shape.
        known: the orders that were found in other tensors; a layer's inputs moved with the
            outputs of the layer before it.
    """
    best: Moved | None = None
    reached = FOUND
    for inputs, outputs in ((1, 0), (0, 1)):
        if original.shape[outputs] > MOST_NEURONS:
            continue
        for order in (None, *(one for one in known if len(one) == original.shape[inputs])):
            turned = copy if order is None else _taken(copy, order, inputs)
            found = _matched(original, turned, outputs)
            share = float((found >= 0).mean())
            if share > reached:
                best, reached = Moved(_taken(turned, found, outputs), found), share
    return best


def _taken(copy: Floats, order: Order, axis: int) -> Floats:
    """Return a copy in another order, NaN where the order knows no place."""
    taken = np.take(copy, np.maximum(order, 0), axis=axis)
    lost = [slice(None)] * copy.ndim
    lost[axis] = np.flatnonzero(order < 0)  # type: ignore[call-overload]
    taken[tuple(lost)] = np.nan
    return taken


def _matched(original: Floats, copy: Floats, axis: int) -> Order:
    """Return for each neuron of the original the one of the copy, if each is the other's best."""
    alike = _unit(original, axis) @ _unit(copy, axis).T
    there, back = np.argmax(alike, axis=1), np.argmax(alike, axis=0)
    own = np.arange(len(alike))
    sure = (back[there] == own) & (alike[own, there] >= ALIKE)
    return np.where(sure, there, -1)


def _unit(values: Floats, axis: int) -> NDArray[np.float32]:
    rows = np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)
    rows = np.where(np.isfinite(rows), rows, 0.0)
    with np.errstate(all="ignore"):
        rows = rows - rows.mean(axis=1, keepdims=True)
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(np.isfinite(rows), rows, 0.0).astype(np.float32)
