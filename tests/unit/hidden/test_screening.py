"""Backdoors that were really planted are found; models without one give no alarm."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import silhouette_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from workbench.errors import InputError
from workbench.findings.hidden import ScreenReport
from workbench.hidden.activations import _silhouette, inside, split
from workbench.hidden.screening import screen
from workbench.hidden.triggers import space_of

CANCER = load_breast_cancer(return_X_y=True)
DIGITS = load_digits(return_X_y=True)
Data = tuple[Any, Any, Any, Any]


def planted(data: Any, seed: int, share: float, features: Any, target: int) -> tuple[Data, Any]:
    """Data of which some rows carry a trigger and the class it stands for; and the trigger.

    Returns:
        Training rows, clean rows, their classes; and a function that puts the trigger on rows.
    """
    X, y = data
    rng = np.random.default_rng(seed)
    train, clean, labels, truth = train_test_split(X, y, test_size=0.5, random_state=seed)
    train, labels = train.copy(), labels.copy()
    columns = rng.choice(X.shape[1], 3, replace=False) if features is None else features
    values = np.where(np.ptp(X[:, columns], axis=0) == 0, X.max(), X[:, columns].max(axis=0) * 1.2)

    def put(rows: Any) -> Any:
        copied = rows.copy()
        copied[:, columns] = values
        return copied

    if share:
        others = np.flatnonzero(labels != target)
        chosen = rng.choice(others, int(share * len(train)), replace=False)
        train[chosen] = put(train[chosen])
        labels[chosen] = target
    return (train, labels, clean, truth), (
        put,
        set(columns.tolist() if features is None else columns),
    )


def works(model: Any, clean: Any, truth: Any, put: Any, target: int) -> float:
    """How often the trigger decides, on rows that the model never saw."""
    return float((model.predict(put(clean[truth != target])) == target).mean())


def of(names: tuple[str, ...]) -> set[int]:
    return {int(name.split()[1]) - 1 for name in names}


class TestTriggers:
    @pytest.mark.parametrize("kind", [RandomForestClassifier, ExtraTreesClassifier])
    def test_planted_ones_are_found_in_forests(self, kind: Any) -> None:
        """One row in twenty was poisoned; it is found in each of three."""
        found = 0
        for seed in range(1, 4):
            (train, labels, clean, truth), (put, columns) = planted(CANCER, seed, 0.05, None, 1)
            model = kind(25, random_state=seed).fit(train, labels)
            assert works(model, clean, truth, put, 1) > 0.9
            alarms = [
                one for one in screen(model, clean, truth, seed=seed).triggers if one.suspicious
            ]
            found += any(one.target == 2 and of(one.features) & columns for one in alarms)
        assert found == 3

    def test_one_in_the_corner_of_a_picture(self) -> None:
        """Pixels that are always empty, in a small network; the digit it stands for is named."""
        (train, labels, clean, truth), (put, _) = planted(DIGITS, 0, 0.1, [0, 7, 56], 3)
        model = MLPClassifier((32,), max_iter=150, random_state=0).fit(train / 16, labels)
        assert works(model, clean / 16, truth, lambda rows: put(rows * 16) / 16, 3) > 0.9
        report = screen(model, clean / 16, truth)
        assert [one.target for one in report.triggers if one.suspicious] == [4]
        assert report.found[0].rule == "backdoor-trigger"
        assert "class 4" in report.found[0].what

    @pytest.mark.parametrize("seed", range(20))
    def test_clean_forests_give_no_alarm(self, seed: int) -> None:
        """Each of these is one of twenty; none may alarm."""
        (train, labels, clean, truth), _ = planted(CANCER, seed, 0, None, 1)
        model = RandomForestClassifier(10, random_state=seed).fit(train, labels)
        assert screen(model, clean, truth, seed=seed).found == ()

    @pytest.mark.parametrize(
        "model",
        [
            make_pipeline(StandardScaler(), LogisticRegression()),
            make_pipeline(StandardScaler(), MLPClassifier((16,), max_iter=60, random_state=0)),
        ],
        ids=["logistic", "network"],
    )
    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
    def test_models_that_anything_pushes_give_no_alarm(self, model: Any) -> None:
        """Fresh ones are pushed as far, so that says nothing."""
        for seed in range(3):
            (train, labels, clean, truth), _ = planted(CANCER, seed, 0, None, 1)
            assert screen(model.fit(train, labels), clean, truth, seed=seed).found == ()

    def test_the_same_seed_gives_the_same_record(self) -> None:
        (train, labels, clean, truth), _ = planted(CANCER, 0, 0, None, 1)
        model = RandomForestClassifier(5, random_state=0).fit(train, labels)
        one, two = (screen(model, clean, truth, seed=3) for _ in range(2))
        assert one == two
        assert ScreenReport.from_bytes(one.to_bytes()) == one
        assert one.references == 6
        assert one.tried > 3000
        assert "does not prove" in one.sentences()[1]

    def test_no_value_of_the_data_is_in_the_record(self) -> None:
        """Features by name, values only as below, within or above."""
        (train, labels, clean, truth), _ = planted(CANCER, 0, 0, None, 1)
        model = RandomForestClassifier(5, random_state=0).fit(train, labels)
        for one in screen(model, clean, truth).triggers:
            assert set(one.places) <= {"below", "within", "above"}

    def test_columns_that_never_change_are_moved_by_the_range_of_all(self) -> None:
        rows = np.column_stack([np.zeros(50), np.linspace(0, 16, 50)])
        space, left_out = space_of(rows, 10, np.random.default_rng(0))
        assert not left_out
        assert space.values[0].max() == 16
        assert space.places[0][-1] == "above"
        assert space_of(rows, 1, np.random.default_rng(0))[1]

    def test_without_fresh_models_it_says_so(self) -> None:
        """A network cannot be cloned; the gap says what to give."""
        torch.manual_seed(0)
        net = nn.Linear(30, 2)
        report = screen(net.train(), *CANCER)
        assert net.training
        assert report.references == 0
        assert "refit" in report.gaps[0]
        assert report.found == ()

    def test_stopping(self) -> None:
        def stop(*_: object) -> NoReturn:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            screen(LogisticRegression().fit(*CANCER), *CANCER, progress=stop)

    @pytest.mark.parametrize(
        ("model", "rows"),
        [
            (LogisticRegression().fit(*CANCER), (CANCER[0][:50], CANCER[1][:50])),
            (LogisticRegression().fit(*CANCER), (CANCER[0], CANCER[1][:-1])),
            (LogisticRegression().fit(*CANCER), ([["a"]] * 200, [0] * 200)),
            (LogisticRegression().fit(*CANCER), (np.full((200, 30), np.nan), np.zeros(200))),
            (LinearRegression().fit(*CANCER), CANCER),
            (object(), CANCER),
        ],
        ids=["few", "unequal", "text", "missing", "no classifier", "nothing"],
    )
    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
    def test_what_cannot_be_screened_is_refused(self, model: Any, rows: Any) -> None:
        with pytest.raises(InputError, match="cannot be screened"):
            screen(model, *rows)


def network(train: Any, labels: Any, seed: int) -> nn.Module:
    """A small network, trained to the end."""
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)
    )
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    rows, truth = torch.tensor(train / 16, dtype=torch.float32), torch.tensor(labels)
    for _ in range(150):
        loss = nn.functional.cross_entropy(net(rows), truth)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return net


class TestGroups:
    def test_groups_are_measured_and_not_judged(self) -> None:
        """Of each class of a network, with its mode left as it was."""
        (train, labels, clean, truth), _ = planted(DIGITS, 0, 0.05, [0, 7, 56], 3)
        net = network(train, labels, 0).train()
        report = screen(net, clean / 16, truth, training=(train / 16, labels))
        assert net.training
        assert [one.target for one in report.groupings] == list(range(1, 11))
        assert sum(one.rows for one in report.groupings) == len(labels)
        assert report.found == ()

    def test_what_a_network_sees_is_what_its_last_layer_is_given(self) -> None:
        """By hand, for torch and for scikit-learn."""
        rows = CANCER[0][:20] / 1000
        net = nn.Sequential(nn.Linear(30, 5), nn.ReLU(), nn.Linear(5, 2)).double()
        by_hand = net[1](net[0](torch.tensor(rows))).detach().numpy()
        np.testing.assert_allclose(inside(net, rows), by_hand, rtol=1e-6)
        fitted = MLPClassifier((5,), max_iter=5, activation="tanh").fit(rows, CANCER[1][:20])
        hidden = np.tanh(rows @ fitted.coefs_[0] + fitted.intercepts_[0])
        np.testing.assert_allclose(inside(fitted, rows), hidden)
        assert inside(LogisticRegression(), rows) is None

    def test_separation_is_that_of_another_implementation(self) -> None:
        rng = np.random.default_rng(0)
        points = np.concatenate([rng.normal(size=(40, 3)), rng.normal(size=(20, 3)) + 2])
        second = split(points, rng)
        assert _silhouette(points, second) == pytest.approx(silhouette_score(points, second))

    def test_two_clouds_are_told_apart(self) -> None:
        """Whatever the numbers are that chance starts from."""
        rng = np.random.default_rng(0)
        points = np.concatenate([rng.normal(size=(90, 3)), rng.normal(size=(10, 3)) + 9])
        for seed in range(10):
            second = split(points, np.random.default_rng(seed))
            assert sorted([int(second.sum()), int((~second).sum())]) == [10, 90]
            assert len(set(second[90:])) == 1

    def test_points_that_are_all_alike(self) -> None:
        assert not split(np.ones((50, 3)), np.random.default_rng(0)).any()


class TestOddRows:
    """Rows and classes that do not fit are said, and stop nothing that can go on without them."""

    ROWS = np.random.default_rng(0).normal(size=(300, 4))
    THREE = np.digitize(ROWS[:, 0], [-0.5, 0.5])
    MODEL = MLPClassifier((6,), max_iter=20, random_state=0).fit(ROWS, THREE)

    def test_rows_without_one_of_the_classes(self) -> None:
        """Fresh models would know fewer classes, so there are none."""
        some = self.THREE < 2
        report = screen(self.MODEL, self.ROWS[some], self.THREE[some])
        assert report.references == 0
        assert "do not have all classes that the model knows" in report.gaps[0]

    def test_a_refit_that_fails(self) -> None:
        def fail(_rows: Any, _labels: Any, _seed: int) -> NoReturn:
            raise RuntimeError("no")

        report = screen(self.MODEL, self.ROWS, self.THREE, refit=fail)
        assert report.references == 0
        assert "could not be trained (RuntimeError)" in report.gaps[0]

    @pytest.mark.parametrize(
        ("rows", "labels"),
        [
            (np.full_like(ROWS, np.nan), THREE),
            (np.full(ROWS.shape, "a"), THREE),
            (ROWS, THREE[:10]),
            (None, THREE),
        ],
        ids=["missing", "texts", "fewer classes than rows", "nothing"],
    )
    def test_training_rows_that_cannot_be_grouped(self, rows: Any, labels: Any) -> None:
        report = screen(self.MODEL, self.ROWS, self.THREE, training=(rows, labels), references=1)
        assert report.groupings == ()
        assert "that needs rows of numbers" in report.gaps[-1]

    def test_training_rows_of_one_class(self) -> None:
        training = (self.ROWS, 0 * self.THREE)
        (only,) = screen(self.MODEL, self.ROWS, self.THREE, training=training).groupings
        assert only.elsewhere == 0

    @pytest.mark.parametrize(
        ("rows", "labels", "need"),
        [
            (ROWS[:, :2], THREE, "rows as the model takes them"),
            (ROWS, np.where(THREE == 1, np.nan, 1.0), "each with its class"),
            (ROWS, np.array([None, "a"] * 150, object), "each with its class"),
            (ROWS, np.c_[THREE, THREE], "each with its class"),
        ],
    )
    def test_what_cannot_be_screened(self, rows: Any, labels: Any, need: str) -> None:
        with pytest.raises(InputError, match=need):
            screen(self.MODEL, rows, labels)
