"""XGBoost and LightGBM through both of their interfaces, against what they save themselves."""

from __future__ import annotations

import json

import lightgbm
import numpy as np
import pytest
import xgboost

from workbench.training import boosters
from workbench.training.record import describe

ROWS = np.random.default_rng(0).normal(size=(80, 4))
LABELS = (ROWS[:, 0] > 0).astype(int)
GIVEN = {
    "objective": "binary:logistic",
    "eta": 0.2,
    "max_depth": 3,
    "subsample": 0.75,
    "lambda": 1.5,
    "seed": 4,
}


def trained() -> xgboost.Booster:
    return xgboost.train(GIVEN, xgboost.DMatrix(ROWS, LABELS), 5)


class TestXGBoost:
    def test_what_was_given_is_what_is_kept(self) -> None:
        """As the person wrote it, though it is held in 32 bits."""
        found = boosters.parameters(trained())
        assert {name: found[name] for name in GIVEN} == GIVEN
        assert found["num_boosted_rounds"] == 5
        assert found["booster"] == "gbtree"
        assert found["eval_metric"] == "logloss"

    def test_it_agrees_with_xgboost_s_own_configuration(self) -> None:
        """Every setting of its trees, by value."""
        model = trained()
        saved = json.loads(model.save_config())["learner"]["gradient_booster"]["tree_train_param"]
        found = boosters.parameters(model)
        both = saved.keys() & found.keys()
        assert len(both) > 15
        for name in both:
            if isinstance(found[name], str):
                assert found[name] == saved[name]
            else:
                assert found[name] == pytest.approx(float(saved[name]), rel=1e-6)

    def test_nothing_learned_is_kept(self) -> None:
        """XGBoost's base score is the mean of the labels, which nobody set."""
        model = trained()
        assert "base_score" in model.save_config()
        assert "base_score" not in boosters.parameters(model)

    def test_its_attributes_are_kept(self) -> None:
        """Where it stopped early, and what the person noted on it."""
        model = xgboost.train(
            {"objective": "reg:squarederror"},
            xgboost.DMatrix(ROWS, LABELS),
            50,
            evals=[(xgboost.DMatrix(ROWS, 1 - LABELS), "val")],
            early_stopping_rounds=2,
            verbose_eval=False,
        )
        model.set_attr(guideline="2.1")
        found = boosters.parameters(model)
        assert found["best_iteration"] == model.best_iteration
        assert found["best_score"] == pytest.approx(model.best_score)
        assert str(found["guideline"]) == "2.1"

    def test_through_scikit_learn_s_interface(self) -> None:
        """What was set, and what XGBoost filled in; no setting twice under two names."""
        model = xgboost.XGBClassifier(n_estimators=3, learning_rate=0.3, random_state=2)
        before = boosters.parameters(model)
        assert before["learning_rate"] == 0.3
        assert "max_depth" not in before
        found = boosters.parameters(model.fit(ROWS, LABELS))
        for name, value in model.get_params(deep=False).items():
            if isinstance(value, int | float | str) and value == value:
                assert found[name] == value
        assert found["max_depth"] == 6
        assert not {"eta", "alpha", "lambda", "gamma"} & found.keys()

    def test_it_is_described_whole(self) -> None:
        """With its framework, columns and seed."""
        record = describe(trained(), "bst")
        assert (record.framework, record.features) == ("xgboost", 4)
        assert record.seeds["model.seed"] == 4
        assert [part.path for part in record.parts] == ["model"]
        assert record == type(record).from_bytes(record.to_bytes())


class TestLightGBM:
    def test_native(self) -> None:
        """Its settings, how many trees, and the scores it stopped at."""
        data = lightgbm.Dataset(ROWS, LABELS)
        model = lightgbm.train(
            {"objective": "binary", "learning_rate": 0.3, "verbose": -1, "bagging_seed": 6},
            data,
            20,
            valid_sets=[lightgbm.Dataset(ROWS, LABELS, reference=data)],
            valid_names=["val"],
            callbacks=[lightgbm.early_stopping(5, verbose=False)],
        )
        record = describe(model, "bst")
        settings = record.parts[0].parameters
        assert settings["learning_rate"] == 0.3
        assert settings["num_trees"] == model.num_trees()
        assert settings["best_iteration"] == model.best_iteration
        score = model.best_score["val"]["binary_logloss"]
        assert settings["best_score.val.binary_logloss"] == pytest.approx(score)
        assert record.seeds == {"model.bagging_seed": 6}
        assert record.features == 4

    def test_through_scikit_learn_s_interface(self) -> None:
        """All that get_params says, unless it is nothing."""
        model = lightgbm.LGBMRegressor(n_estimators=4, num_leaves=7, verbose=-1).fit(ROWS, LABELS)
        found = boosters.parameters(model)
        for name, value in model.get_params(deep=False).items():
            if value is not None:
                assert found[name] == value
        assert found["num_trees"] == 4
