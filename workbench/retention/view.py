"""Training rows as one part of a model is given them, ready to be recognised elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.retention.keys import Floats, Index, Ints, keys_of, keys_of_sparse
from workbench.retention.table import is_sparse

__all__ = ["SAMPLE", "WHOLE", "View"]

SAMPLE = 20_000  # rows that shares are estimated from
DIGITS = 6  # behind the point; a column with more is taken to hold any number
KEPT = 4_000_000  # numbers of a matrix whose different values are kept
WHOLE = 2.0**38  # beyond that numbers stand for texts or times, which are equal or not
ENDLESS = 2.0**40  # different numbers that such a column may hold


@dataclass
class View:
    """A matrix of all training rows, with what is computed of it when it is first asked for.

    Attributes:
        after: the part of the model whose output it is; empty for the data as it is.
        matrix: n × columns of numbers, dense or CSR.
        places: of rows along a line, for :mod:`workbench.retention.near`.
    """

    after: str
    matrix: Any
    names: tuple[str, ...]
    _indices: dict[tuple[str, tuple[int, ...]], Index] = field(default_factory=dict)
    _sorted: dict[int, Floats] = field(default_factory=dict)
    _distinct: dict[int, tuple[Floats, Ints]] = field(default_factory=dict)
    _singles: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    places: dict[tuple[int, ...], tuple[Floats, Ints]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.matrix.shape[0])

    @property
    def width(self) -> int:
        """How many columns there are."""
        return int(self.matrix.shape[1])

    @property
    def sparse(self) -> bool:
        """Only the numbers that are not zero are held."""
        return is_sparse(self.matrix)

    def index(self, precision: str, columns: Ints | None = None) -> Index:
        """Return the index of rows by their keys over all or some columns."""
        name = (precision, () if columns is None else tuple(columns.tolist()))
        if name not in self._indices:
            if len(self._indices) > 6:  # each costs two numbers a row
                self._indices.clear()
            if self.sparse:
                keys = keys_of_sparse(self.matrix, precision)
            else:
                keys = keys_of(self.matrix, columns, precision)
            self._indices[name] = Index.of(keys)
        return self._indices[name]

    def column(self, i: int) -> Floats:
        """Return the values of one column."""
        if self.sparse:
            return np.asarray(self.matrix[:, [i]].toarray(), dtype=np.float64).ravel()
        return np.asarray(self.matrix[:, i], dtype=np.float64)

    def distinct(self, i: int) -> tuple[Floats, Ints]:
        """Return the different values of one column, sorted, and how many rows have each."""
        if i in self._distinct:
            return self._distinct[i]
        values, counts = np.unique(self.column(i), return_counts=True)
        there = int(np.searchsorted(np.isnan(values), True))
        found = values[:there], counts[:there]
        if self.size * self.width <= KEPT:
            self._distinct[i] = found
        return found

    def singles(self, i: int) -> NDArray[np.float32]:
        """Return the different values of one column in single precision, sorted."""
        if i not in self._singles:
            with np.errstate(over="ignore"):
                self._singles[i] = np.unique(self.column(i).astype(np.float32))
        return self._singles[i]

    @cached_property
    def numeric(self) -> Ints:
        """The columns of a dense matrix that hold measurements: no texts, times or constants."""
        with np.errstate(invalid="ignore"):
            usual = np.abs(np.nan_to_num(self._part)).max(axis=0) < WHOLE
        varied = (self._part != self._part[0]).any(axis=0)
        return np.flatnonzero(usual & varied & ~np.isnan(self._part).any(axis=0))

    def forget(self) -> None:
        """Let go of everything computed."""
        for one in (self._indices, self._sorted, self._distinct, self._singles, self.places):
            one.clear()

    def share(self, i: int, values: Floats) -> Floats:
        """Return which part of the rows has each value in a column, at least one row's worth."""
        held = self.sample(i)
        many = np.searchsorted(held, values, "right") - np.searchsorted(held, values, "left")
        return np.maximum(many / len(held), 1 / self.size)

    def sample(self, i: int) -> Floats:
        """Return the values of a column in at most some ten thousand rows, sorted."""
        if i not in self._sorted:
            step = max(1, self.size // SAMPLE)
            part = self.matrix[::step, [i]].toarray() if self.sparse else self.matrix[::step, i]
            self._sorted[i] = np.sort(np.asarray(part, dtype=np.float64).ravel())
        return self._sorted[i]

    def possible(self, i: int, low: float, high: float) -> float:
        """Return how many different numbers a column could hold between two, by its digits."""
        scale = self._digits[i]
        return ENDLESS if scale < 0 else max(1.0, round((high - low) * 10.0**scale) + 1)

    @cached_property
    def _digits(self) -> list[int]:
        """How many digits behind the point the values of each column have; -1 for any number."""
        return [self._digits_of(i) for i in range(self.width)]

    def _digits_of(self, i: int) -> int:
        values = self.distinct(i)[0]
        values = values[np.isfinite(values)][:: max(1, len(values) // 2000)]
        for digits in range(DIGITS + 1):
            scaled = values * 10.0**digits
            if np.all(np.abs(scaled - np.rint(scaled)) <= 1e-6 * np.maximum(1, np.abs(scaled))):
                return digits
        return -1

    @cached_property
    def ends(self) -> list[tuple[tuple[float, int], ...]]:
        """The smallest and the largest value of each column, with how many rows have it."""
        found = []
        for i in range(self.width):
            column = self.column(i)
            column = column[np.isfinite(column)]
            ends = (column.min(), column.max()) if len(column) else ()
            found.append(tuple((float(one), int((column == one).sum())) for one in ends))
        return found

    @cached_property
    def usual(self) -> tuple[Floats, Floats, Floats, Floats]:
        """The smallest, largest, mean and deviation of each column of a dense matrix."""
        columns = (self.column(i) for i in range(self.width))
        found = np.array([(c.min(), c.max(), c.mean(), c.std()) for c in columns])
        return found[:, 0], found[:, 1], found[:, 2], found[:, 3]

    @cached_property
    def quarters(self) -> Floats:
        """The quartiles of each column of a dense matrix, as three rows."""
        every = [np.percentile(self.column(i), (25, 50, 75)) for i in range(self.width)]
        return np.array(every).T

    @cached_property
    def centre(self) -> Floats:
        """The mean of each column of a dense matrix, leaving out what is missing."""
        with np.errstate(all="ignore"):
            finite = np.isfinite(self._part)
            total = np.where(finite, self._part, 0.0).sum(axis=0)
            mean: Floats = total / np.maximum(finite.sum(axis=0), 1)
        return mean

    @cached_property
    def scale(self) -> Floats:
        """The standard deviation of each column of a dense matrix; 1 where nothing varies."""
        with np.errstate(all="ignore"):
            away = np.where(np.isfinite(self._part), self._part - self.centre, 0.0)
            spread: Floats = np.sqrt((away**2).mean(axis=0))
        return np.where(np.isfinite(spread) & (spread > 0), spread, 1.0)

    @cached_property
    def _part(self) -> Floats:
        return np.asarray(self.matrix[:: max(1, self.size // SAMPLE)], dtype=np.float64)
