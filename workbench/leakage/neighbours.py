"""What the model says about a record's truth when it is asked about similar records instead."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.leakage.answers import Subject, facts
from workbench.leakage.samples import Sample
from workbench.leakage.signals import signals
from workbench.leakage.tables import numbers

__all__ = ["around"]

NEAREST = 5
POOL = 2000  # non-members that neighbours are looked for among
MOST = 100_000  # records; more would take minutes
BLOCK = 2048
Floats = NDArray[np.float64]


def around(whole: Sample, asked: Subject, said: Floats, usual: float, seed: int) -> Floats | None:
    """Return the mean likelihood of each record's truth at its nearest non-members.

    A record is never its own neighbour. Columns count alike, each in its standard deviations.

    Returns:
        n values, or ``None`` if rows are not numbers or there are too many.
    """
    if len(whole.truth) > MOST:
        return None
    values = numbers(whole.rows)
    if values is None:
        return None
    varies = np.ptp(values, axis=0) > 0  # rounding gives the same number over and over a spread
    values = values[:, varies] / values[:, varies].std(axis=0)
    outside = np.arange(whole.members, len(whole.truth))
    chance = np.random.default_rng(seed)
    pool = np.sort(chance.permutation(outside)[:POOL])
    found = np.zeros(len(values))
    for nearest in _nearest(values, pool):
        found += _likelihood(asked, said[nearest], whole.truth, usual)
    return found / NEAREST


def _nearest(values: Floats, pool: NDArray[Any]) -> NDArray[Any]:
    """Return the records of the pool that are nearest to each, neighbours × records."""
    others = values[pool]
    squares = (others**2).sum(axis=1)
    place = np.full(len(values), -1)
    place[pool] = np.arange(len(pool))
    found = np.empty((NEAREST, len(values)), dtype=np.int64)
    for start in range(0, len(values), BLOCK):
        end = min(start + BLOCK, len(values))
        far = squares - 2 * values[start:end] @ others.T
        own = place[start:end]
        far[np.flatnonzero(own >= 0), own[own >= 0]] = np.inf
        found[:, start:end] = pool[np.argpartition(far, NEAREST, axis=1)[:, :NEAREST]].T
    return found


def _likelihood(asked: Subject, said: Floats, truth: NDArray[Any], usual: float) -> Floats:
    return signals(facts(asked, said, truth), asked.task, usual).likelihood
