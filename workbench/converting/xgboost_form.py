"""XGBoost models as JSON, whose trees are checked before the library reads them.

The library follows the numbers in a file without asking whether they lead out of a tree: a file in
which a child does not exist ends the program (seen with XGBoost 3.2). So what is read here is first
walked through, and then written again from what was understood: the library never sees a file that
two programs could read in two ways.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from workbench.converting.trees import (
    MAX_TREES,
    WrongError,
    content,
    count,
    follow,
    missing,
    numbers,
    reason,
    whole,
)
from workbench.converting.unloadable import unloadable

__all__ = ["FILE", "checked", "load", "write"]

FILE = "model.xgboost.json"
MAX_GROUPS = 2**20  # classes × targets
PER_NODE = (
    *("left_children", "right_children", "parents", "split_indices", "split_conditions"),
    *("base_weights", "default_left", "split_type", "sum_hessian", "loss_changes"),
)
WRAPPERS = {"classifier": "XGBClassifier", "regressor": "XGBRegressor", "ranker": "XGBRanker"}
SCORE = re.compile(r"-?\d{1,40}(\.\d{1,40})?(E[+-]?\d{1,3})?\Z")


def write(model: Any, path: Path) -> None:
    """Write a fitted model as JSON."""
    model.save_model(path)


def load(path: Path) -> Any:
    """Return the model in a file: with scikit-learn's interface where it was written with it.

    Raises:
        TrustError: not a model, or one whose trees lead nowhere (step ``"model content"``).
        Unavailable: XGBoost is not installed.
    """
    xgboost = _library()
    try:
        spelled, wrapper = checked(content(path))
        model = getattr(xgboost, wrapper or "Booster")()
        model.load_model(bytearray(spelled))
    except (xgboost.core.XGBoostError, ValueError, TypeError, LookupError) as error:
        raise unloadable(FILE, reason(error)) from error
    return model


def _library() -> Any:
    try:
        return import_module("xgboost")
    except ImportError as error:
        raise missing("XGBoost", "xgboost") from error


def checked(given: bytes) -> tuple[bytes, str]:
    """Return a file's content spelled anew, and the class of its wrapper, if it had one.

    Raises:
        ValueError, LookupError, TypeError: not the JSON of a model, or a tree leads out of itself.
    """
    try:
        root = json.loads(given.decode("utf-8"), object_pairs_hook=_once)
    except RecursionError as error:
        raise WrongError("it is nested too deeply") from error
    learner = _table(_table(root)["learner"])
    parameters = _table(learner["learner_model_param"])
    features = count(parameters["num_feature"], 2**31)
    groups = max(count(parameters["num_class"], MAX_GROUPS), 1)
    groups *= max(count(parameters.get("num_target", "1"), MAX_GROUPS), 1)
    scores = str(parameters["base_score"]).removeprefix("[").removesuffix("]").split(",")
    if len(scores) not in (1, groups) or not all(SCORE.match(one.upper()) for one in scores):
        raise WrongError("what it starts from is no number")
    _booster(_table(learner["gradient_booster"]), features, groups)
    said = _table(learner.get("attributes", {})).get("scikit_learn")
    wrapper = _table(json.loads(said)).get("_estimator_type") if said else None
    return json.dumps(root).encode(), WRAPPERS.get(str(wrapper), "")


def _booster(booster: Mapping[str, Any], features: int, groups: int) -> None:
    name = booster["name"]
    if name == "gblinear":
        numbers(_table(booster["model"])["weights"], (features + 1) * groups, "its weights")
    elif name == "gbtree":
        _trees(_table(booster["model"]), features, groups)
    elif name == "dart":
        model = _table(booster["gbtree"])["model"]
        trees = _trees(_table(model), features, groups)
        numbers(booster["weight_drop"], trees, "the weights of its trees")
    else:
        raise WrongError("its kind of booster is not known")


def _trees(model: Mapping[str, Any], features: int, groups: int) -> int:
    trees = model["trees"]
    size = count(_table(model["gbtree_model_param"])["num_trees"], MAX_TREES)
    if not isinstance(trees, list) or len(trees) != size:
        raise WrongError("it has more or fewer trees than it says")
    whole(model["tree_info"], size, groups, "the groups of its trees")
    rounds = whole(model.get("iteration_indptr", [0, size]), None, size + 1, "its rounds")
    if not rounds or rounds[0] != 0 or rounds[-1] != size or sorted(rounds) != rounds:
        raise WrongError("its rounds do not cover its trees")
    _names(_table(model.get("cats") or {}), features)
    for tree in trees:
        _tree(_table(tree), features)
    return size


def _tree(tree: Mapping[str, Any], features: int) -> None:
    parameters = _table(tree["tree_param"])
    size = count(parameters["num_nodes"], 2**31)
    if count(parameters.get("size_leaf_vector", "1"), MAX_GROUPS) > 1:
        raise WrongError("its leaves hold several numbers, which is not supported here")
    for name in PER_NODE:
        numbers(tree[name], size, "the nodes of a tree")
    left = whole(tree["left_children"], size, size, "the children of a tree", lowest=-1)
    right = whole(tree["right_children"], size, size, "the children of a tree", lowest=-1)
    inner = [node for node in range(size) if left[node] >= 0]
    if size == 0 or inner != [node for node in range(size) if right[node] >= 0]:
        raise WrongError("a node of a tree has one child only")
    follow(left, right)
    whole([tree["split_indices"][node] for node in inner], None, features, "the columns of a tree")
    kind = whole(tree["split_type"], size, 2, "the splits of a tree")
    _categories(tree, [node for node in inner if kind[node] == 1])


def _categories(tree: Mapping[str, Any], nodes: list[int]) -> None:
    """Refuse splits by category whose categories are not there."""
    what = "the categories of a tree"
    values = whole(tree["categories"], None, 2**24, what)
    starts = whole(tree["categories_segments"], len(nodes), len(values) + 1, what)
    sizes = whole(tree["categories_sizes"], len(nodes), len(values) + 1, what)
    ends = [start + size for start, size in zip(starts, sizes, strict=True)]
    if max(ends, default=0) > len(values) or tree["categories_nodes"] != nodes:
        raise WrongError(f"{what} do not fit its splits")


def _names(table: Mapping[str, Any], features: int) -> None:
    """Refuse a list of categories by name that does not fit the columns."""
    if not table.get("enc"):
        if any(table.values()):
            raise WrongError("its categories belong to no column")
        return
    what, sizes = "the names of its categories", []
    for column in table["enc"]:
        values = numbers(_table(column)["values"], None, what)
        size = len(values)
        if "offsets" in column:  # names, one after the other
            whole(values, None, 256, what, lowest=-128)
            places = whole(column["offsets"], None, len(values) + 1, what)
            if sorted(places) != places or (places[-1] if places else 0) != len(values):
                raise WrongError(f"{what} do not fit together")
            size = max(len(places) - 1, 0)
        sizes.append(size)
    order = whole(table["sorted_idx"], sum(sizes), max(sizes, default=0) or 1, what)
    marks = [sum(sizes[:number]) for number in range(len(sizes) + 1)]
    fits = len(sizes) == features and table["feature_segments"] == marks
    for size, start in zip(sizes, marks, strict=False):
        fits = fits and sorted(order[start : start + size]) == list(range(size))
    if not fits:
        raise WrongError(f"{what} do not fit the columns")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise WrongError("a name is given twice")
    return found


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongError("a part of it is no table")
    return value
