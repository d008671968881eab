"""Distances to real rows, checked against scipy; the negative control is seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.spatial import cKDTree

from workbench.standin.closeness import Rows, closeness, quality
from workbench.standin.copies import prints

CHANCE = np.random.default_rng(4)


def rows(numbers: Any, categories: Any = None, gaps: Any = None) -> Rows:
    gone = np.zeros(numbers.shape, bool) if gaps is None else gaps
    kinds = categories or [False] * numbers.shape[1]
    return Rows(list(numbers.T), list(gone.T), kinds)


def measured(made: Rows, train: Rows, holdout: Rows | None = None) -> Any:
    return closeness(made, train, holdout, np.random.default_rng(0))


def test_distances_are_those_that_scipy_finds() -> None:
    made, train, other = (CHANCE.normal(size=(300, 5)) for _ in range(3))
    scale = train.std(axis=0)
    near = cKDTree(train / scale).query(made / scale)[0]
    far = cKDTree(other / scale).query(made / scale)[0]
    found = measured(rows(made), rows(train), rows(other))
    assert found.train == pytest.approx(np.median(near))
    assert found.holdout == pytest.approx(np.median(far))
    assert found.closer == pytest.approx((near < far).mean())
    hits = int((near < far).sum())
    interval = stats.binomtest(hits, 300).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-6)


def test_noisy_copies_of_the_training_rows_are_seen() -> None:
    """The negative control: training rows with 5 % noise are nearer to themselves."""
    train, other = CHANCE.normal(size=(400, 8)), CHANCE.normal(size=(400, 8))
    noisy = train + 0.05 * CHANCE.normal(size=train.shape)
    found = measured(rows(noisy), rows(train), rows(other))
    assert found.closer > 0.99
    assert found.low > 0.9


def test_rows_of_the_same_source_are_near_to_neither() -> None:
    sets = [rows(CHANCE.normal(size=(800, 6))) for _ in range(3)]
    found = measured(*sets)
    assert found.low <= 0.5 <= found.high


def test_as_many_held_out_rows_are_compared_as_training_rows() -> None:
    """Else the larger set would be the nearer one, by chance alone."""
    found = measured(
        rows(CHANCE.normal(size=(500, 4))),
        rows(CHANCE.normal(size=(5000, 4))),
        rows(CHANCE.normal(size=(200, 4))),
    )
    assert found.against == 200
    assert found.low <= 0.5 <= found.high


def test_categories_and_gaps_count_one() -> None:
    train = rows(
        np.array([[0.0, 1], [2, 1]]), [False, True], np.array([[False, False], [True, False]])
    )
    same = rows(np.array([[0.0, 1]]), [False, True])
    other = rows(np.array([[0.0, 0]]), [False, True])
    gone = rows(np.array([[9.0, 0]]), [False, True], np.array([[True, False]]))
    assert [measured(one, train).train for one in (same, other, gone)] == [0, 1, 1]
    assert measured(same, train).closer is None


def test_nothing_that_can_be_told_apart_is_half() -> None:
    one = rows(np.zeros((10, 1)))
    found = measured(one, one, one)
    assert (found.closer, found.low, found.high) == (0.5, 0, 1)


def test_quality_is_that_of_scipy() -> None:
    made, train = CHANCE.normal(size=(500, 3)), CHANCE.exponential(size=(400, 3)).round(1)
    train[:, 1] += train[:, 0]
    found = quality(rows(made), rows(train), np.random.default_rng(0))
    wanted = [stats.ks_2samp(made[:, i], train[:, i]).statistic for i in range(3)]
    assert found.columns == pytest.approx(np.mean(wanted))
    apart = np.abs(stats.spearmanr(made).statistic - stats.spearmanr(train).statistic)
    assert found.correlations == pytest.approx(apart[np.triu_indices(3, 1)].mean())


def test_quality_of_categories_is_total_variation() -> None:
    made, train = np.array([[0.0]] * 3 + [[1]]), np.array([[0.0]] * 2 + [[2]] * 2)
    found = quality(rows(made, [True]), rows(train, [True]), np.random.default_rng(0))
    assert found.columns == pytest.approx(0.5)
    assert found.correlations is None


def test_prints_tell_rows_apart() -> None:
    columns = [CHANCE.integers(0, 5, 5000).astype(float) for _ in range(4)]
    gaps = [CHANCE.random(5000) < 0.2 for _ in range(4)]
    found = prints(columns, gaps)
    wanted: dict[tuple[Any, ...], int] = {}
    for row, one in enumerate(found.tolist()):
        key = tuple(None if gaps[i][row] else columns[i][row] for i in range(4))
        assert wanted.setdefault(key, one) == one
    assert len(set(wanted.values())) == len(wanted)
    assert prints([np.array([0.0])], [np.array([False])]) == prints(
        [np.array([-0.0])], [np.array([False])]
    )
