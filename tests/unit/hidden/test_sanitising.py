"""Copies whose low bits are empty: content is gone, models are as good, originals unchanged."""

from __future__ import annotations

import copy
import pickle
import threading
from typing import Any

import numpy as np
import pytest
import torch
import xgboost
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from tests.unit.hidden.samples import hide, table, weights
from workbench.errors import InputError
from workbench.findings.hidden import SanitiseReport
from workbench.hidden.looking import look
from workbench.hidden.sanitising import sanitise

CANCER = load_breast_cancer(return_X_y=True)
DIABETES = load_diabetes(return_X_y=True)


@pytest.mark.parametrize("bits", [8, 12, "bf16", "fp16"])
def test_content_is_destroyed(bits: Any) -> None:
    """What was found before is not found after."""
    hidden = hide(weights(), table(), 8)
    assert look({"a": hidden}).alarms
    cleaned = sanitise({"a": hidden}, bits=bits)
    assert not look(cleaned.model).alarms
    assert cleaned.report.relative <= {8: 2**-16, 12: 2**-12, "bf16": 2**-8, "fp16": 0.9}[bits]


@given(arrays.arrays("f4", 50, elements=st.floats(width=32, min_value=-60000, max_value=60000)))
def test_rounding_is_that_of_other_implementations(values: Any) -> None:
    """To half precision as numpy does it, where numbers are not too small; to bfloat16 as torch."""
    brain = torch.tensor(values).bfloat16().float().numpy()
    np.testing.assert_array_equal(sanitise({"a": values}, bits="bf16").model["a"], brain)
    usual = np.append(values[np.abs(values) > 1e-4], np.float32(0.1))
    half = usual.astype("f2").astype("f4")
    got = sanitise({"a": usual}, bits="fp16").model["a"]
    np.testing.assert_array_equal(got, half)


@given(arrays.arrays("f8", 30), st.integers(1, 22))
def test_rounding_twice_is_rounding_once(values: Any, bits: int) -> None:
    """Double precision is cut to what single would keep; what is not finite stays so."""
    once = sanitise({"a": values}, bits=bits).model["a"]
    words = once[np.isfinite(once)].view("u8")
    assert not (words & np.uint64((1 << (29 + bits)) - 1)).any()
    np.testing.assert_array_equal(np.isnan(once), np.isnan(values))
    np.testing.assert_array_equal(np.isinf(once), np.isinf(values))
    np.testing.assert_array_equal(sanitise({"a": once}, bits=bits).model["a"], once)


def test_spellings_of_missing_numbers_become_one() -> None:
    words = np.full(50, 0x7FC00000, "u4") | np.arange(50, dtype="u4")
    cleaned = sanitise({"a": words.view("f4")}).model["a"]
    assert set(cleaned.view("u4").tolist()) == {0x7FC00000}


@pytest.mark.parametrize("bits", [12, "bf16"])
@pytest.mark.parametrize(
    ("model", "data", "measure"),
    [
        (make_pipeline(StandardScaler(), LogisticRegression()), CANCER, "accuracy"),
        (make_pipeline(StandardScaler(), MLPClassifier((20,), random_state=0)), CANCER, "accuracy"),
        (KNeighborsClassifier(algorithm="kd_tree"), CANCER, "accuracy"),
        (HistGradientBoostingClassifier(max_iter=20), CANCER, "accuracy"),
        (RandomForestRegressor(10, random_state=0), DIABETES, "R²"),
        (LinearRegression(), DIABETES, "R²"),
    ],
    ids=lambda value: type(getattr(value, "steps", [(0, value)])[-1][1]).__name__,
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_models_stay_as_good_and_originals_the_same(
    model: Any, data: Any, measure: str, bits: Any
) -> None:
    """Pickled to the same bytes before and after; the copy within two points."""
    fitted = copy.deepcopy(model).fit(*data)
    before = pickle.dumps(fitted)
    sanitise(fitted, bits=bits)
    assert pickle.dumps(fitted) == before
    said = fitted.predict(data[0])
    cleaned = sanitise(fitted, bits=bits, evaluate=data)
    np.testing.assert_array_equal(fitted.predict(data[0]), said)
    assert cleaned.report.measure == measure
    assert cleaned.report.before == fitted.score(*data)
    assert cleaned.report.after == pytest.approx(cleaned.report.before, abs=0.02)
    assert cleaned.report.numbers > 0


def test_a_network_is_copied() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(20, 20), nn.BatchNorm1d(20))
    before = copy.deepcopy(net.state_dict())
    cleaned = sanitise(net, evaluate=lambda one: one.eval()(torch.ones(2, 20)).sum().item())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    words = cleaned.model[0].weight.detach().numpy().view("u4")
    assert not (words & 0xFFF).any()
    assert cleaned.report.measure == "the given measure"
    assert cleaned.report.after == pytest.approx(cleaned.report.before, abs=1e-2)


def test_names_of_classes_stay() -> None:
    """Even where they are numbers with many digits."""
    labels = np.where(CANCER[1], 0.1234567890123, 7.0)
    fitted = KNeighborsClassifier().fit(CANCER[0], labels.astype(str))
    assert list(sanitise(fitted).model.classes_) == list(fitted.classes_)


def test_lower_precision_is_left_and_said() -> None:
    report = sanitise({"a": weights(), "b": weights(dtype="f2")}).report
    assert report.tensors == 1
    assert report.gaps == ("1 tensors of lower precision were left as they are.",)


@pytest.mark.parametrize("bits", [0, 23, -1, "int8", 1.5, True])
def test_other_precisions_are_refused(bits: Any) -> None:
    with pytest.raises(InputError, match="not a precision"):
        sanitise({"a": weights()}, bits=bits)


def test_numbers_that_do_not_fit_are_refused() -> None:
    big = np.float32([1e6, 1.0])
    with pytest.raises(InputError, match="half precision cannot hold") as caught:
        sanitise({"a": big}, bits="fp16")
    assert "bf16" in caught.value.hint
    assert big[0] == 1e6


def test_what_has_no_numbers_is_refused() -> None:
    with pytest.raises(InputError, match="no numbers"):
        sanitise({"a": np.arange(3)})
    booster = xgboost.XGBClassifier(n_estimators=2, n_jobs=1).fit(*CANCER)
    with pytest.raises(InputError, match="cannot be changed"):
        sanitise(booster)
    with pytest.raises(InputError, match="function"):
        sanitise({"a": weights()}, evaluate=CANCER)


def test_the_record_reads_back() -> None:
    report = sanitise({"a": weights()}, evaluate=lambda table: float(table["a"].mean())).report
    assert SanitiseReport.from_bytes(report.to_bytes()) == report
    assert "fingerprint" in " ".join(report.sentences())


def test_what_cannot_be_copied_is_refused() -> None:
    """A model that holds a lock or the like; it stays as it is."""
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    model.lock = threading.Lock()
    with pytest.raises(InputError, match=r"cannot be copied \(TypeError\)") as caught:
        sanitise(model)
    assert caught.value.unchanged == "Nothing was changed."


def test_numbers_under_a_mask_are_rounded() -> None:
    array = np.random.default_rng(0).normal(size=100)
    masked = sanitise({"a": np.ma.masked_array(array, mask=True)}).model["a"]
    plain = sanitise({"a": array}).model["a"]
    assert np.asarray(masked).tolist() == plain.tolist()
