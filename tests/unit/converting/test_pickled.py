"""Programs made objects: the same as their own libraries make of them."""

from __future__ import annotations

import io
import pickle
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import torch
import zstandard

from tests.unit.converting import samples
from tests.unit.converting.making import dumped, looked_into, made, refused, saved
from tests.unit.scanning.pickling import named
from workbench.converting.pickled import load
from workbench.errors import TrustError
from workbench.findings.scan import Outcome
from workbench.scanning.allowlist import ALLOWED

LEARN = samples.of_scikit_learn()
MODELS = {
    **{f"sklearn {name}": model for name, model in LEARN.items()},
    **{f"xgboost {name}": model for name, model in samples.of_xgboost().items()},
    **{f"lightgbm {name}": model for name, model in samples.of_lightgbm().items()},
}


def said(model: Any) -> Any:
    """What a model says, whatever it takes."""
    if not hasattr(model, "fit"):
        return pickle.dumps(model)
    try:
        return model.predict(samples.FULL)
    except ValueError:
        return model.predict(samples.FRAME)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_models_from_pickles(name: str, protocol: int) -> None:
    content = pickle.dumps(MODELS[name], protocol)
    np.testing.assert_array_equal(said(made(content)), said(pickle.loads(content)))  # noqa: S301 — our own


@pytest.mark.parametrize("name", MODELS)
def test_models_from_joblib(name: str) -> None:
    content = dumped(MODELS[name])
    np.testing.assert_array_equal(said(made(content)), said(joblib.load(io.BytesIO(content))))


@pytest.mark.parametrize("form", ["zlib", "gzip", "bz2", "xz", "lzma", "lz4"])
def test_packed_forms(form: str, tmp_path: Path) -> None:
    model = LEARN["linear"]
    joblib.dump(model, tmp_path / "model", compress=(form, 3))
    content = (tmp_path / "model").read_bytes()
    assert looked_into(content).kind.endswith(" of joblib pickle")
    np.testing.assert_array_equal(said(made(content)), said(model))


def test_what_is_packed_as_zstandard() -> None:
    """As pandas writes a pickle whose name says so."""
    model = LEARN["linear"]
    content = zstandard.compress(pickle.dumps(model))
    assert looked_into(content).kind == "zstd of pickle"
    np.testing.assert_array_equal(said(made(content)), said(model))


ARRAYS = {
    "numbers": np.arange(6.0).reshape(2, 3),
    "by columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "three ways": np.asfortranarray(np.arange(24, dtype="i2").reshape(2, 3, 4)),
    "one number": np.array(3.0),
    "none": np.empty((0, 3)),
    "other order of bytes": np.arange(4, dtype=">i4"),
    "days": np.array(["2020-01-01"], dtype="M8[D]"),
    "texts": np.array(["ab", "c"]),
    "records": np.array([(1, 2.0)], dtype=[("a", "i1"), ("b", "f8")]),
    "objects": np.array([1, "a", None, ("x", 2)], dtype=object),
    "a matrix": np.matrix([[1, 2]]),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_of_joblib(name: str) -> None:
    """Against joblib, which reads them in another way."""
    content = dumped({"a": ARRAYS[name], "b": [ARRAYS[name]]})
    ours, theirs = made(content), joblib.load(io.BytesIO(content))
    for one, other in ((ours["a"], theirs["a"]), (ours["b"][0], theirs["b"][0])):
        assert type(one) is type(other)
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.flags.f_contiguous == other.flags.f_contiguous
        assert one.flags.writeable
        np.testing.assert_array_equal(one, other)


NET = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU())
OF_TORCH = {
    "numbers": saved(NET.state_dict()),
    "numbers, old": saved(NET.state_dict(), zipfile=False),
    "network": saved(NET),
    "network in a pickle": pickle.dumps(NET),
    "numbers in a pickle": pickle.dumps(NET.state_dict()),
}


@pytest.mark.parametrize("name", OF_TORCH)
def test_torch(name: str) -> None:
    got = made(OF_TORCH[name])
    state = got if "numbers" in name else got.state_dict()
    assert state.keys() == NET.state_dict().keys()
    assert all(torch.equal(state[key], value) for key, value in NET.state_dict().items())


def test_a_whole_network_of_the_old_form_is_refused() -> None:
    """Torch makes tensors of it only."""
    content = saved(NET, zipfile=False)
    found = looked_into(content)
    assert (found.kind, found.outcome) == ("torch pickle", Outcome.allowed)
    with pytest.raises(TrustError, match="cannot be made a model"):
        made(content)


def test_safe_globals_of_torch_are_as_before() -> None:
    """What one file was allowed, the next is not."""
    before = torch.serialization.get_safe_globals()
    made(OF_TORCH["network"])
    assert set(torch.serialization.get_safe_globals()) == set(before)
    with pytest.raises(pickle.UnpicklingError):
        torch.load(io.BytesIO(OF_TORCH["network"]), weights_only=True)


def test_old_protocols_ask_by_old_names() -> None:
    """Python 2's names are those of Python 3, but only where the protocol says so."""
    assert made(pickle.dumps({1, 2.5}, 2)) == {1, 2.5}
    asked = named("__builtin__", "set")
    assert load(io.BytesIO(b"\x80\x02" + asked + b"."), "pickle", ALLOWED.keys()) is set
    assert "__builtin__.set" in refused(b"\x80\x03" + asked + b".", "pickle")


def test_a_known_name_has_no_other() -> None:
    """Resolving a name twice, here and in Python, leads to the same place."""
    for module, name in ALLOWED:
        assert (module, name) not in NAME_MAPPING
        assert module not in IMPORT_MAPPING
        assert "." not in name  # nothing is looked up inside of what a name stands for
