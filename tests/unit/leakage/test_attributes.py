"""Guessing a column: only what the model adds to what anybody could guess counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from workbench.findings.leakage import Attribute
from workbench.leakage.measuring import measure

COUNT = 1200


def table(follows: bool) -> tuple[pd.DataFrame, Any]:
    """Patients; whether their genotype follows from the rest, and the outcome by heart from it."""
    chance = np.random.default_rng(int(follows))
    age = chance.normal(size=COUNT)
    gene = (age > 0).astype(int) if follows else chance.integers(0, 2, COUNT)
    frame = pd.DataFrame({"age": age, "gene": gene * 4, "weight": chance.normal(size=COUNT)})
    noise = chance.integers(0, 2, COUNT)
    outcome = np.where(chance.random(COUNT) < 0.3, gene, noise)
    return frame, outcome


def guessed(model: Any, frame: pd.DataFrame, outcome: Any, **how: Any) -> list[Attribute]:
    half = COUNT // 2
    data, holdout = (frame[:half], outcome[:half]), (frame[half:], outcome[half:])
    report = measure(model.fit(*data), data, holdout, sensitive=["gene"], **how)
    return list(report.attributes)


def test_what_a_model_knows_by_heart() -> None:
    """The nearest record with the right label gives the gene away, to members' harm alone."""
    [found] = guessed(KNeighborsClassifier(1), *table(follows=False))
    assert (found.column, found.choices, found.records) == ("gene", 2, 600)
    assert found.with_model > found.without_model
    assert found.interval.low > 0
    assert found.training_interval.low > 0
    assert found.advantage == pytest.approx(found.with_model - found.without_model, abs=1e-5)
    assert found.training == pytest.approx(found.with_model - found.outsiders, abs=1e-5)


def test_what_follows_from_the_rest_is_no_leak() -> None:
    """However well it is guessed: anybody's data does as well."""
    [found] = guessed(KNeighborsClassifier(1), *table(follows=True))
    assert found.without_model > 0.97
    assert found.interval.low <= 0


def test_a_model_that_learned_nothing_by_heart() -> None:
    """Gives no advantage on members over others."""
    [found] = guessed(LogisticRegression(), *table(follows=False))
    assert found.training_interval.low <= 0 <= found.training_interval.high


def test_numbers_as_well() -> None:
    """With a normal error around what the model says."""
    frame, outcome = table(follows=False)
    amount = outcome + np.random.default_rng(5).normal(scale=0.01, size=COUNT)
    [found] = guessed(KNeighborsRegressor(1), frame, amount)
    assert found.interval.low > 0
    assert found.training_interval.low > 0


def test_categories_in_a_pipeline() -> None:
    """Each value is tried in the column's own type."""
    frame, outcome = table(follows=False)
    frame["gene"] = pd.Categorical(frame.gene.map({0: "aa", 4: "ab"}))
    columns = make_column_transformer((OneHotEncoder(), ["gene"]), remainder="passthrough")
    model = make_pipeline(columns, KNeighborsClassifier(1))
    half = COUNT // 2
    data, holdout = (frame[:half], outcome[:half]), (frame[half:], outcome[half:])
    report = measure(model.fit(*data), data, holdout, sensitive=["gene"])
    [found] = report.attributes
    assert (found.choices, found.interval.low > 0) == (2, True)
    assert b"aa" not in report.to_bytes()


def test_columns_are_chosen_unasked() -> None:
    """By few values, in a thorough look; those with hardly any other value tell nothing."""
    frame, outcome = table(follows=False)
    frame["rare"] = (np.arange(COUNT) % 50 == 0).astype(int)
    frame["site"] = np.arange(COUNT) % 5
    half = COUNT // 2
    data, holdout = (frame[:half], outcome[:half]), (frame[half:], outcome[half:])
    model = LogisticRegression().fit(*data)
    thorough = measure(model, data, holdout, tier="thorough", references=2)
    assert {one.column for one in thorough.attributes} == {"gene", "site"}
    quick = measure(model, data, holdout)
    assert quick.attributes == ()
    assert any("not tried to guess columns" in gap for gap in quick.gaps)


def test_what_cannot_be_guessed_is_said() -> None:
    """Too many values; a form whose columns cannot be changed."""
    frame, outcome = table(follows=False)
    half = COUNT // 2
    data, holdout = (frame[:half], outcome[:half]), (frame[half:], outcome[half:])
    model = LogisticRegression().fit(*data)
    report = measure(model, data, holdout, sensitive=["age"])
    assert any("Column age" in gap for gap in report.gaps)
    sparse = [(scipy.sparse.csr_matrix(x.to_numpy()), y) for x, y in (data, holdout)]
    report = measure(LogisticRegression().fit(*sparse[0]), *sparse, sensitive=["1"])
    assert any("to guess 1" in gap for gap in report.gaps)


def test_a_report_lists_so_many_columns() -> None:
    """However many are asked for, it can be read back."""
    chance = np.random.default_rng(0)
    rows, outcome = chance.integers(0, 2, (200, 25)), chance.integers(0, 2, 200)
    data, holdout = (rows[:100], outcome[:100]), (rows[100:], outcome[100:])
    asked = [str(number) for number in range(25)]
    report = measure(LogisticRegression().fit(*data), data, holdout, sensitive=asked)
    assert len(report.attributes) == 20
    assert any("only the first 20" in gap for gap in report.gaps)
    assert type(report).from_bytes(report.to_bytes()) == report
