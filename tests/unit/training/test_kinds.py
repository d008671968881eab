"""What an object is: named past every trick of the object itself, and nothing is imported."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, NoReturn

import lightgbm
import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
import xgboost
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from workbench.training import kinds

ROWS = np.random.default_rng(0).normal(size=(40, 3))
LABELS = (ROWS[:, 0] > 0).astype(int)


class Meta(type):
    """A metaclass that raises at everything, its own order of classes included."""

    def __getattribute__(cls, name: str) -> NoReturn:
        raise RuntimeError(name)


class Hostile(metaclass=Meta):
    def __getattribute__(self, name: str) -> NoReturn:
        raise RuntimeError(name)


class Liar:
    """Says that it is somebody else."""

    @property
    def __class__(self) -> Any:
        return LogisticRegression

    @__class__.setter
    def __class__(self, value: Any) -> None:
        raise RuntimeError


class Thrower:
    @property
    def __class__(self) -> NoReturn:
        raise RuntimeError

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError(name)


class Moody(BaseEstimator):
    """An estimator that raises when it is asked whether it predicts."""

    @property
    def predict(self) -> NoReturn:
        raise ZeroDivisionError

    def __sklearn_is_fitted__(self) -> NoReturn:
        raise ZeroDivisionError


def booster(rounds: int) -> xgboost.Booster:
    return xgboost.train({}, xgboost.DMatrix(ROWS, LABELS), rounds)


# value, framework, whether it is a model, whether it is fitted
KNOWN = {
    "unfitted": (LogisticRegression(), "scikit-learn", True, False),
    "fitted": (LogisticRegression().fit(ROWS, LABELS), "scikit-learn", True, True),
    "clusters": (KMeans(2, n_init=1).fit(ROWS), "scikit-learn", True, True),
    "scaler": (StandardScaler().fit(ROWS), "scikit-learn", False, True),
    "pipeline": (
        make_pipeline(StandardScaler(), Ridge()).fit(ROWS, LABELS),
        "scikit-learn",
        True,
        True,
    ),
    "pipeline of transformers": (make_pipeline(StandardScaler()), "scikit-learn", False, False),
    "xgboost": (xgboost.XGBRegressor(n_estimators=2).fit(ROWS, LABELS), "xgboost", True, True),
    "xgboost unfitted": (xgboost.XGBClassifier(), "xgboost", True, False),
    "xgboost native": (booster(2), "xgboost", True, True),
    "xgboost native untrained": (xgboost.Booster(), "xgboost", True, False),
    "lightgbm": (
        lightgbm.LGBMClassifier(n_estimators=2, verbose=-1).fit(ROWS, LABELS),
        "lightgbm",
        True,
        True,
    ),
    "lightgbm unfitted": (lightgbm.LGBMClassifier(), "lightgbm", True, False),
    "lightgbm native": (
        lightgbm.train({"verbose": -1}, lightgbm.Dataset(ROWS, LABELS), 2),
        "lightgbm",
        True,
        True,
    ),
    "network": (torch.nn.Sequential(torch.nn.Linear(2, 1)), "torch", True, True),
    "activation": (torch.nn.ReLU(), "torch", False, False),
    "loss": (torch.nn.CrossEntropyLoss(weight=torch.ones(3)), "torch", False, False),
}
UNKNOWN = {
    "number": 3,
    "nothing": None,
    "table": pd.DataFrame({"a": [1]}),
    "array": ROWS,
    "class of a model": LogisticRegression,
    "class of a network": torch.nn.Linear,
    "optimiser": torch.optim.SGD([torch.nn.Parameter(torch.ones(1))]),
    "module": torch,
    "function": print,
    "hostile": Hostile(),
    "hostile class": Hostile,
    "liar": Liar(),
    "thrower": Thrower(),
}


@pytest.mark.parametrize("name", KNOWN)
def test_models_are_known_by_framework_and_state(name: str) -> None:
    """Whose it is, whether it predicts, and whether it has learned anything yet."""
    value, framework, model, fitted = KNOWN[name]
    assert kinds.framework(value) == framework
    assert kinds.is_model(value) is model
    assert kinds.is_fitted(value) is fitted


@pytest.mark.parametrize("name", UNKNOWN)
def test_anything_else_is_nobody_s(name: str) -> None:
    """Classes, data, and objects that raise or lie when they are looked at."""
    value = UNKNOWN[name]
    assert kinds.framework(value) is None
    assert kinds.is_model(value) is False
    assert kinds.is_fitted(value) is False


def test_an_estimator_that_raises_is_no_model_and_not_fitted() -> None:
    """Its framework is known from its class, which cannot be asked to raise."""
    assert kinds.framework(Moody()) == "scikit-learn"
    assert kinds.is_model(Moody()) is False
    assert kinds.is_fitted(Moody()) is False


def test_tables_and_arrays_hold_rows() -> None:
    """What outputs can be compared with; numbers, empty tables and pictures cannot."""
    table = pd.DataFrame({"a": [1, 2]})
    for rows in (table, table.a, ROWS, LABELS, torch.ones(3, 2), pl.DataFrame({"a": [1]})):
        assert kinds.is_table(rows)
    for other in (table[:0], np.ones((2, 2, 2)), np.array(3), [[1, 2]], "text", *UNKNOWN.values()):
        assert not kinds.is_table(other) or other is UNKNOWN["table"] or other is ROWS


def test_own_classes_count_by_what_they_descend_from() -> None:
    """A researcher's subclass is of the framework it extends."""

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(2, 2)

    class Forest(RandomForestClassifier):
        pass

    assert kinds.framework(Net()) == "torch"
    assert kinds.is_model(Net())
    assert kinds.framework(Forest()) == "scikit-learn"


def test_nothing_is_imported() -> None:
    """Looking at objects loads no framework."""
    program = (
        "import sys\n"
        "from workbench.training import kinds\n"
        "class A: pass\n"
        "for one in (A(), A, 1, 'x', sys):\n"
        "    assert kinds.framework(one) is None\n"
        "    assert not kinds.is_model(one) and not kinds.is_fitted(one)\n"
        "assert not {'sklearn', 'numpy', 'torch', 'xgboost', 'keras'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_module_that_is_no_module_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages that load late put objects of their own among the modules."""

    class Late:
        def __getattr__(self, name: str) -> NoReturn:
            raise RuntimeError("this would load the package")

    monkeypatch.setitem(sys.modules, "keras", Late())  # type: ignore[arg-type]

    class Thing:
        pass

    assert kinds.framework(Thing()) is None


def test_a_type_is_named_even_if_its_class_hides_it() -> None:
    """The name is read past the metaclass, and holds nothing that could reorder a screen."""
    assert kinds.type_name(Hostile()) == f"{__name__}.Hostile"
    assert kinds.type_name(3) == "builtins.int"
    odd = type("a\u202eb\nc", (), {"__module__": 3})
    assert kinds.type_name(odd()) == "3.abc"
    assert kinds.word(Hostile()) == "Hostile"
