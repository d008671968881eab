"""Stand-in data with differential privacy: noisy counts, a tree of columns, rows drawn from it.

Promise: epsilon-differential privacy (delta 0) where two tables are neighbours if one has one row
more. The budget is spent in three equal parts, which add up (sequential composition):

1. the counts of each column's cells. A row is in one cell of each column, so with ``d`` columns
   discrete Laplace noise of scale ``3 d / epsilon`` (Ghosh et al. 2009);
2. the ``d - 1`` pairs that make a tree, each the best of a noisy comparison (report noisy max).
   A pair's score is the distance between its counts and what the noisy counts of 1 would give if
   the two were independent; one row more changes it by at most 1, so the scale is
   ``2 x 3 (d - 1) / epsilon``;
3. the counts of these pairs, with noise of scale ``3 (d - 1) / epsilon``.

Everything else uses those numbers only: making counts of them that are not negative, the number of
rows, and drawing. The way is that of MST (McKenna et al. 2021), with pure epsilon and a tree that
needs no inference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.standin.columns import Floats
from workbench.standin.domains import Cells, Domain
from workbench.standin.noise import Noise

__all__ = ["Tree", "counted", "learned"]

PARTS: Final = 3
SEEN: Final = 3  # scales of the noise that a count of gaps is above
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Tree:
    """What may be known of the data: noisy shares of cells, given the cell of another column.

    ``order`` has each column with the one it depends on, which comes before it; the first has none.
    ``shares[i]`` has a row for each cell of that other column.
    """

    domains: Sequence[Domain]
    order: Sequence[tuple[int, int | None]]
    shares: Sequence[Floats]
    rows: int

    def drawn(self, rows: int, chance: np.random.Generator) -> list[Cells]:
        """Return each column's cells of made-up rows."""
        found: list[Cells] = [np.zeros(rows, np.intp) for _ in self.domains]
        for i, parent in self.order:
            ends = np.cumsum(self.shares[i], axis=1)
            given = ends[found[parent]] if parent is not None else ends[np.zeros(rows, np.intp)]
            places = (chance.random(rows)[:, None] >= given).sum(axis=1)
            found[i] = np.minimum(places, self.domains[i].cells - 1)
        return found


def counted(cells: Sequence[Cells], domains: Sequence[Domain], pair: tuple[int, int]) -> Counts:
    """Return how many rows are in each two cells of two columns."""
    i, j = pair
    size = domains[i].cells * domains[j].cells
    flat = np.bincount(cells[i] * domains[j].cells + cells[j], minlength=size)
    return flat.reshape(domains[i].cells, domains[j].cells)


def learned(domains: Sequence[Domain], epsilon: Fraction, noise: Noise) -> Tree:
    """Return the tree of a table's columns, spending ``epsilon``."""
    cells = [one.placed() for one in domains]
    count = len(domains)
    scale = PARTS * count / epsilon
    one_way = [
        _noisy(np.bincount(own, minlength=domain.cells), scale, noise)
        for own, domain in zip(cells, domains, strict=True)
    ]
    total = max(round(sum(int(one.sum()) for one in one_way) / count), 1)
    # A column has gaps if its type can hold them and the noise alone is hardly the reason.
    gapped = [
        domain.plan.raw.holds_missing and int(one[-1]) > SEEN * scale
        for one, domain in zip(one_way, domains, strict=True)
    ]
    margins = [
        _shares(one[None, :], gaps, None)[0] for one, gaps in zip(one_way, gapped, strict=True)
    ]
    step = PARTS * (count - 1) / epsilon
    order = _tree(cells, domains, [total * one for one in margins], 2 * step, noise)
    shares = []
    for i in range(count):
        parent = dict(order)[i]
        if parent is None:
            shares.append(margins[i][None, :])
            continue
        pair = _noisy(counted(cells, domains, (parent, i)), step, noise)
        # A row of the table of which the noise alone could be is no evidence of anything.
        least = float(step) * np.sqrt(2 * domains[i].cells)
        weak = pair.sum(axis=1) < least
        shares.append(_shares(np.where(weak[:, None], 0, pair), gapped[i], margins[i]))
    return Tree(domains, order, shares, total)


def _tree(
    cells: Sequence[Cells],
    domains: Sequence[Domain],
    expected: Sequence[Floats],
    scale: Fraction,
    noise: Noise,
) -> list[tuple[int, int | None]]:
    """Return the columns in an order in which each depends on one before it (Prim 1957)."""
    order: list[tuple[int, int | None]] = [(0, None)]
    scores: dict[tuple[int, int], int] = {}
    left = list(range(1, len(domains)))
    while left:
        new = order[-1][0]
        total = max(float(expected[new].sum()), 1.0)
        for i in left:
            guess = np.outer(expected[new], expected[i]) / total
            scores[new, i] = int(np.abs(counted(cells, domains, (new, i)) - guess).sum())
        tried = [(parent, i) for parent, _ in order for i in left]
        parent, best = max(tried, key=lambda pair: scores[pair] + noise.laplace(scale))
        order.append((best, parent))
        left.remove(best)
    return order


def _noisy(counts: Counts, scale: Fraction, noise: Noise) -> Counts:
    flat = [int(one) + noise.laplace(scale) for one in counts.reshape(-1).tolist()]
    return np.array(flat, dtype=np.int64).reshape(counts.shape)


def _shares(counts: Counts, gapped: bool, otherwise: Floats | None) -> Floats:
    """Return rows of shares: the nearest that are not negative, and add up to the row's sum.

    A row without a positive sum gets the shares of ``otherwise``, or even ones. The last cell, of
    values that are missing, has no share unless the column is ``gapped``.
    """
    found = np.zeros(counts.shape)
    held = counts.shape[1] - (not gapped)
    for number, row in enumerate(counts[:, :held].astype(np.float64)):
        total = float(row.sum())
        if total > 0:
            found[number, :held] = _nearest(row, total) / total
        elif otherwise is None:
            found[number, :held] = 1 / held
        else:
            found[number] = otherwise
    return found


def _nearest(row: Floats, total: float) -> Floats:
    """Return the nearest row that is not negative and has a sum (Duchi et al. 2008)."""
    ordered = np.sort(row)[::-1]
    over = (np.cumsum(ordered) - total) / np.arange(1, len(row) + 1)
    kept = int(np.flatnonzero(ordered > over)[-1])
    found: Floats = np.maximum(row - over[kept], 0.0)
    found *= total / found.sum()
    return found
