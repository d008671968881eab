"""Planted records: made up, half of them kept aside, and found by a model that learns by heart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression

from tests.unit.leakage.cases import normal, split
from workbench.errors import InputError
from workbench.leakage.canaries import Planted, measure_canaries, plant


def test_what_is_planted() -> None:
    """Below the data, which is as it was; every value is one of the column's own."""
    rows, truth = normal(200)
    planted = plant(rows, truth, count=30, seed=1)
    assert (planted.X[:200] == rows).all()
    assert (planted.y[:200] == truth).all()
    assert planted.positions == tuple(range(200, 230))
    aside, told = planted.held_out
    assert len(aside) == len(told) == 30
    made_up = np.r_[planted.X[200:], aside]
    for column in range(rows.shape[1]):
        assert np.isin(made_up[:, column], rows[:, column]).all()
    assert not any((row == rows).all(axis=1).any() for row in made_up)
    again = plant(rows, truth, count=30, seed=1)
    assert (again.X == planted.X).all()
    assert (plant(rows, truth, count=30, seed=2).X != planted.X).any()


@pytest.mark.parametrize("table", [True, False])
def test_the_real_rows_are_had_back(table: bool) -> None:
    """What is measured about people is measured without made-up ones."""
    rows, truth = normal(200)
    given = (pd.DataFrame(rows), pd.Series(truth)) if table else (rows, truth)
    real, told = plant(*given, count=30).real()
    assert type(real) is type(given[0])
    assert (np.asarray(real) == rows).all()
    assert (np.asarray(told) == truth).all()


def test_tables_keep_their_types() -> None:
    """So that the same pipeline can be trained on them."""
    frame = pd.DataFrame(
        {
            "sex": pd.Categorical(["f", "m"] * 50),
            "age": np.arange(100),
            "bmi": np.linspace(0, 1, 100),
        }
    )
    planted = plant(frame, pd.Series(["ill", "well"] * 50), count=20)
    assert planted.X.dtypes.to_dict() == frame.dtypes.to_dict()
    assert len(planted.X) == len(planted.y) == 120
    assert planted.held_out[0].dtypes.to_dict() == frame.dtypes.to_dict()


def grown(name: str, model: Any, seed: int = 0) -> tuple[Any, Planted]:
    planted = plant(*split(name)[0], count=60, seed=seed)
    return model.fit(planted.X, planted.y), planted


def test_a_model_that_learns_by_heart() -> None:
    """Is found out; one that was trained without them is not."""
    model, planted = grown("breast_cancer", RandomForestClassifier(100, random_state=0))
    found = measure_canaries(model, planted)
    assert (found.planted, found.aside) == (60, 60)
    assert found.interval.low > 0.7
    assert found.exposure > found.chance + 0.5


def test_exposure_is_the_mean_of_its_definition() -> None:
    """log2 of the candidates, less log2 of the rank among those kept aside."""
    model, planted = grown("breast_cancer", RandomForestClassifier(20, random_state=0))
    aside, told = planted.held_out
    places = list(planted.positions)

    def odds(rows: Any, truth: Any) -> Any:
        given = model.predict_proba(rows)[np.arange(len(rows)), truth]
        return np.log(np.clip(given, 1e-7, None)) - np.log(np.clip(1 - given, 1e-7, None))

    inside, outside = odds(planted.X[places], planted.y[places]), odds(aside, told)
    ranks = np.array([1 + (outside > one).sum() + (outside == one).sum() / 2 for one in inside])
    found = measure_canaries(model, planted)
    assert found.exposure == pytest.approx((np.log2(61) - np.log2(ranks)).mean(), abs=1e-3)
    assert found.chance == pytest.approx((np.log2(61) - np.log2(np.arange(1, 62))).mean(), abs=1e-6)


def test_a_model_that_never_saw_them() -> None:
    """Chance is in the interval, in 18 of 20 at least."""
    data = split("breast_cancer")[0]
    model = RandomForestClassifier(50, random_state=0).fit(*data)
    held = 0
    for seed in range(20):
        found = measure_canaries(model, plant(*data, count=60, seed=seed))
        held += found.interval.low <= 0.5 <= found.interval.high
    assert held >= 18


def test_numbers() -> None:
    """By the size of the error."""
    model, planted = grown("diabetes", RandomForestRegressor(50, random_state=0))
    assert measure_canaries(model, planted).interval.low > 0.7


@pytest.mark.parametrize(
    ("rows", "truth", "count", "message"),
    [
        (normal(200)[0], normal(200)[1], 5, "5 canaries"),
        (normal(10)[0], normal(10)[1], 20, "in 10 rows"),
        (normal(200)[0], normal(100)[1], 20, "in 200 rows"),
        (["text"] * 100, [0] * 100, 20, "table of pandas or an array"),
    ],
    ids=["few", "short", "uneven", "texts"],
)
def test_what_cannot_be_planted(rows: Any, truth: Any, count: int, message: str) -> None:
    """Leaves the data as it is."""
    with pytest.raises(InputError, match=message) as raised:
        plant(rows, truth, count=count)
    assert raised.value.unchanged == "The data is as it was."


def test_a_model_that_cannot_be_asked() -> None:
    """Was trained on something else."""
    planted = plant(*normal(100), count=20)
    with pytest.raises(InputError, match="raised a ValueError"):
        measure_canaries(LogisticRegression().fit(*normal(100, columns=3)), planted)
