"""Rows in every form somebody may have kept them in, and what is no row in any form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from tests.unit.retention.people import NAMES, OTHERS, SIZE, WIDTH, Thing, X, Z, rows
from workbench.findings.retained import How, Keeping, Kept
from workbench.retention.looking import look

CHANCE = np.random.default_rng(5)
ORDER = CHANCE.permutation(SIZE)
SOME = np.sort(CHANCE.choice(SIZE, 40, replace=False))
SLOPE, SHIFT = CHANCE.uniform(0.2, 5, WIDTH), CHANCE.normal(0, 20, WIDTH)
SIGNS = np.array([1, -1] * (WIDTH // 2))


def found(array: Any, data: Any = X) -> list[Kept]:
    """What is found of rows in an object that holds an array."""
    return [one for one in look(Thing(kept=array), data).found if one.kind is Keeping.rows]


# The array, how it is found, which rows, and from which columns.
FORMS: dict[str, tuple[Any, How, Any, int]] = {
    "as they are": (X.copy(), How.exact, range(SIZE), WIDTH),
    "another order": (X[ORDER], How.exact, range(SIZE), WIDTH),
    "some": (X[SOME], How.exact, SOME, WIDTH),
    "one": (X[7:8], How.exact, [7], WIDTH),
    "twice": (np.vstack([X[:9], X[:9]]), How.exact, range(9), WIDTH),
    "among others": (np.vstack([OTHERS[:50], X[:9]]), How.exact, range(9), WIDTH),
    "upright": (X.T.copy(), How.exact, range(SIZE), WIDTH),
    "some upright": (X[:30].T.copy(), How.exact, range(30), WIDTH),
    "one upright": (X[7:8].T.copy(), How.exact, [7], WIDTH),
    "square and upright": (X[:WIDTH].T.copy(), How.exact, range(WIDTH), WIDTH),
    "fortran": (np.asfortranarray(X), How.exact, range(SIZE), WIDTH),
    "every other": (X[::2], How.exact, range(0, SIZE, 2), WIDTH),
    "a block of three dimensions": (X.reshape(10, -1, WIDTH), How.exact, range(SIZE), WIDTH),
    "single precision": (X.astype("float32"), How.rounded, range(SIZE), WIDTH),
    "half precision": (X.astype("float16"), How.rounded, range(SIZE), WIDTH),
    "half and back": (X.astype("float16").astype(float), How.rounded, range(SIZE), WIDTH),
    "brain precision": (torch.tensor(X).bfloat16(), How.rounded, range(SIZE), WIDTH),
    "the next number": (np.nextafter(X, np.inf), How.rounded, range(SIZE), WIDTH),
    "close": (X * (1 + CHANCE.uniform(-3e-7, 3e-7, X.shape)), How.near, range(SIZE), WIDTH),
    "some close": (X[SOME] * (1 + 2e-7), How.near, SOME, WIDTH),
    "fewer columns": (X[:, [0, 2, 5]], How.exact, range(SIZE), 3),
    "two columns": (X[:, [1, 4]], How.exact, range(SIZE), 2),
    "columns in another order": (X[:, ::-1].copy(), How.exact, range(SIZE), WIDTH),
    "some with fewer columns": (X[SOME][:, [3, 1]], How.exact, SOME, 2),
    "target behind": (np.column_stack([X, Z]), How.exact, range(SIZE), WIDTH),
    "target before": (np.column_stack([Z, X]), How.exact, range(SIZE), WIDTH),
    "between others": (
        np.column_stack([OTHERS[:, 0], X[:, :3], OTHERS[:, 1], X[:, 3:]]),
        How.exact,
        range(SIZE),
        WIDTH,
    ),
    "standardised": (StandardScaler().fit_transform(X), How.affine, range(SIZE), WIDTH),
    "some standardised": (StandardScaler().fit_transform(X)[SOME], How.affine, SOME, WIDTH),
    "some from 0 to 1": (MinMaxScaler().fit_transform(X)[SOME], How.affine, SOME, WIDTH),
    "some robust": (RobustScaler().fit_transform(X)[SOME], How.affine, SOME, WIDTH),
    "some by the largest": (MaxAbsScaler().fit_transform(X)[SOME], How.affine, SOME, WIDTH),
    "unknown scale": (X * SLOPE + SHIFT, How.affine, range(SIZE), WIDTH),
    "unknown scale and sign": (X * SLOPE * SIGNS + SHIFT, How.affine, range(SIZE), WIDTH),
    "unknown scale and order": (
        (X * SLOPE * SIGNS + SHIFT)[ORDER],
        How.affine,
        range(SIZE),
        WIDTH,
    ),
    "some of unknown scale": ((X * SLOPE + SHIFT)[SOME], How.affine, SOME, WIDTH),
    "unknown scale in single precision": (
        (X * SLOPE).astype("float32"),
        How.affine,
        range(SIZE),
        WIDTH,
    ),
    "unknown scale of fewer columns": ((X * SLOPE)[:, [4, 0]], How.affine, range(SIZE), 2),
    "unknown scale upright": ((X * SLOPE + SHIFT).T.copy(), How.affine, range(SIZE), WIDTH),
    "exponents": (np.exp(X[:, :3] / 10), How.monotone, range(SIZE), 3),
    "ranks": (X.argsort(axis=0).argsort(axis=0) / SIZE, How.monotone, range(SIZE), WIDTH),
    "mixed": (X @ CHANCE.normal(size=(WIDTH, 4)), How.linear, range(SIZE), WIDTH),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_rows_are_found_in_every_form(name: str) -> None:
    """As many as there are, the right ones, and in how many columns."""
    array, how, expected, columns = FORMS[name]
    [one] = found(array)
    assert (one.how, one.count) == (how, len(expected))
    assert one.positions == tuple(int(row) for row in expected)[:20]
    assert len(one.columns) == columns
    assert one.transposed == ("upright" in name)


NO_ROWS = {
    "other people": OTHERS,
    "one other person": OTHERS[:1],
    "weights": CHANCE.normal(size=(50, WIDTH)),
    "nothing": np.zeros((SIZE, WIDTH)),
    "ones": np.ones((1, WIDTH)),
    "unit vectors": np.eye(WIDTH),
    "means": np.vstack([X.mean(axis=0), X.std(axis=0)]),
    "medians": np.median(X[:239], axis=0)[None],
    "neighbours' means": (X[:-1] + X[1:]) / 2,
    "each column by itself": np.column_stack([CHANCE.permutation(c) for c in X.T]),
    "a few millionths away": X * (1 + 1e-4 * CHANCE.choice([-1, 1], X.shape)),
    "covariance": np.cov(X.T),
    "whole numbers": CHANCE.integers(0, 100, (SIZE, WIDTH)),
    "missing": np.full((SIZE, WIDTH), np.nan),
    "infinite": np.full((SIZE, WIDTH), np.inf),
}


@pytest.mark.parametrize("name", NO_ROWS)
def test_what_is_no_row_is_not_taken_for_one(name: str) -> None:
    """Neither weights, nor statistics, nor the rows of other people."""
    assert found(NO_ROWS[name]) == []


DATA = {
    "array": X,
    "single precision": X.astype("float32").astype(float),
    "pandas": pd.DataFrame(X, columns=NAMES),
    "polars": pl.DataFrame(dict(zip(NAMES, X.T, strict=True))),
    "list": X.tolist(),
    "torch": torch.tensor(X),
    "fortran": np.asfortranarray(X),
    "sparse": sparse.csr_matrix(X),
    "objects": X.astype(object),
}


@pytest.mark.parametrize("kept", DATA)
@pytest.mark.parametrize("given_as", DATA)
def test_data_and_model_may_hold_it_differently(kept: str, given_as: str) -> None:
    """Whatever library the table is of, on either side."""
    [one] = found(DATA[kept], DATA[given_as])
    assert one.count == SIZE


def test_columns_are_named_as_the_data_names_them() -> None:
    """Also where the model has them in another order; never a value."""
    frame = pd.DataFrame(X, columns=NAMES)
    [one] = found(frame[["weight", "bmi"]].head(9), frame)
    assert (one.columns, one.count) == (("bmi", "weight"), 9)
    assert str(X[0, 0])[:8] not in one.to_bytes().decode()


def test_missing_values_are_values() -> None:
    """A row with gaps is the same row."""
    some = X.copy()
    some[::3, 1] = np.nan
    assert found(some.copy(), some)[0].count == SIZE
    assert found(some[ORDER], some)[0].count == SIZE


def test_zeros_have_no_sign() -> None:
    """Minus nothing is nothing."""
    some = X.copy()
    some[:, 2] = 0.0
    other = some.copy()
    other[:, 2] = -0.0
    assert found(other, some)[0].count == SIZE


class TestFewPeople:
    def test_rows_that_many_share_tell_on_nobody(self) -> None:
        """Ten people with the same values are nobody; nine are somebody."""
        shared = np.vstack([np.repeat(X[:1], 10, axis=0), np.repeat(X[1:2], 9, axis=0), X[2:]])
        [one] = found(shared.copy(), shared)
        assert one.count == SIZE - 2 + 9

    def test_yes_and_no_alone(self) -> None:
        """Many columns of 0 and 1 together are a person; unit vectors and zeros are none."""
        answers = (CHANCE.random((400, 40)) < 0.4).astype(float)
        answers[0], answers[1] = 0, np.eye(40)[3]
        assert found(answers.copy(), answers)[0].count == 400
        assert found(answers[50:60], answers)[0].count == 10
        for other in (np.zeros((20, 40)), np.eye(40), np.tri(40), np.zeros((1, 40))):
            assert found(other, answers) == []
        assert found((CHANCE.random((400, 40)) < 0.4).astype(float), answers) == []

    def test_small_whole_numbers(self) -> None:
        """In two columns of whole numbers most rows are met by chance."""
        some = CHANCE.integers(0, 10, (300, 2)).astype(float)
        assert found(CHANCE.integers(0, 10, (50, 2)), some) == []


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(30, 120),
    width=st.integers(2, 9),
    kept=st.integers(1, 30),
    upright=st.booleans(),
    form=st.sampled_from(["float64", "float32"]),
)
def test_any_subset_is_found_and_nothing_else(
    seed: int, size: int, width: int, kept: int, upright: bool, form: str
) -> None:
    """Whichever rows are kept among however many others, these and no others are reported."""
    chance = np.random.default_rng(seed)
    data = chance.normal(size=(size, width)) * np.geomspace(1, 1000, width)
    chosen = np.sort(chance.choice(size, kept, replace=False))
    array = np.vstack([data[chosen], chance.normal(size=(7, width))])[chance.permutation(kept + 7)]
    array = array.astype(form)
    [one] = found(array.T.copy() if upright else array, data)
    assert one.positions == tuple(chosen.tolist()[:20])
    assert one.count == kept


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), width=st.integers(1, 12), length=st.integers(1, 300))
def test_chance_numbers_are_never_rows(seed: int, width: int, length: int) -> None:
    """Of any shape."""
    chance = np.random.default_rng(seed)
    for array in (
        chance.normal(size=(length, width)),
        chance.integers(0, 2, (length, width)),
        np.round(chance.normal(size=(length, width)), 1),
    ):
        assert found(array) == []


def test_the_same_look_says_the_same() -> None:
    """Nothing in it is left to chance."""
    thing = Thing(a=(X * SLOPE)[SOME], b=X[SOME] * (1 + 2e-7), c=Z.copy())
    assert look(thing, (X, Z)).to_bytes() == look(thing, (X, Z)).to_bytes()


def test_images_are_rows_too() -> None:
    """Of n × height × width, however the model has them."""
    images = rows(60, 20).reshape(60, 4, 5)
    assert found(images[:9].copy(), images)[0].count == 9
    assert found(images.reshape(60, 20)[:9], images)[0].count == 9
