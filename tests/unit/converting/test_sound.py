"""Loaded models whose numbers lead nowhere: each is refused before anything predicts with it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.neighbors import (
    BallTree,
    KDTree,
    KernelDensity,
    KNeighborsClassifier,
    LocalOutlierFactor,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, OneClassSVM
from sklearn.tree import DecisionTreeClassifier

from workbench.converting import skops_form, sound
from workbench.errors import TrustError

ROWS, LABELS = make_classification(
    60, 5, n_classes=3, n_informative=4, n_redundant=0, random_state=0
)
FAR = 1 << 30
HISTOGRAM = HistGradientBoostingClassifier(max_iter=2, categorical_features=[5])
WITH_WORDS = np.c_[ROWS, LABELS]


def refused(model: Any) -> None:
    """It is refused, in words that say what is wrong and name no number."""
    with pytest.raises(TrustError, match="not those of a fitted model") as caught:
        sound.check(model)
    assert caught.value.step == "model content"
    assert str(FAR) not in str(caught.value)


@pytest.mark.parametrize(
    "model",
    [
        *(DecisionTreeClassifier(), DecisionTreeClassifier(max_leaf_nodes=4), KMeans(3)),
        *(RandomForestClassifier(4), IsolationForest(n_estimators=4, max_features=0.6)),
        *(GradientBoostingClassifier(n_estimators=3), BaggingClassifier(max_features=0.6)),
        *(GradientBoostingClassifier(n_estimators=2, init="zero"), KNeighborsClassifier()),
        *(GradientBoostingRegressor(n_estimators=3), HistGradientBoostingClassifier(max_iter=2)),
        *(KNeighborsClassifier(algorithm="brute"), KernelDensity(), LocalOutlierFactor()),
        *(
            SVC(),
            SVC(probability=True),
            SVR(),
            OneClassSVM(),
            make_pipeline(StandardScaler(), SVC()),
        ),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:The `probability` parameter:FutureWarning")
def test_fitted_models_are_sound(model: BaseEstimator) -> None:
    sound.check(model.fit(ROWS, LABELS))
    sound.check({"a": [model, (model, {model})]})


def test_fitted_models_on_other_data_are_sound() -> None:
    """Sparse rows, categories, several targets, two classes, distances of their own."""
    sparse = scipy.sparse.csr_matrix(ROWS)
    metric = {"metric": "mahalanobis", "metric_params": {"VI": np.eye(5)}}
    for model, rows, labels in (
        (SVC(), sparse, LABELS),
        (OneClassSVM(), sparse, None),
        (SVC(kernel="precomputed"), ROWS @ ROWS.T, LABELS),
        (HISTOGRAM, WITH_WORDS, LABELS),
        (GradientBoostingClassifier(n_estimators=2), ROWS, LABELS > 0),
        (RandomForestClassifier(2), ROWS, np.c_[LABELS, LABELS]),
        (KNeighborsClassifier(), ROWS, np.c_[LABELS, LABELS]),
        (KNeighborsClassifier(algorithm="ball_tree", **metric), ROWS, LABELS),
        (KNeighborsClassifier(algorithm="brute"), sparse, LABELS),
    ):
        sound.check(model.fit(rows, labels))
    for kind in ("csr", "csc", "coo", "bsr", "lil", "dok", "dia"):
        sound.check([scipy.sparse.eye(4, format=kind), scipy.sparse.eye_array(4, format=kind)])
    sound.check([None, "a", 3, np.arange(3), np.array([None, "a"], object)])


def replanted(change: Callable[[dict[str, Any]], None]) -> DecisionTreeClassifier:
    """A fitted tree with other nodes."""
    model = DecisionTreeClassifier(random_state=0).fit(ROWS, LABELS)
    kind, made, state = model.tree_.__reduce__()
    state = {key: copy.copy(value) for key, value in state.items()}
    change(state)
    tree = kind(*made)
    tree.__setstate__(state)
    model.tree_ = tree
    return model


def _node(field: str, value: int) -> Callable[[dict[str, Any]], None]:
    return lambda state: state["nodes"][field].__setitem__(0, value)


TREES = {
    "far child": _node("left_child", FAR),
    "negative child": _node("right_child", -5),
    "cycle": _node("left_child", 0),
    "two parents": _node("left_child", 2),
    "half a leaf": _node("left_child", -1),
    "far column": _node("feature", FAR),
    "column behind the last": _node("feature", ROWS.shape[1]),
    "negative column": _node("feature", -2),
    "no nodes": lambda state: state.update(node_count=0),
    "fewer nodes": lambda state: state.update(node_count=state["node_count"] - 1),
    "flat": lambda state: state.update(max_depth=1),
}


@pytest.mark.parametrize("name", TREES)
def test_trees_that_lead_out_of_themselves_are_refused(name: str) -> None:
    model = replanted(TREES[name])
    refused(model)
    refused(make_pipeline(StandardScaler(), model))


def test_a_file_with_such_a_tree_is_refused_although_its_owner_is_trusted(tmp_path: Path) -> None:
    content, unknown = skops_form.content(replanted(TREES["far child"]))
    path = tmp_path / skops_form.FILE
    path.write_bytes(content)
    with pytest.raises(TrustError, match="a decision tree in it leads out of itself"):
        skops_form.load(path, unknown)
    content, unknown = skops_form.content(replanted(lambda state: None))
    path.write_bytes(content)
    assert skops_form.load(path, unknown).predict(ROWS).shape == (60,)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["left_child", "right_child", "feature"]), st.integers(0, 8),
       st.integers(-(2**62), 2**62))  # fmt: skip
def test_no_change_of_a_node_makes_a_tree_that_leads_out(field: str, at: int, value: int) -> None:
    """Followed by an independent walk: what is not refused ends at a leaf for any row."""

    def change(state: dict[str, Any]) -> None:
        state["nodes"][field][at] = value

    model = replanted(change)
    try:
        sound.check(model)
    except TrustError:
        return
    nodes = model.tree_.__getstate__()["nodes"]
    for start in range(len(nodes)):
        seen, waiting = set(), [start]
        while waiting:
            here = waiting.pop()
            assert here not in seen
            assert 0 <= here < len(nodes)
            seen.add(here)
            if nodes["left_child"][here] != -1:
                assert 0 <= nodes["feature"][here] < ROWS.shape[1]
                waiting += [int(nodes["left_child"][here]), int(nodes["right_child"][here])]


def test_trees_that_read_more_columns_than_there_are_are_refused() -> None:
    wide = np.c_[ROWS, ROWS]
    tree = DecisionTreeClassifier(random_state=0).fit(wide, LABELS)
    tree.n_features_in_ = 5
    refused(tree)
    forest = RandomForestClassifier(3, random_state=0).fit(wide, LABELS)
    forest.n_features_in_ = 5
    refused(forest)
    forest = IsolationForest(n_estimators=3, max_features=0.6).fit(ROWS)
    forest.estimators_features_[0] = forest.estimators_features_[0][:1]
    refused(forest)
    del tree.n_features_in_
    refused(tree)


def test_more_trees_than_scores_are_refused() -> None:
    model = GradientBoostingClassifier(n_estimators=2, random_state=0).fit(ROWS, LABELS)
    sound.check(model)
    model.estimators_ = np.tile(model.estimators_, (1, 9))
    refused(model)
    model.n_trees_per_iteration_ = 27
    refused(model)


@pytest.mark.parametrize(
    ("field", "value"),
    [("left", FAR), ("right", 0), ("feature_idx", FAR), ("feature_idx", -1), ("feature_idx", 6),
     ("is_categorical", 1), ("is_leaf", 1)],
)  # fmt: skip
def test_histogram_trees_that_lead_out_are_refused(field: str, value: int) -> None:
    model = HistGradientBoostingClassifier(max_iter=1).fit(ROWS, LABELS)
    model._predictors[0][0].nodes[field][0] = value
    refused(model)


def test_categories_of_histograms_are_checked() -> None:
    for change in (
        lambda m: setattr(m._bin_mapper, "is_categorical_", np.zeros(6, np.uint8)),
        lambda m: setattr(m, "_n_features", 600),
        lambda m: setattr(m._predictors[0][0], "raw_left_cat_bitsets", np.zeros((0, 8), np.uint32)),
        lambda m: setattr(m._predictors[0][0], "raw_left_cat_bitsets", np.zeros((9, 1), np.uint32)),
    ):
        model = copy.deepcopy(HISTOGRAM.fit(WITH_WORDS, LABELS))
        assert any(tree.nodes["is_categorical"].any() for tree in model._predictors[0])
        change(model)
        refused(model)


NEIGHBOURS = {
    "index": lambda state: state[1].__setitem__(0, FAR),
    "negative": lambda state: state[1].__setitem__(0, -1),
    "start": lambda state: state[2]["idx_start"].__setitem__(1, -1),
    "end": lambda state: state[2]["idx_end"].__setitem__(0, FAR),
    "leaf": lambda state: state[2]["is_leaf"].__setitem__(len(state[2]) - 1, 0),
    "levels": lambda state: state.__setitem__(5, 40),
    "nodes": lambda state: state.__setitem__(6, FAR),
    "bounds": lambda state: state.__setitem__(3, state[3][:, :1].copy()),
    "columns": lambda state: state.__setitem__(3, state[3][:, :, :1].copy()),
    "weights": lambda state: state.__setitem__(12, np.ones(2)),
}


@pytest.mark.parametrize("name", NEIGHBOURS)
@pytest.mark.parametrize("kind", [KDTree, BallTree])
def test_trees_of_neighbours_that_lead_out_are_refused(kind: Any, name: str) -> None:
    state = [copy.copy(one) for one in kind(ROWS, leaf_size=5).__getstate__()]
    NEIGHBOURS[name](state)
    tree = kind.__new__(kind)
    tree.__setstate__(tuple(state))
    refused([tree])


def test_classes_of_neighbours_are_checked() -> None:
    model = KNeighborsClassifier(algorithm="brute").fit(ROWS, LABELS)
    for change in (
        lambda m: m._y.__setitem__(0, FAR),
        lambda m: m._y.__setitem__(0, -1),
        lambda m: setattr(m, "_y", m._y[:3]),
        lambda m: setattr(m, "_fit_X", m._fit_X[:, :2].copy()),
    ):
        changed = copy.deepcopy(model)
        change(changed)
        refused(changed)


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "bsr"])
def test_sparse_matrices_that_lead_out_are_refused(kind: str) -> None:
    for value in (FAR, -1):
        matrix = scipy.sparse.eye(4, format=kind)
        (matrix.row if kind == "coo" else matrix.indices)[1] = value
        refused({"coefficients": matrix})
    if kind != "coo":
        matrix = scipy.sparse.eye(4, format=kind)
        matrix.indptr[2] = FAR
        refused([matrix])


@pytest.mark.parametrize(
    ("name", "value"),
    [("_n_support", np.array([FAR, 1, 1], np.int32)), ("_dual_coef_", np.zeros((2, 3))),
     ("_intercept_", np.zeros(1)), ("_probA", np.zeros(2)), ("support_vectors_", ROWS[:3]),
     ("support_", np.zeros(4, np.int32)), ("shape_fit_", (60, 3))],
)  # fmt: skip
def test_support_vectors_that_do_not_fit_are_refused(name: str, value: Any) -> None:
    model = SVC().fit(ROWS, LABELS)
    setattr(model, name, value)
    refused(model)


def test_centres_that_do_not_fit_are_refused() -> None:
    model = KMeans(3, n_init=1).fit(ROWS)
    model.cluster_centers_ = model.cluster_centers_[:, :2]
    refused(model)


def at(source: Any, place: int) -> Any:
    """A source of random numbers that goes on from another place."""
    state = source.state
    (state["state"] if "pos" in state["state"] else state).update(
        {"pos": place} if "pos" in state["state"] else {"buffer_pos": place}
    )
    source.state = state
    return source


@pytest.mark.parametrize("place", [FAR, -FAR, -1])
@pytest.mark.parametrize("kind", [np.random.MT19937, np.random.Philox])
def test_random_numbers_from_elsewhere_are_refused(kind: Any, place: int) -> None:
    """NumPy reads where the state says, wherever that is."""
    for source in (kind(0), np.random.Generator(kind(0)), np.random.RandomState(kind(0))):
        sound.check(KMeans(random_state=source))
    refused(KMeans(random_state=at(kind(0), place)))
    refused(KMeans(random_state=np.random.Generator(at(kind(0), place))))
    refused(KMeans(random_state=np.random.RandomState(at(kind(0), place))))


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.SFC64, np.random.PCG64DXSM])
def test_other_random_numbers_are_sound(kind: Any) -> None:
    sound.check([kind(0), np.random.Generator(kind(0)), np.random.RandomState(kind(0))])


def test_a_model_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "MOST", 50)
    refused([[] for _ in range(100)])
    loop: list[Any] = []
    loop.append(loop)
    sound.check(loop)
