"""Skops archives: a schema of nodes that names what is to be made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.corpus.arrays import npy
from tests.corpus.assembly import evil
from tests.corpus.sample import Hostile, dropped
from tests.corpus.zipping import Entry, archive, plain

__all__ = ["skops_files"]


NUMBERS = npy("'<f8'", bytes(16))


def node(name: str, module: str, loader: str, content: Any = None, **more: Any) -> dict[str, Any]:
    """Return one node of a schema."""
    return {
        "__class__": name,
        "__module__": module,
        "__loader__": loader,
        "content": content,
        "__id__": hash((name, module)) & 0xFFFF,
        **more,
    }


def _json(thing: Any) -> dict[str, Any]:
    return node("str", "builtins", "JsonNode", json.dumps(thing), is_json=True)


def _dict(**items: Any) -> dict[str, Any]:
    return node(
        "dict",
        "builtins",
        "DictNode",
        items,
        key_types=node(
            "list", "builtins", "ListNode", [node("str", "builtins", "TypeNode") for _ in items]
        ),
    )


def _estimator(**state: Any) -> dict[str, Any]:
    return node("LinearRegression", "sklearn.linear_model._base", "ObjectNode", _dict(**state))


def skops(schema: Any, files: dict[str, bytes] | None = None) -> bytes:
    """Return an archive with this schema."""
    if isinstance(schema, dict):
        schema = {**schema, "protocol": 2, "_skops_version": "0.13"}
    text = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    return plain({**(files or {"1.npy": NUMBERS}), "schema.json": text})


def _function(name: str, module: str) -> dict[str, Any]:
    return node(name, module, "FunctionNode", {"module_path": module, "function": name})


def _array(file: str, kind: str = "numpy") -> dict[str, Any]:
    return node("ndarray", "numpy", "NdArrayNode", None, type=kind, file=file)


def _rows() -> Iterator[tuple[str, str, Any]]:
    yield "function", "a dangerous function", _estimator(f=_function("system", "os"))
    yield "function-eval", "a dangerous function", _estimator(f=_function("eval", "builtins"))
    yield (
        "function-library",
        "a dangerous function of a known library",
        _estimator(f=_function("load", "numpy")),
    )
    yield (
        "function-mixed",
        "the class says one function, the content another",
        _estimator(
            f=node("abs", "builtins", "FunctionNode", {"module_path": "os", "function": "system"})
        ),
    )
    yield "type", "a dangerous type", _estimator(t=node("Popen", "subprocess", "TypeNode"))
    yield (
        "object",
        "an object of any class",
        node("Popen", "subprocess", "ObjectNode", _dict(a=_json(1))),
    )
    yield (
        "object-unknown",
        "an object of a class nobody knows",
        node("Net", "evil_package", "ObjectNode", _dict(a=_json(1))),
    )
    yield (
        "object-sklearn",
        "a function of scikit-learn instead of an estimator",
        node("load_files", "sklearn.datasets", "ObjectNode", _dict(a=_json("/etc"))),
    )
    yield (
        "operator",
        "CVE-2025-54412: an operator that calls a method",
        _estimator(
            o=node(
                "methodcaller",
                "operator",
                "OperatorFuncNode",
                node("tuple", "builtins", "TupleNode", [_json("system"), _json(": wb-canary")]),
            )
        ),
    )
    yield (
        "operator-mixed",
        "CVE-2025-54412: the class says something else",
        _estimator(
            o=node(
                "OrderedDict",
                "collections",
                "OperatorFuncNode",
                node("tuple", "builtins", "TupleNode", [_json("__class__")]),
            )
        ),
    )
    yield (
        "method",
        "CVE-2025-54413: a method of what is inside",
        _estimator(
            m=node(
                "function",
                "builtins",
                "MethodNode",
                {"func": "__init__.__globals__", "obj": _estimator()},
            )
        ),
    )
    yield (
        "partial",
        "a call that waits",
        _estimator(
            p=node(
                "partial",
                "functools",
                "PartialNode",
                {
                    "func": _function("system", "os"),
                    "args": _json([]),
                    "kwds": _json({}),
                    "namespace": _json({}),
                },
            )
        ),
    )
    yield (
        "reduce",
        "a call with any arguments",
        node("system", "os", "ReduceNode", None, reduce={"args": _json([": wb-canary"])}),
    )
    yield (
        "loader-lie",
        "a loader that does not fit the class",
        node("system", "os", "JsonNode", json.dumps("x"), is_json=True),
    )
    yield "loader-unknown", "a loader nobody knows", node("x", "os", "EvilNode", {})
    yield (
        "array-object",
        "an array of objects from JSON",
        _estimator(
            a=node(
                "ndarray",
                "numpy",
                "NdArrayNode",
                [_function("system", "os")],
                type="json",
                shape=_json([1]),
            )
        ),
    )
    yield "array-up", "the file of an array lies outside", _estimator(a=_array("../../secret.npy"))
    yield "array-missing", "the file of an array is not there", _estimator(a=_array("9.npy"))
    yield (
        "dunder",
        "a state that replaces the class",
        _estimator(__class__=node("Popen", "subprocess", "TypeNode")),
    )
    yield (
        "method-state",
        "a state that replaces predict",
        _estimator(predict=_function("popen", "os")),
    )
    yield (
        "transformer",
        "transform calls what fit never saw",
        node(
            "FunctionTransformer",
            "sklearn.preprocessing._function_transformer",
            "ObjectNode",
            _dict(func=_function("read_pickle", "pandas"), kw_args=_json(None)),
        ),
    )


def _archives() -> Iterator[tuple[str, str, Any]]:
    fine = _estimator(coef_=_array("1.npy"))
    yield (
        "array-pickle",
        "an array of objects is a pickle",
        skops(fine, {"1.npy": npy("'|O'", evil())}),
    )
    yield "array-is-pickle", "a pickle under the name of an array", skops(fine, {"1.npy": evil()})
    yield "beside", "a pickle beside the schema", skops(fine, {"1.npy": NUMBERS, "x.pkl": evil()})
    hostile, text = _estimator(f=_function("system", "os")), json.dumps(fine).encode()
    yield (
        "two-schemas",
        "two schemas; which one counts differs",
        archive(
            [
                Entry(b"1.npy", NUMBERS),
                Entry(b"schema.json", text),
                Entry(b"schema.json", json.dumps(hostile).encode()),
            ]
        ),
    )
    yield (
        "key-twice",
        "a key twice; the last one counts",
        skops(
            text[:-1]
            + b', "__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}'
        ),
    )
    yield "deep", "brackets until the parser crashes", skops(b"[" * 50_000 + b"]" * 50_000)
    yield "no-schema", "no schema at all", plain({"1.npy": NUMBERS, "model.pkl": evil()})
    yield "is-pickle", "CVE-2025-54886: skops falls back to joblib", evil()


def skops_files() -> Iterator[Hostile]:
    """Schemas that name something dangerous, archives that hold more than a schema."""
    for trick, why, schema in _rows():
        yield from dropped("skops", [(trick, "model.skops", why, skops(schema))])
    yield from dropped(
        "skops", [(trick, "model.skops", why, data) for trick, why, data in _archives()]
    )
