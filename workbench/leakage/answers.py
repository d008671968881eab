"""A model as an attacker meets it: a record goes in, and numbers come out.

One way to ask scikit-learn's models, XGBoost's, LightGBM's and networks of PyTorch, so that attacks
need not know which it is. The model is left as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.findings.leakage import Answers, Task
from workbench.leakage.tables import take
from workbench.training import boosters, kinds
from workbench.training.measuring import at_rest

__all__ = ["Subject", "facts", "subject"]

BATCH = 4096  # rows that a network is given at once
PROBE = 64  # rows that show what a network's outputs are
BINARY = {"binary:logistic", "binary", "cross_entropy"}
ODDS = {"binary:logitraw"}
MULTI = {"multi:softprob", "multiclass", "multiclassova"}
CHOICE = {"multi:softmax"}
NUMBERS = {
    *("regression", "regression_l1", "l1", "l2", "mse", "mae", "rmse", "mean_squared_error"),
    *("mean_absolute_error", "huber", "fair", "quantile", "mape", "poisson", "gamma", "tweedie"),
}
Floats = NDArray[np.float64]
Ask = Callable[[Any], Floats]


@dataclass(frozen=True)
class Subject:
    """What a model answers.

    Attributes:
        ask: takes n rows; returns n × classes shares that add up to 1, or n numbers.
        classes: the labels of the columns, in order; none for regression.
    """

    task: Task
    answers: Answers
    ask: Ask
    classes: tuple[Any, ...] = ()


def subject(model: Any, rows: Any, truth: Any) -> Subject:
    """Return how to ask a model.

    Args:
        model: fitted.
        rows: some that it can be asked about.
        truth: of these rows; what a network's outputs mean can only be told from it.

    Raises:
        InputError: it is not known what it predicts, or it predicts several things at once.
    """
    if kinds.descends(model, "torch.nn.modules.module", "Module"):
        return _network(model, rows, truth)
    if kinds.descends(model, "xgboost.core", "Booster"):
        return _booster(model, lambda rows: model.predict(_matrix(rows)))
    if kinds.descends(model, "lightgbm.basic", "Booster"):
        return _booster(model, model.predict)
    base: Any = kinds.loaded("sklearn.base")
    if (base is not None and _is(base.is_classifier, model)) or hasattr(model, "predict_proba"):
        return _classifier(model)
    if base is not None and _is(base.is_regressor, model):
        return Subject(Task.regression, Answers.numbers, lambda rows: _single(model.predict(rows)))
    raise _unknown("it is neither a classifier nor a regressor")


def facts(asked: Subject, said: Floats, truth: NDArray[Any]) -> Floats:
    """Return what a model's answers for n rows say about their truth, n × 2.

    For classes: the share given to the true one and the share given to all others, each exact where
    it is small. For numbers: answer − truth twice.
    """
    if asked.task is Task.regression:
        error = said - np.asarray(truth, dtype=np.float64)
        return np.column_stack([error, error])
    places = {label: place for place, label in enumerate(asked.classes)}
    column = np.array([places.get(label, -1) for label in truth.tolist()])
    known = column >= 0
    at = np.arange(len(said)), np.where(known, column, 0)
    given = np.where(known, said[at], 0.0)  # a class it has never seen is given nothing
    others = said.copy()
    others[at] = np.where(known, 0.0, others[at])
    return np.column_stack([given, others.sum(axis=1)])


def _is(ask: Callable[[Any], bool], model: Any) -> bool:
    try:
        return bool(ask(model))
    except Exception:  # a model that only looks like scikit-learn's
        return False


def _classifier(model: Any) -> Subject:
    classes = tuple(np.asarray(model.classes_).tolist())
    if not classes or isinstance(classes[0], list):
        raise _unknown("it predicts several things at once")
    if hasattr(model, "predict_proba"):
        return Subject(
            Task.classification, Answers.probabilities, lambda rows: _shares(model, rows), classes
        )
    if hasattr(model, "decision_function"):
        return Subject(
            Task.classification,
            Answers.scores,
            lambda rows: _soft(np.asarray(model.decision_function(rows), dtype=np.float64)),
            classes,
        )

    def labels(rows: Any) -> Floats:
        said = np.asarray(model.predict(rows))
        chosen: Floats = (said[:, None] == np.asarray(classes)[None, :]).astype(np.float64)
        return chosen

    return Subject(Task.classification, Answers.labels, labels, classes)


def _shares(model: Any, rows: Any) -> Floats:
    said = model.predict_proba(rows)
    if isinstance(said, list):
        raise _unknown("it predicts several things at once")
    return np.asarray(said, dtype=np.float64)


def _booster(model: Any, predict: Callable[[Any], Any]) -> Subject:
    """Return how to ask a native booster, whose objective says what its answers mean."""
    objective = boosters.objective(model)

    def ask(rows: Any) -> Floats:
        said = np.asarray(predict(rows), dtype=np.float64)
        if objective in ODDS:
            return _soft(said)
        if objective in BINARY:
            return np.column_stack([1 - said, said])
        return said

    if objective in BINARY | ODDS:
        return Subject(Task.classification, Answers.probabilities, ask, (0, 1))
    if objective in MULTI | CHOICE:
        count = int(boosters.parameters(model).get("num_class") or 0)
        if count < 2:
            raise _unknown("its number of classes is not known")
        classes = tuple(range(count))
        if objective in MULTI:
            return Subject(Task.classification, Answers.probabilities, ask, classes)
        return Subject(
            Task.classification,
            Answers.labels,
            lambda rows: (ask(rows)[:, None] == np.arange(count)).astype(np.float64),
            classes,
        )
    if objective.startswith("reg:") or objective in NUMBERS:
        return Subject(Task.regression, Answers.numbers, lambda rows: _single(ask(rows)))
    raise _unknown(f"its objective is {objective or 'not known'}")


def _matrix(rows: Any) -> Any:
    xgboost: Any = kinds.loaded("xgboost")
    if type(rows) is xgboost.DMatrix:
        return rows
    return xgboost.DMatrix(rows, enable_categorical=hasattr(rows, "dtypes"))


def _network(model: Any, rows: Any, truth: Any) -> Subject:
    shown = np.arange(min(PROBE, len(truth)))
    said = _outputs(model, take(rows, shown))
    known = np.asarray(truth)
    whole = known.dtype.kind in "iub" or (known.dtype.kind == "f" and not np.any(known % 1))
    if said.ndim == 2 and said.shape[1] > 1:
        if not whole or not 0 <= known.min() <= known.max() < said.shape[1]:
            raise _unknown("its outputs are not the classes that are true")
        shares = bool(np.all(said >= 0) and np.allclose(said.sum(axis=1), 1, atol=1e-3))
        ask = (
            (lambda rows: _outputs(model, rows)) if shares else lambda r: _soft(_outputs(model, r))
        )
        return Subject(Task.classification, Answers.probabilities, ask, tuple(range(said.shape[1])))
    if whole and set(np.unique(known).tolist()) <= {0, 1}:
        shares = bool(np.all((said >= 0) & (said <= 1)))

        def two(rows: Any) -> Floats:
            one = _single(_outputs(model, rows))
            return np.column_stack([1 - one, one]) if shares else _soft(one)

        return Subject(Task.classification, Answers.probabilities, two, (0, 1))
    return Subject(Task.regression, Answers.numbers, lambda rows: _single(_outputs(model, rows)))


def _outputs(model: Any, rows: Any) -> Floats:
    """Return a network's outputs for all rows, with no gradients and no dropout."""
    torch: Any = kinds.loaded("torch")
    first = next(model.parameters(), None)
    values = getattr(rows, "to_numpy", lambda: rows)()
    outputs = []
    with at_rest(torch, model):
        for start in range(0, len(values), BATCH):
            batch = torch.as_tensor(values[start : start + BATCH])
            if first is not None:
                if batch.is_floating_point():
                    batch = batch.to(first.dtype)
                batch = batch.to(first.device)
            outputs.append(model(batch).detach().cpu().double())
    return np.asarray(torch.cat(outputs).numpy())


def _soft(scores: Floats) -> Floats:
    """Return scores as shares: of two classes by the logistic function, of more by softmax."""
    if scores.ndim == 2 and scores.shape[1] == 1:
        scores = scores[:, 0]
    if scores.ndim == 1:
        scores = np.column_stack([np.zeros_like(scores), scores])
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _single(said: Any) -> Floats:
    values = np.asarray(said, dtype=np.float64)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise _unknown("it predicts several things at once")
    return values


def _unknown(reason: str) -> InputError:
    return InputError(
        f"It cannot be measured what this model gives away: {reason}.",
        unchanged="Nothing was measured.",
        hint="Measured can be classifiers and regressors with one target, by scikit-learn, "
        "XGBoost, LightGBM or PyTorch.",
    )
