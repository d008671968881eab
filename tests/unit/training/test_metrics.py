"""Metrics: read off the code that measured them, and measured again, both against scikit-learn."""

from __future__ import annotations

from typing import Any, NoReturn

import lightgbm
import numpy as np
import pandas as pd
import pytest
import torch
import xgboost
from scipy.special import expit
from sklearn import metrics as scores
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from workbench.origin.graph import Mark
from workbench.origin.record import Metric
from workbench.training.metrics import measure, seen

CHANCE = np.random.default_rng(0)
ROWS = CHANCE.normal(size=(120, 3))
BINARY = (ROWS[:, 0] + CHANCE.normal(size=120) > 0).astype(int)
THREE = np.digitize(ROWS[:, 0], [-0.5, 0.5])
AMOUNT = ROWS @ [1.0, 2.0, -1.0] + CHANCE.normal(size=120)


def run(code: str, **given: Any) -> list[Metric]:
    """Run a cell as a notebook would, and read its metrics."""
    names: dict[str, Any] = {
        "metrics": scores,
        "accuracy_score": scores.accuracy_score,
        "mse": scores.mean_squared_error,
        "cross_val_score": cross_val_score,
        "model": LogisticRegression().fit(ROWS, BINARY),
        "np": np,
        "X_test": ROWS,
        "y_test": BINARY,
        **given,
    }
    exec(code, names)  # noqa: S102 - the cell under test
    return seen(code, 7, names)


class TestSeen:
    def test_a_score_that_a_name_holds(self) -> None:
        """With the function's own name, the data's names and the cell."""
        [found] = run("p = model.predict(X_test)\nacc = accuracy_score(y_test, p)")
        said = LogisticRegression().fit(ROWS, BINARY).predict(ROWS)
        assert found == Metric(
            name="accuracy_score",
            value=np.mean(said == BINARY),
            on="y_test, p",
            where="In [7]",
            mark=Mark.resolved,
        )

    @pytest.mark.parametrize(
        ("code", "name", "on"),
        [
            ("a = model.score(X_test, y_test)", "model.score", "X_test, y_test"),
            (
                "a = metrics.roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])",
                "roc_auc_score",
                "y_test, X_test",
            ),
            ("a = round(float(mse(y_test, y_test)), 3)", "mean_squared_error", "y_test, y_test"),
            ("rmse = np.sqrt(mse(y_test, y_test))", "rmse", "y_test, y_test"),
            (
                "a = cross_val_score(model, X_test, y_test, cv=3, scoring='f1').mean()",
                "cross_val_score",
                "X_test, y_test",
            ),
            ("a, b = accuracy_score(y_test, y_test), 3", "accuracy_score", "y_test"),
            (
                "for i in range(2):\n    a = accuracy_score(y_test, y_test)",
                "accuracy_score",
                "y_test",
            ),
            ("%time a = accuracy_score(y_test, y_test)", "accuracy_score", "y_test"),
        ],
    )
    def test_however_it_is_written(self, code: str, name: str, on: str) -> None:
        """Through modules, other names, wrappers that leave a number what it is, and loops."""
        names = {"a": 0.5, "rmse": 0.5, "b": 3, "mse": scores.mean_squared_error, "np": np}
        names |= {"metrics": scores, "accuracy_score": scores.accuracy_score, "X_test": ROWS}
        names |= {"model": LogisticRegression().fit(ROWS, BINARY), "y_test": BINARY}
        names |= {"cross_val_score": cross_val_score}
        [found] = seen(code, 7, names)
        assert (found.name, found.value, found.mark) == (name, 0.5, Mark.resolved)
        assert set(found.on.split(", ")) == set(on.split(", "))

    def test_what_ends_a_cell(self) -> None:
        """IPython keeps it under the number of the cell."""
        names = {
            "model": LogisticRegression().fit(ROWS, BINARY),
            "X": ROWS,
            "y": BINARY,
            "_7": 0.75,
        }
        [found] = seen("model.score(X, y)", 7, names)
        assert (found.name, found.value, found.on) == ("model.score", 0.75, "X, y")

    @pytest.mark.parametrize(
        "code",
        [
            "acc = 0.9",
            "acc = accuracy_score(y_test, y_test)\nacc = 3",
            "acc = accuracy_score(y_test, y_test)\ndel acc\nacc = None",
            "def accuracy(a):\n    acc = accuracy_score(a, a)\n    return acc",
            "acc = [accuracy_score(y_test, y_test)]",
            "score = metrics.confusion_matrix(y_test, y_test)",
            "class A:\n    score = 3\nacc = A.score",
            "acc = len('score')",
            "acc = 1\nif X_test is None:\n    acc = accuracy_score(y_test, y_test)",
        ],
    )
    def test_other_numbers_are_no_metrics(self, code: str) -> None:
        """Names that hold something else by now, functions of one's own, tables."""
        assert run(code) == []

    def test_a_name_of_somebody_else_s_function_is_not_believed(self) -> None:
        """A function called accuracy_score is scikit-learn's only if it is."""
        assert run("acc = accuracy_score(y_test)", accuracy_score=lambda _: 1.0) == []

    def test_a_fork_makes_it_less_certain(self) -> None:
        """What an if may have passed by is inferred."""
        [found] = run("if True:\n    acc = accuracy_score(y_test, y_test)")
        assert found.mark is Mark.inferred

    def test_losses_of_a_loop(self) -> None:
        """By names that say of which rows they are; other names say nothing."""
        code = (
            "for e in range(3):\n    val_loss = 1 / (e + 1)\n    loss = 3.0\n    best_val_auc = 0.9"
        )
        found = {one.name: (one.value, one.mark) for one in run(code)}
        assert found == {
            "val_loss": (1 / 3, Mark.inferred),
            "best_val_auc": (0.9, Mark.inferred),
        }

    def test_values_that_are_no_numbers_are_passed_over(self) -> None:
        """Also those that raise when they are looked at."""

        class Thrower:
            def __getattribute__(self, name: str) -> NoReturn:
                raise RuntimeError

        code = "acc = accuracy_score(y, y)"
        for value in (Thrower(), True, float("nan"), "1", None, ROWS):
            assert seen(code, 1, {"acc": value, "accuracy_score": scores.accuracy_score}) == []

    @pytest.mark.parametrize("code", ["score = (", "loss\x00", "%%bash\nscore it", ""])
    def test_code_that_is_not_python_measures_nothing(self, code: str) -> None:
        """And raises nothing."""
        assert seen(code, 1, {}) == []


def named(found: list[Metric]) -> dict[str, float]:
    assert all(one.mark is Mark.observed and one.where == "at Share" for one in found)
    return {one.name: one.value for one in found}


class TestMeasure:
    def test_two_classes(self) -> None:
        """Each metric as scikit-learn has it."""
        model = make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, BINARY)
        found, gaps = measure(model, pd.DataFrame(ROWS).to_numpy(), BINARY, "holdout")
        said, chance = model.predict(ROWS), model.predict_proba(ROWS)[:, 1]
        assert gaps == []
        assert {one.on for one in found} == {"holdout"}
        assert named(found) == pytest.approx(
            {
                "accuracy": np.mean(said == BINARY),
                "balanced accuracy": scores.recall_score(BINARY, said, average="macro"),
                "ROC AUC": scores.roc_auc_score(BINARY, chance),
                "log loss": scores.log_loss(BINARY, chance),
                "Brier score": np.mean((chance - BINARY) ** 2),
            }
        )

    def test_classes_that_are_words(self) -> None:
        """The second in the model's order is the positive one."""
        words = np.where(BINARY == 1, "ill", "healthy")
        model = LogisticRegression().fit(ROWS, words)
        found, gaps = measure(model, ROWS, pd.Series(words), "train")
        chance = model.predict_proba(ROWS)[:, 1]
        assert gaps == []
        assert named(found)["ROC AUC"] == pytest.approx(scores.roc_auc_score(BINARY, chance))
        assert named(found)["Brier score"] == pytest.approx(np.mean((chance - BINARY) ** 2))

    def test_three_classes(self) -> None:
        """One against the rest; Brier's score is of two classes."""
        model = LogisticRegression().fit(ROWS, THREE)
        chances = model.predict_proba(ROWS)
        found = named(measure(model, ROWS, THREE, "train")[0])
        assert found["ROC AUC"] == pytest.approx(
            np.mean([scores.roc_auc_score(np.equal(THREE, k), chances[:, k]) for k in range(3)])
        )
        assert found["log loss"] == pytest.approx(-np.log(chances[range(120), THREE]).mean())
        assert "Brier score" not in found

    def test_a_classifier_without_probabilities(self) -> None:
        """Its decision has an order, and so an area."""
        model = LinearSVC().fit(ROWS, BINARY)
        found = named(measure(model, ROWS, BINARY, "train")[0])
        expected = scores.roc_auc_score(BINARY, model.decision_function(ROWS))
        assert found["ROC AUC"] == pytest.approx(expected)
        assert found.keys() == {"accuracy", "balanced accuracy", "ROC AUC"}

    def test_numbers(self) -> None:
        """By their definitions."""
        model = LinearRegression().fit(ROWS, AMOUNT)
        wrong = AMOUNT - model.predict(ROWS)
        found = named(measure(model, ROWS, AMOUNT, "train")[0])
        assert found == pytest.approx(
            {
                "R²": 1 - np.sum(wrong**2) / np.sum((AMOUNT - AMOUNT.mean()) ** 2),
                "MAE": np.mean(np.abs(wrong)),
                "RMSE": np.sqrt(np.mean(wrong**2)),
            }
        )

    def test_native_boosters(self) -> None:
        """By their own objective, as their scikit-learn twins."""
        model = xgboost.XGBClassifier(n_estimators=5).fit(ROWS, BINARY)
        twin = named(measure(model, ROWS, BINARY, "train")[0])
        native = named(measure(model.get_booster(), ROWS, BINARY, "train")[0])
        assert native == pytest.approx(twin, rel=1e-5)
        light = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1).fit(ROWS, THREE)
        twin = named(measure(light, ROWS, THREE, "train")[0])
        assert named(measure(light.booster_, ROWS, THREE, "train")[0]) == pytest.approx(twin)
        amounts = lightgbm.train(
            {"objective": "l2", "verbose": -1}, lightgbm.Dataset(ROWS, AMOUNT), 5
        )
        assert named(measure(amounts, ROWS, AMOUNT, "t")[0]).keys() == {"R²", "MAE", "RMSE"}

    def test_an_objective_of_unknown_meaning_is_left_alone(self) -> None:
        """A ranking's predictions are neither classes nor amounts."""
        data = xgboost.DMatrix(ROWS, BINARY, qid=np.zeros(120))
        model = xgboost.train({"objective": "rank:pairwise"}, data, 2)
        found, gaps = measure(model, ROWS, BINARY, "train")
        assert found == []
        assert gaps == ["The model could not be measured on train: its objective is rank:pairwise."]

    def test_one_class_has_no_area(self) -> None:
        """What is not defined is said, and the rest measured."""
        model = LogisticRegression().fit(ROWS, BINARY)
        found, gaps = measure(model, ROWS, np.ones(120, dtype=int), "holdout")
        assert "accuracy" in named(found)
        assert gaps == ["ROC AUC on holdout is not defined for this data."]

    def test_what_a_model_says_when_it_raises_is_not_repeated(self) -> None:
        """Its words may hold rows of the data."""

        class Raising(ClassifierMixin, BaseEstimator):
            def fit(self, rows: object, labels: object) -> Any:
                return self

            def predict(self, rows: Any) -> NoReturn:
                raise ValueError(f"cannot predict {rows[0]}")

        found, gaps = measure(Raising(), ROWS, BINARY, "holdout")
        assert found == []
        assert gaps == ["The model could not be measured on holdout: it raised a ValueError."]
        assert measure(object(), ROWS, BINARY, "x")[0] == []
        assert measure(LogisticRegression(), ROWS, None, "x")[1] == [
            "The model could not be measured on x: nothing says what is true of the rows."
        ]

    def test_data_is_as_it_was(self) -> None:
        """Neither rows nor labels are changed."""
        rows, labels = pd.DataFrame(ROWS), pd.Series(BINARY)
        before = rows.copy(), labels.copy()
        measure(LogisticRegression().fit(rows, labels), rows, labels, "train")
        pd.testing.assert_frame_equal(rows, before[0])
        pd.testing.assert_series_equal(labels, before[1])


class TestNetworks:
    def network(self, outputs: int) -> torch.nn.Sequential:
        torch.manual_seed(0)
        return torch.nn.Sequential(
            torch.nn.Linear(3, 8),
            torch.nn.BatchNorm1d(8),
            torch.nn.Dropout(0.5),
            torch.nn.Linear(8, outputs),
        )

    def outputs(self, model: torch.nn.Sequential) -> Any:
        """What the network answers, computed from its numbers by numpy."""
        first, norm, _, last = (
            {k: v.double().numpy() for k, v in layer.state_dict().items()} for layer in model
        )
        hidden = ROWS @ first["weight"].T + first["bias"]
        hidden = (hidden - norm["running_mean"]) / np.sqrt(norm["running_var"] + 1e-5)
        return hidden @ last["weight"].T + last["bias"]

    def test_classes(self) -> None:
        """The largest output, whatever the outputs are."""
        model = self.network(3)
        found, gaps = measure(model, ROWS, torch.tensor(THREE), "holdout")
        said = self.outputs(model).argmax(axis=1)
        assert gaps == []
        assert named(found)["accuracy"] == pytest.approx(np.mean(said == THREE))

    def test_one_output_has_an_order_but_no_threshold(self) -> None:
        """Logits and probabilities have the same area; where to cut is not known."""
        model = self.network(1)
        found = named(measure(model, torch.tensor(ROWS), BINARY, "holdout")[0])
        chance = expit(self.outputs(model)[:, 0])
        assert found == {"ROC AUC": pytest.approx(scores.roc_auc_score(BINARY, chance), abs=1e-3)}

    def test_amounts(self) -> None:
        """Outputs of the same shape as what is true."""
        model = self.network(1)
        found = named(measure(model, pd.DataFrame(ROWS), AMOUNT[:, None], "holdout")[0])
        wrong = AMOUNT - self.outputs(model)[:, 0]
        assert found["MAE"] == pytest.approx(np.mean(np.abs(wrong)), rel=1e-5)

    def test_the_network_is_as_it_was(self) -> None:
        """Each layer in its mode, every number and the state of chance untouched."""
        model = self.network(1).train()
        model[1].eval()
        modes = [layer.training for layer in model.modules()]
        numbers = {name: value.clone() for name, value in model.state_dict().items()}
        state = torch.get_rng_state()
        assert measure(model, ROWS, BINARY, "x")[0]
        assert [layer.training for layer in model.modules()] == modes
        for name, value in model.state_dict().items():
            assert torch.equal(value, numbers[name])
        assert torch.equal(torch.get_rng_state(), state)
        assert all(one.grad is None for one in model.parameters())

    def test_also_when_it_raises(self) -> None:
        """Rows of another width are the network's own error, and a gap."""
        model = self.network(1).train()
        found, gaps = measure(model, ROWS[:, :2], BINARY, "x")
        assert found == []
        assert gaps == ["The model could not be measured on x: it raised a RuntimeError."]
        assert all(layer.training for layer in model.modules())
