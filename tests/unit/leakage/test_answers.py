"""Every kind of model is asked in one way, and left as it was."""

from __future__ import annotations

from typing import Any, NoReturn

import lightgbm
import numpy as np
import pytest
import torch
import xgboost
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Perceptron
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from tests.unit.leakage.cases import network, normal
from workbench.errors import InputError
from workbench.findings.leakage import Answers, Task
from workbench.leakage.answers import facts, subject

ROWS, TWO = normal(120)
THREE = np.digitize(ROWS[:, 0], [-0.5, 0.5])
AMOUNT = ROWS @ [1.0, 2.0, -1.0, 0.0, 0.5]
QUIET = {"verbosity": -1}


def boosted(objective: str, truth: Any, **more: Any) -> xgboost.Booster:
    data = xgboost.DMatrix(ROWS, truth)
    return xgboost.train({"objective": objective, "max_depth": 2, **more}, data, 4)


def light(objective: str, truth: Any, **more: Any) -> lightgbm.Booster:
    return lightgbm.train(
        {"objective": objective, **QUIET, **more}, lightgbm.Dataset(ROWS, truth), 4
    )


def known(model: Any) -> Any:
    return model.predict_proba(ROWS)


CLASSIFIERS: dict[str, tuple[Any, Any, Any]] = {
    "logistic": (LogisticRegression().fit(ROWS, TWO), TWO, known),
    "pipeline": (
        make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, THREE),
        THREE,
        known,
    ),
    "forest": (RandomForestClassifier(5, random_state=0).fit(ROWS, THREE), THREE, known),
    "xgboost": (xgboost.XGBClassifier(n_estimators=3).fit(ROWS, THREE), THREE, known),
    "lightgbm": (lightgbm.LGBMClassifier(n_estimators=3, **QUIET).fit(ROWS, TWO), TWO, known),
    "two scores": (
        SVC().fit(ROWS, TWO),
        TWO,
        lambda m: np.c_[1 - expit(m.decision_function(ROWS)), expit(m.decision_function(ROWS))],
    ),
    "three scores": (
        Perceptron().fit(ROWS, THREE),
        THREE,
        lambda m: softmax(m.decision_function(ROWS), axis=1),
    ),
    "native binary": (
        boosted("binary:logistic", TWO),
        TWO,
        lambda m: np.c_[1 - m.predict(xgboost.DMatrix(ROWS)), m.predict(xgboost.DMatrix(ROWS))],
    ),
    "native odds": (
        boosted("binary:logitraw", TWO),
        TWO,
        lambda m: np.c_[
            expit(-m.predict(xgboost.DMatrix(ROWS))), expit(m.predict(xgboost.DMatrix(ROWS)))
        ],
    ),
    "native many": (
        boosted("multi:softprob", THREE, num_class=3),
        THREE,
        lambda m: m.predict(xgboost.DMatrix(ROWS)),
    ),
    "light binary": (
        light("binary", TWO),
        TWO,
        lambda m: np.c_[1 - m.predict(ROWS), m.predict(ROWS)],
    ),
    "light many": (light("multiclass", THREE, num_class=3), THREE, lambda m: m.predict(ROWS)),
}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classes_are_answered_with_shares(name: str) -> None:
    """Those of the model where it has them; else its scores on the same scale."""
    model, truth, expected = CLASSIFIERS[name]
    asked = subject(model, ROWS, truth)
    said = asked.ask(ROWS)
    assert asked.task is Task.classification
    assert asked.answers is (Answers.scores if "scores" in name else Answers.probabilities)
    assert said == pytest.approx(expected(model), abs=1e-6)
    assert asked.classes == tuple(sorted(set(truth.tolist())))
    given = facts(asked, said, truth)
    assert given[:, 0] == pytest.approx(said[np.arange(len(said)), truth])
    assert given.sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "model",
    [
        LinearRegression().fit(ROWS, AMOUNT),
        xgboost.XGBRegressor(n_estimators=3).fit(ROWS, AMOUNT),
        lightgbm.LGBMRegressor(n_estimators=3, **QUIET).fit(ROWS, AMOUNT),
        light("regression", AMOUNT),
    ],
    ids=lambda one: type(one).__name__,
)
def test_numbers_are_answered_with_numbers(model: Any) -> None:
    """And what they say about the truth is how far they are from it."""
    asked = subject(model, ROWS, AMOUNT)
    said = asked.ask(ROWS)
    assert (asked.task, asked.answers) == (Task.regression, Answers.numbers)
    assert said == pytest.approx(model.predict(ROWS))
    assert facts(asked, said, AMOUNT)[:, 0] == pytest.approx(said - AMOUNT)


def test_a_native_regressor() -> None:
    """Through the form that XGBoost takes."""
    asked = subject(boosted("reg:squarederror", AMOUNT), ROWS, AMOUNT)
    assert asked.task is Task.regression
    assert asked.ask(ROWS).shape == (120,)


@pytest.mark.parametrize(
    "model",
    [NearestCentroid().fit(ROWS, THREE), boosted("multi:softmax", THREE, num_class=3)],
    ids=["estimator", "booster"],
)
def test_a_class_alone(model: Any) -> None:
    """Everything is given to it."""
    if hasattr(model, "decision_function"):  # newer versions of scikit-learn have it
        model = _Labels(model)
    asked = subject(model, ROWS, THREE)
    said = asked.ask(ROWS)
    assert asked.answers is Answers.labels
    assert set(np.unique(said)) == {0.0, 1.0}
    assert (said.sum(axis=1) == 1).all()


class _Labels(BaseEstimator):
    """A classifier that tells nothing but the class."""

    _estimator_type = "classifier"

    def __init__(self, model: Any) -> None:
        self.model = model
        self.classes_ = model.classes_

    def __sklearn_tags__(self) -> Any:
        return self.model.__sklearn_tags__()

    def predict(self, rows: Any) -> Any:
        return self.model.predict(rows)


def test_labels_are_matched_by_name() -> None:
    """A class that the model has never seen is given nothing."""
    words = np.array(["no", "yes"])[TWO]
    asked = subject(LogisticRegression().fit(ROWS, words), ROWS, words)
    given = facts(asked, asked.ask(ROWS[:2]), np.array(["yes", "perhaps"]))
    assert asked.classes == ("no", "yes")
    assert given[0, 0] == pytest.approx(asked.ask(ROWS[:1])[0, 1])
    assert given[1] == pytest.approx([0, 1])


class TestNetworks:
    def test_logits_become_shares(self) -> None:
        """By softmax, without dropout, and every layer is in its mode again."""
        model = network(ROWS, TWO, 0, rounds=3)
        model[0].eval()
        before = [layer.training for layer in model.modules()]
        state = torch.random.get_rng_state()
        asked = subject(model, ROWS, TWO)
        said = asked.ask(ROWS)
        assert (asked.ask(ROWS) == said).all()
        assert said.sum(axis=1) == pytest.approx(1)
        assert [layer.training for layer in model.modules()] == before
        assert torch.equal(torch.random.get_rng_state(), state)

    @pytest.mark.parametrize(
        ("end", "truth", "task"),
        [
            ([torch.nn.Linear(5, 3), torch.nn.Softmax(1)], THREE, Task.classification),
            ([torch.nn.Linear(5, 1)], TWO, Task.classification),
            ([torch.nn.Linear(5, 1), torch.nn.Sigmoid()], TWO, Task.classification),
            ([torch.nn.Linear(5, 1)], AMOUNT, Task.regression),
        ],
        ids=["shares", "one logit", "one share", "number"],
    )
    def test_what_outputs_mean_follows_from_the_truth(
        self, end: list[torch.nn.Module], truth: Any, task: Task
    ) -> None:
        """Shares stay what they are; a single number for two classes is a logit or a share."""
        model = torch.nn.Sequential(*end)
        asked = subject(model, ROWS, truth)
        raw = model(torch.as_tensor(ROWS, dtype=torch.float32)).detach().numpy()
        said = asked.ask(ROWS)
        assert asked.task is task
        if task is Task.regression:
            assert said == pytest.approx(raw[:, 0], abs=1e-5)
        elif raw.shape[1] == 3:
            assert said == pytest.approx(raw, abs=1e-5)
        else:
            share = raw[:, 0] if len(end) == 2 else expit(raw[:, 0])
            assert said[:, 1] == pytest.approx(share, abs=1e-5)

    def test_outputs_that_are_not_the_classes(self) -> None:
        """Three outputs cannot be about numbers."""
        with pytest.raises(InputError, match="outputs are not the classes"):
            subject(torch.nn.Linear(5, 3), ROWS, AMOUNT)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (KMeans(2, n_init=1).fit(ROWS), "neither a classifier nor a regressor"),
        (object(), "neither a classifier nor a regressor"),
        (
            MultiOutputClassifier(LogisticRegression()).fit(ROWS, np.c_[TWO, TWO]),
            "several things at once",
        ),
        (boosted("rank:pairwise", TWO), "its objective is rank:pairwise"),
    ],
    ids=["clusters", "nothing", "several", "ranking"],
)
def test_what_cannot_be_asked(model: Any, reason: str) -> None:
    """Says why, and what can."""
    with pytest.raises(InputError, match=reason) as raised:
        subject(model, ROWS, TWO)
    assert raised.value.unchanged == "Nothing was measured."
    assert "scikit-learn" in raised.value.hint


def test_several_numbers_at_once() -> None:
    """Are only seen when it is asked."""
    model = LinearRegression().fit(ROWS, np.c_[AMOUNT, AMOUNT])
    asked = subject(model, ROWS, AMOUNT)
    with pytest.raises(InputError, match="several things at once"):
        asked.ask(ROWS)


class Hostile:
    """A model whose every attribute raises."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(name)


def test_a_model_that_is_none() -> None:
    """Is not asked anything."""
    with pytest.raises(InputError):
        subject(Hostile(), ROWS, TWO)
