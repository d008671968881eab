"""Rows in every corner of an object, and objects that do not want to be looked at."""

from __future__ import annotations

import functools
import pickle
import threading
from collections import OrderedDict, UserDict, defaultdict, deque, namedtuple
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace
from typing import Any, NoReturn

import lightgbm
import numpy as np
import pandas as pd
import pytest
import torch
import xgboost
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tests.unit.retention.people import NAMES, Thing, X, Y
from workbench.errors import InputError
from workbench.findings.retained import Keeping
from workbench.retention import walk
from workbench.retention.looking import look
from workbench.vocabulary import Verdict

KEPT = X[:25].copy()
IN_THE_NOTEBOOK = X[:12].copy()
Pair = namedtuple("Pair", "left right")


@dataclass
class Record:
    age: float
    bmi: float
    crp: float


class Slotted:
    __slots__ = ("__dict__", "_hidden", "empty")

    def __init__(self) -> None:
        self._hidden = KEPT


class Narrow:
    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept = KEPT


class OnTheClass:
    kept = KEPT

    def predict(self, rows: Any) -> Any:
        return rows


class Methods:
    def __init__(self) -> None:
        self.kept = KEPT

    def predict(self, rows: Any) -> Any:
        return rows


class Array(np.ndarray):
    """An array of somebody's own."""


def closure(kept: Any) -> Any:
    def predict(rows: Any) -> Any:
        def inner() -> Any:
            return kept

        return inner() @ rows

    return predict


def reads_the_notebook(rows: Any) -> Any:
    return [rows @ row for row in IN_THE_NOTEBOOK]


def with_cycle() -> Any:
    one: list[Any] = [KEPT]
    one.append(one)
    return Thing(a=one, b={"again": one})


def slot_holding(value: Any) -> Any:
    held = Thing()
    held.deep = value
    return held


def table(kept: np.ndarray = KEPT) -> pd.DataFrame:
    return pd.DataFrame(kept, columns=NAMES)


def records(kept: np.ndarray = KEPT) -> list[Record]:
    return [Record(*map(float, row[:3])) for row in kept]


PLACES: dict[str, tuple[Any, str]] = {
    "list": ([1, "a", KEPT], "[2]"),
    "tuple": ((KEPT,), "[0]"),
    "dictionary": ({"cache": {"kept": KEPT}}, "cache.kept"),
    "dictionary of rows": (dict(enumerate(KEPT)), "[…]"),
    "keys": ({tuple(map(float, row)): 1 for row in KEPT}, ".keys"),
    "set of rows": ({tuple(map(float, row)) for row in KEPT}, "model"),
    "lists of numbers": (KEPT.tolist(), "model"),
    "lists of arrays": (list(KEPT), "[…]"),
    "lists of dictionaries": (table().to_dict("records"), "model"),
    "records": (records(), "model"),
    "records by name": ({f"p{i}": one for i, one in enumerate(records())}, "model"),
    "default dictionary": (defaultdict(list, {"kept": KEPT}), "kept"),
    "ordered": (OrderedDict(kept=KEPT), "kept"),
    "user dictionary": (UserDict(kept=KEPT), "data.kept"),
    "mapping proxy": (MappingProxyType({"kept": KEPT}), "kept"),
    "queue": (deque([KEPT]), "[0]"),
    "named tuple": (Pair(1, KEPT), "[1]"),
    "namespace": (SimpleNamespace(kept=KEPT), "kept"),
    "attribute of an attribute": (Thing(a=Thing(b=Thing(c=KEPT))), "a.b.c"),
    "slots": (Narrow(), "kept"),
    "hidden slot": (Slotted(), "_hidden"),
    "class": (OnTheClass(), "class.kept"),
    "bound method": (Thing(predict=Methods().predict), "predict.self.kept"),
    "closure": (Thing(predict=closure(KEPT)), "predict.kept"),
    "default": (Thing(predict=lambda rows, kept=KEPT: rows @ kept.T), "predict.defaults[0]"),
    "default by name": (Thing(predict=lambda *, kept=KEPT: kept), "predict.defaults.kept"),
    "partial": (functools.partial(np.dot, KEPT), "arguments[0]"),
    "partial by name": (functools.partial(np.dot, b=KEPT), "keywords.b"),
    "array of objects": (np.array([KEPT, None], dtype=object), "[0]"),
    "table of objects": (KEPT.astype(object), "model"),
    "own array": (KEPT.view(Array), "model"),
    "masked": (np.ma.MaskedArray(KEPT), "model"),
    "fields": (table().to_records(index=False), "model"),
    "frame": (table(), "model"),
    "frame in a list": ([table()], "[0]"),
    "tensor": (torch.tensor(KEPT), "model"),
    "parameter": (torch.nn.Parameter(torch.tensor(KEPT)), "model"),
    "cycle": (with_cycle(), "a[0]"),
    "bytes": (Thing(raw=b"head" + KEPT.tobytes() + b"tail"), "raw"),
    "bytes in single precision": (Thing(raw=KEPT.astype("float32").tobytes()), "raw"),
    "keyword of a step": (
        make_pipeline(FunctionTransformer(np.add, kw_args={"x2": KEPT}), LogisticRegression()),
        "steps.functiontransformer.kw_args.x2",
    ),
    "unfitted": (KNeighborsClassifier(metric_params={"V": KEPT}), "metric_params[0]"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_rows_are_found_in_every_corner(name: str) -> None:
    """All of them, under a name that says where to look."""
    value, place = PLACES[name]
    report = look(value, table(X))
    [one] = [one for one in report.found if one.kind is Keeping.rows]
    assert (one.where, one.count) == (place, len(KEPT))
    assert report.verdict is Verdict.failed


def test_what_a_function_reads_of_its_notebook() -> None:
    """A function of the notebook's own travels with the names it reads, also those inside it."""
    [one] = look(Thing(predict=reads_the_notebook), X).found
    assert (one.where, one.count) == ("predict.IN_THE_NOTEBOOK", 12)


def test_a_function_of_a_package_holds_nothing() -> None:
    """It is named when it is saved, and not copied."""
    report = look(Thing(a=np.mean, b=pd.read_csv, c=pickle.dumps, d=functools.reduce), X)
    assert (report.found, report.gaps) == ((), ())


def test_names_of_people_do_not_become_places() -> None:
    """A key that is in the data, or is no name of a part, is shown by its number."""
    data = pd.DataFrame({"name": [f"person{i}" for i in range(len(X))], "a": X[:, 0]})
    cache = {"person3": {"x": KEPT}, "Jane Doe": {"x": KEPT.copy()}}
    places = {one.where for one in look(Thing(cache=cache), X).found}
    assert places == {"cache.person3.x", "cache[1].x"}
    report = look(Thing(cache={"person3": [1], "Jane Doe": [2]}), data)
    assert "person3" not in report.to_bytes().decode()


class Throws:
    """Raises at whatever is asked of it."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise RuntimeError(name)


class Equal:
    """Would say that it equals everything, and prints itself."""

    def __eq__(self, other: object) -> NoReturn:
        raise AssertionError("asked whether it is equal")

    def __repr__(self) -> NoReturn:
        raise AssertionError("printed")

    __str__ = __repr__
    __bool__ = __len__ = __iter__ = __hash__ = __repr__  # type: ignore[assignment]


class Property:
    @property
    def rows(self) -> NoReturn:
        raise AssertionError("a property was run")


class Meta(type):
    def __getattribute__(cls, name: str) -> NoReturn:
        raise RuntimeError(name)


class Hostile(metaclass=Meta):
    pass


class Endless:
    """Has one more inside, always."""

    def __reduce_ex__(self, protocol: object) -> Any:
        return (Endless, (), None)

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return {"deeper": Endless()}


HOSTILE: dict[str, Any] = {
    "equal": Equal(),
    "property": Property(),
    "hostile": Hostile(),
    "hostile class": Hostile,
    "plain": object(),
}


class TestHostile:
    def test_an_object_that_raises_is_a_gap(self) -> None:
        """It is named, what is beside it is still found, and nothing is said to be clean."""
        report = look(Thing(bad=Throws(), kept=KEPT), X)
        assert report.gaps == ("bad, a Throws, could not be looked into.",)
        assert report.rows == 25
        assert look(Thing(bad=Throws()), X).verdict is Verdict.unknown

    @pytest.mark.parametrize("name", HOSTILE)
    def test_nothing_of_an_object_is_run(self, name: str) -> None:
        """Neither comparisons, nor properties, nor what prints it."""
        report = look([HOSTILE[name], KEPT], X)
        assert report.rows == 25

    def test_an_endless_object_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The walk stops and says so."""
        report = look(Thing(a=Endless(), kept=KEPT), X)
        assert report.gaps == ("The model is nested more deeply than was looked into.",)
        assert report.rows == 25

    def test_too_many_parts_are_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A model of a great many objects is looked into as far as it goes."""
        monkeypatch.setattr(walk, "OBJECTS", 50)
        report = look([[object()] for _ in range(500)], X)
        assert report.gaps == ("The model has more parts than were looked into.",)

    def test_deep_nesting_is_no_recursion(self) -> None:
        """Ten thousand lists in each other."""
        value: list[Any] = [KEPT]
        for _ in range(10_000):
            value = [value]
        assert look(value, X).verdict is Verdict.unknown

    @pytest.mark.parametrize("value", [(i for i in "ab"), memoryview(bytes(5000)), bytes(5000)])
    def test_what_has_no_way_in_is_a_gap(self, value: object) -> None:
        """Generators, and bytes that could be anything."""
        report = look(Thing(a=value), X)
        assert len(report.gaps) == 1
        assert report.gaps[0].startswith("a")
        assert report.verdict is Verdict.unknown

    def test_locks_and_generators_of_numbers_are_no_gap(self) -> None:
        """They hold no data."""
        values = [threading.Lock(), np.random.default_rng(1), np.random.RandomState(1), np.float64]
        assert look(values, X).gaps == ()

    def test_odd_arrays(self) -> None:
        """Empty, of texts, complex, of dates, without dimensions, far too wide."""
        odd = [
            np.empty((0, 6)),
            np.empty((6, 0)),
            np.array(3.0),
            np.array(["a", "b"]),
            np.array([b"a"]),
            X.astype(complex),
            np.array(["2020-01-01"], "M8[D]"),
            np.zeros((2, 5000)),
            np.array([[None, "a"], [1, 2.0]], dtype=object),
            np.array([10**400, 2], dtype=object),
        ]
        report = look(odd, (X, Y))
        assert (report.rows, report.gaps) == (0, ())


class TestData:
    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (3, "cannot be read as rows|no row or no column"),
            (np.empty((0, 3)), "no row"),
            (np.empty((3, 0)), "no column"),
            ((X, Y[:-1]), "another number of rows"),
            ([Throws()], "cannot be read as rows"),
        ],
        ids=["number", "no row", "no column", "lengths", "raises"],
    )
    def test_data_that_cannot_be_compared(self, data: Any, why: str) -> None:
        """It is said before anything is looked at."""
        with pytest.raises(InputError, match=why) as caught:
            look(Thing(), data)
        assert caught.value.unchanged
        assert caught.value.hint

    @pytest.mark.parametrize("k", [1, 1001])
    def test_k_has_limits(self, k: int) -> None:
        """One person is always alone."""
        with pytest.raises(InputError, match="between 2 and 1000"):
            look(Thing(), X, k=k)


class TestProgress:
    def test_it_is_told(self) -> None:
        """In words, with how much is done of how much."""
        told: list[tuple[str, int, int]] = []
        look(KNeighborsClassifier().fit(X, Y), (X, Y), progress=lambda *one: told.append(one))
        assert {what for what, _, _ in told} >= {
            "reading the training data",
            "looking into the model",
            "comparing arrays with rows",
        }
        assert all(0 <= done <= total for _, done, total in told)

    def test_it_may_stop_the_look(self) -> None:
        """What it raises passes through."""

        class Stopped(Exception):
            pass

        def stop(what: str, done: int, total: int) -> None:
            if what.startswith("comparing"):
                raise Stopped

        with pytest.raises(Stopped):
            look(KNeighborsClassifier().fit(X, Y), (X, Y), progress=stop)


class TestBoosters:
    def test_native_ones_are_looked_into(self) -> None:
        """Both, through their own interface; the data they were made with does not travel."""
        table = lightgbm.Dataset(X, Y, free_raw_data=False)
        for model in (
            xgboost.train({}, xgboost.DMatrix(X, Y), 3),
            lightgbm.train({"verbose": -1}, table, 3, valid_sets=[table]),
        ):
            report = look(model, (X, Y))
            assert (report.rows, report.targets, report.gaps) == (0, 0, ())

    @pytest.mark.filterwarnings("ignore")
    def test_a_validation_set_that_was_kept(self) -> None:
        """As an attribute, a callback or a setting, it is found as any other."""
        model = xgboost.XGBClassifier(n_estimators=2, n_jobs=1).fit(X, Y)
        model.eval_set = [(KEPT, Y[:25])]
        assert look(model, (X, Y)).rows == 25
        model = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1, n_jobs=1)
        model.fit(X, Y, eval_set=[(KEPT, Y[:25])])
        model.callbacks_ = [functools.partial(print, KEPT)]
        assert look(model, (X, Y)).rows == 25


def test_without_transforms_no_step_is_run() -> None:
    """The model's own code runs only where it is asked for."""

    def refuses(rows: Any) -> NoReturn:
        raise AssertionError("was run")

    model = make_pipeline(FunctionTransformer(refuses), KNeighborsClassifier())
    model.steps[1][1].fit(X, Y)
    assert look(model, (X, Y), transforms=False).gaps == ()
    report = look(model, (X, Y))
    gap = "steps.functiontransformer could not be run on the training data."
    assert report.gaps == (gap,)
    assert report.rows == len(X)
