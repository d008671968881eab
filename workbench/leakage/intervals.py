"""How sure a number is: exact where that is possible, and without assuming a distribution."""

from __future__ import annotations

from importlib import import_module
from math import comb, exp, expm1, lgamma, log, log1p, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVEL", "clopper_pearson", "fisher", "mean_difference", "order_ranks", "transformed"]

LEVEL = 0.95
Pair = tuple[float, float]


def clopper_pearson(hits: int, of: int, level: float = LEVEL) -> Pair:
    """Return the exact interval of a share (Clopper and Pearson 1934)."""
    special = import_module("scipy.special")
    half = (1 - level) / 2
    low = float(special.betaincinv(hits, of - hits + 1, half)) if hits else 0.0
    high = float(special.betaincinv(hits + 1, of - hits, 1 - half)) if hits < of else 1.0
    return low, high


def order_ranks(count: int, share: float, risk: float) -> tuple[int, int]:
    """Return two ranks between which the value lies that a ``share`` of a population exceeds.

    Of ``count`` values in falling order, the share of the population above the j-th has a
    Beta(j, count − j + 1) distribution, whatever the population (order statistics).

    Returns:
        The largest j above which the share is at most ``share``, 0 where there is none; and the
        smallest j above which it is at least ``share``, ``count + 1`` where there is none. Each
        is wrong with a probability of at most ``risk``.
    """
    special = import_module("scipy.special")
    ranks = np.arange(1, count + 1)
    below: NDArray[Any] = special.betainc(ranks, count - ranks + 1, share)  # falls with the rank
    strict = int(np.count_nonzero(below >= 1 - risk))
    loose = int(np.count_nonzero(below > risk)) + 1
    return strict, loose


def transformed(estimate: float, variance: float, smallest: int, level: float = LEVEL) -> Pair:
    """Return the interval of an AUC from its variance, on the scale of the logit.

    So it stays within 0 and 1. Where the sample shows no variance at all, as when groups are
    perfectly apart, it is as wide as an exact one of ``smallest`` equal outcomes.
    """
    if variance <= 0 or not 0 < estimate < 1:
        slack = -expm1(log((1 - level) / 2) / smallest)
        return max(0.0, estimate - slack), min(1.0, estimate + slack)
    z = NormalDist().inv_cdf((1 + level) / 2)
    centre = log(estimate) - log1p(-estimate)
    reach = z * sqrt(variance) / (estimate * (1 - estimate))
    return _expit(centre - reach), _expit(centre + reach)


def mean_difference(mean: float, variance: float, level: float = LEVEL) -> Pair:
    """Return the normal interval of a difference of shares; ``variance`` is that of the mean."""
    reach = NormalDist().inv_cdf((1 + level) / 2) * sqrt(max(variance, 0.0))
    return max(-1.0, mean - reach), min(1.0, mean + reach)


def fisher(hits: int, drawn: int, marked: int, total: int) -> float:
    """Return the chance of at most ``hits`` marked ones among ``drawn`` of ``total``.

    Fisher's exact test, one-sided: the lower tail of the hypergeometric distribution.
    """
    least = max(0, drawn - (total - marked))
    whole = _log_choices(total, drawn)
    logs = [
        _log_choices(marked, k) + _log_choices(total - marked, drawn - k) - whole
        for k in range(least, hits + 1)
    ]
    return min(1.0, sum(exp(one) for one in logs))


def _log_choices(of: int, chosen: int) -> float:
    if of < 500:
        return log(comb(of, chosen))
    return lgamma(of + 1) - lgamma(chosen + 1) - lgamma(of - chosen + 1)


def _expit(value: float) -> float:
    return 1 / (1 + exp(-value)) if value > -700 else 0.0
