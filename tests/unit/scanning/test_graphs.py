"""ONNX and TensorFlow models, whose messages are written by hand; neither library is needed."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.scanning.building import field, look_at, message, rules, unsafe
from workbench.findings.scan import Outcome, ScanReport
from workbench.scanning import protobuf
from workbench.scanning.scan import scan


def node(operation: str, domain: str = "", *attributes: bytes) -> bytes:
    return message(
        (1, "x"), (2, "y"), (4, operation), (7, domain), *((5, one) for one in attributes)
    )


def model(*nodes: bytes, tensors: tuple[bytes, ...] = (), more: bytes = b"") -> bytes:
    graph = message(
        *((1, one) for one in nodes), (2, "g"), *((5, one) for one in tensors), (11, b"")
    )
    return message((1, 9), (2, "by hand"), (7, graph), (8, message((1, ""), (2, 17)))) + more


def outside(**entries: str) -> bytes:
    pairs = [(13, message((1, key), (2, value))) for key, value in entries.items()]
    return message((1, 4), (2, 1), (8, "w"), (14, 1), *pairs)


def test_operations_of_onnx_are_safe() -> None:
    inner = message((1, "body"), (6, message((1, node("Add")))), (20, 5))
    weights = message((1, 4), (2, 1), (8, "w"), (9, bytes(16)))
    for data in (
        model(node("Gemm"), node("Relu"), tensors=(weights,)),
        model(node("If", "", inner), node("FusedGemm", "com.microsoft")),
        model(node("Mine", "local"), more=message((25, message((1, "Mine"), (10, "local"))))),
    ):
        found = look_at(data)
        assert (found.kind, found.outcome, found.findings) == ("onnx", Outcome.safe, ()), found


def test_operations_that_run_programs_are_refused() -> None:
    for one in (
        node("PyOp", "ai.onnx.contrib"),
        node("PythonOp", "com.microsoft"),
        node("ATen", "x"),
    ):
        unsafe(model(one), "onnx-program")
        body = message((1, "body"), (6, message((1, one))))
        unsafe(model(node("If", "", body)), "onnx-program")
        unsafe(model(more=message((25, message((1, "f"), (7, one))))), "onnx-program")


def test_tensors_made_larger_than_memory_are_refused() -> None:
    """By a shape in the model; a number that no operation takes for a shape is just a number."""
    huge = (10**9).to_bytes(8, "little") * 3
    shape = message((1, 3), (2, 7), (8, "x"), (9, huge))
    listed = message((1, 3), (2, 7), *((7, 10**9) for _ in range(3)), (8, "x"))
    for operation in ("ConstantOfShape", "Expand"):
        takes = message((1, "a"), (1, "x")) if operation == "Expand" else message((1, "x"))
        one = takes + message((2, "y"), (4, operation))
        for large in (shape, listed):
            unsafe(model(one, tensors=(large,)), "too-large")
        small = message((1, 1), (2, 7), (7, 5), (8, "x"))
        assert look_at(model(one, tensors=(small,))).findings == ()
    assert look_at(model(node("Slice"), tensors=(shape,))).findings == ()


def test_operations_of_others_are_refused() -> None:
    unsafe(model(node("Mine", "com.example")), "onnx-own-operation")
    unsafe(model(node("EPContext", "com.microsoft")), "onnx-compiled")
    function = message((25, message((1, "Other"), (10, "com.example"))))
    assert rules(look_at(model(node("Mine", "com.example"), more=function))) == {
        "onnx-own-operation"
    }


def together(files: dict[str, bytes]) -> ScanReport:
    return scan([(n, io.BytesIO(d)) for n, d in files.items()], clock=lambda: 0.0)


NUMBERS = bytes([0, 1, 2, 255] * 8)


def test_numbers_beside_a_model_belong_to_it() -> None:
    data = model(tensors=(outside(location="w.bin", offset="0", length="32"),))
    report = together({"m/a.onnx": data, "m/w.bin": NUMBERS})
    assert [file.kind for file in report.files] == ["onnx", "tensor data"]
    assert report.outcome is Outcome.safe
    evil = together({"m/a.onnx": data, "m/w.bin": b"\x80\x04cos\nsystem\n."})
    assert evil.outcome is Outcome.unsafe
    assert together({"m/a.onnx": data, "w.bin": NUMBERS}).outcome is Outcome.unsafe
    assert together({"m/a.onnx": data}).outcome is Outcome.unsafe


@pytest.mark.parametrize(
    "location",
    [
        "../w",
        "/etc/passwd",
        "a/../../w",
        "a\\b",
        "C:w",
        "",
        ".",
        "a//b",
        "w\0",
        "file:///etc/passwd",
    ],
)
def test_numbers_from_elsewhere_are_refused(location: str) -> None:
    """CVE-2022-25882, CVE-2024-5187, CVE-2024-27318."""
    weights = outside(location=location)
    unsafe(model(tensors=(weights,)), "outside-data")
    attribute = message((1, "v"), (5, weights), (20, 4))
    unsafe(model(node("Constant", "", attribute)), "outside-data")
    sparse = message((1, weights), (2, message((1, 1), (2, 7))))
    unsafe(model(node("Constant", "", message((1, "v"), (22, sparse)))), "outside-data")


def test_damaged_models_are_refused() -> None:
    deep = message((1, node("Add")))
    for _ in range(100):
        deep = message((1, node("If", "", message((1, "b"), (6, deep)))))
    unsafe(message((1, 9), (7, deep), (8, b"")), "damaged")
    unsafe(model(b"\xff\xff"), "damaged")
    unsafe(model() + b"\0", "unknown")
    unsafe(model() + message((99, 1)), "unknown")


def test_large_descriptions_are_a_concern() -> None:
    entry = message((1, "note"), (2, "x" * (2 << 20)))
    found = look_at(model(more=message((14, entry))))
    assert [one.rule for one in found.findings] == ["metadata"]


BASE = model(
    node("If", "", message((1, "b"), (6, message((1, node("Add")))))),
    tensors=(outside(location="w"),),
)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(BASE) - 1), st.binary(min_size=1, max_size=3))
def test_changed_models_are_handled(at: int, patch: bytes) -> None:
    assert look_at(BASE[:at] + patch + BASE[at + len(patch) :]).outcome in Outcome


def saved(*operations: str, functions: tuple[str, ...] = (), layer: object = None) -> bytes:
    nodes = [(1, message((1, f"n{i}"), (2, name))) for i, name in enumerate(operations)]
    inner = [(3, message((1, "n"), (2, name))) for name in functions]
    library = message((1, message((1, message((1, "f"))), *inner)))
    graph = message(*nodes, (2, library), (4, message((1, 1))))
    objects = b""
    if layer is not None:
        user = message((1, "_tf_keras_layer"), (2, b""), (3, json.dumps(layer)))
        objects = message((1, message((4, user))))
    return message((1, 1), (2, message((1, message((4, "serve"))), (2, graph), (7, objects))))


def test_saved_models_that_only_compute_are_allowed() -> None:
    layer = {"class_name": "Dense", "config": {"units": 3}}
    found = look_at(saved("MatMul", "SaveV2", "RestoreV2", functions=("Relu",), layer=layer))
    assert (found.kind, found.outcome, found.findings) == ("savedmodel", Outcome.allowed, ())


@pytest.mark.parametrize(
    "name", ["ReadFile", "WriteFile", "PyFunc", "EagerPyFunc", "PrintV2", "RpcCall", "ShellExecute"]
)
def test_operations_of_tensorflow_that_reach_out_are_refused(name: str) -> None:
    unsafe(saved("MatMul", name), "tensorflow-operation")
    unsafe(saved(functions=("Relu", name)), "tensorflow-operation")


def test_layers_of_saved_models_are_checked() -> None:
    evil = {"class_name": "Lambda", "config": {"function": ["4wEAAA=="]}}
    unsafe(saved("MatMul", layer=evil), "keras-config")
    noted = message(
        (1, message((2, 0), (3, "root"), (4, "_tf_keras_layer"), (5, json.dumps(evil))))
    )
    unsafe(noted, "keras-config")
    fine = message((1, message((2, 0), (3, "root"), (5, json.dumps({"class_name": "Dense"})))))
    assert (look_at(fine).kind, look_at(fine).outcome) == ("keras metadata", Outcome.allowed)
    assert [one.rule for one in look_at(saved("Mine>Own")).findings] == ["own-operation"]


def test_saved_models_read_files_of_their_own_only() -> None:
    for name, fine in (("vocabulary.txt", True), ("../../etc/passwd", False), ("/etc/x", False)):
        asset = (6, message((1, b""), (2, name)))
        graph = message((1, message((1, "n"), (2, "MatMul"))))
        data = message((1, 1), (2, message((1, message((4, "serve"))), (2, graph), asset)))
        assert rules(look_at(data)) == (set() if fine else {"outside-data"})


def test_graphs_by_themselves_are_looked_at() -> None:
    def graph(*operations: str) -> bytes:
        named = enumerate(operations)
        nodes = [(1, message((1, f"n{i}"), (2, name), (3, "x"))) for i, name in named]
        return message(*nodes, (4, message((1, 27))))

    found = look_at(graph("Placeholder", "MatMul"))
    assert (found.kind, found.outcome) == ("tensorflow graph", Outcome.allowed)
    unsafe(graph("Placeholder", "WriteFile"), "tensorflow-operation")


def test_the_files_of_a_saved_model_belong_together() -> None:
    index = bytes(40) + bytes.fromhex("57fb808b247547db")
    files = {
        "saved_model.pb": saved("MatMul"),
        "variables/variables.index": index,
        "variables/variables.data-00000-of-00001": NUMBERS,
        "fingerprint.pb": message((1, 1 << 60), (2, 5), (3, 6), (4, 7)),
    }
    report = together(files)
    assert report.outcome is Outcome.allowed, report
    kinds = ["savedmodel", "tensorflow index", "tensor data", "tensorflow fingerprint"]
    assert [file.kind for file in report.files] == kinds
    del files["variables/variables.index"]
    assert together(files).outcome is Outcome.allowed  # incomplete, which is no danger
    del files["saved_model.pb"]
    assert together(files).outcome is Outcome.unsafe


def test_vocabularies_of_sentencepiece_are_safe() -> None:
    pieces = [(1, message((1, word)) + b"\x15\0\0\0\0" + message((3, 2))) for word in ("<s>", "a")]
    data = message(*pieces, (2, message((3, 1))), (3, message((1, "nmt_nfkc"))))
    assert (look_at(data).kind, look_at(data).outcome) == ("sentencepiece", Outcome.safe)
    unsafe(data + message((9, "x")), "unknown")


def test_messages_of_endless_parts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protobuf, "MAX_FIELDS", 1000)
    many = field(3, 1) * 1100
    unsafe(message((1, 9), (7, many), (8, b"")), "damaged")
    unsafe(many, "unknown")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 60), st.binary(min_size=1, max_size=3))
def test_changed_saved_models_are_handled(at: int, patch: bytes) -> None:
    data = saved("MatMul", functions=("Relu",))
    assert look_at(data[:at] + patch + data[at + len(patch) :]).outcome in Outcome
