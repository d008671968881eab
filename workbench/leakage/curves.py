"""How well scores tell members from others: area, rates at few false alarms, and the curve."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.findings.leakage import (
    FALSE_POSITIVE_RATES,
    MAX_CURVE,
    Attack,
    Interval,
    Method,
    Rate,
    Strongest,
)
from workbench.leakage.intervals import LEVEL, clopper_pearson, order_ranks, transformed

__all__ = ["area", "attack", "curve", "interval", "rate_at", "strongest", "threshold"]

DIGITS = 6  # that a report keeps
Floats = NDArray[np.float64]


def area(members: Floats, nonmembers: Floats, level: float = LEVEL) -> tuple[float, Interval]:
    """Return the AUC of scores with its interval.

    The variance is that of DeLong et al. 1988, by ranks (Sun and Xu 2014). Records are taken as
    independent of each other; the same record many times makes the interval too narrow.
    """
    m, n = len(members), len(nonmembers)
    ranks = _ranks(np.concatenate([members, nonmembers]))
    above = (ranks[:m] - _ranks(members)) / n  # share of non-members that each member exceeds
    below = 1 - (ranks[m:] - _ranks(nonmembers)) / m
    auc = float(above.mean())
    variance = _spread(above) / m + _spread(below) / n
    return round(auc, DIGITS), interval(*transformed(auc, variance, min(m, n), level))


def interval(low: float, high: float) -> Interval:
    """Return an interval as a report keeps it."""
    return Interval(low=round(low, DIGITS), high=round(high, DIGITS))


def threshold(nonmembers: Floats, at: float) -> float:
    """Return the score that at most a share ``at`` of the non-members exceeds."""
    falling = np.sort(nonmembers)[::-1]
    allowed = int(at * len(falling) + 1e-9)
    return float(falling[allowed]) if allowed < len(falling) else -np.inf


def rate_at(members: Floats, nonmembers: Floats, at: float, level: float = LEVEL) -> Rate:
    """Return the share of members recognised at a false positive rate.

    The interval holds for the rate in the population. Half of the risk is spent on the threshold,
    between two ranks of the non-members; the other half on the share of members above it.
    """
    if len(nonmembers) * at < 1:
        return Rate(at=at, value=None, interval=None, false_positives=0)
    cut = threshold(nonmembers, at)
    risk = (1 - level) / 4
    strict, loose = order_ranks(len(nonmembers), at, risk)
    falling = np.sort(nonmembers)[::-1]
    low, high = 0.0, 1.0
    of = len(members)
    if strict:
        hits = int(np.count_nonzero(members > falling[strict - 1]))
        low = clopper_pearson(hits, of, 1 - 2 * risk)[0]
    if loose <= len(falling):
        hits = int(np.count_nonzero(members >= falling[loose - 1]))
        high = clopper_pearson(hits, of, 1 - 2 * risk)[1]
    return Rate(
        at=at,
        value=round(float(np.mean(members > cut)), DIGITS),
        interval=interval(low, high),
        false_positives=int(np.count_nonzero(nonmembers > cut)),
    )


def curve(members: Floats, nonmembers: Floats) -> tuple[tuple[float, float], ...]:
    """Return at most 60 points of the curve, evenly spaced in the logarithm of the false rate."""
    n = len(nonmembers)
    counts = np.unique(np.geomspace(1, n, MAX_CURVE - 2).round().astype(int))
    rising, others = np.sort(members), np.sort(nonmembers)
    points = {(1.0, 1.0)}
    for count in [0, *counts[counts < n].tolist()]:
        cut = others[n - 1 - count]
        above = len(rising) - int(np.searchsorted(rising, cut, side="right"))
        false = n - int(np.searchsorted(others, cut, side="right"))
        points.add((round(false / n, DIGITS), round(above / len(rising), DIGITS)))
    return tuple(sorted(points))


def attack(method: Method, members: Floats, nonmembers: Floats) -> Attack:
    """Return what an attack's scores are worth; a member should have a high one."""
    auc, around = area(members, nonmembers)
    return Attack(
        method=method,
        auc=auc,
        interval=around,
        rates=tuple(rate_at(members, nonmembers, at) for at in FALSE_POSITIVE_RATES),
        curve=curve(members, nonmembers),
    )


def strongest(scores: dict[Method, tuple[Floats, Floats]]) -> Strongest:
    """Return the best of several attacks.

    The best of many looks good by chance. Choosing it on half of the records and measuring it on
    the others would double the lowest false positive rate that can be seen, which is what matters
    most here; so all records are used, and each interval is widened for the number of attacks and
    for both questions (Bonferroni). Attacks that agree make it wider than it need be, never too
    narrow.
    """
    level = 1 - (1 - LEVEL) / (2 * len(scores))
    areas = {method: area(*pair, level) for method, pair in scores.items()}
    best = max(areas, key=lambda method: areas[method][0])
    outside = len(next(iter(scores.values()))[1])
    sure = order_ranks(outside, FALSE_POSITIVE_RATES[1], (1 - level) / 4)[0] > 0
    at = FALSE_POSITIVE_RATES[1] if sure else FALSE_POSITIVE_RATES[0]
    rates = {method: rate_at(*pair, at, level) for method, pair in scores.items()}
    most = max(rates, key=lambda method: rates[method].value or 0.0)
    return Strongest(
        tried=len(scores),
        method=best,
        auc=areas[best][0],
        interval=_widest([one for _, one in areas.values()]),
        rate_method=most,
        rate=rates[most].model_copy(
            update={"interval": _widest([one.interval for one in rates.values()])}
        ),
    )


def _widest(intervals: list[Any]) -> Any:
    """Return the interval of the largest of several numbers, each with its own."""
    known = [one for one in intervals if one is not None]
    if not known:
        return None
    return Interval(low=max(one.low for one in known), high=max(one.high for one in known))


def _ranks(values: Floats) -> Floats:
    """Return ranks from 1 on; equal values share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle: Floats = last - (counts - 1) / 2
    return middle[places]


def _spread(values: Floats) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0
