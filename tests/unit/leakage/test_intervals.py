"""Intervals, against SciPy's own and against exact probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from workbench.leakage.intervals import (
    clopper_pearson,
    fisher,
    mean_difference,
    order_ranks,
    transformed,
)


@given(st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
@settings(max_examples=60, deadline=None)
def test_shares_have_scipys_exact_interval(case: tuple[int, int]) -> None:
    """Also where nothing or everything was hit."""
    hits, of = case
    known = stats.binomtest(hits, of).proportion_ci(0.9, method="exact")
    assert clopper_pearson(hits, of, 0.9) == pytest.approx((known.low, known.high), abs=1e-9)


@given(st.integers(1, 60), st.integers(1, 60), st.data())
@settings(max_examples=60, deadline=None)
def test_the_tail_test_is_fishers(marked: int, others: int, data: st.DataObject) -> None:
    """Its lower tail is that of the hypergeometric distribution."""
    total = marked + others
    drawn = data.draw(st.integers(1, total))
    least, most = max(0, drawn - others), min(marked, drawn)
    hits = data.draw(st.integers(least, most))
    table = [[hits, drawn - hits], [marked - hits, others - drawn + hits]]
    known = stats.fisher_exact(table, alternative="less").pvalue
    assert fisher(hits, drawn, marked, total) == pytest.approx(known, rel=1e-6)


def test_the_tail_test_holds_for_many_records() -> None:
    """Where choices are too many to count."""
    known = stats.hypergeom.cdf(450, 10_000, 5_000, 1_000)
    assert fisher(450, 1_000, 5_000, 10_000) == pytest.approx(known, rel=1e-6)


@pytest.mark.parametrize(("count", "share"), [(300, 0.1), (900, 0.01), (5000, 0.001)])
def test_ranks_enclose_the_value_that_a_share_exceeds(count: int, share: float) -> None:
    """By the binomial distribution of how many values are above it; the next rank would not do."""
    risk = 0.0125
    strict, loose = order_ranks(count, share, risk)
    above = stats.binom(count, share)  # how many values exceed the one sought
    assert above.cdf(strict - 1) <= risk < above.cdf(strict)
    assert above.sf(loose - 1) <= risk < above.sf(loose - 2)


def test_a_small_sample_has_no_sure_threshold() -> None:
    """One value in a hundred cannot be bounded with a hundred values."""
    assert order_ranks(100, 0.01, 0.0125)[0] == 0
    assert order_ranks(10, 0.99, 0.0125)[1] == 11


@pytest.mark.parametrize("estimate", [0.0, 0.5, 1.0])
def test_no_variance_is_not_taken_for_certainty(estimate: float) -> None:
    """Thirty equal outcomes leave room for one in ten or so."""
    low, high = transformed(estimate, 0.0, 30)
    assert 0 <= low <= estimate <= high <= 1
    assert high - low > 0.1


@given(st.floats(0.001, 0.999), st.floats(1e-9, 0.05))
def test_an_interval_of_an_area_holds_it(estimate: float, variance: float) -> None:
    """And stays within 0 and 1."""
    low, high = transformed(estimate, variance, 100)
    assert 0 <= low <= estimate <= high <= 1


def test_differences() -> None:
    """A normal interval, cut at what a difference of shares can be."""
    assert mean_difference(0.1, 0.0025) == pytest.approx((0.1 - 0.098, 0.1 + 0.098), abs=1e-4)
    assert mean_difference(0.9, 1.0) == (-1.0, 1.0)
    assert np.isclose(*mean_difference(0.2, 0.0))
