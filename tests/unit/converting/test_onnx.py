"""ONNX: equal to what it came from, refused where not, and looked into before it is loaded."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import onnx
import pandas as pd
import pytest
import torch
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator
from sklearn import cluster, ensemble, kernel_ridge, linear_model, naive_bayes, neighbors
from sklearn import preprocessing as pre
from sklearn.compose import make_column_transformer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.impute import SimpleImputer
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, SVR, LinearSVC, OneClassSVM
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from torch import nn

from tests.unit.converting.samples import AMOUNT, FULL, NAMES, THREE, Y
from workbench.converting.loading import load
from workbench.converting.onnx_model import COLUMNS, OnnxClassifier, OnnxModel
from workbench.converting.safer import safer
from workbench.errors import Conflict, InputError, TrustError, Unavailable
from workbench.findings.converted import Compared, Form

CLASSIFIERS: dict[str, Any] = {
    "logistic": linear_model.LogisticRegression(),
    "ridge": linear_model.RidgeClassifier(),
    "descent": linear_model.SGDClassifier(random_state=0),
    "tree": DecisionTreeClassifier(max_depth=4, random_state=0),
    "forest": ensemble.RandomForestClassifier(5, random_state=0),
    "extra trees": ensemble.ExtraTreesClassifier(5, random_state=0),
    "boosting": ensemble.GradientBoostingClassifier(n_estimators=5, random_state=0),
    "ada": ensemble.AdaBoostClassifier(n_estimators=5, random_state=0),
    "bagging": ensemble.BaggingClassifier(n_estimators=3, random_state=0),
    "neighbours": neighbors.KNeighborsClassifier(),
    "bayes": naive_bayes.GaussianNB(),
    "vectors": SVC(),
    "linear vectors": LinearSVC(),
    "network": MLPClassifier((5,), max_iter=20, random_state=0),
    "one by one": OneVsRestClassifier(linear_model.LogisticRegression()),
    "pipeline": make_pipeline(SimpleImputer(), pre.StandardScaler(), SVC()),
    "search": GridSearchCV(linear_model.LogisticRegression(), {"C": [0.1, 1.0]}),
}
REGRESSORS: dict[str, Any] = {
    "linear": linear_model.LinearRegression(),
    "lasso": linear_model.Lasso(0.1),
    "poisson": linear_model.PoissonRegressor(),
    "tree": DecisionTreeRegressor(max_depth=4, random_state=0),
    "forest": ensemble.RandomForestRegressor(5, random_state=0),
    "boosting": ensemble.GradientBoostingRegressor(n_estimators=5, random_state=0),
    "neighbours": neighbors.KNeighborsRegressor(),
    "vectors": SVR(),
    "network": MLPRegressor(hidden_layer_sizes=(5,), max_iter=20, random_state=0),
    "process": GaussianProcessRegressor(),
}
OTHERS: dict[str, Any] = {
    "groups": cluster.KMeans(3, n_init=1, random_state=0),
    "mixture": GaussianMixture(2, random_state=0),
    "strangers": ensemble.IsolationForest(n_estimators=5, random_state=0),
    "edge": OneClassSVM(),
}
TABLE = pd.DataFrame(
    {
        "age of": FULL[:, 0],
        "visits": THREE,
        "ward": np.array(["a", "b", "c"])[THREE],
        "not used": FULL[:, 1],
    }
)


def kept(model: Any, folder: Path, sample: Any = None) -> OnnxModel:
    """A model as it is loaded after it was written."""
    report = safer(model, folder, sample=sample, form="onnx").report
    assert (report.form, report.files) == (Form.onnx, ("model.onnx",))
    assert 0 <= report.difference <= report.tolerance < 1e-3
    onnx.checker.check_model(onnx.load(folder / "model.onnx"), full_check=True)
    found = load(folder)
    assert isinstance(found, OnnxModel)
    return found


class TestScikitLearn:
    @pytest.mark.parametrize("name", CLASSIFIERS)
    def test_classifiers(self, name: str, tmp_path: Path) -> None:
        """Labels are the same; probabilities as far as numbers of 32 bits can tell."""
        model = CLASSIFIERS[name].fit(FULL, NAMES)
        again = kept(model, tmp_path, FULL)
        assert again.predict(FULL).tolist() == model.predict(FULL).tolist()
        assert isinstance(again, OnnxClassifier) is hasattr(model, "predict_proba")
        if isinstance(again, OnnxClassifier):
            np.testing.assert_allclose(
                again.predict_proba(FULL), model.predict_proba(FULL), rtol=0, atol=1e-5
            )

    @pytest.mark.parametrize("name", REGRESSORS)
    def test_regressors(self, name: str, tmp_path: Path) -> None:
        target = np.abs(AMOUNT) if name == "poisson" else AMOUNT
        model = REGRESSORS[name].fit(FULL, target)
        again = kept(model, tmp_path, FULL)
        expected = model.predict(FULL)
        np.testing.assert_allclose(again.predict(FULL), expected, rtol=1e-4, atol=1e-5)

    @pytest.mark.parametrize("name", OTHERS)
    def test_others(self, name: str, tmp_path: Path) -> None:
        model = OTHERS[name].fit(FULL)
        again = kept(model, tmp_path, FULL)
        assert again.predict(FULL).tolist() == model.predict(FULL).tolist()

    @pytest.mark.parametrize("labels", [Y, Y > 0, Y.astype(float), THREE, NAMES.astype(object)])
    def test_labels_of_every_kind(self, labels: Any, tmp_path: Path) -> None:
        """Equal by value; yes and no come back as one and zero."""
        model = DecisionTreeClassifier(random_state=0).fit(FULL, labels)
        assert (kept(model, tmp_path, FULL).predict(FULL) == model.predict(FULL)).all()

    def test_several_labels(self, tmp_path: Path) -> None:
        """Probabilities are one table for each, as scikit-learn gives them."""
        model = MultiOutputClassifier(linear_model.LogisticRegression()).fit(FULL, np.c_[Y, THREE])
        again = kept(model, tmp_path, FULL)
        assert isinstance(again, OnnxClassifier)
        for one, other in zip(again.predict_proba(FULL), model.predict_proba(FULL), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)

    def test_another_implementation_agrees(self, tmp_path: Path) -> None:
        """The reference evaluator of ONNX computes the same from the file."""
        again = kept(CLASSIFIERS["boosting"].fit(FULL, NAMES), tmp_path, FULL)
        reference = ReferenceEvaluator(str(tmp_path / "model.onnx"))
        labels, _ = reference.run(None, {"rows": FULL.astype(np.float32)})
        assert labels.tolist() == again.predict(FULL).tolist()

    def test_without_a_sample_rows_are_made_up(self, tmp_path: Path) -> None:
        model = CLASSIFIERS["forest"].fit(FULL, NAMES)
        report = safer(model, tmp_path, form="onnx").report
        assert (report.compared, report.rows) == (Compared.made_up, 64)
        assert "32 bits" in " ".join(report.sentences())

    def test_tables_with_words(self, tmp_path: Path) -> None:
        """Columns are found by name, in whatever order, whatever they are called."""
        parts = make_column_transformer(
            (pre.StandardScaler(), ["age of"]),
            (pre.OneHotEncoder(handle_unknown="ignore"), ["visits", "ward"]),
        )
        model = make_pipeline(parts, linear_model.LogisticRegression()).fit(TABLE, NAMES)
        again = kept(model, tmp_path, TABLE)
        assert again.columns == tuple(TABLE.columns)
        mixed = TABLE[["ward", "not used", "visits", "age of"]]
        assert again.predict(mixed).tolist() == model.predict(TABLE).tolist()
        with pytest.raises(InputError, match="no column ward") as caught:
            again.predict(TABLE.drop(columns="ward"))
        assert caught.value.unchanged == "Nothing was predicted."

    def test_tables_of_numbers_go_in_one_piece(self, tmp_path: Path) -> None:
        """And their columns are found by name all the same."""
        table = TABLE[["age of", "not used"]]
        model = linear_model.LinearRegression().fit(table, AMOUNT)
        again = kept(model, tmp_path, table)
        swapped = table[["not used", "age of"]]
        np.testing.assert_allclose(again.predict(swapped), model.predict(table), atol=1e-4)
        np.testing.assert_allclose(again.predict(table.to_numpy()), model.predict(table), atol=1e-4)

    def test_columns_may_be_called_by_numbers(self, tmp_path: Path) -> None:
        """As those of a table that was made of an array."""
        table = pd.DataFrame(FULL)
        model = linear_model.LogisticRegression().fit(table, NAMES)
        again = kept(model, tmp_path, table)
        assert again.predict(table[[3, 1, 0, 2]]).tolist() == model.predict(table).tolist()

    @pytest.mark.parametrize("rows", [FULL[:, :3], FULL[0], [["a", "b", "c", "d"]], None])
    def test_rows_that_do_not_fit(self, rows: Any, tmp_path: Path) -> None:
        """An error in words that says what the model takes."""
        again = kept(CLASSIFIERS["logistic"].fit(FULL, Y), tmp_path)
        with pytest.raises(InputError, match="does not take these rows") as caught:
            again.predict(rows)
        assert "[None, 4]" in caught.value.hint

    @pytest.mark.parametrize(
        ("model", "reason"),
        [
            (cluster.Birch().fit(FULL), r"does not know sklearn\.cluster\._birch\.Birch"),
            (kernel_ridge.KernelRidge().fit(FULL, Y), "does not know sklearn.kernel_ridge"),
            (neighbors.NearestCentroid().fit(FULL, Y), "does not know sklearn.neighbors"),
            (
                make_pipeline(pre.FunctionTransformer(np.cbrt), SVC()).fit(FULL, Y),
                "cannot be written as ONNX",
            ),
            (object(), "no way to ONNX for a object"),
            (linear_model.LinearRegression(), "has not been fitted"),
        ],
        ids=lambda one: type(one).__name__,
    )
    def test_what_cannot_be_converted_is_named(
        self, model: Any, reason: str, tmp_path: Path
    ) -> None:
        with pytest.raises(InputError, match=reason) as caught:
            safer(model, tmp_path, sample=FULL, form="onnx")
        assert caught.value.unchanged == "Nothing was written."
        assert list(tmp_path.iterdir()) == []

    def test_what_32_bits_cannot_tell_is_refused(self, tmp_path: Path) -> None:
        """Seconds since 1970 have more digits than that: the labels would be others."""
        moments = 1.7e9 + np.arange(200.0).reshape(-1, 1)
        scaled = make_pipeline(pre.MinMaxScaler(), DecisionTreeRegressor())
        for one in (linear_model.LinearRegression(), scaled):
            one.fit(moments, moments[:, 0] - 1.7e9)
            with pytest.raises(InputError, match="not equal"):
                safer(one, tmp_path, sample=moments, form="onnx")
        assert list(tmp_path.iterdir()) == []

    def test_what_skops_does_not_take_is_written_as_onnx(self, tmp_path: Path) -> None:
        """A pipeline that keeps its steps in a folder; the record says why."""
        steps = (pre.StandardScaler(), linear_model.LogisticRegression())
        model = make_pipeline(*steps, memory=joblib.Memory(tmp_path / "kept", verbose=0))
        report = safer(model.fit(FULL, NAMES), tmp_path / "out", sample=FULL).report
        assert report.form is Form.onnx
        assert "joblib.memory.Memory" in report.left_out[-1]
        assert load(tmp_path / "out").predict(FULL).tolist() == model.predict(FULL).tolist()

    def test_what_neither_takes_is_refused_as_before(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="Birch cannot be saved"):
            safer(cluster.Birch().fit(FULL), tmp_path)

    def test_two_forms_do_not_share_a_folder(self, tmp_path: Path) -> None:
        """Which of them would be loaded, nobody could tell from outside."""
        model = CLASSIFIERS["logistic"].fit(FULL, NAMES)
        safer(model, tmp_path)
        with pytest.raises(Conflict, match=r"There is model\.skops in") as caught:
            safer(model, tmp_path, form="onnx")
        assert caught.value.unchanged == "Nothing was kept."
        assert [path.name for path in tmp_path.iterdir()] == ["model.skops"]

    @pytest.mark.parametrize("form", ["safetensors", "pickle", ""])
    def test_another_form_than_it_has(self, form: str, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="cannot be written as") as caught:
            safer(CLASSIFIERS["logistic"].fit(FULL, Y), tmp_path, form=form)
        assert "skops" in caught.value.hint
        assert list(tmp_path.iterdir()) == []


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5))
        self.head = nn.Linear(8, 2)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(rows))


class TestNetworks:
    @pytest.mark.parametrize("sample", [FULL, None], ids=["rows", "made up"])
    def test_is_equal_and_stays_as_it_was(self, sample: Any, tmp_path: Path) -> None:
        """The mode of the network is what it was; more rows than were followed are no matter."""
        model = Net().train()
        again = kept(model, tmp_path, sample)
        assert model.training
        rows = torch.tensor(FULL, dtype=torch.float32)
        with torch.no_grad():
            expected = model.eval()(rows).numpy()
        np.testing.assert_allclose(again.predict(FULL), expected, atol=1e-6)

    def test_nothing_of_this_computer_is_in_the_file(self, tmp_path: Path) -> None:
        kept(Net(), tmp_path, FULL)
        content = (tmp_path / "model.onnx").read_bytes()
        assert __file__.encode() not in content
        assert b"site-packages" not in content

    def test_several_answers_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="several answers"):
            safer(nn.LSTM(4, 3), tmp_path, sample=FULL, form="onnx")
        assert list(tmp_path.iterdir()) == []

    def test_what_is_decided_by_the_rows_is_noticed(self, tmp_path: Path) -> None:
        """The exporter follows one way through the network; the proof tries the others."""

        class Fork(nn.Linear):
            def forward(self, rows: torch.Tensor) -> torch.Tensor:
                return super().forward(rows) * (2 if len(rows) > 2 else 1)

        with pytest.raises(InputError, match="not equal"):
            safer(Fork(4, 2), tmp_path, sample=FULL, form="onnx")


def graph(*nodes: Any, **more: Any) -> onnx.ModelProto:
    """A model of four columns, by hand."""
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, 4])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [None, 4])
    made = helper.make_graph(list(nodes), "made", [rows], [out], **more)
    own = {node.domain for node in nodes} - {""}
    sets = [helper.make_opsetid("", 18), *(helper.make_opsetid(one, 1) for one in own)]
    return helper.make_model(made, opset_imports=sets, ir_version=9)


def plain() -> onnx.ModelProto:
    return graph(helper.make_node("Relu", ["rows"], ["out"]))


def outside() -> onnx.ModelProto:
    weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4])
    weights.data_location = TensorProto.EXTERNAL
    entry = weights.external_data.add()
    entry.key, entry.value = "location", "beside.bin"
    return graph(helper.make_node("Add", ["rows", "w"], ["out"]), initializer=[weights])


def named_columns(text: str) -> onnx.ModelProto:
    made = plain()
    entry = made.metadata_props.add()
    entry.key, entry.value = COLUMNS, text
    return made


HOSTILE: dict[str, tuple[Callable[[], onnx.ModelProto | bytes], str]] = {
    "numbers in a file": (outside, "takes numbers from a file"),
    "an operation of Python": (
        lambda: graph(helper.make_node("PyOp", ["rows"], ["out"], domain="com.microsoft")),
        "calls a function of Python",
    ),
    "an operation of its own": (
        lambda: graph(helper.make_node("Anything", ["rows"], ["out"], domain="evil")),
        "",
    ),
    "compiled": (
        lambda: graph(helper.make_node("EPContext", ["rows"], ["out"], domain="com.microsoft")),
        "compiled code",
    ),
    "an operation that is none": (lambda: graph(helper.make_node("Nope", ["rows"], ["out"])), ""),
    "an input that is none": (lambda: graph(helper.make_node("Relu", ["gone"], ["out"])), ""),
    "columns that are none": (lambda: named_columns("{}"), "ValueError"),
    "columns that cannot be read": (lambda: named_columns("[" * 10**5), "InputError"),
    "cut off": (lambda: plain().SerializeToString()[:-7], ""),
    "a pickle": (lambda: pickle.dumps({"a": 1}), "no model of ONNX"),
    "nothing": (lambda: b"", "no model of ONNX"),
    "zeros": (lambda: b"\0" * 5000, "not known"),
}


class TestLoading:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_files(self, name: str, tmp_path: Path) -> None:
        """Refused with the reason, whatever lies beside."""
        make, why = HOSTILE[name]
        made = make()
        content = made if isinstance(made, bytes) else made.SerializeToString()
        (tmp_path / "model.onnx").write_bytes(content)
        (tmp_path / "beside.bin").write_bytes(b"\0" * 16)
        with pytest.raises(TrustError, match=f"model.onnx is not a model.*{why}") as caught:
            load(tmp_path)
        assert caught.value.step == "model content"
        assert caught.value.unchanged == "Nothing was loaded."

    def test_one_of_another_maker(self, tmp_path: Path) -> None:
        """Whatever it is called, if it is the only one; its first answer is what it predicts."""
        (tmp_path / "net.onnx").write_bytes(plain().SerializeToString())
        again = load(tmp_path)
        assert repr(again) == "<OnnxModel rows [None, 4] tensor(float)>"
        np.testing.assert_array_equal(again.predict(FULL), np.maximum(FULL, 0).astype(np.float32))
        (tmp_path / "other.onnx").write_bytes(b"")
        with pytest.raises(InputError, match=r"no model\.skops"):
            load(tmp_path)

    @pytest.mark.parametrize("package", ["onnxruntime", "skl2onnx", "onnx"])
    def test_a_missing_package_is_named(
        self, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        model = Net() if package == "onnx" else CLASSIFIERS["logistic"].fit(FULL, Y)
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(Unavailable, match=package) as caught:
            safer(model, tmp_path, sample=FULL, form="onnx")
        assert "sharing-workbench[onnx]" in caught.value.hint
