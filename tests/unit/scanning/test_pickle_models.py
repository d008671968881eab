"""Models as their libraries pickle them: allowed, with exactly the names that loading asks for."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import inspect
import io
import pickle
import warnings
import zipfile
from typing import Any

import joblib
import joblib.numpy_pickle
import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import scipy.interpolate
import scipy.optimize
import scipy.sparse
import scipy.stats
import sklearn.metrics
import sklearn.preprocessing
import torch
import xgboost
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import all_estimators

from tests.unit.scanning.pickling import assert_unsafe, dotted, scanned, spy
from workbench.findings.finding import Level
from workbench.findings.scan import Outcome
from workbench.scanning.contract import Scan

PROTOCOLS = (2, 3, 4, 5)
CHANCE = np.random.RandomState(0)
X = CHANCE.randn(60, 6)
Y = (X[:, 0] > 0).astype(int)
SETTINGS: dict[str, Any] = {
    "estimator": LogisticRegression(),
    "estimators": [("a", LogisticRegression()), ("b", DecisionTreeClassifier(max_depth=2))],
    "transformer_list": [("a", "passthrough")],
    "transformers": [("a", "passthrough", [0])],
    "steps": [("a", LogisticRegression())],
    "param_grid": {"C": [1.0, 2.0]},
    "param_distributions": {"C": [1.0, 2.0]},
    "dictionary": np.eye(6),
}
# Small, so that many can be fitted.
FEWER = {"n_estimators": 3, "max_iter": 20, "n_init": 1, "cv": 2, "random_state": 0}
ROWS: tuple[tuple[Any, Any], ...] = (
    (X, Y),
    (np.abs(X), Y),
    (X, np.c_[Y, 1 - Y]),
    (["a b", "b c", "c d a"], None),
    ([{"a": 1}, {"b": 2}], None),
    (X[:, 0], X[:, 1]),
    (["a", "b"], None),
)
ESTIMATORS = dict(all_estimators())


def fitted(name: str) -> Any:
    """An estimator fitted on whatever it takes, or as it is."""
    made = ESTIMATORS[name]
    known = inspect.signature(made.__init__).parameters
    chosen = {key: value for key, value in SETTINGS.items() if needed(known, key)}
    chosen |= {key: value for key, value in FEWER.items() if key in known}
    if name == "RegressorChain":
        chosen["estimator"] = Ridge()
    model = made(**chosen)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for rows, target in ROWS:
            try:
                return model.fit(rows) if target is None else model.fit(rows, target)
            except Exception:  # noqa: S112 — what an estimator takes is found by trying
                continue
    return model


def needed(known: Any, key: str) -> bool:
    return key in known and known[key].default is inspect.Parameter.empty


def assert_allowed(scan: Scan, names: set[str], *, storages: bool = True) -> None:
    """``storages``: those of torch count; it looks these up itself, so a spy does not see them."""
    unsafe = [found for found in scan.findings if found.level is Level.unsafe]
    assert (scan.outcome, unsafe) == (Outcome.allowed, [])
    asked = {name for name in scan.names if storages or not name.endswith("Storage")}
    assert asked == names
    assert scan.reason.startswith("It names" if scan.names else "It asks for no name")


def assert_pickles(value: Any, protocols: tuple[int, ...] = PROTOCOLS) -> None:
    for protocol in protocols:
        content = pickle.dumps(value, protocol)
        assert_allowed(scanned(content), dotted(spy(content), protocol))


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_estimators(name: str) -> None:
    model = fitted(name)
    assert_pickles(model)
    written = io.BytesIO()
    joblib.dump(model, written)
    assert_allowed(scanned(written.getvalue()), joblib_names(written.getvalue()))


def joblib_names(content: bytes) -> set[str]:
    """What ``joblib.load`` asks for."""
    found: set[tuple[str, str]] = set()

    class Spy(joblib.numpy_pickle.NumpyUnpickler):  # type: ignore[misc]
        def find_class(self, module: str, name: str) -> Any:
            found.add((module, name))
            return super().find_class(module, name)

    Spy("a.joblib", io.BytesIO(content), ensure_native_byte_order=False).load()
    return dotted(found)


def test_most_estimators_were_fitted() -> None:
    """The test above would say little if it pickled what has not learned anything."""
    learned = sum(any(key.endswith("_") for key in vars(fitted(name))) for name in ESTIMATORS)
    assert learned > 150


ARRAYS = {
    "numbers": np.eye(3),
    "by columns": np.asfortranarray(X[:, :2]),
    "objects": np.array([1, "a", None, ("x", 2)], dtype=object),
    "records": np.array([(1, 2.0)], dtype=[("a", "i1"), ("b", "f8")]),
    "aligned": np.array([(1, 2.0)], dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True)),
    "records of objects": np.array([(1, "x")], dtype=[("a", "i4"), ("b", "O")]),
    "subarrays": np.array([((1, 2),)], dtype=[("a", "i4", (2,))]),
    "texts in records": np.array([("ab",)], dtype=[("a", "U2")]),
    "one number": np.array(3.0),
    "texts": np.array(["ab", "c"]),
    "bytes": np.array([b"ab"]),
    "times": np.array(["2020-01-01"], "M8[ns]"),
    "the other order": np.arange(3, dtype=">i4"),
    "complex": np.array([1j]),
    "long": np.array([1], dtype=np.longdouble),
    "masked": np.ma.array([1, 2], mask=[0, 1]),
    "a matrix": np.matrix([[1.0]]),
    "nothing": np.zeros((0, 3)),
    "much": np.zeros(5000),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays(kind: str) -> None:
    assert_pickles(ARRAYS[kind])
    written = io.BytesIO()
    joblib.dump({"a": [ARRAYS[kind], ARRAYS[kind].copy()], "b": "x"}, written)
    assert_allowed(scanned(written.getvalue()), joblib_names(written.getvalue()))


VALUES = {
    "a number of NumPy": np.float32(1),
    "a type": np.dtype("f8"),
    "generators": [np.random.default_rng(0), np.random.RandomState(0)],
    "other generators": [np.random.Generator(np.random.Philox(1))],
    "a seed": np.random.SeedSequence(1),
    "functions": [np.log1p, np.exp, np.mean, np.sqrt],
    "sparse": [scipy.sparse.csr_matrix(np.eye(3)), scipy.sparse.coo_array(np.eye(3))],
    "times": [dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.timedelta(1)],
    "containers": [collections.OrderedDict(a=1), {1, 2}, frozenset("a"), collections.deque([1], 3)],
    "counters": [collections.Counter("abc"), collections.defaultdict(list, {1: [2]})],
    "numbers": [decimal.Decimal("1.5"), 1j, 2**90, -(2**3000), range(3), slice(1, 2)],
    "bytes": [b"a", b"a" * 1000, bytearray(b"a" * 10)],
    "scorer": sklearn.metrics.make_scorer(sklearn.metrics.f1_score),
    "transformer": sklearn.preprocessing.FunctionTransformer(np.log1p, np.expm1),
    "dictionaries of others": [sklearn.utils.Bunch(a=1), scipy.sparse.dok_array((2, 2))],
    "a density": scipy.stats.gaussian_kde([1.0, 2.0, 4.0]),
    "a grid": scipy.interpolate.RegularGridInterpolator(([0, 1], [0, 1]), np.eye(2)),
    "what was found": scipy.optimize.minimize(lambda x: (x**2).sum(), [1.0]),
}


@pytest.mark.parametrize("kind", VALUES)
def test_values(kind: str) -> None:
    assert_pickles(VALUES[kind])


def test_dictionaries_of_others_as_they_were_written_once() -> None:
    """By way of the class that they are one of; what is not one of it may not be made so."""
    assert_pickles(sklearn.utils.Bunch(a=1, b=[2]), (0, 1))
    model = b"ccopyreg\n_reconstructor\n(c{}\nc__builtin__\ndict\n}tR."
    assert scanned(model.replace(b"{}", b"sklearn.utils\nBunch")).outcome is Outcome.allowed
    for other in (b"sklearn.svm._classes\nLinearSVC", b"numpy\nndarray", b"os\nsystem"):
        assert_unsafe(model.replace(b"{}", other))


def test_tables() -> None:
    table = pd.DataFrame(
        {
            "number": [1, 2],
            "text": ["x", "y"],
            "object": np.array(["a", "b"], dtype=object),
            "time": pd.to_datetime(["2020", "2021"]),
            "zone": pd.to_datetime(["2020", "2021"]).tz_localize("UTC"),
            "kind": pd.Categorical(["u", "v"]),
            "maybe": pd.array([1, None], dtype="Int64"),
            "yes": pd.array([True, None], dtype="boolean"),
            "lasting": pd.to_timedelta(["1D", "2D"]),
            "month": pd.period_range("2020", periods=2, freq="M"),
        }
    )
    assert_pickles(table)
    assert_pickles(pa.table({"number": [1, 2], "text": ["x", "y"]}))
    assert_pickles(pd.DataFrame({"arrow": pd.array([1, None], dtype="int64[pyarrow]")}))
    for index in ("number", "time", "kind", ["number", "text"]):
        assert_pickles(table.set_index(index))
    for name in table:
        assert_pickles(table[name])


@pytest.mark.parametrize(
    "model",
    [
        xgboost.XGBClassifier(n_estimators=2),
        xgboost.XGBRegressor(n_estimators=2),
        lightgbm.LGBMClassifier(n_estimators=2, verbose=-1),
        lightgbm.LGBMRegressor(n_estimators=2, verbose=-1),
    ],
    ids=lambda model: type(model).__name__,
)
def test_boosters(model: Any) -> None:
    model.fit(X, Y)
    assert_pickles(model)
    booster = model.get_booster() if hasattr(model, "get_booster") else model.booster_
    assert_pickles(booster)
    scan = scanned(pickle.dumps(model))
    assert {found.rule for found in scan.findings} == {"pickle-native"}


def network() -> Any:
    return torch.nn.Sequential(
        torch.nn.Linear(4, 8),
        torch.nn.ReLU(),
        torch.nn.BatchNorm1d(8),
        torch.nn.LSTM(8, 4),
        torch.nn.TransformerEncoderLayer(4, 2),
        torch.nn.ModuleDict({"a": torch.nn.Conv2d(1, 2, 3)}),
    )


TENSORS = {
    "network": network,
    "state": lambda: network().state_dict(),
    "half": lambda: torch.zeros(3, dtype=torch.bfloat16),
    "complex": lambda: torch.zeros(3, dtype=torch.complex64),
    "views": lambda: {"a": (whole := torch.zeros(6)), "b": whole[2:4]},
    "sparse": lambda: torch.eye(3).to_sparse(),
    "optimizer": lambda: torch.optim.Adam(network().parameters()).state_dict(),
    "without numbers": lambda: torch.zeros(3, device="meta"),
    "nothing": dict,
}


class TorchSpy:
    """In place of the pickle module: notes what ``torch.load`` asks for."""

    def __init__(self) -> None:
        found: set[tuple[str, str]] = set()
        self.found = found
        self.load, self.loads = pickle.load, pickle.loads

        class Unpickler(pickle.Unpickler):
            def find_class(self, module: str, name: str) -> Any:
                found.add((module, name))
                return super().find_class(module, name)

        self.Unpickler = Unpickler
        self.__name__ = "pickle"


@pytest.mark.parametrize("kind", TENSORS)
def test_torch_archives(kind: str) -> None:
    """``data.pkl`` within what ``torch.save`` writes, which is at protocol 2."""
    written = io.BytesIO()
    torch.save(TENSORS[kind](), written)
    spied = TorchSpy()
    torch.load(io.BytesIO(written.getvalue()), weights_only=False, pickle_module=spied)
    with zipfile.ZipFile(written) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith("data.pkl")]
        content = archive.read(name)
    assert_allowed(scanned(content, torch=True), dotted(spied.found, 2), storages=False)


@pytest.mark.parametrize("kind", TENSORS)
def test_torch_streams(kind: str) -> None:
    """The form of before version 1.6: pickles, then raw numbers, all accounted for."""
    written = io.BytesIO()
    torch.save(TENSORS[kind](), written, _use_new_zipfile_serialization=False)
    spied = TorchSpy()
    torch.load(io.BytesIO(written.getvalue()), weights_only=False, pickle_module=spied)
    scan = scanned(written.getvalue())
    assert scan.kind == "torch pickle"
    assert_allowed(scan, dotted(spied.found, 2), storages=False)
    for worse in (written.getvalue() + b"\0", written.getvalue()[:-1]):
        assert scanned(worse).outcome is Outcome.unsafe


@pytest.mark.parametrize("kind", ["network", "half", "views"])
def test_tensors_in_plain_pickles(kind: str) -> None:
    """Their numbers are a file of torch within, which is looked into."""
    content = pickle.dumps(TENSORS[kind](), 4)
    scan = scanned(content)
    assert scan.outcome is Outcome.allowed
    assert dotted(spy(content)) < scan.names


def test_several_in_a_row() -> None:
    content = pickle.dumps([1]) + pickle.dumps(np.eye(2)) + pickle.dumps("a", 0)
    assert scanned(content).outcome is Outcome.allowed
    assert scanned(content + b"\0").outcome is Outcome.unsafe


def test_a_folder_that_fitting_would_use() -> None:
    model = ESTIMATORS["Pipeline"]([("a", LogisticRegression())], memory="cache")
    scan = scanned(pickle.dumps(model))
    assert scan.outcome is Outcome.allowed
    assert [found.level for found in scan.findings] == [Level.concern]
