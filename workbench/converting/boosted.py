"""Boosted trees, read out of the models of XGBoost, LightGBM and scikit-learn into one shape.

Read is what a prediction needs, as each library makes it: the trees up to the round that training
stopped at, what the sum begins with, and what is made of the sum. What would be told otherwise by
another program than the library, such as splits by category, is refused by name.

Source: the text and JSON that LightGBM 4.7 and XGBoost 3.2 write, and the nodes that
HistGradientBoosting keeps (scikit-learn 1.9).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from workbench.converting import lightgbm_form
from workbench.training import kinds

__all__ = ["Ensemble", "Link", "Tree", "is_boosted", "read"]

Array = np.ndarray[Any, Any]
HISTOGRAMS = (
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting",
    "BaseHistGradientBoosting",
)
BY_CATEGORY = "it tells categories apart, which other programs number in their own way"
NOT_SO = "its objective {} has no counterpart there"


class Link(StrEnum):
    """What is made of the sum of all trees."""

    identity = "the sum itself"
    logistic = "1 / (1 + exp(-sum)), of each output by itself"
    softmax = "exp(sum), as a share of all outputs"
    exponential = "exp(sum)"


XGBOOST = {
    **dict.fromkeys(
        (
            *("reg:squarederror", "reg:squaredlogerror", "reg:absoluteerror", "reg:linear"),
            *("reg:pseudohubererror", "reg:quantileerror"),
            *("rank:pairwise", "rank:ndcg", "rank:map"),
        ),
        Link.identity,
    ),
    **dict.fromkeys(("binary:logistic", "reg:logistic"), Link.logistic),
    **dict.fromkeys(
        ("count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft"),
        Link.exponential,
    ),
    "multi:softprob": Link.softmax,
}
LIGHTGBM = {
    **dict.fromkeys(
        (
            *("regression", "regression_l1", "huber", "fair", "quantile", "mape"),
            *("lambdarank", "rank_xendcg"),
        ),
        Link.identity,
    ),
    **dict.fromkeys(("binary", "multiclassova", "cross_entropy"), Link.logistic),
    **dict.fromkeys(("poisson", "gamma", "tweedie"), Link.exponential),
    "multiclass": Link.softmax,
}
SCIKIT_LEARN = {
    **dict.fromkeys(("squared_error", "absolute_error", "quantile"), Link.identity),
    **dict.fromkeys(("poisson", "gamma"), Link.exponential),
}


@dataclass(frozen=True)
class Tree:
    """A tree whose nodes are numbered from 0, where it begins.

    Attributes:
        output: to which output its leaves add.
        column: n, which column a node asks for.
        threshold: n, float64, what the value is compared with.
        left, right: n, where it goes on; negative for a leaf.
        missing_left: n, whether a missing value goes left.
        value: n, float64, what a leaf adds.
    """

    output: int
    column: Array
    threshold: Array
    left: Array
    right: Array
    missing_left: Array
    value: Array


@dataclass(frozen=True)
class Ensemble:
    """Trees, and what is made of them.

    Attributes:
        columns: how many columns it takes.
        start: what each output begins with; as many as there are outputs.
        classes: k, what is told apart; ``None`` of a model that answers with numbers.
        single: whether rows and probabilities are rounded to 32 bits before they are compared.
        strict: whether what equals a threshold goes right.
    """

    columns: int
    start: tuple[float, ...]
    trees: tuple[Tree, ...]
    link: Link
    classes: Array | None
    single: bool
    strict: bool


def is_boosted(model: Any) -> bool:
    """Tell whether a model is of a kind that :func:`read` knows."""
    known = kinds.framework(model)
    return known in ("xgboost", "lightgbm") or kinds.descends(model, *HISTOGRAMS)


def read(model: Any) -> Ensemble:
    """Return the trees of a fitted model.

    Raises:
        ValueError: naming what of it cannot be told by trees of numbers.
    """
    known = kinds.framework(model)
    if known == "xgboost":
        return _of_xgboost(model)
    return _of_lightgbm(model) if known == "lightgbm" else _of_scikit_learn(model)


def _classes(model: Any, outputs: int) -> Array | None:
    """Return the classes of a classifier, which has one output for each, or one for two."""
    if not hasattr(model, "predict_proba"):
        return None
    found = np.asarray(model.classes_)
    if found.ndim != 1 or len(found) != max(outputs, 2):
        raise ValueError("its classes do not fit its trees")
    return found


def _of_xgboost(model: Any) -> Ensemble:
    native = kinds.descends(model, "xgboost.core", "Booster")
    booster = model if native else model.get_booster()
    if not native and not np.isnan(model.missing):
        raise ValueError("a number stands for missing values in it")
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    known = learner["learner_model_param"]
    inside = learner["gradient_booster"]
    if "weights" in inside.get("model", {}):
        raise ValueError("it is not made of trees")
    drops = inside.get("weight_drop")  # of trees that were left out in training, now and then
    inside = (inside["gbtree"] if drops is not None else inside)["model"]
    if "c" in learner.get("feature_types", ()):
        raise ValueError(BY_CATEGORY)
    link = XGBOOST.get(learner["objective"]["name"])
    if link is None:
        raise ValueError(NOT_SO.format(learner["objective"]["name"]))
    stopped = None if native else booster.attr("best_iteration")
    last = -1 if stopped is None else int(stopped) + 1
    count = inside["iteration_indptr"][last]
    groups, weights = inside["tree_info"], drops or [1.0] * len(inside["trees"])
    trees = zip(inside["trees"][:count], groups, weights, strict=False)
    targets = max(int(known.get("num_target", "1")), 1)
    if targets > 1 and hasattr(model, "predict_proba"):
        raise ValueError("it gives several labels at once")
    outputs = max(int(known["num_class"]), 1) * targets
    scores = [float(one) for one in str(known["base_score"]).strip("[]").split(",")]
    start = _margins(np.broadcast_to(scores, outputs), link)
    return Ensemble(
        columns=int(known["num_feature"]),
        start=tuple(start.tolist()),
        trees=tuple(_xgboost_tree(one, group, weight) for one, group, weight in trees),
        link=link,
        classes=_classes(model, outputs),
        single=True,
        strict=True,
    )


def _margins(scores: Array, link: Link) -> Array:
    """Return where sums begin that answer with scores if there is no tree."""
    if link is Link.logistic:
        scores = scores / (1 - scores)
    return np.log(scores) if link in (Link.logistic, Link.exponential) else scores


def _xgboost_tree(tree: dict[str, Any], output: int, weight: float) -> Tree:
    if int(tree["tree_param"].get("size_leaf_vector", "1")) > 1:
        raise ValueError("its leaves hold several numbers")
    if any(tree["split_type"]):
        raise ValueError(BY_CATEGORY)
    # A leaf keeps what it adds where others keep their threshold; both have 32 bits.
    numbers = np.asarray(tree["split_conditions"], np.float32).astype(np.float64)
    return Tree(
        output=output,
        column=np.asarray(tree["split_indices"]),
        threshold=numbers,
        left=np.asarray(tree["left_children"]),
        right=np.asarray(tree["right_children"]),
        missing_left=np.asarray(tree["default_left"], bool),
        value=numbers * weight,
    )


def _of_lightgbm(model: Any) -> Ensemble:
    inner = lightgbm_form.booster(model)
    text = inner.model_to_string()  # up to the round that training stopped at
    header, blocks, _ = lightgbm_form.parts(text)
    name, *more = (header.get("objective") or "of one's own").split()
    link = LIGHTGBM.get(name)
    if link is None or "sqrt" in more:
        raise ValueError(NOT_SO.format(" ".join([name, *more])))
    outputs = int(header["num_tree_per_iteration"] or 0)
    steep = [float(one.partition(":")[2]) for one in more if one.startswith("sigmoid:")]
    factor = steep[0] if steep else 1.0
    if "average_output" in header:
        factor /= max(len(blocks) // outputs, 1)
    return Ensemble(
        columns=int(inner.num_feature()),
        start=(0.0,) * outputs,
        trees=tuple(
            _lightgbm_tree(lightgbm_form.fields(block), number % outputs, factor)
            for number, block in enumerate(blocks)
        ),
        link=link,
        classes=_classes(model, outputs),
        single=False,
        strict=False,
    )


def _lightgbm_tree(tree: dict[str, str | None], output: int, factor: float) -> Tree:
    """Return a tree whose leaves, counted by themselves in the text, follow the other nodes."""
    leaves = _numbers(tree, "leaf_value") * factor
    inner, none = len(leaves) - 1, np.full(len(leaves), -1)
    if tree.get("is_linear", "0") != "0":
        raise ValueError("its leaves hold equations")
    if not inner:
        zero = np.zeros(1)
        return Tree(output, zero.astype(int), zero, none, none, zero.astype(bool), leaves)
    kind = _numbers(tree, "decision_type").astype(int)
    if (kind & 1).any():
        raise ValueError(BY_CATEGORY)
    if ((kind >> 2 & 3) == 1).any():
        raise ValueError("zero stands for missing values in it")
    threshold = _numbers(tree, "threshold")
    # Where no value was missing in training, a missing one counts as zero.
    missing = np.where((kind >> 2 & 3) == 2, (kind & 2) > 0, threshold >= 0)
    left, right = (_numbers(tree, f"{side}_child").astype(int) for side in ("left", "right"))
    still = np.zeros(len(leaves))
    return Tree(
        output=output,
        column=np.append(_numbers(tree, "split_feature").astype(int), still.astype(int)),
        threshold=np.append(threshold, still),
        left=np.append(np.where(left < 0, inner + ~left, left), none),
        right=np.append(np.where(right < 0, inner + ~right, right), none),
        missing_left=np.append(missing, still.astype(bool)),
        value=np.append(np.zeros(inner), leaves),
    )


def _numbers(tree: dict[str, str | None], name: str) -> Array:
    return np.array((tree[name] or "").split(), np.float64)


def _of_scikit_learn(model: Any) -> Ensemble:
    marked = model.is_categorical_
    if marked is not None and np.any(marked):
        raise ValueError(BY_CATEGORY)
    start: Sequence[float] = np.ravel(model._baseline_prediction).tolist()
    if hasattr(model, "predict_proba"):
        link: Link | None = Link.logistic if len(start) == 1 else Link.softmax
    else:
        link = SCIKIT_LEARN.get(model.loss) if isinstance(model.loss, str) else None
    if link is None:
        raise ValueError(NOT_SO.format(str(model.loss)[:40]))
    rounds = enumerate(tree for one in model._predictors for tree in one)
    return Ensemble(
        columns=int(model.n_features_in_),
        start=tuple(start),
        trees=tuple(_histogram_tree(one.nodes, number % len(start)) for number, one in rounds),
        link=link,
        classes=_classes(model, len(start)),
        single=False,
        strict=False,
    )


def _histogram_tree(nodes: Array, output: int) -> Tree:
    leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        output=output,
        column=nodes["feature_idx"],
        threshold=nodes["num_threshold"],
        left=np.where(leaf, -1, nodes["left"].astype(np.int64)),
        right=np.where(leaf, -1, nodes["right"].astype(np.int64)),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        value=nodes["value"],
    )
