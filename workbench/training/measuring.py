"""How good a model is on data a person named: measured at Share, where both are still together.

Model and data are left as they were: a network goes back to the mode each of its layers was in,
and chance goes on from where it stood. What cannot be measured becomes a sentence, not an error.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from math import isfinite
from typing import Any

from workbench.origin.graph import Mark
from workbench.origin.record import Metric
from workbench.training import boosters, kinds
from workbench.training.settings import clean

__all__ = ["at_rest", "measure"]

WHERE = "at Share"
NOT_NAMED = "not named"
BATCH = 4096  # rows that a network is given at once
# What scikit-learn takes as a loss for numbers; all other objectives of boosters are left alone.
REGRESSION = {"regression", "regression_l1", "l2", "l1", "huber", "mse", "mae", "rmse"}

Measures = dict[str, Callable[[], float]]


class UnknownError(Exception):
    """A model or data of which it is not known what to measure; says why, and holds no data."""


def measure(model: Any, X: Any, y: Any, on: str) -> tuple[list[Metric], list[str]]:
    """Return the metrics of a model on named data, and a sentence for each that has none.

    It costs one pass of ``predict`` and one of ``predict_proba`` over all rows.

    Args:
        model: fitted; scikit-learn's interface, a native booster, or a network.
        X: n rows, as the model takes them.
        y: what is true of them; n values.
        on: the name of the data, such as ``holdout``.
    """
    found: list[Metric] = []
    gaps: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, ask in _measures(model, X, y).items():
                _add(name, ask, on, found, gaps)
    except Exception as error:  # a user's model may raise anything
        gaps.append(_sentence("The model", on, error))
    return found, gaps


def _add(
    name: str, ask: Callable[[], float], on: str, found: list[Metric], gaps: list[str]
) -> None:
    on = clean(on) or NOT_NAMED
    try:
        value = float(ask())
    except Exception as error:  # scikit-learn raises where a metric does not exist
        gaps.append(_sentence(name, on, error))
        return
    if isfinite(value):
        found.append(Metric(name=name, value=value, on=on, where=WHERE, mark=Mark.observed))
    else:
        gaps.append(f"{name} on {on} is not defined for this data.")


def _sentence(name: str, on: str, error: Exception) -> str:
    """Say what failed, but not what a library's error says: its words may repeat data."""
    reason = error if isinstance(error, UnknownError) else f"it raised a {kinds.word(error)}"
    return f"{name} could not be measured on {clean(on) or NOT_NAMED}: {reason}."


def _measures(model: Any, rows: Any, truth: Any) -> Measures:
    if truth is None:
        raise UnknownError("nothing says what is true of the rows")
    scores = import_module("sklearn.metrics")
    if kinds.framework(model) == "torch":
        return _of_outputs(scores, _outputs(model, rows), truth)
    if kinds.descends(model, "xgboost.core", "Booster"):
        xgboost = kinds.loaded("xgboost")
        return _of_booster(scores, model, model.predict(xgboost.DMatrix(rows)), truth)
    if kinds.descends(model, "lightgbm.basic", "Booster"):
        return _of_booster(scores, model, model.predict(rows), truth)
    base = kinds.loaded("sklearn.base")
    if base.is_classifier(model):
        return _of_classifier(scores, model, rows, truth)
    if base.is_regressor(model):
        return _of_numbers(scores, truth, model.predict(rows))
    raise UnknownError("it is neither a classifier nor a regressor")


def _of_classifier(scores: Any, model: Any, rows: Any, truth: Any) -> Measures:
    found = _of_labels(scores, truth, model.predict(rows))
    classes = list(model.classes_)
    if hasattr(model, "predict_proba"):
        return found | _of_chances(scores, truth, model.predict_proba(rows), classes)
    if hasattr(model, "decision_function") and len(classes) == 2:
        found["ROC AUC"] = lambda: scores.roc_auc_score(truth, model.decision_function(rows))
    return found


def _of_labels(scores: Any, truth: Any, said: Any) -> Measures:
    return {
        "accuracy": lambda: scores.accuracy_score(truth, said),
        "balanced accuracy": lambda: scores.balanced_accuracy_score(truth, said),
    }


def _of_chances(scores: Any, truth: Any, chances: Any, classes: list[Any]) -> Measures:
    """Return what probabilities (n × classes) tell; the second of two classes is the positive."""
    if len(classes) != 2:
        return {
            "ROC AUC": lambda: scores.roc_auc_score(
                truth, chances, multi_class="ovr", labels=classes
            ),
            "log loss": lambda: scores.log_loss(truth, chances, labels=classes),
        }
    second = chances[:, 1]
    positive = classes[1]
    return {
        "ROC AUC": lambda: scores.roc_auc_score(_is(truth, positive), second),
        "log loss": lambda: scores.log_loss(truth, chances, labels=classes),
        "Brier score": lambda: scores.brier_score_loss(_is(truth, positive), second),
    }


def _of_numbers(scores: Any, truth: Any, said: Any) -> Measures:
    return {
        "R²": lambda: scores.r2_score(truth, said),
        "MAE": lambda: scores.mean_absolute_error(truth, said),
        "RMSE": lambda: scores.root_mean_squared_error(truth, said),
    }


def _of_booster(scores: Any, model: Any, said: Any, truth: Any) -> Measures:
    """Return what a native booster's own objective allows: its predictions mean nothing else."""
    objective = boosters.objective(model)
    numpy = kinds.loaded("numpy")
    if objective in ("binary:logistic", "binary"):
        chances = numpy.column_stack([1 - said, said])
        labels = _of_labels(scores, truth, (said > 0.5).astype(int))
        return labels | _of_chances(scores, truth, chances, [0, 1])
    if objective in ("multi:softprob", "multiclass"):
        classes = list(range(said.shape[1]))
        labels = _of_labels(scores, truth, said.argmax(axis=1))
        return labels | _of_chances(scores, truth, said, classes)
    if objective == "multi:softmax":
        return _of_labels(scores, truth, said)
    if objective.startswith("reg:") or objective in REGRESSION:
        return _of_numbers(scores, truth, said)
    raise UnknownError(f"its objective is {clean(objective) or 'not known'}")


def _of_outputs(scores: Any, said: Any, truth: Any) -> Measures:
    """Return what holds for a network whichever way it was trained.

    The largest of several outputs is the class, be they logits or probabilities, and the order of
    a single output is that of its probability. Where to cut a single output is not known.
    """
    numpy = kinds.loaded("numpy")
    if hasattr(truth, "detach"):
        truth = truth.detach().cpu()
    truth = numpy.asarray(truth).squeeze()
    whole = truth.ndim == 1 and bool(numpy.all(truth == numpy.round(truth)))
    if (
        said.ndim == 2
        and said.shape[1] > 1
        and whole
        and 0 <= truth.min() <= truth.max() < said.shape[1]
    ):
        return _of_labels(scores, truth, said.argmax(axis=1))
    single = said.squeeze()
    if single.shape != truth.shape:
        raise UnknownError("its outputs have another shape than what is true")
    if set(numpy.unique(truth)) <= {0, 1}:
        return {"ROC AUC": lambda: scores.roc_auc_score(truth, single)}
    return _of_numbers(scores, truth, single)


def _outputs(model: Any, rows: Any) -> Any:
    """Return a network's outputs for all rows as an array, n × outputs."""
    torch = kinds.loaded("torch")
    first = next(model.parameters())
    values = getattr(rows, "to_numpy", lambda: rows)()
    outputs = []
    with at_rest(torch, model):
        for start in range(0, len(values), BATCH):
            batch = torch.as_tensor(values[start : start + BATCH])
            if batch.is_floating_point():
                batch = batch.to(first.dtype)
            outputs.append(model(batch.to(first.device)).detach().cpu().float())
    return torch.cat(outputs).numpy()


@contextmanager
def at_rest(torch: Any, model: Any) -> Iterator[None]:
    """Let a network only answer: no gradients, no dropout, and afterwards everything as it was."""
    modes = [(layer, layer.training) for layer in model.modules()]
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        try:
            model.eval()
            yield
        finally:
            for layer, training in modes:
                layer.training = training


def _is(truth: Any, positive: Any) -> Any:
    return kinds.loaded("numpy").asarray(truth) == positive
