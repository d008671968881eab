"""In which leaf of which tree each training person is, for every kind of tree there is.

scikit-learn's trees, forests, boosting and isolation forests are asked tree by tree; XGBoost and
LightGBM give all leaves at once, a part of the rows at a time. Histogram boosting cannot be asked,
but noted how many people each leaf had.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.retention.keys import Floats, Ints
from workbench.retention.stages import Stage
from workbench.retention.table import Book, matrix_of
from workbench.training import kinds

__all__ = ["Tree", "splits_of", "trees_of"]

MOST_LOOKUPS = 12_000_000  # of people in trees; beyond that the tree's own counts are taken
HISTOGRAMS = "sklearn.ensemble._hist_gradient_boosting.gradient_boosting"
PART = 50_000  # rows that are asked for at a time
LONGEST = 400_000_000  # bytes of a saved booster


@dataclass(frozen=True)
class Tree:
    """The leaves of one tree.

    Attributes:
        counts: how many training people are in each leaf that has any.
        alone: the training rows that are alone in a leaf.
        values: what that leaf predicts for each of them; ``None`` where it is no mean of targets.
        asked: people were counted by asking the tree, and not by its own note.
    """

    counts: Ints
    alone: Ints
    values: Floats | None = None
    asked: bool = True


def trees_of(stage: Stage) -> tuple[str, Iterator[Tree]] | None:
    """Return the place of the trees in an estimator and their leaves; ``None`` without trees."""
    model = stage.model
    if _is_tree(model):
        return "tree_", _of_trees([model], [None], stage.rows)
    own = object.__getattribute__(model, "__dict__")
    if kinds.descends(model, HISTOGRAMS, "BaseHistGradientBoosting"):
        return "_predictors", _of_histograms(own.get("_predictors", ()))
    known = kinds.framework(model)
    if known in ("xgboost", "lightgbm"):
        return ("leaves", _native(stage)) if stage.rows is not None else None
    trees = [one for one in _listed(own.get("estimators_")) if _is_tree(one)]
    if not trees:
        return None
    chosen = own.get("estimators_features_") or [None] * len(trees)
    return "estimators_", _of_trees(trees, list(chosen), stage.rows)


def _is_tree(value: object) -> bool:
    return kinds.descends(value, "sklearn.tree._classes", "BaseDecisionTree") and hasattr(
        value, "tree_"
    )


def _listed(value: Any) -> list[Any]:
    if isinstance(value, np.ndarray):
        return list(value.reshape(-1).tolist())
    return list(value) if type(value) in (list, tuple) else []


def _of_trees(trees: list[Any], chosen: list[Any], rows: Any) -> Iterator[Tree]:
    matrix = None
    if rows is not None:
        matrix = matrix_of(rows, Book(closed=True))[0]
        few = matrix.shape[0] * len(trees) <= MOST_LOOKUPS
        matrix = matrix.astype(np.float32) if few else None
    for tree, columns in zip(trees, chosen, strict=False):
        yield _of_tree(tree, columns, matrix)


def _of_tree(model: Any, columns: Any, matrix: Any) -> Tree:
    tree = model.tree_
    width = None if matrix is None else matrix.shape[1] if columns is None else len(columns)
    if width != tree.n_features:  # it would be asked about columns that are not there
        counts = np.asarray(tree.n_node_samples)[np.asarray(tree.children_left) == -1]
        return Tree(counts, np.empty(0, dtype=np.int64), asked=False)
    all_of_them = columns is None or np.array_equal(columns, np.arange(matrix.shape[1]))
    part = matrix if all_of_them else matrix[:, columns]
    leaves = tree.apply(np.ascontiguousarray(part) if isinstance(part, np.ndarray) else part)
    many = np.bincount(leaves)
    alone = np.flatnonzero(many[leaves] == 1)
    regressor = kinds.descends(model, "sklearn.tree._classes", "DecisionTreeRegressor")
    values = np.asarray(tree.value)[leaves[alone]][:, :, 0] if regressor else None
    return Tree(many[many > 0], alone, values)


def _of_histograms(predictors: Any) -> Iterator[Tree]:
    for one in (tree for stage in predictors for tree in stage):
        nodes = one.nodes
        counts = nodes["count"][nodes["is_leaf"].astype(bool)].astype(np.int64)
        yield Tree(counts, np.empty(0, dtype=np.int64), asked=False)


def _native(stage: Stage) -> Iterator[Tree]:
    """Return the trees of XGBoost or LightGBM, numbered by the leaf that each row is in."""
    size = int(np.shape(stage.rows)[0])
    leaves: list[Ints] = []
    for start in range(0, size, PART):
        part = _part(stage.rows, start, start + PART)
        found = np.asarray(_ask(stage.model, part))
        leaves.append(found.reshape(len(found), -1).astype(np.int32))
    for tree in np.concatenate(leaves).T:
        many = np.bincount(tree)
        yield Tree(many[many > 0], np.flatnonzero(many[tree] == 1))


def _part(rows: Any, start: int, end: int) -> Any:
    return rows.iloc[start:end] if hasattr(rows, "iloc") else rows[start:end]


def _ask(model: Any, rows: Any) -> Any:
    try:
        return _said(model, rows)
    except Exception as error:  # LightGBM's errors are of no kind that others have
        raise ValueError("it does not take these rows") from error


def _said(model: Any, rows: Any) -> Any:
    if kinds.descends(model, "xgboost.core", "Booster"):
        table = kinds.lookup("xgboost.core", "DMatrix")
        return model.predict(table(rows), pred_leaf=True)
    if kinds.framework(model) == "xgboost":
        return model.apply(rows)
    return model.predict(rows, pred_leaf=True)


def splits_of(model: Any) -> dict[int, Floats]:
    """Return the numbers at which XGBoost's trees split, by the number of the column.

    They are values of the training data where it was trained on histograms.
    """
    if kinds.framework(model) != "xgboost":
        return {}
    native = kinds.descends(model, "xgboost.core", "Booster")
    saved = (model if native else model.get_booster()).save_raw("json")
    if len(saved) > LONGEST:
        return {}
    booster = json.loads(bytes(saved))["learner"]["gradient_booster"]
    booster = booster.get("gbtree", booster)  # DART wraps the trees once more
    found: dict[int, list[float]] = {}
    for tree in booster.get("model", {}).get("trees", ()):
        for left, column, at in zip(
            tree["left_children"], tree["split_indices"], tree["split_conditions"], strict=True
        ):
            if left != -1:
                found.setdefault(int(column), []).append(float(at))
    return {column: np.unique(values).astype(np.float32) for column, values in found.items()}
