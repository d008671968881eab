"""The distribution of one column, blurred: quantiles from 1 % to 99 %, shares of categories.

A quantile is the mean of neighbouring values, ``at_least`` of them, so that it is nobody's own; it
equals a value of the data only where many rows share that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.standin.columns import Floats, Plan

__all__ = ["Marginal", "learned"]

LOW: Final = 0.01
HIGH: Final = 0.99
MOST: Final = 99  # quantiles; fewer where there would be less than ten values between two
APART: Final = 10


@dataclass(frozen=True)
class Marginal:
    """What a share of ``u`` of the column's values is below of.

    Attributes:
        plan: the column.
        quantiles: at equal distances from 1 % to 99 %; for categories empty.
        ends: for categories the cumulated shares.
        gaps: the share of rows without a value.
    """

    plan: Plan
    quantiles: Floats
    ends: Floats
    gaps: float

    def drawn(self, u: Floats) -> Floats:
        """Return the column's numbers for numbers that are even between 0 and 1."""
        if len(self.ends):
            places = np.searchsorted(self.ends, u, side="right")
            return np.minimum(places, len(self.ends) - 1).astype(np.float64)
        at = np.linspace(0, 1, len(self.quantiles))
        return self.plan.rounded(np.interp(u, at, self.quantiles))


def learned(plan: Plan, at_least: int) -> Marginal:
    """Return a column's distribution; gaps that fewer than ``at_least`` rows have are left out."""
    missing = int(plan.raw.missing.sum())
    gaps = missing / len(plan.numbers) if missing >= at_least else 0.0
    held = plan.numbers[np.isfinite(plan.numbers)]
    none = np.zeros(0)
    if plan.categories:
        counts = np.bincount(held.astype(np.intp), minlength=len(plan.categories))
        return Marginal(plan, none, np.cumsum(counts / counts.sum()), gaps)
    ordered = np.sort(held)
    knots = int(np.clip(len(ordered) // APART, 2, MOST))
    return Marginal(plan, _quantiles(ordered, knots, at_least), none, gaps)


def _quantiles(ordered: Floats, knots: int, at_least: int) -> Floats:
    """Return blurred quantiles; the first and last are no further out than 1 % and 99 %."""
    size = min(at_least, len(ordered))
    middle = np.linspace(LOW, HIGH, knots) * (len(ordered) - 1)
    first = np.clip(np.rint(middle - (size - 1) / 2).astype(np.intp), 0, len(ordered) - size)
    windows = ordered[first[:, None] + np.arange(size)]
    # Where all neighbours are the same, so is their mean, to the last digit.
    same = windows[:, 0] == windows[:, -1]
    found: Floats = np.where(same, windows[:, 0], windows.mean(axis=1))
    return found
