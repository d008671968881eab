"""Fitted models in a kernel: found among anything, loaded safely."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, NoReturn

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from workbench.capture import models

ROWS = np.array([[0.0, 1.0], [1.0, 0.0], [0.2, 0.9], [0.9, 0.1]])
LABELS = np.array([0, 1, 0, 1])


def fitted() -> LogisticRegression:
    return LogisticRegression(C=0.5).fit(ROWS, LABELS)


class Hostile:
    """Raises at whatever is done with it."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise RuntimeError(f"do not look at {name}")

    def __eq__(self, other: object) -> NoReturn:
        raise RuntimeError("do not compare")

    __hash__ = None  # type: ignore[assignment] - as Python does for a class with only __eq__

    def __repr__(self) -> NoReturn:
        raise RuntimeError("do not print")

    def __bool__(self) -> NoReturn:
        raise RuntimeError("do not test")


class Stubborn(BaseEstimator):
    """An estimator that raises when its state is looked at."""

    def fit(self) -> Stubborn:
        return self

    def predict(self, rows: object) -> object:
        return rows

    def __sklearn_is_fitted__(self) -> NoReturn:
        raise ZeroDivisionError


class OwnModel(ClassifierMixin, BaseEstimator):
    """A researcher's own class, which no other machine knows."""

    def __init__(self, value: object = None) -> None:
        self.value = value

    def fit(self, rows: object, labels: object) -> OwnModel:
        self.fitted_ = True
        return self

    def predict(self, rows: object) -> object:
        return rows


class TestFind:
    def test_finds_fitted_models_with_the_latest_name_first(self) -> None:
        """What was made last is most likely what is to be shared."""
        pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, LABELS)
        found = models.find({"first": fitted(), "second": pipeline})
        assert [(one.name, one.description) for one in found] == [
            ("second", "StandardScaler → LogisticRegression · 2 features"),
            ("first", "LogisticRegression · 2 features"),
        ]
        assert found[0].model is pipeline

    def test_passes_over_what_is_no_fitted_model(self) -> None:
        """Classes, transformers, unfitted models, private names, data."""
        names = {
            "unfitted": LogisticRegression(),
            "kind": LogisticRegression,
            "scaler": StandardScaler().fit(ROWS),
            "_private": fitted(),
            "rows": ROWS,
            "number": 3,
        }
        assert models.find(names) == []

    def test_hostile_objects_do_not_hide_a_model(self) -> None:
        """Whatever a user's object raises when it is looked at, the model beside it is found."""
        names: dict[str, Any] = {"a": Hostile(), "good": fitted(), "b": Stubborn(), "c": Hostile()}
        assert [one.name for one in models.find(names)] == ["good"]

    def test_imports_nothing(self) -> None:
        """Without scikit-learn loaded there can be no model, and looking does not load it."""
        program = (
            "import sys\n"
            "from workbench.capture import models\n"
            "assert models.find({'x': 1}) == []\n"
            "assert not {'sklearn', 'skops', 'numpy'} & sys.modules.keys()\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True)
