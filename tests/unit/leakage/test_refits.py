"""A model trained once more: same settings, other rows, nothing taken over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import pytest
import torch
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.unit.leakage.cases import normal
from workbench.leakage.refits import Unrepeatable, refitting

ROWS, TRUTH = normal(200)
OTHER, TOLD = normal(200, seed=1)
QUIET = {"verbosity": -1}


def test_an_estimator_is_what_training_it_there_makes() -> None:
    """With its settings and the seed; the one given is not touched."""
    model = RandomForestClassifier(7, max_depth=3, random_state=5).fit(ROWS, TRUTH)
    before = model.predict_proba(ROWS)
    fresh = refitting(model)(OTHER, TOLD, 11)
    known = RandomForestClassifier(7, max_depth=3, random_state=fresh.random_state)
    assert fresh is not model
    assert (fresh.predict_proba(ROWS) == known.fit(OTHER, TOLD).predict_proba(ROWS)).all()
    assert (model.predict_proba(ROWS) == before).all()
    assert model.random_state == 5


def test_the_seed_decides_all_chance() -> None:
    """Also of a model that was given none, deep in a pipeline."""
    model = make_pipeline(StandardScaler(), RandomForestClassifier(5)).fit(ROWS, TRUTH)
    again = refitting(model)
    first, second, other = (again(ROWS, TRUTH, seed).predict_proba(OTHER) for seed in (1, 1, 2))
    assert (first == second).all()
    assert (first != other).any()


def test_a_search_is_not_searched_again() -> None:
    """The best it found is trained, as it was found."""
    model = GridSearchCV(LogisticRegression(), {"C": [1e-4, 10.0]}).fit(ROWS, TRUTH)
    fresh = refitting(model)(OTHER, TOLD, 0)
    assert type(fresh) is LogisticRegression
    assert model.best_params_["C"] == fresh.C


def test_a_cache_is_not_written_to(tmp_path: Path) -> None:
    """What is computed from rows stays in memory."""
    steps = [("scale", StandardScaler()), ("model", LogisticRegression())]
    model = Pipeline(steps, memory=joblib.Memory(tmp_path / "cache", verbose=0)).fit(ROWS, TRUTH)
    files = sorted(tmp_path.rglob("*"))
    fresh = refitting(model)(OTHER, TOLD, 0)
    assert fresh.memory is None
    assert sorted(tmp_path.rglob("*")) == files


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """By a model that its owner let talk; the same model comes of it."""
    talking = GradientBoostingClassifier(n_estimators=3, verbose=2, random_state=0)
    model = make_pipeline(StandardScaler(), talking).fit(ROWS, TRUTH)
    assert "Train Loss" in capfd.readouterr().out
    fresh = refitting(model)(OTHER, TOLD, 0)
    assert capfd.readouterr().out == ""
    assert fresh[-1].verbose == 0
    assert talking.verbose == 2


def test_boosters_that_stopped_early() -> None:
    """Train for as many rounds as were good, without the data that told so."""
    watched = xgboost.XGBClassifier(n_estimators=200, early_stopping_rounds=2, learning_rate=0.5)
    watched.fit(ROWS, TRUTH, eval_set=[(OTHER, TOLD)], verbose=False)
    fresh = refitting(watched)(OTHER, TOLD, 0)
    assert fresh.get_booster().num_boosted_rounds() == watched.best_iteration + 1 < 200
    light = lightgbm.LGBMClassifier(n_estimators=200, **QUIET)
    light.fit(
        ROWS,
        TRUTH,
        eval_set=[(OTHER, TOLD)],
        callbacks=[lightgbm.early_stopping(2, verbose=False)],
    )
    assert refitting(light)(OTHER, TOLD, 0).booster_.num_trees() == light.best_iteration_ < 200


@pytest.mark.parametrize("objective", ["binary:logistic", "multi:softprob", "reg:squarederror"])
def test_native_xgboost(objective: str) -> None:
    """On the same rows, the same booster; on others, another."""
    more = {"num_class": 3} if objective.startswith("multi") else {}
    truth = np.digitize(ROWS[:, 0], [-0.5, 0.5]) if more else TRUTH
    given = {"objective": objective, "max_depth": 3, "eta": 0.2, **more}
    model = xgboost.train(given, xgboost.DMatrix(ROWS, truth), 6)
    again = refitting(model)
    shown = xgboost.DMatrix(OTHER)
    assert again(ROWS, truth, 0).predict(shown) == pytest.approx(model.predict(shown), abs=1e-5)
    assert again(ROWS, truth, 0).num_boosted_rounds() == 6
    assert (again(ROWS[::2], truth[::2], 0).predict(shown) != model.predict(shown)).any()


@pytest.mark.parametrize("objective", ["binary", "multiclass", "regression"])
def test_native_lightgbm(objective: str) -> None:
    """Whatever name the number of rounds was given under."""
    more = {"num_class": 3} if objective == "multiclass" else {}
    truth = np.digitize(ROWS[:, 0], [-0.5, 0.5]) if more else TRUTH
    given = {"objective": objective, "num_leaves": 4, "n_estimators": 6, **more, **QUIET}
    model = lightgbm.train(given, lightgbm.Dataset(ROWS, truth))
    again = refitting(model)
    assert again(ROWS, truth, 0).predict(OTHER) == pytest.approx(model.predict(OTHER), abs=1e-9)
    assert again(ROWS, truth, 0).num_trees() == model.num_trees() == (18 if more else 6)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (torch.nn.Linear(2, 2), "in the notebook"),
        (object(), "not known how"),
        (
            CalibratedClassifierCV(FrozenEstimator(LogisticRegression().fit(ROWS, TRUTH))),
            "frozen",
        ),
    ],
    ids=["network", "stranger", "frozen"],
)
def test_what_cannot_be_trained_again(model: Any, reason: str) -> None:
    """A part that keeps what it learned would make references know the rows left out."""
    with pytest.raises(Unrepeatable, match=reason):
        refitting(model)
