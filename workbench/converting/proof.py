"""What a model says on a sample, and whether another one says the same."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.errors import InputError
from workbench.training import boosters, kinds
from workbench.training.measuring import at_rest

__all__ = ["ASKED", "Comparison", "answers", "compare", "made_up", "rounded"]

MAX_ROWS = 2000  # more prove no more
MADE_UP = 64
ASKED = ("predict", "predict_proba", "decision_function", "score_samples")
SLACK = 64  # units in the last place; sums may be added up in another order
LAYOUTS = (1.0, 0.1, 10.0, 100.0)  # scales of made-up numbers: columns differ in size


@dataclass(frozen=True)
class Comparison:
    """How two models compare: see :class:`workbench.findings.converted.ConvertedReport`."""

    rows: int
    outputs: int
    difference: float
    tolerance: float


def made_up(model: Any, seed: int) -> Any:
    """Return rows of made-up numbers for a model that says how many columns it takes.

    Returns:
        64 × columns, float64, of four scales.

    Raises:
        InputError: the model does not say, or takes something else than numbers.
    """
    rng = np.random.default_rng(seed)
    try:
        count = _columns(model)
        scale = np.array(LAYOUTS)[np.arange(MADE_UP) % len(LAYOUTS)]
        rows = rng.normal(size=(MADE_UP, count)) * scale[:, None]
        if kinds.framework(model) == "torch":
            rows = rows.astype(np.float32)
        answers(model, rows)
    except Exception as error:  # a model may raise anything for rows it was not made for
        raise InputError(
            f"This {kinds.word(model)} says nothing about made-up numbers, so there is no proof "
            "that its safer form is equal.",
            unchanged="Nothing was written.",
            hint="Give a few rows that it can predict: sample=X.",
        ) from error
    return rows


def answers(model: Any, rows: Any, ways: Sequence[str] = ASKED) -> list[np.ndarray[Any, Any]]:
    """Return what a model says about rows, one array for each of the ways to ask that it has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if kinds.framework(model) == "torch":
            return _outputs(model, rows)
        if kinds.descends(model, "xgboost.core", "Booster"):
            matrix = kinds.loaded("xgboost").DMatrix(rows, enable_categorical=True)
            return [np.asarray(model.predict(matrix, validate_features=False))]
        if kinds.descends(model, "lightgbm.basic", "Booster"):
            return [_array(model.predict(rows))]
        asked = [getattr(model, name) for name in ways if hasattr(model, name)]
        return [_array(ask(rows)) for ask in asked]


def compare(
    before: list[np.ndarray[Any, Any]], after: list[np.ndarray[Any, Any]], rows: int
) -> Comparison:
    """Return how what two models say compares: words and classes exactly, numbers closely.

    Numbers count as equal within 64 units in the last place of the largest one.

    Raises:
        InputError: they say different things.
    """
    if len(before) != len(after) or not before:
        raise _different("it can be asked in other ways than before")
    difference, tolerance, outputs = 0.0, 0.0, 0
    for one, other in zip(before, after, strict=True):
        text = one.dtype.kind == other.dtype.kind == "U"  # of whatever longest word
        if one.shape != other.shape or (one.dtype != other.dtype and not text):
            raise _different("its answers have another shape or type")
        apart, allowed = _apart(one, other)
        if apart > allowed:
            raise _different("its answers are not the same")
        outputs += one.size
        difference, tolerance = max(difference, apart), max(tolerance, allowed)
    if not outputs:
        raise _different("it gave no answers that could be compared")
    return Comparison(rows, outputs, difference, tolerance)


def rounded(
    before: list[np.ndarray[Any, Any]], after: list[np.ndarray[Any, Any]]
) -> list[np.ndarray[Any, Any]]:
    """Return answers in the number formats of others: values rounded, labels unchanged.

    What cannot be told in that format without changing a label stays as it is, and will not
    compare as equal. A column alone counts as the list of its values.
    """
    if len(before) != len(after):
        return before
    return [_rounded(one, other) for one, other in zip(before, after, strict=True)]


def _rounded(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if one.size == len(one):
        one = one.reshape(-1)
    if one.dtype.kind == other.dtype.kind == "f":
        with np.errstate(over="ignore"):
            value = one.astype(other.dtype)
        return value if np.array_equal(np.isfinite(value), np.isfinite(one)) else one
    if one.dtype.kind in "biuf" and other.dtype.kind in "iu":
        label = one.astype(other.dtype)
        return label if np.array_equal(label, one) else one
    if one.dtype.kind in "OU" and other.dtype.kind == "U":
        label = one.astype(str)
        return label if np.array_equal(label, one) else one
    return one


def _apart(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> tuple[float, float]:
    """Return the largest difference of two arrays, and which one is allowed."""
    if one.dtype.kind not in "fc":
        return (0.0 if np.array_equal(one, other) else np.inf), 0.0
    real = np.isfinite(one)
    same = np.array_equal(real, np.isfinite(other))
    if not same or not np.array_equal(one[~real], other[~real], equal_nan=True):
        return np.inf, 0.0
    if not real.any():
        return 0.0, 0.0
    largest = float(np.abs(one[real]).max())
    apart = float(np.abs(one[real].astype(complex) - other[real]).max())
    return apart, SLACK * float(np.finfo(one.dtype).eps) * largest


def _different(why: str) -> InputError:
    return InputError(
        f"The model that was loaded back is not equal to the one that was written: {why}.",
        unchanged="Nothing was kept.",
        hint="Where predictions depend on chance, fix it with random_state; otherwise report this.",
    )


def _columns(model: Any) -> int:
    if kinds.framework(model) == "torch":
        first = next(one for one in model.modules() if hasattr(one, "in_features"))
        return int(first.in_features)
    known = getattr(model, "n_features_in_", None)
    return int(known) if known is not None else boosters.features(model)


def _array(said: Any) -> np.ndarray[Any, Any]:
    if isinstance(said, list | tuple):  # a list of arrays, one for each target
        said = np.concatenate([np.asarray(one) for one in said], axis=-1)
    return np.asarray(getattr(said, "toarray", lambda: said)())


def _outputs(model: Any, rows: Any) -> list[np.ndarray[Any, Any]]:
    """Return what a network says at rest."""
    torch = kinds.loaded("torch")
    first = next(iter(model.parameters()), None)
    batch = torch.as_tensor(getattr(rows, "to_numpy", lambda: rows)())
    if first is not None:
        batch = batch.to(first.device)
        batch = batch.to(first.dtype) if batch.is_floating_point() else batch
    with at_rest(torch, model):
        return [_plain(one) for one in _tensors(model(batch))]


def _tensors(said: Any) -> list[Any]:
    if isinstance(said, dict):
        said = list(said.values())
    if isinstance(said, list | tuple):
        return [tensor for one in said for tensor in _tensors(one)]
    return [said] if hasattr(said, "detach") else []


def _plain(tensor: Any) -> np.ndarray[Any, Any]:
    still = tensor.detach().cpu()
    short = str(still.dtype) in ("torch.bfloat16", "torch.float16")
    return np.asarray((still.float() if short else still).numpy())
