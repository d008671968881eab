"""How near made-up rows are to real ones, and how alike their columns.

Distances are Euclidean over all learned columns: numbers in standard deviations of the training
data, 1 for another category, 1 where one has a value and the other has not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

from workbench.findings.standin import Closeness, Quality
from workbench.standin.columns import Floats
from workbench.standin.tables import Bools

__all__ = ["Rows", "closeness", "quality"]

MOST: Final = 1000  # rows of each kind that are compared
TOGETHER: Final = 250
Z: Final = 1.959964  # 95 % of a normal distribution are within


@dataclass(frozen=True)
class Rows:
    """Rows by column: numbers, where there is a gap, and which columns are categories."""

    numbers: Sequence[Floats]
    gaps: Sequence[Bools]
    categories: Sequence[bool]

    def __len__(self) -> int:
        return len(self.numbers[0]) if self.numbers else 0

    def some(self, most: int, chance: np.random.Generator) -> Rows:
        """Return at most so many rows, taken at random."""
        if len(self) <= most:
            return self
        taken = chance.choice(len(self), most, replace=False)
        return Rows(
            [one[taken] for one in self.numbers],
            [one[taken] for one in self.gaps],
            self.categories,
        )


def closeness(
    made: Rows, train: Rows, holdout: Rows | None, chance: np.random.Generator
) -> Closeness:
    """Return how near made-up rows are to training rows and to as many held-out rows."""
    spreads = [_spread(one, gap) for one, gap in zip(train.numbers, train.gaps, strict=True)]
    size = min(MOST, len(train), len(holdout) if holdout is not None else MOST)
    made, train = made.some(MOST, chance), train.some(size, chance)
    near = _nearest(made, train, spreads)
    if holdout is None or not size:
        return Closeness(compared=len(made), against=size, train=_median(near))
    other = _nearest(made, holdout.some(size, chance), spreads)
    closer, decided = int((near < other).sum()), int((near != other).sum())
    low, high = _wilson(closer, decided)
    return Closeness(
        compared=len(made),
        against=size,
        train=_median(near),
        holdout=_median(other),
        closer=closer / decided if decided else 0.5,
        low=low,
        high=high,
    )


def quality(made: Rows, train: Rows, chance: np.random.Generator) -> Quality:
    """Return how much columns and their rank correlations differ."""
    made, train = made.some(20 * MOST, chance), train.some(20 * MOST, chance)
    apart = [
        _total_variation(one, other) if category else _kolmogorov(one, other)
        for one, other, category in zip(_held(made), _held(train), train.categories, strict=True)
    ]
    numbers = [i for i, category in enumerate(train.categories) if not category]
    error = None
    if len(numbers) > 1:
        wanted, found = _ranks(train, numbers), _ranks(made, numbers)
        pairs = np.triu_indices(len(numbers), 1)
        error = float(np.abs(wanted - found)[pairs].mean())
    return Quality(columns=min(float(np.mean(apart)), 1.0) if apart else 0.0, correlations=error)


def _held(rows: Rows) -> list[Floats]:
    return [one[~gap & np.isfinite(one)] for one, gap in zip(rows.numbers, rows.gaps, strict=True)]


def _spread(numbers: Floats, gap: Bools) -> float:
    held = numbers[~gap & np.isfinite(numbers)]
    found = float(held.std()) if len(held) else 0.0
    return found if found > 0 else 1.0


def _nearest(made: Rows, real: Rows, spreads: Sequence[float]) -> Floats:
    """Return each made-up row's distance to the nearest real one."""
    found = np.empty(len(made))
    for first in range(0, len(made), TOGETHER):
        part = slice(first, first + TOGETHER)
        squares = np.zeros((len(found[part]), len(real)))
        for i, category in enumerate(real.categories):
            gap, other = made.gaps[i][part][:, None], real.gaps[i][None, :]
            one, two = made.numbers[i][part][:, None], real.numbers[i][None, :]
            # A dropped category has no place, and is another one than any.
            apart = (one != two) * 1.0 if category else np.square((one - two) / spreads[i])
            apart = np.where(np.isnan(apart), 1.0, apart)
            squares += np.where(gap | other, (gap != other) * 1.0, apart)
        found[part] = np.sqrt(squares.min(axis=1))
    return found


def _median(distances: Floats) -> float:
    return float(np.median(distances)) if len(distances) else 0.0


def _wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the interval of a share with 95 % confidence (Wilson 1927)."""
    if not count:
        return 0.0, 1.0
    share, extra = hits / count, Z * Z / count
    middle = (share + extra / 2) / (1 + extra)
    half = Z * sqrt(share * (1 - share) / count + extra / (4 * count)) / (1 + extra)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _kolmogorov(one: Floats, other: Floats) -> float:
    """Return the largest difference of two distributions."""
    if not len(one) or not len(other):
        return float(len(one) != len(other))
    one, other = np.sort(one), np.sort(other)
    every = np.concatenate([one, other])
    first = np.searchsorted(one, every, side="right") / len(one)
    second = np.searchsorted(other, every, side="right") / len(other)
    return float(np.abs(first - second).max())


def _total_variation(one: Floats, other: Floats) -> float:
    if not len(one) or not len(other):
        return float(len(one) != len(other))
    size = int(max(one.max(), other.max())) + 1
    first = np.bincount(one.astype(np.intp), minlength=size) / len(one)
    second = np.bincount(other.astype(np.intp), minlength=size) / len(other)
    return float(np.abs(first - second).sum() / 2)


def _ranks(rows: Rows, chosen: Sequence[int]) -> Floats:
    """Return rank correlations; a gap has the middle rank."""
    ranks = []
    for i in chosen:
        held = ~rows.gaps[i] & np.isfinite(rows.numbers[i])
        own = np.zeros(len(held))
        values, places, counts = np.unique(
            rows.numbers[i][held], return_inverse=True, return_counts=True
        )
        if len(values):
            middle = np.cumsum(counts) - (counts - 1) / 2
            own[held] = middle[places.reshape(-1)] - (held.sum() + 1) / 2
        ranks.append(own)
    with np.errstate(all="ignore"):
        found = np.corrcoef(np.stack(ranks))
    return np.where(np.isfinite(found), found, 0.0)
