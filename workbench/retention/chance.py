"""Whether rows match by more than chance: the rule that keeps zeros and ones from being people.

A row of numbers in a model that equals a training row says something only if that was unlikely.
For each such row, the chance is the product over its columns of the share of that value: among the
other rows of the array, or among the training rows, whichever is larger. Times the number of
different training rows that is the number of matches to expect of it; times the rows of the array
whose every number is in the data, that to expect of the array. Matches count if there are clearly
more of them than expected over the whole array (five times the square root above it).

So all rows of a nearest neighbours model count, even where every column is 0 or 1: together their
values are rare. Zeros, ones and unit vectors do not: the other rows of the array are alike. A row
that stands alone counts only if it has two different values, and two that are not zero.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from workbench.retention.keys import Floats, Ints
from workbench.retention.view import SAMPLE, View

__all__ = ["clearly_more", "tells"]

TRIED = 4096  # matches that are looked at
WEIGHED = 256  # matches whose chance is computed
COMPARED = 5000  # rows of the array that they are compared with
COLUMNS = 200  # that the chance is computed over; fewer make it larger


def clearly_more(found: float, expected: float) -> bool:
    """Tell whether a count is more than chance makes it."""
    return found - expected > 5 * sqrt(expected)


def tells(array: Any, matched: Ints, places: Ints, view: View, columns: Ints, groups: int) -> bool:
    """Tell whether the rows of an array that match training rows do so by more than chance.

    Args:
        array: of m × any number of columns, in the units of the view.
        matched: which of its rows match.
        places: the columns of the array that were compared.
        columns: of the view, that these are.
        groups: how many different training rows there are.
    """
    tried = matched[:: -(-len(matched) // TRIED)]
    some = np.asarray(array[tried][:, places], dtype=np.float64)
    varied = _varied(some)
    if not len(varied):
        return False
    sample = some[varied[:: -(-len(varied) // WEIGHED)]]
    others = np.asarray(array[:: -(-len(array) // COMPARED)][:, places], dtype=np.float64)
    chance = np.zeros(len(sample))
    every = range(0, len(columns), -(-len(columns) // COLUMNS))
    for j, i in ((j, int(columns[j])) for j in every):
        values = sample[:, j]
        share = np.maximum(view.share(i, values), _share_of_others(others[:, j], values))
        chance += np.log(share)
    found = len(varied) / len(tried) * len(matched)
    rows = max(found, _known(others, view, columns) * len(array))
    return clearly_more(found, float(np.minimum(1.0, groups * np.exp(chance)).mean() * rows))


def _known(rows: Floats, view: View, columns: Ints) -> float:
    """Return which part of the rows has values of the data in all columns; all, if not known."""
    known = np.ones(len(rows), dtype=bool)
    if view.size >= 2 * SAMPLE:
        return 1.0
    with np.errstate(over="ignore"):
        for j, i in enumerate(columns.tolist()[:COLUMNS]):
            held, ours = (one.astype(np.float32) for one in (view.sample(i), rows[:, j]))
            known &= held[np.minimum(np.searchsorted(held, ours), len(held) - 1)] == ours
    return float(known.mean())


def _share_of_others(column: Floats, values: Floats) -> Floats:
    held = np.sort(column)
    many = np.searchsorted(held, values, "right") - np.searchsorted(held, values, "left")
    return np.asarray(np.maximum(many - 1, 0) / max(len(held) - 1, 1), dtype=np.float64)


def _varied(rows: Floats) -> Ints:
    """Return which rows have two different values, two of them not zero."""
    there = np.isfinite(rows)
    low = np.where(there, rows, np.inf).min(axis=1)
    high = np.where(there, rows, -np.inf).max(axis=1)
    not_zero = (there & (rows != 0)).sum(axis=1)
    return np.flatnonzero((high > low) & (not_zero >= 2))
