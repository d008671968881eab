"""Boosted trees as ONNX: equal where a tree decides, and refused by name where they cannot be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import onnx
import pandas as pd
import pytest
import scipy.sparse
import xgboost
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun
from sklearn import preprocessing as pre
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from tests.unit.converting.samples import (
    AMOUNT,
    FRAME,
    FULL,
    NAMES,
    THREE,
    X,
    Y,
    of_lightgbm,
    of_xgboost,
)
from workbench.converting import boosted
from workbench.converting.loading import load
from workbench.converting.onnx_model import OnnxClassifier, OnnxModel
from workbench.converting.safer import safer
from workbench.errors import InputError
from workbench.findings.converted import Form

FEW: dict[str, Any] = {"n_estimators": 4, "n_jobs": 1}
QUIET: dict[str, Any] = {**FEW, "verbose": -1}
HIST: dict[str, Any] = {"max_iter": 5, "random_state": 0}
NOTHING = 1e-30  # LightGBM takes what is not 1e-35 away from zero to be zero
GAPS = np.where(np.random.default_rng(3).random(FULL.shape) < 0.1, np.nan, FULL)
WARDS = pd.DataFrame({"age of": FULL[:, 0], "dose": GAPS[:, 1], "ward": FRAME["ward"].astype(str)})
TEXTS = ["Patient has a fever", "no FEVER at all", "Übelkeit und Fieber", "ÄRZTE", "ok"] * 48

MODELS: dict[str, Callable[[], Any]] = {
    "histograms": lambda: HistGradientBoostingClassifier(**HIST).fit(GAPS, NAMES),
    "histograms of three": lambda: HistGradientBoostingClassifier(**HIST).fit(GAPS, THREE),
    "histograms of amounts": lambda: HistGradientBoostingRegressor(**HIST).fit(GAPS, AMOUNT),
    "histograms of counts": lambda: HistGradientBoostingRegressor(loss="poisson", **HIST).fit(
        GAPS, THREE
    ),
    "early stop": lambda: xgboost.XGBClassifier(
        n_estimators=60, n_jobs=1, early_stopping_rounds=2
    ).fit(X[:120], Y[:120], eval_set=[(X[120:], THREE[120:] % 2)], verbose=False),
    "counts": lambda: xgboost.XGBRegressor(objective="count:poisson", **FEW).fit(X, THREE),
    "ranks": lambda: xgboost.XGBRanker(**FEW).fit(X, Y, qid=np.arange(len(X)) // 20),
    "quantiles": lambda: xgboost.XGBRegressor(
        objective="reg:quantileerror", quantile_alpha=[0.1, 0.9], **FEW
    ).fit(X, AMOUNT),
    "each by itself": lambda: lightgbm.LGBMClassifier(objective="multiclassova", **QUIET).fit(
        X, THREE
    ),
    "steep": lambda: lightgbm.LGBMClassifier(sigmoid=2.0, **QUIET).fit(X, Y > 0),
    "many gaps": lambda: lightgbm.LGBMRegressor(**QUIET).fit(GAPS, AMOUNT),
    "pipeline": lambda: make_pipeline(xgboost.XGBClassifier(**FEW)).fit(X, Y),
    "search": lambda: GridSearchCV(xgboost.XGBClassifier(**FEW), {"max_depth": [2]}, cv=2).fit(
        X, Y
    ),
}
TRAINED: dict[str, Callable[[], Any]] = {
    **{f"xgboost {name}": (lambda name=name: of_xgboost()[name]) for name in of_xgboost()},
    **{f"lightgbm {name}": (lambda name=name: of_lightgbm()[name]) for name in of_lightgbm()},
    **MODELS,
}
del TRAINED["xgboost linear"]  # it has no trees


def kept(model: Any, folder: Path, sample: Any = None) -> OnnxModel:
    report = safer(model, folder, sample=sample, form="onnx").report
    assert report.form is Form.onnx
    onnx.checker.check_model(onnx.load(folder / "model.onnx"), full_check=True)
    found = load(folder)
    assert isinstance(found, OnnxModel)
    return found


def on_edges(model: Any) -> np.ndarray[Any, Any]:
    """Rows that lie on thresholds, a step beside them, and where there is nothing."""
    found = boosted.read(model)
    kind = np.float32 if found.single else np.float64
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(400, found.columns)).astype(kind)
    for tree in found.trees:
        for node in np.flatnonzero(tree.left >= 0):
            edge = kind(tree.threshold[node])
            if abs(edge) < NOTHING:
                continue
            near = [edge, np.nextafter(edge, kind(-9)), np.nextafter(edge, kind(9)), kind(np.nan)]
            rows[rng.integers(len(rows), size=4), tree.column[node]] = near
    return rows


def said(model: Any, rows: Any) -> list[Any]:
    if isinstance(model, xgboost.Booster):
        return [model.predict(xgboost.DMatrix(rows))]
    asked = ("predict", "predict_proba")
    return [getattr(model, name)(rows) for name in asked if hasattr(model, name)]


class TreeEnsembleRegressor(OpRun):
    """The operation on trees by its text; the evaluator's own knows no numbers of 64 bits."""

    op_domain = "ai.onnx.ml"
    op_schema = onnx.defs.get_schema("TreeEnsembleRegressor", 3, op_domain)

    def _run(self, rows: Any, **given: Any) -> Any:
        places = list(zip(given["nodes_treeids"], given["nodes_nodeids"], strict=True))
        nodes = {place: number for number, place in enumerate(places)}
        leaves = zip(given["target_treeids"], given["target_nodeids"], strict=True)
        adds = {place: number for number, place in enumerate(leaves)}
        total = np.tile(given["base_values_as_tensor"], (len(rows), 1))
        for row, sums in zip(rows, total, strict=True):
            for tree in set(given["nodes_treeids"]):
                place = (tree, 0)
                while (mode := given["nodes_modes"][nodes[place]]) != "LEAF":
                    at = nodes[place]
                    value = row[given["nodes_featureids"][at]]
                    edge = given["nodes_values_as_tensor"][at]
                    goes = value < edge if mode == "BRANCH_LT" else value <= edge
                    if np.isnan(value):
                        goes = given["nodes_missing_value_tracks_true"][at] == 1
                    side = "nodes_truenodeids" if goes else "nodes_falsenodeids"
                    place = (tree, given[side][at])
                leaf = adds[place]
                sums[given["target_ids"][leaf]] += given["target_weights_as_tensor"][leaf]
        return (total.astype(np.float32),)


class TestTrees:
    @pytest.mark.parametrize("name", TRAINED)
    def test_are_equal_where_they_decide(self, name: str, tmp_path: Path) -> None:
        """On each threshold and next to it, and where values are missing."""
        model = TRAINED[name]()
        again = kept(model, tmp_path, X)
        inner = getattr(model, "best_estimator_", model)
        rows = on_edges(inner[-1] if hasattr(inner, "steps") else inner)
        before, after = said(model, rows), said(again, rows)
        assert len(before) == len(after)
        assert isinstance(again, OnnxClassifier) is (len(before) == 2)
        for one, other in zip(before, after, strict=True):
            if one.dtype.kind == "f":
                np.testing.assert_allclose(other, one, rtol=1e-5, atol=1e-6)
            else:
                assert other.tolist() == one.tolist()

    @pytest.mark.parametrize("name", ["histograms of three", "xgboost dart", "lightgbm forest"])
    def test_another_implementation_agrees(self, name: str, tmp_path: Path) -> None:
        """The reference evaluator of ONNX, with trees walked as the standard says."""
        model = TRAINED[name]()
        kept(model, tmp_path, X)
        kind = np.float32 if boosted.read(model).single else np.float64
        reference = ReferenceEvaluator(
            str(tmp_path / "model.onnx"), new_ops=[TreeEnsembleRegressor]
        )
        found = reference.run(None, {"rows": X.astype(kind)})
        expected = said(model, X)[-1]
        np.testing.assert_allclose(found[-1].reshape(expected.shape), expected, rtol=1e-5)

    def test_columns_are_found_by_name(self, tmp_path: Path) -> None:
        table = WARDS[["age of", "dose"]]
        model = lightgbm.LGBMClassifier(**QUIET).fit(table, NAMES)
        again = kept(model, tmp_path, table)
        assert again.columns == ("age of", "dose")
        assert again.predict(table[["dose", "age of"]]).tolist() == model.predict(table).tolist()

    def test_no_tree_at_all(self, tmp_path: Path) -> None:
        """What is left is what the sum begins with."""
        model = xgboost.XGBRegressor(n_estimators=0, base_score=2.5).fit(X, AMOUNT)
        assert kept(model, tmp_path, X).predict(X).tolist() == [2.5] * len(X)

    @pytest.mark.parametrize(
        ("make", "sample", "why"),
        [
            (of_xgboost()["linear"], X, "not made of trees"),
            (lightgbm.LGBMClassifier(**QUIET).fit(FRAME, Y), FRAME, "column ward holds no numbers"),
            (
                HistGradientBoostingClassifier(categorical_features=[1], **HIST).fit(
                    np.c_[X[:, 0], THREE], Y
                ),
                None,
                "it tells categories apart",
            ),
            (
                lightgbm.LGBMClassifier(**QUIET).fit(
                    np.c_[X[:, 0], THREE], THREE == 1, categorical_feature=[1]
                ),
                None,
                "it tells categories apart",
            ),
            (
                xgboost.XGBClassifier(
                    enable_categorical=True, feature_types=["q", "c"], **FEW
                ).fit(np.c_[X[:, 0], THREE], Y),
                None,
                "it tells categories apart",
            ),
            (xgboost.XGBClassifier(missing=-1, **FEW).fit(FULL, Y), X, "stands for missing"),
            (
                lightgbm.LGBMClassifier(zero_as_missing=True, **QUIET).fit(np.round(FULL), Y),
                X,
                "zero stands for missing",
            ),
            (
                lightgbm.LGBMRegressor(linear_tree=True, **QUIET).fit(FULL, AMOUNT),
                X,
                "its leaves hold equations",
            ),
            (
                xgboost.XGBRegressor(multi_strategy="multi_output_tree", **FEW).fit(X, FULL),
                X,
                "its leaves hold several numbers",
            ),
            (
                xgboost.XGBClassifier(objective="binary:hinge", **FEW).fit(X, Y),
                X,
                "objective binary:hinge has no counterpart",
            ),
            (
                lightgbm.LGBMRegressor(reg_sqrt=True, **QUIET).fit(X, AMOUNT),
                X,
                "objective regression sqrt has no counterpart",
            ),
            (xgboost.XGBClassifier(**FEW).fit(X, np.c_[Y, 1 - Y]), X, "several labels at once"),
            (
                xgboost.XGBClassifier(**FEW).fit(scipy.sparse.csr_array(FULL), Y),
                scipy.sparse.csr_array(FULL),
                "what a sparse table does not hold",
            ),
            (lightgbm.LGBMClassifier(**QUIET).fit(X, 0 * Y), X, "its classes do not fit"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_told_is_refused(
        self, make: Any, sample: Any, why: str, tmp_path: Path
    ) -> None:
        with pytest.raises(InputError, match=f"cannot be written as ONNX: .*{why}") as caught:
            safer(make, tmp_path, sample=sample, form="onnx")
        assert caught.value.unchanged == "Nothing was written."
        assert list(tmp_path.iterdir()) == []


BOOSTERS: dict[str, tuple[Callable[[], Any], Any]] = {
    "xgboost": (lambda: xgboost.XGBClassifier(**FEW), Y),
    "lightgbm": (lambda: lightgbm.LGBMClassifier(**QUIET), NAMES),
    "histograms": (lambda: HistGradientBoostingClassifier(**HIST), NAMES),
}

each = pytest.mark.parametrize("name", BOOSTERS)
sparse = pytest.mark.parametrize("name", ["xgboost", "lightgbm"])  # the third takes no such tables


def prepared(*, thin: bool) -> Any:
    return make_column_transformer(
        (make_pipeline(SimpleImputer(), pre.StandardScaler()), ["age of", "dose"]),
        (pre.OneHotEncoder(handle_unknown="ignore", sparse_output=thin), ["ward"]),
        sparse_threshold=1.0,
    )


class TestPipelines:
    """Rows go through the steps before the trees in 64 bits, as they did in training."""

    @each
    def test_of_tables(self, name: str, tmp_path: Path) -> None:
        """A gap is filled with a value that trees ask about."""
        make, labels = BOOSTERS[name]
        model = make_pipeline(prepared(thin=False), make()).fit(WARDS, labels)
        again = kept(model, tmp_path, WARDS)
        assert again.predict(WARDS).tolist() == model.predict(WARDS).tolist()

    @sparse
    def test_of_sparse_tables(self, name: str, tmp_path: Path) -> None:
        """What XGBoost finds no entry for is missing, to the others it is zero."""
        make, labels = BOOSTERS[name]
        model = make_pipeline(prepared(thin=True), make()).fit(WARDS, labels)
        again = kept(model, tmp_path, WARDS)
        np.testing.assert_allclose(
            again.predict_proba(WARDS), model.predict_proba(WARDS), atol=1e-6
        )

    @sparse
    def test_of_texts(self, name: str, tmp_path: Path) -> None:
        make, labels = BOOSTERS[name]
        model = make_pipeline(TfidfVectorizer(), make()).fit(TEXTS, labels)
        assert kept(model, tmp_path, TEXTS).predict(TEXTS).tolist() == list(model.predict(TEXTS))

    @each
    def test_with_gaps_filled_in_another_way(self, name: str, tmp_path: Path) -> None:
        make, labels = BOOSTERS[name]
        model = make_pipeline(SimpleImputer(add_indicator=True), make()).fit(GAPS, labels)
        with pytest.raises(InputError, match="fills gaps in another way"):
            safer(model, tmp_path, sample=GAPS, form="onnx")
