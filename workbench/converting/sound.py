"""A loaded scikit-learn model, walked through before it is used: do its numbers lead anywhere?

Compiled parts of scikit-learn, SciPy and NumPy follow the indices that a file gives them without
asking whether they lead out of an array. A file made up on purpose could so crash whoever predicts
with it, or read memory that is not the model's. Nothing here calls the compiled part of an object
before its own sizes were compared.

Sources: ``sklearn/tree/_tree.pyx``, ``ensemble/_gradient_boosting.pyx``,
``ensemble/_hist_gradient_boosting/_predictor.pyx``, ``neighbors/_binary_tree.pxi.tp``,
``svm/src/libsvm`` of scikit-learn 1.9, ``scipy.sparse`` 1.17, and ``random/_mt19937.pyx`` and
``_philox.pyx`` of NumPy 2.4.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from workbench.errors import TrustError

__all__ = ["check", "parts"]

MOST = 10_000_000  # parts of a model that are walked through
PLAIN = (str, bytes, bytearray, int, float, complex, bool, type(None), np.dtype, np.generic, type)


class _Unsound(Exception):
    """A part of a model is not what scikit-learn would have made; the message says which."""


def check(model: Any) -> None:
    """Check the parts of a loaded model that compiled code trusts.

    Raises:
        TrustError: a part that leads out of its own arrays, or is not what scikit-learn makes (step
            ``"model content"``).
    """
    try:
        for part in parts(model):
            for kind, look in CHECKS.items():
                if _is(part, kind):
                    look(part)
    except Exception as error:  # parts that were made up can raise anything
        why = str(error) if isinstance(error, _Unsound) else "a part of it is not complete"
        raise TrustError(
            "model content",
            f"the model's numbers are not those of a fitted model: {why}.",
            unchanged="The model was not handed out.",
            hint="Ask the owner to publish the model again; do not open the file in another way.",
        ) from error


def parts(model: Any) -> Iterator[Any]:
    """Yield everything that a model is made of, each thing once."""
    seen: set[int] = set()
    kept: list[Any] = []  # what is made on the way, so that no address comes twice
    waiting = [model]
    while waiting:
        one = waiting.pop()
        if isinstance(one, PLAIN) or id(one) in seen:
            continue
        if len(seen) > MOST:
            raise _Unsound("it has too many parts")
        seen.add(id(one))
        kept.append(one)
        yield one
        waiting += _inside(one)


def _inside(one: Any) -> list[Any]:
    if isinstance(one, np.ndarray):
        return list(one.ravel()) if one.dtype.hasobject else []
    if isinstance(one, dict):
        return [*one.keys(), *one.values()]
    if isinstance(one, list | tuple | set | frozenset):
        return list(one)
    held = getattr(one, "__dict__", None)
    return list(held.values()) if isinstance(held, dict) else []


def _is(part: Any, kind: str) -> bool:
    """Tell whether a part is of a class, which is not imported for that."""
    module, _, name = kind.rpartition(".")
    found = getattr(sys.modules.get(module), name, None)
    return isinstance(found, type) and isinstance(part, found)


def _require(holds: Any, what: str) -> None:
    if not holds:
        raise _Unsound(what)


def _whole(values: Any, low: int, high: int, what: str) -> Any:
    """Return whole numbers from ``low`` up to but not including ``high``."""
    array = np.asarray(values)
    _require(array.dtype.kind in "iu" or array.size == 0, what)
    _require(array.size == 0 or (array.min() >= low and array.max() < high), what)
    return array


def _forward(left: Any, right: Any, inner: Any, what: str) -> int:
    """Check that every node but the first is the child of one before it; return the depth."""
    count = len(left)
    at = np.flatnonzero(inner)
    children = np.concatenate([left[at], right[at]]).astype(np.int64)
    parents = np.concatenate([at, at])
    _whole(children, 0, count, what)
    _require((children > parents).all(), what)
    _require(np.array_equal(np.sort(children), np.arange(1, count)), what)
    depth = np.zeros(count, np.int64)
    level, deepest = np.zeros(1, np.int64), 0
    while True:
        level = level[inner[level]]
        if not len(level):
            return deepest
        level = np.concatenate([left[level], right[level]]).astype(np.int64)
        deepest += 1
        depth[level] = deepest


# Decision trees and what is made of them ---------------------------------------------------------


def _tree(tree: Any) -> None:
    """``Tree``: its children come after it, its features are there, its depth is true."""
    what = "a decision tree in it leads out of itself"
    _require(0 < tree.node_count <= tree.capacity, what)
    left, right = np.asarray(tree.children_left), np.asarray(tree.children_right)
    inner = left != -1
    _require((right[~inner] == -1).all(), what)
    _whole(np.asarray(tree.feature)[inner], 0, tree.n_features, what)
    _require(_forward(left, right, inner, what) == tree.max_depth, what)
    _require((np.asarray(tree.n_classes) >= 1).all() and tree.n_outputs >= 1, what)


def _tree_owner(model: Any) -> None:
    """A tree reads as many columns as its model lets in."""
    tree = vars(model).get("tree_")
    if tree is not None:
        _require(
            _is(tree, "sklearn.tree._tree.Tree") and tree.n_features == model.n_features_in_,
            "a decision tree in it reads columns that its data do not have",
        )


def _forest(model: Any) -> None:
    """The trees of a forest get its rows as they are, without a check of their own."""
    trees = vars(model).get("estimators_", ())
    same = all(tree.n_features_in_ == model.n_features_in_ for tree in np.ravel(trees))
    _require(same, "a decision tree in it reads columns that its data do not have")


def _isolation(model: Any) -> None:
    """Each tree gets the columns that were drawn for it."""
    trees = vars(model).get("estimators_", ())
    drawn = vars(model).get("estimators_features_", ())
    what = "a decision tree in it reads columns that its data do not have"
    _require(len(trees) == len(drawn), what)
    for tree, columns in zip(trees, drawn, strict=True):
        _whole(columns, 0, model.n_features_in_, what)
        _require(tree.n_features_in_ == len(columns), what)


def _boosting(model: Any) -> None:
    """``predict_stages`` writes one column of scores for each column of trees."""
    trees = vars(model).get("estimators_")
    if trees is None:
        return
    what = "its trees are not as many as its scores"
    _require(isinstance(trees, np.ndarray) and trees.ndim == 2, what)
    for tree in trees.ravel():
        _require(_is(tree, "sklearn.tree._classes.DecisionTreeRegressor"), what)
        _require(tree.tree_.n_outputs == 1 and tree.tree_.max_n_classes == 1, what)
        _tree(tree.tree_)
    _forest(model)
    row = np.zeros((1, int(model.n_features_in_)), np.float32)
    _require(model._raw_predict_init(row).shape == (1, trees.shape[1]), what)
    _require(model.n_trees_per_iteration_ == trees.shape[1], what)


def _predictor(part: Any) -> None:
    """``TreePredictor``: nodes of a histogram tree, and bits for categories."""
    what = "a decision tree in it leads out of itself"
    nodes = part.nodes
    _require(isinstance(nodes, np.ndarray) and nodes.ndim == 1 and len(nodes) > 0, what)
    inner = nodes["is_leaf"] == 0
    _forward(nodes["left"], nodes["right"], inner, what)
    chosen = nodes["bitset_idx"][inner & (nodes["is_categorical"] != 0)]
    for bits in (part.raw_left_cat_bitsets, part.binned_left_cat_bitsets):
        _require(bits.ndim == 2 and bits.shape[1] == 8 and bits.dtype == np.uint32, what)
        _whole(chosen, 0, len(bits), what)


def _histogram(model: Any) -> None:
    """The trees read columns of the model's rows, and of its list of categories."""
    what = "a decision tree in it reads columns that its data do not have"
    count = model._n_features
    _require(count == model.n_features_in_, what)
    categorical = model._bin_mapper.is_categorical_
    _require(len(categorical) == count == len(model._bin_mapper.bin_thresholds_), what)
    for trees in model._predictors:
        _require(len(trees) == model.n_trees_per_iteration_, what)
        for tree in trees:
            nodes = tree.nodes
            inner = nodes["is_leaf"] == 0
            _whole(nodes["feature_idx"][inner], 0, count, what)
            asked = nodes["feature_idx"][inner & (nodes["is_categorical"] != 0)]
            _require(np.asarray(categorical, bool)[asked].all(), what)


# Neighbours ---------------------------------------------------------------------------------------


def _neighbour_tree(tree: Any) -> None:
    """``KDTree`` and ``BallTree``: a complete binary tree over ranges of an index."""
    what = "a tree of neighbours in it leads out of itself"
    state = tree.__getstate__()
    data, index, nodes, bounds = (np.asarray(one) for one in state[:4])
    levels, count = state[5:7]
    distance, weights = state[11:13]
    rows = len(data)
    _require(data.ndim == 2 and rows > 0 and index.shape == (rows,), what)
    _require(0 < levels < 60 and count == 2**levels - 1 == len(nodes), what)
    _require(bounds.shape[1:] == (count, data.shape[1]), what)
    _require(bounds.shape[0] == (2 if "KDTree" in type(tree).__name__ else 1), what)
    _whole(index, 0, rows, what)
    start, end = nodes["idx_start"], nodes["idx_end"]
    _whole(start, 0, rows + 1, what)
    _whole(end, 0, rows + 1, what)
    _require((start <= end).all(), what)
    at = np.arange(count)
    _require((nodes["is_leaf"][2 * at + 2 >= count] != 0).all(), what)
    _require(weights is None or len(weights) == rows, what)
    _distance(distance, data.shape[1])


def _distance(metric: Any, columns: int) -> None:
    """Distances with weights or a matrix read as many of them as the data have columns."""
    _, vector, matrix = metric.__getstate__()[:3]
    name = type(metric).__name__
    what = "a distance in it does not fit its data"
    _require(vector.size in (0, 1, columns), what)
    if name.startswith("SEuclidean"):
        _require(vector.size == columns, what)
    if name.startswith("Mahalanobis"):
        _require(matrix.shape == (columns, columns), what)


def _neighbours(model: Any) -> None:
    """Classes of the neighbours are counted where the numbers of the classes say."""
    what = "its neighbours do not fit its data"
    known = vars(model)
    rows, tree = known.get("_fit_X"), known.get("_tree")
    if rows is not None:
        _require(rows.ndim == 2 and rows.shape[1] == model.n_features_in_, what)
        _require(tree is None or np.asarray(tree.data).shape == rows.shape, what)
    labels, classes = known.get("_y"), known.get("classes_")
    if labels is None or rows is None:
        return
    _require(len(labels) == rows.shape[0], what)
    if classes is not None:
        lists = classes if isinstance(classes, list) else [classes]
        columns = np.asarray(labels).reshape(len(labels), -1)
        _require(columns.shape[1] == len(lists), what)
        for column, names in zip(columns.T, lists, strict=True):
            _whole(column, 0, len(names), what)


# Others -------------------------------------------------------------------------------------------


def _support_vectors(model: Any) -> None:
    """libsvm copies what its sizes say: vectors, their weights, one offset for each pair."""
    if "support_vectors_" not in vars(model):
        return
    what = "its support vectors do not fit together"
    counts = _whole(model._n_support, 0, 1 << 31, what)
    support = _whole(model.support_, 0, model.shape_fit_[0], what)
    classes = len(counts) if hasattr(model, "classes_") else 2
    total = int(counts.sum()) if hasattr(model, "classes_") else int(counts[0])
    pairs = classes * (classes - 1) // 2
    weights, vectors = model._dual_coef_, model.support_vectors_
    _require(support.shape == (total,) and weights.shape == (classes - 1, total), what)
    _require(np.shape(model._intercept_) == (pairs,), what)
    for given in (model._probA, model._probB):
        _require(np.size(given) in (0, pairs), what)
    _require(np.size(model._probA) == np.size(model._probB), what)
    if not callable(model.kernel) and model.kernel != "precomputed":
        _require(vectors.shape == (total, model.n_features_in_), what)
        _require(model.shape_fit_[1] == model.n_features_in_, what)
    if hasattr(model, "classes_"):
        _require(len(model.classes_) == classes, what)


def _centres(model: Any) -> None:
    """Distances to the centres are computed over the columns of the rows."""
    centres = vars(model).get("cluster_centers_")
    if centres is not None:
        fits = centres.ndim == 2 and centres.shape == (model.n_clusters, model.n_features_in_)
        _require(fits, "its centres do not fit its data")


def _sparse(matrix: Any) -> None:
    """The rows and columns of a sparse matrix are within it."""
    what = "the indices of a sparse matrix in it lead out of it"
    try:
        if matrix.format in ("csr", "csc", "bsr"):
            matrix.check_format(full_check=True)
        elif matrix.format == "coo":
            for size, index in zip(matrix.shape, (matrix.row, matrix.col), strict=True):
                _whole(index, 0, size, what)
                _require(len(index) == len(matrix.data), what)
        else:
            _require(matrix.format in ("dia", "lil", "dok"), what)
    except ValueError:
        raise _Unsound(what) from None


def _chance(source: Any) -> None:
    """Random numbers are read from where the state says the last one was."""
    if _is(source, "numpy.random._generator.Generator"):
        source = source.bit_generator
    legacy = _is(source, "numpy.random.mtrand.RandomState")
    state = source.get_state(legacy=False) if legacy else source.state
    what = "its random numbers are read from outside of their state"
    if state["bit_generator"] == "MT19937":
        _require(0 <= state["state"]["pos"] <= 624, what)
    if state["bit_generator"] == "Philox":
        _require(0 <= state["buffer_pos"] <= 4, what)


CHECKS: dict[str, Callable[[Any], None]] = {
    "sklearn.tree._tree.Tree": _tree,
    "sklearn.tree._classes.BaseDecisionTree": _tree_owner,
    "sklearn.ensemble._forest.BaseForest": _forest,
    "sklearn.ensemble._iforest.IsolationForest": _isolation,
    "sklearn.ensemble._gb.BaseGradientBoosting": _boosting,
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor": _predictor,
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.BaseHistGradientBoosting": (
        _histogram
    ),
    "sklearn.neighbors._kd_tree.BinaryTree64": _neighbour_tree,
    "sklearn.neighbors._kd_tree.BinaryTree32": _neighbour_tree,
    "sklearn.neighbors._ball_tree.BinaryTree64": _neighbour_tree,
    "sklearn.neighbors._ball_tree.BinaryTree32": _neighbour_tree,
    "sklearn.neighbors._base.NeighborsBase": _neighbours,
    "sklearn.svm._base.BaseLibSVM": _support_vectors,
    "sklearn.cluster._kmeans._BaseKMeans": _centres,
    "scipy.sparse._base._spbase": _sparse,
    "numpy.random.mtrand.RandomState": _chance,
    "numpy.random._generator.Generator": _chance,
    "numpy.random.bit_generator.BitGenerator": _chance,
}
