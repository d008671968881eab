"""Made-up rows that are somebody's: equal, in all columns that were learned, to a rare real row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.standin.columns import Floats
from workbench.standin.tables import Bools

__all__ = ["Rare", "prints"]

Prints = NDArray[np.uint64]
# Odd constants of the finaliser of SplitMix64 (Steele et al. 2014).
GOLDEN: Final = 0x9E3779B97F4A7C15
FIRST: Final = 0xBF58476D1CE4E5B9
SECOND: Final = 0x94D049BB133111EB
WHOLE: Final = 2**64 - 1


def prints(columns: Sequence[Floats], gaps: Sequence[Bools]) -> Prints:
    """Return 64 bits for each row; equal rows have equal ones, others hardly ever."""
    found = np.zeros(len(columns[0]) if columns else 0, dtype=np.uint64)
    for number, (column, gap) in enumerate(zip(columns, gaps, strict=True), 1):
        held = np.where(gap, np.nan, column) + 0.0  # one zero, and below one kind of NaN
        bits = np.where(np.isnan(held), np.nan, held).view(np.uint64)
        mixed = (bits ^ np.uint64(number * GOLDEN & WHOLE)) + found * np.uint64(3)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(FIRST)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(SECOND)
        found = mixed ^ (mixed >> np.uint64(31))
    return found


class Rare:
    """The real rows that fewer than ``at_least`` rows share."""

    def __init__(self, columns: Sequence[Floats], gaps: Sequence[Bools], at_least: int) -> None:
        found, counts = np.unique(prints(columns, gaps), return_counts=True)
        self._rare = found[counts < at_least]

    def among(self, columns: Sequence[Floats], gaps: Sequence[Bools]) -> Bools:
        """Return which made-up rows equal one of them."""
        return np.isin(prints(columns, gaps), self._rare)
