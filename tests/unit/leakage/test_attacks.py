"""Attacks, each against its definition written out one record at a time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from workbench.findings.leakage import Method, Task
from workbench.leakage.attacks import References, comparing, quick
from workbench.leakage.curves import rate_at
from workbench.leakage.signals import Signals, scale, signals, softness

CHANCE = np.random.default_rng(0)
RECORDS, MODELS = 12, 6


def told(shape: tuple[int, ...]) -> Signals:
    given = CHANCE.uniform(0.01, 0.99, shape)
    return signals(np.stack([given, 1 - given], axis=-1), Task.classification)


TARGET, OTHERS = told((RECORDS,)), told((8, RECORDS))
HALF = CHANCE.permuted(np.tile([True, False], (RECORDS, 4)), axis=1).T
COMPARED = comparing(TARGET, References(OTHERS, HALF))


def test_the_ratio_is_rmia() -> None:
    """Equation 2 of the paper with its offline estimate of the marginal, a = 0.3."""
    for at in range(RECORDS):
        out = OTHERS.likelihood[~HALF[:, at], at].mean()
        expected = TARGET.likelihood[at] / (0.5 * (1.3 * out + 0.7))
        assert COMPARED[Method.ratio][at] == pytest.approx(expected)


def test_the_order_of_the_ratio_is_that_of_the_pairwise_comparison() -> None:
    """With one population, the share of it that a record beats only depends on the ratio."""
    population = CHANCE.uniform(0.2, 1.8, 500)
    beaten = [(ratio / population >= 1).mean() for ratio in COMPARED[Method.ratio]]
    order = np.argsort(COMPARED[Method.ratio])
    assert np.all(np.diff(np.array(beaten)[order]) >= 0)


def test_the_difference_is_of_logarithms() -> None:
    """Against the mean over models that never saw the record."""
    for at in range(RECORDS):
        out = np.log(OTHERS.likelihood[~HALF[:, at], at]).mean()
        assert COMPARED[Method.difference][at] == pytest.approx(np.log(TARGET.likelihood[at]) - out)


def test_lira_is_the_ratio_of_two_normal_densities() -> None:
    """Online; offline is how far out the answer is among models that never saw the record."""

    def spread(among: np.ndarray) -> np.ndarray:
        deviations = [
            (OTHERS.odds[among[:, at], at] - OTHERS.odds[among[:, at], at].mean()) ** 2
            for at in range(RECORDS)
        ]
        held = among.sum(axis=0)
        common = sum(one.sum() for one in deviations) / (held - 1).sum()
        return np.sqrt(
            [
                (8 * common + one.sum()) / (8 + n - 1)
                for one, n in zip(deviations, held, strict=True)
            ]
        )

    out_spread, in_spread = spread(~HALF), spread(HALF)
    for at in range(RECORDS):
        out = norm(OTHERS.odds[~HALF[:, at], at].mean(), out_spread[at])
        seen = norm(OTHERS.odds[HALF[:, at], at].mean(), in_spread[at])
        odds = TARGET.odds[at]
        online = seen.logpdf(odds) - out.logpdf(odds)
        assert COMPARED[Method.online][at] == pytest.approx(online)
        assert norm.cdf(COMPARED[Method.offline][at]) == pytest.approx(out.cdf(odds))


def test_lira_is_left_out_where_it_means_nothing() -> None:
    """Three references have no variance."""
    found = comparing(TARGET, References(told((MODELS, RECORDS)), HALF[:MODELS]))
    assert set(found) == {Method.ratio, Method.difference}


def test_quick_attacks() -> None:
    """The loss; the same against the median of the class; and against neighbours."""
    classes = np.array([0, 1] * 6)
    near = CHANCE.uniform(0.1, 0.9, RECORDS)
    found = quick(TARGET, classes, near)
    assert np.allclose(found[Method.loss], np.log(TARGET.likelihood))
    for at in range(RECORDS):
        alike = classes == classes[at]
        usual = np.median(np.log(TARGET.likelihood[alike]))
        assert found[Method.by_class][at] == pytest.approx(np.log(TARGET.likelihood[at]) - usual)
        expected = TARGET.likelihood[at] / (0.65 * near[at] + 0.35)
        assert found[Method.by_neighbours][at] == pytest.approx(expected)
    assert set(quick(TARGET, np.zeros(RECORDS, int), None)) == {Method.loss}


def test_many_small_classes_make_no_attack_work() -> None:
    """Four records of each, half of them members: chance is in the interval, and in the rate."""
    held = 0
    for seed in range(40):
        chance = np.random.default_rng(seed)
        given = chance.beta(5, 1, 400)
        target = signals(np.stack([given, 1 - given], axis=-1), Task.classification)
        scores = quick(target, np.tile(np.arange(100), 4), None)[Method.by_class]
        rate = rate_at(scores[:200], scores[200:], 0.1)
        assert rate.interval is not None
        held += rate.interval.low <= 0.1
    assert held >= 38


def test_signals_of_classes() -> None:
    """The logit from both sides, so that an answer close to 1 is told from one closer still."""
    said = np.array([[0.5, 0.5], [1 - 1e-6, 1e-6], [1.0, 0.0], [0.0, 1.0]])
    found = signals(said, Task.classification)
    assert found.odds[:2] == pytest.approx([0, np.log((1 - 1e-6 + 1e-7) / 1.1e-6)])
    assert np.isfinite(found.odds).all()


def test_steps_are_softened() -> None:
    """A forest that says 1 is not thousands of times surer than one that says 0.99."""
    smooth = np.array([[0.5, 0.5], [0.9, 0.1], [1 - 1e-6, 1e-6]] * 50)
    steps = np.vstack([smooth, [[1.0, 0.0], [0.0, 1.0]]])
    assert softness(smooth, Task.classification) < 1e-6
    assert softness(steps, Task.classification) == 1e-3
    assert softness(steps, Task.regression) < 1e-6
    said = signals(np.array([[1.0, 0.0], [0.99, 0.01]]), Task.classification, soft=1e-3)
    assert said.odds == pytest.approx([np.log(1001), np.log(991 / 11)])


def test_signals_of_numbers() -> None:
    """Likelier the smaller the error is, whatever its sign and unit."""
    errors = np.array([0.0, 1.0, -1.0, 10.0])
    usual = scale(errors)
    found = signals(np.column_stack([errors, errors]), Task.regression, usual)
    assert usual == 1
    assert found.likelihood == pytest.approx([1, np.exp(-1), np.exp(-1), np.exp(-10)])
    assert list(np.argsort(-found.odds, kind="stable")) == [0, 1, 2, 3]
    assert scale(np.zeros(3)) == 1
    assert scale(np.array([0.0, 0.0, 3.0])) == 1
