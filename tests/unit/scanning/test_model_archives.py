"""Archives that torch, skops, NumPy and Keras write, and what has been hidden in such."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Callable

import h5py
import numpy as np
import pytest
import skops.io
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from tests.unit.scanning.building import OS_SYSTEM, look_at, rules, unsafe, zipped
from workbench.findings.finding import Level
from workbench.findings.scan import Outcome

X = np.random.default_rng(0).normal(size=(30, 3))
Y = (X[:, 0] > 0).astype(int)


def torch_saved(value: object, **options: object) -> bytes:
    target = io.BytesIO()
    torch.save(value, target, **options)
    return target.getvalue()


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_weights_of_torch_are_allowed() -> None:
    state = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4)).state_dict()
    for data in (
        torch_saved(state),
        torch_saved({"a": torch.zeros(2, dtype=torch.bfloat16), "b": 1}),
    ):
        found = look_at(data)
        assert (found.kind, found.outcome, found.findings) == ("torch zip", Outcome.allowed, ()), (
            found
        )
        assert "torch._utils._rebuild_tensor_v2" in found.names


def test_programs_of_torch_are_refused() -> None:
    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), target)
    unsafe(target.getvalue(), "torchscript")


def test_what_is_hidden_in_archives_of_torch() -> None:
    good = members_of(torch_saved({"a": torch.zeros(2)}))
    root = next(iter(good)).partition("/")[0]
    unsafe(zipped({**good, f"{root}/data.pkl": OS_SYSTEM}), "pickle-global")
    unsafe(zipped({**good, f"{root}/extra.pkl": OS_SYSTEM}), "pickle-global")
    unsafe(zipped({**good, f"{root}/constants.pkl": OS_SYSTEM}), "pickle-global")
    unsafe(zipped({**good, f"{root}/data/evil": OS_SYSTEM}), "pickle-global")
    unsafe(zipped({**good, f"{root}/version": OS_SYSTEM + bytes(300)}), "pickle-global")
    unsafe(zipped({**good, f"{root}/code/m.py": b"def f(x):\n  return x\n"}), "torchscript")
    unsafe(zipped({**good, "other/data.pkl": OS_SYSTEM}), "pickle-global")
    assert look_at(zipped(good)).outcome is Outcome.allowed


def test_archives_of_arrays() -> None:
    for save in (np.savez, np.savez_compressed):
        target = io.BytesIO()
        save(target, a=X, b=np.array(["x", "yz"]))
        found = look_at(target.getvalue())
        assert (found.kind, found.outcome) == ("npz", Outcome.safe)
        target = io.BytesIO()
        save(target, a=np.array([1, None], object))
        assert look_at(target.getvalue()).outcome is Outcome.allowed


MODELS = {
    "pipeline": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "function": lambda: make_pipeline(FunctionTransformer(np.log1p), OneHotEncoder()),
    "forest": lambda: RandomForestClassifier(3, random_state=0),
}


@pytest.mark.parametrize("made", MODELS.values(), ids=MODELS.keys())
def test_models_in_skops_are_safe(made: Callable[[], object]) -> None:
    model = made()
    data = skops.io.dumps(model.fit(abs(X), Y))  # type: ignore[attr-defined]
    found = look_at(data)
    assert (found.kind, found.outcome) == ("skops", Outcome.safe), found
    assert all(one.level is Level.note for one in found.findings)
    assert set(skops.io.get_untrusted_types(data=data)) <= set(found.names)


def skops_with(change: Callable[[dict[str, object]], object]) -> bytes:
    members = members_of(skops.io.dumps(LogisticRegression().fit(X, Y)))
    schema = json.loads(members["schema.json"])
    replaced = change(schema)
    members["schema.json"] = json.dumps(schema if replaced is None else replaced).encode()
    return zipped(members)


def as_node(loader: str, module: str, name: str, **more: object) -> dict[str, object]:
    return {"__loader__": loader, "__module__": module, "__class__": name, "__id__": 1, **more}


def in_content(node: object) -> Callable[[dict[str, object]], None]:
    def change(schema: dict[str, object]) -> None:
        schema["content"]["content"]["coef_"] = node  # type: ignore[index]

    return change


SKOPS = {
    "function": as_node("FunctionNode", "os", "system"),
    "object": as_node("ObjectNode", "subprocess", "Popen"),
    "type": as_node("TypeNode", "builtins", "eval"),
    "builtin": as_node("FunctionNode", "builtins", "exec"),
    "operator (CVE-2025-54412)": as_node("OperatorFuncNode", "operator", "call"),
    "method (CVE-2025-54413)": as_node("MethodNode", "sklearn.linear_model", "Ridge"),
    "reduce": as_node("ConstructorFromReduceNode", "numpy", "dtype"),
    "disguised": as_node("JsonNode", "os", "system", content="1", is_json=True),
    "disguised list": as_node("ListNode", "collections", "deque", content=[]),
    "partial of something": as_node("PartialNode", "os", "system"),
    "inside a partial": as_node(
        "PartialNode",
        "functools",
        "partial",
        content={"func": as_node("FunctionNode", "os", "system")},
    ),
    "unknown loader": as_node("EvilNode", "numpy", "ndarray"),
    "no module": {"__loader__": "ObjectNode", "__class__": "X"},
    "no text": {"__loader__": "ObjectNode", "__module__": 1, "__class__": "X"},
    "no such file": as_node("NdArrayNode", "numpy", "ndarray", type="numpy", file="evil.npy"),
    "file elsewhere": as_node("NdArrayNode", "numpy", "ndarray", type="numpy", file="../x.npy"),
    "no JSON": as_node("JsonNode", "builtins", "str", content="{", is_json=True),
}


@pytest.mark.parametrize("node", SKOPS.values(), ids=SKOPS.keys())
def test_skops_files_that_ask_for_more_are_refused(node: object) -> None:
    found = look_at(skops_with(in_content(node)))
    assert found.outcome is Outcome.unsafe
    assert rules(found) & {"skops-type", "skops-loader", "skops-schema", "skops-file"}


def test_skops_files_that_are_something_else_are_refused() -> None:
    assert look_at(skops_with(lambda schema: None)).outcome is Outcome.safe
    unsafe(skops_with(lambda schema: []), "skops-schema")
    unsafe(skops_with(lambda schema: {}), "skops-schema")
    members = members_of(skops_with(lambda schema: None))
    unsafe(zipped({**members, "schema.json": b"{"}), "damaged")
    unsafe(zipped({**members, "schema.json": b'{"a":1,"a":2}'}), "damaged")
    unsafe(zipped({**members, "evil.pkl": OS_SYSTEM}), "pickle-global")
    objects = io.BytesIO()
    np.save(objects, np.array([1, None], object))
    name = next(name for name in members if name.endswith(".npy"))
    unsafe(zipped({**members, name: objects.getvalue()}), "skops-file")


def keras(layer: str, module: str = "keras.layers", **more: bytes) -> bytes:
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file.create_dataset("layers/dense/vars/0", data=np.ones((2, 2)))
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"layers": [{"module": module, "class_name": layer, "config": {}}]},
        "registered_name": None,
    }
    return zipped(
        {
            "metadata.json": b'{"keras_version": "3.8.0"}',
            "config.json": json.dumps(config).encode(),
            "model.weights.h5": weights.getvalue(),
            **more,
        }
    )


def test_models_of_keras() -> None:
    found = look_at(keras("Dense"))
    assert (found.kind, found.outcome, found.findings) == ("keras", Outcome.allowed, ()), found
    unsafe(keras("Lambda"), "keras-config")
    unsafe(keras("system", "os"), "keras-config")
    unsafe(keras("Dense", **{"assets/x.bin": OS_SYSTEM}), "pickle-global")
    unsafe(keras("Dense", **{"config2.json": keras("Lambda")}), "keras-config")
