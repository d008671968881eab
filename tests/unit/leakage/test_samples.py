"""Members and non-members: who is in, who is out, and who is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.leakage.cases import normal
from workbench.errors import InputError
from workbench.leakage.samples import halves, sample
from workbench.leakage.shift import shifted

ROWS, TRUTH = normal(100)
OTHERS, UNTOLD = normal(60, seed=1)


def test_members_come_first() -> None:
    """And their positions in the data given are known."""
    whole = sample((ROWS, TRUTH), (OTHERS, UNTOLD))
    assert whole.members == 100
    assert whole.member.tolist() == [True] * 100 + [False] * 60
    assert (whole.rows[:100] == ROWS).all()
    assert (whole.truth[100:] == UNTOLD).all()
    assert whole.inside.tolist() == list(range(100))
    assert whole.outside.tolist() == list(range(60))


def test_a_holdout_with_members_in_it() -> None:
    """They are left out on both sides; the same row with another truth is not."""
    mixed = np.r_[ROWS[:7], OTHERS]
    told = np.r_[TRUTH[:6], 1 - TRUTH[6:7], UNTOLD]
    whole = sample((ROWS, TRUTH), (mixed, told))
    assert whole.repeated == 6
    assert whole.outside.tolist() == list(range(6, 67))
    assert whole.inside.tolist() == list(range(6, 100))
    assert (whole.members, len(whole.truth)) == (94, 155)
    assert whole.alike[94] == whole.alike[0]


@pytest.mark.parametrize(
    ("data", "holdout", "message"),
    [
        ((ROWS, TRUTH), (ROWS, TRUTH), "too few records"),
        ((ROWS[:10], TRUTH[:10]), (OTHERS, UNTOLD), "too few records"),
        ((ROWS, TRUTH[:-1]), (OTHERS, UNTOLD), "has 100 rows and truths of shape"),
        ((ROWS, np.c_[TRUTH, TRUTH]), (OTHERS, UNTOLD), "truths of shape"),
        ((ROWS, TRUTH), (OTHERS[:, :3], UNTOLD), "same columns or form"),
        ((ROWS,), (OTHERS, UNTOLD), "not a pair"),
        ((ROWS, None), (OTHERS, UNTOLD), "not a pair"),
        (None, (OTHERS, UNTOLD), "not a pair"),
    ],
    ids=["same", "few", "short", "several", "narrow", "alone", "untold", "nothing"],
)
def test_what_is_refused(data: Any, holdout: Any, message: str) -> None:
    """With a word about what to do; no value of the data is in it."""
    with pytest.raises(InputError, match=message) as raised:
        sample(data, holdout)
    assert raised.value.unchanged == "Nothing was measured."
    assert raised.value.hint


@given(st.integers(0, 1000), st.integers(1, 5), st.booleans())
@settings(max_examples=40, deadline=None)
def test_halves(seed: int, pairs: int, by_truth: bool) -> None:
    """Each record is in one of two references; twins go together; classes are shared out."""
    chance = np.random.default_rng(seed)
    rows = np.r_[ROWS, ROWS[:10], ROWS[:10]]  # three of each of ten
    truth = np.r_[TRUTH, TRUTH[:10], TRUTH[:10]]
    order = chance.permutation(len(rows))
    whole = sample((rows[order], truth[order]), (OTHERS, UNTOLD))
    masks = halves(whole, 2 * pairs, seed, by_truth=by_truth)
    assert masks.shape == (2 * pairs, 180)
    assert (masks[::2] == ~masks[1::2]).all()
    for mask in masks:
        for twin in np.unique(whole.alike):
            assert len(set(mask[whole.alike == twin].tolist())) == 1
    if by_truth:
        singles = np.bincount(whole.alike)[whole.alike] == 1
        for one in (0, 1):
            share = masks[0][singles & (whole.truth == one)].mean()
            assert abs(share - 0.5) < 0.15
    assert (masks == halves(whole, 2 * pairs, seed, by_truth=by_truth)).all()


class TestShift:
    def test_one_table_split_by_chance(self) -> None:
        """Shows no difference, in 19 of 20 cases at least."""
        clean = 0
        for seed in range(20):
            rows, truth = normal(300, columns=20, seed=seed)
            clean += shifted(sample((rows[:150], truth[:150]), (rows[150:], truth[150:]))) == []
        assert clean >= 19

    def test_a_holdout_of_another_place(self) -> None:
        """The columns that differ are named, clearest first; the truth is one of them."""
        other = OTHERS + np.array([0, 1.0, 0, 5.0, 0])
        whole = sample((ROWS, TRUTH), (other, np.ones(60, int)))
        assert shifted(whole) == ["3", "1", "truth"]


def test_what_is_left_is_alike_on_both_sides() -> None:
    """Of coarse tables: leaving out the common records on one side would tell the sides apart."""
    random = np.random.default_rng(3)
    rows = (random.random((1600, 8)) < 0.25).astype(float)
    truth = (random.random(1600) < 0.5).astype(int)
    whole = sample((rows[:800], truth[:800]), (rows[800:], truth[800:]))
    ones = whole.rows.sum(axis=1)
    gap = ones[: whole.members].mean() - ones[whole.members :].mean()
    assert abs(gap) < 0.5
    assert whole.repeated > 400
