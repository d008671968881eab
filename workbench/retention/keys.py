"""Rows as 64-bit keys, so that two tables are compared in one pass each.

A key is a sum over the columns of the mixed bits of each value, with its own salt for each column;
a zero adds nothing, so a sparse row has the key of the same row written out. Keys only propose:
what they find is compared value by value before it counts. The mixing is the finaliser of
SplitMix64 (Steele, Lea, Flood 2014); there is no secret in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Index", "Ints", "Keys", "block_of", "fits", "keys_of", "keys_of_sparse"]

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]
Ints = NDArray[np.int64]

CHUNK = 1 << 18  # numbers at a time
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)


def _mixed(bits: Keys) -> Keys:
    """Return bits that depend on all bits given; zero stays zero."""
    bits = bits ^ (bits >> np.uint64(30))
    bits *= FIRST
    bits ^= bits >> np.uint64(27)
    bits *= SECOND
    bits ^= bits >> np.uint64(31)
    return bits


def _salts(count: int) -> Keys:
    """Return an odd number for each column."""
    return _mixed(np.arange(1, count + 1, dtype=np.uint64) * GOLDEN) | np.uint64(1)


def _rounded(values: Floats, precision: str) -> Floats:
    """Return values as numbers of another precision hold them; 0 without sign, one kind of NaN."""
    with np.errstate(over="ignore", invalid="ignore"):
        if precision == "bfloat16":  # the upper half of 32 bits, to nearest even
            bits = values.astype(np.float32).view(np.uint32)
            bits = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
            values = (bits & np.uint32(0xFFFF0000)).view(np.float32).astype(np.float64)
        elif precision != "float64":
            values = values.astype(precision).astype(np.float64)
    values = values + 0.0
    values[np.isnan(values)] = np.nan
    return values


def fits(values: Floats, precision: str) -> bool:
    """Tell whether all values are numbers of a precision already."""
    same = _rounded(values, precision) == values + 0.0
    return bool(np.all(same | np.isnan(values)))


def block_of(matrix: Any, rows: slice | Ints, columns: Ints | None, precision: str) -> Floats:
    """Return a part of a matrix as numbers of a precision, held in 64 bits."""
    part = matrix[rows] if columns is None else matrix[rows][:, columns]
    return _rounded(np.ascontiguousarray(part, dtype=np.float64), precision)


def keys_of(matrix: Any, columns: Ints | None = None, precision: str = "float64") -> Keys:
    """Return the key of each row of a dense matrix, over all or some of its columns in order."""
    width = matrix.shape[1] if columns is None else len(columns)
    salts = _salts(width)
    step = max(1, CHUNK // max(width, 1))
    found = np.empty(len(matrix), dtype=np.uint64)
    for start in range(0, len(matrix), step):
        block = block_of(matrix, slice(start, start + step), columns, precision)
        found[start : start + step] = _mixed(block.view(np.uint64) * salts).sum(axis=1)
    return found


def keys_of_sparse(matrix: Any, precision: str = "float64") -> Keys:
    """Return the key of each row of a CSR matrix."""
    values = _rounded(np.asarray(matrix.data, dtype=np.float64), precision)
    mixed = _mixed(values.view(np.uint64) * _salts(matrix.shape[1])[matrix.indices])
    ends = np.concatenate([np.zeros(1, np.uint64), np.cumsum(mixed, dtype=np.uint64)])
    found: Keys = ends[matrix.indptr[1:]] - ends[matrix.indptr[:-1]]
    return found


@dataclass(frozen=True)
class Index:
    """Which rows have a key: ``order[starts[g]:starts[g + 1]]`` are those of group ``g``."""

    unique: Keys
    starts: Ints
    order: Ints

    @classmethod
    def of(cls, keys: Keys) -> Index:
        """Return the index of one key for each row."""
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        return cls(ordered[first], np.append(first, len(keys)), order)

    def find(self, keys: Keys) -> Ints:
        """Return the group of each key, -1 where there is none."""
        at = np.minimum(np.searchsorted(self.unique, keys), len(self.unique) - 1)
        return np.where(self.unique[at] == keys, at, -1)

    def sizes(self) -> Ints:
        """Return how many rows each group has."""
        return np.diff(self.starts)

    def groups(self) -> Ints:
        """Return the group of each row."""
        found = np.empty(len(self.order), dtype=np.int64)
        found[self.order] = np.repeat(np.arange(len(self.unique)), self.sizes())
        return found

    def first(self, groups: Ints) -> Ints:
        """Return a row of each group."""
        return self.order[self.starts[groups]]

    def rows(self, groups: Sequence[int] | Ints) -> Ints:
        """Return all rows of groups, sorted."""
        if not len(groups):
            return np.empty(0, dtype=np.int64)
        starts, sizes = self.starts[groups], self.sizes()[groups]
        offsets = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return np.sort(self.order[np.repeat(starts, sizes) + offsets])
