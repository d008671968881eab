"""How columns hang together: a Gaussian copula for numbers, categories and gaps.

Each column is thought of as a normal variable that was cut or bent into its own distribution. A
row's score is the mean of that variable over the share of rows that have its value, so ties and
categories need no noise. Between scores ``s`` and ``t`` of normal variables with correlation
``rho`` the covariance is ``rho var(s) var(t)`` up to terms of higher order, exactly if one of the
two is continuous; ``rho`` is estimated by that (polyserial correlation, Olsson et al. 1982).

Whether a value is missing is a variable like any other, so gaps come together as in the data.
Categories without an order are put into that of the column they depend on most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from workbench.standin import normal
from workbench.standin.columns import Floats, Plan, Progress, silent
from workbench.standin.marginal import Marginal, learned
from workbench.standin.tables import Bools

__all__ = ["Copula", "fitted", "independent"]

MOST: Final = 0.99  # correlation
LEAST: Final = 1e-4  # eigenvalue
SHRUNK: Final = 10  # rows per column from which chance correlations are hardly there


@dataclass(frozen=True)
class Copula:
    """Columns and the root of the correlation of their variables; gaps come after columns."""

    marginals: tuple[Marginal, ...]
    gapped: tuple[int, ...]
    root: Floats | None

    def drawn(
        self, rows: int, chance: np.random.Generator, progress: Progress = silent
    ) -> tuple[list[Floats], list[Bools]]:
        """Return each column's numbers, and where it has a gap."""
        normals = chance.standard_normal((rows, len(self.marginals) + len(self.gapped)))
        if self.root is not None:
            normals = normals @ self.root.T
        columns, gaps = [], []
        for i, marginal in enumerate(self.marginals):
            progress("Drawing the columns", i, len(self.marginals))
            columns.append(marginal.drawn(normal.cumulative(normals[:, i])))
            gaps.append(np.zeros(rows, bool))
        for at, i in enumerate(self.gapped, len(self.marginals)):
            gaps[i] = normal.cumulative(normals[:, at]) > 1 - self.marginals[i].gaps
        return columns, gaps


def independent(plans: Sequence[Plan], at_least: int, progress: Progress = silent) -> Copula:
    """Return the columns with nothing that connects them."""
    marginals = _learned(plans, at_least, progress)
    return Copula(marginals, _gapped(marginals), None)


def fitted(plans: Sequence[Plan], at_least: int, progress: Progress = silent) -> Copula:
    """Return the columns with what connects them."""
    ordered = _reordered(plans, progress)
    marginals = _learned(ordered, at_least, progress)
    gapped = _gapped(marginals)
    variables = [plan.numbers for plan in ordered]
    variables += [ordered[i].raw.missing.astype(np.float64) for i in gapped]
    scores = np.empty((len(variables[0]), len(variables)))
    for i, one in enumerate(variables):
        progress("Learning how columns hang together", i, len(variables))
        scores[:, i] = _scores(one)
    there = np.stack([np.isfinite(one) for one in variables], axis=1).astype(np.float64)
    return Copula(marginals, gapped, _root(_correlations(scores, there), len(scores)))


def _learned(plans: Sequence[Plan], at_least: int, progress: Progress) -> tuple[Marginal, ...]:
    found = []
    for i, plan in enumerate(plans):
        progress("Learning the columns", i, len(plans))
        found.append(learned(plan, at_least))
    return tuple(found)


def _gapped(marginals: Sequence[Marginal]) -> tuple[int, ...]:
    return tuple(i for i, one in enumerate(marginals) if one.gaps > 0)


def _scores(numbers: Floats) -> Floats:
    """Return the mean of a standard normal over each value's share of the rows, 0 for gaps."""
    found = np.zeros(len(numbers))
    held = np.flatnonzero(np.isfinite(numbers))
    if not len(held):
        return found
    values, places, counts = np.unique(numbers[held], return_inverse=True, return_counts=True)
    shares = np.concatenate([[0.0], np.cumsum(counts) / len(held)])
    ends = normal.density(normal.quantile(shares))
    ends[[0, -1]] = 0.0
    means = (ends[:-1] - ends[1:]) / (counts / len(held))
    found[held] = means[places.reshape(-1)] if len(values) > 1 else 0.0
    return found


def _correlations(scores: Floats, there: Floats) -> Floats:
    """Return the correlations of the normal variables, from rows that have both."""
    both = np.maximum(there.T @ there, 1)
    covariances = (scores.T @ scores) / both
    spread = np.diag(covariances)
    with np.errstate(all="ignore"):
        found = covariances / np.outer(spread, spread)
    found = np.clip(np.where(np.isfinite(found), found, 0.0), -MOST, MOST)
    np.fill_diagonal(found, 1.0)
    return found


def _root(correlations: Floats, rows: int) -> Floats:
    """Return the root of the nearest proper correlations, without what few rows show by chance."""
    size = len(correlations)
    trusted = 1 - min(size / (SHRUNK * rows), 1.0)
    shrunk = trusted * correlations + (1 - trusted) * np.eye(size)
    values, vectors = np.linalg.eigh(shrunk)
    root = vectors * np.sqrt(np.maximum(values, LEAST))
    found: Floats = root / np.linalg.norm(root, axis=1, keepdims=True)
    return found


def _reordered(plans: Sequence[Plan], progress: Progress) -> list[Plan]:
    """Return columns with categories in the order of the column they depend on most."""
    free = [_is_free(plan) for plan in plans]
    scores = []
    for i, (one, own) in enumerate(zip(plans, free, strict=True)):
        progress("Ordering the categories", i, len(plans))
        if any(free) and not own:
            scores.append(_scores(one.numbers))
    scores = [one for one in scores if one.any()]
    return [
        _ordered(plan, scores) if own and scores else plan
        for plan, own in zip(plans, free, strict=True)
    ]


def _is_free(plan: Plan) -> bool:
    """It has three or more categories whose order means nothing."""
    kind = plan.raw.values.dtype.kind
    return len(plan.categories) > 2 and plan.raw.levels is None and kind in "OUS"


def _ordered(plan: Plan, scores: Sequence[Floats]) -> Plan:
    held = np.isfinite(plan.numbers)
    places = plan.numbers[held].astype(np.intp)
    counts = np.bincount(places, minlength=len(plan.categories))
    best, reached = np.arange(len(plan.categories)), -1.0
    for one in scores:
        means = np.bincount(places, one[held], minlength=len(counts)) / counts
        explained = float((counts * np.square(means)).sum() / np.square(one).sum())
        if explained > reached:
            best, reached = np.argsort(means, kind="stable"), explained
    rank = np.empty(len(best), dtype=np.float64)
    rank[best] = np.arange(len(best))
    numbers = np.full(len(plan.numbers), np.nan)
    numbers[held] = rank[places]
    values = tuple(plan.categories[place] for place in best.tolist())
    return replace(plan, numbers=numbers, categories=values)
