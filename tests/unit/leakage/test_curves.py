"""What scores are worth: against scikit-learn, slow definitions, and known truths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm
from sklearn.metrics import roc_auc_score, roc_curve

from workbench.findings.leakage import Method
from workbench.leakage.curves import area, attack, curve, rate_at, strongest, threshold

scores = arrays(np.float64, st.integers(5, 60), elements=st.sampled_from([0, 0.1, 0.5, 2, 7]))


def truth(members: np.ndarray, nonmembers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.r_[np.ones(len(members)), np.zeros(len(nonmembers))], np.r_[members, nonmembers]


@given(scores, scores)
@settings(max_examples=80, deadline=None)
def test_the_area_is_scikit_learns(members: np.ndarray, nonmembers: np.ndarray) -> None:
    """With many equal scores as well; its interval holds it."""
    auc, around = area(members, nonmembers)
    assert auc == pytest.approx(roc_auc_score(*truth(members, nonmembers)), abs=1e-6)
    assert around.low - 1e-6 <= auc <= around.high + 1e-6


def test_the_variance_is_delongs() -> None:
    """By its definition: how often each record wins, one pair at a time."""
    chance = np.random.default_rng(3)
    members, others = chance.normal(0.5, 1, 40).round(1), chance.normal(0, 1, 30).round(1)
    wins = np.array([[(a > b) + 0.5 * (a == b) for b in others] for a in members])
    variance = wins.mean(1).var(ddof=1) / 40 + wins.mean(0).var(ddof=1) / 30
    auc = wins.mean()
    reach = 1.959964 * np.sqrt(variance) / (auc * (1 - auc))
    logit = np.log(auc / (1 - auc))
    known = 1 / (1 + np.exp(-(logit - reach))), 1 / (1 + np.exp(-(logit + reach)))
    around = area(members, others)[1]
    assert (around.low, around.high) == pytest.approx(known, abs=1e-5)


@given(scores, scores, st.sampled_from([0.1, 0.25, 0.5]))
@settings(max_examples=80, deadline=None)
def test_a_rate_is_the_best_of_scikit_learns_curve(
    members: np.ndarray, nonmembers: np.ndarray, at: float
) -> None:
    """Whose false positive rate is small enough; equal scores are never split."""
    found = rate_at(members, nonmembers, at)
    if len(nonmembers) * at < 1:
        assert found.value is found.interval is None
        return
    false, true, _ = roc_curve(*truth(members, nonmembers), drop_intermediate=False)
    assert found.value == pytest.approx(true[false <= at + 1e-12].max(), abs=1e-6)
    assert found.false_positives <= at * len(nonmembers) + 1e-9
    assert found.interval is not None
    assert found.interval.low <= found.value + 1e-6
    assert found.interval.high >= found.value - 1e-6


def test_a_rate_that_the_sample_cannot_show() -> None:
    """One in a thousand needs a thousand; one in a hundred is shown, but not as certain."""
    chance = np.random.default_rng(0)
    found = attack(Method.loss, chance.normal(9, 1, 200), chance.normal(0, 1, 200))
    assert [one.value for one in found.rates] == [1.0, 1.0, None]
    assert found.rates[0].interval is not None
    assert found.rates[0].interval.low > 0.9
    assert found.rates[1].interval is not None
    assert found.rates[1].interval.low == 0


def test_the_intervals_hold_the_truth() -> None:
    """Of 200 samples of two normal distributions, 95 % or so; the rate's is wide by design."""
    apart = 0.8
    held = {"area": 0, 0.1: 0, 0.01: 0}
    for seed in range(200):
        chance = np.random.default_rng(seed)
        members, others = chance.normal(apart, 1, 500), chance.normal(0, 1, 500)
        around = area(members, others)[1]
        held["area"] += around.low <= norm.cdf(apart / np.sqrt(2)) <= around.high
        for at in (0.1, 0.01):
            rate = rate_at(members, others, at).interval
            assert rate is not None
            held[at] += rate.low <= norm.sf(norm.isf(at) - apart) <= rate.high
    assert 183 <= held["area"] <= 198
    assert held[0.1] >= 190
    assert held[0.01] >= 190


def test_the_best_of_many_is_not_taken_at_its_word() -> None:
    """Five attacks that guess: the best one's interval still holds chance, in 19 samples of 20."""
    held = 0
    for seed in range(20):
        chance = np.random.default_rng(seed)
        pairs = {
            method: (chance.normal(size=300), chance.normal(size=300))
            for method in list(Method)[:5]
        }
        best = strongest(pairs)
        assert best.tried == 5
        assert best.auc == max(area(*pair)[0] for pair in pairs.values())
        rate = best.rate.interval
        assert rate is not None
        held += best.interval.low <= 0.5 <= best.interval.high and rate.low <= best.rate.at
    assert held >= 19


def test_where_the_rate_is_asked_follows_the_sample() -> None:
    """At 1 % only where enough non-members make the threshold certain."""
    chance = np.random.default_rng(0)
    rates = {
        count: strongest({Method.loss: (chance.normal(size=count),) * 2}).rate.at
        for count in (30, 300, 600)
    }
    assert rates == {30: 0.1, 300: 0.1, 600: 0.01}


@given(scores, scores)
@settings(max_examples=60, deadline=None)
def test_the_curve_rises_through_points_of_the_whole(
    members: np.ndarray, nonmembers: np.ndarray
) -> None:
    """At most sixty, each on scikit-learn's curve, up to the corner."""
    points = curve(members, nonmembers)
    false, true, _ = roc_curve(*truth(members, nonmembers), drop_intermediate=False)
    known = {(round(float(f), 6), round(float(t), 6)) for f, t in zip(false, true, strict=True)}
    assert set(points) <= known
    assert points[-1] == (1.0, 1.0)
    assert len(points) <= 60
    assert list(points) == sorted(points)
    assert [t for _, t in points] == sorted(t for _, t in points)


def test_a_curve_of_many_records_is_thin() -> None:
    """However many there are."""
    chance = np.random.default_rng(0)
    assert 40 <= len(curve(chance.normal(size=20_000), chance.normal(size=20_000))) <= 60


def test_thresholds() -> None:
    """At most the share is above; above everything where that is all of them."""
    values = np.arange(10.0)
    assert threshold(values, 0.1) == 8
    assert threshold(values, 0.0) == 9
    assert threshold(values, 1.0) == -np.inf
