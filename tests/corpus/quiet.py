"""Hostile with nothing but names that everybody allows: the harm lies in numbers and order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.corpus.assembly import Code, call, glob, value, whole
from tests.corpus.sample import Hostile, dropped

__all__ = ["quiet"]

ARRAY = glob("numpy", "ndarray")
POINTER = b"\x41" * 8  # taken for the address of an object
FAR = 1 << 40


def _dtype(word: str, *state: Any) -> Code:
    made = call(glob("numpy", "dtype"), word, False, True)
    return Code(made + value(state) + b"b") if state else made


def _array(dtype: bytes, data: Any, shape: tuple[int, ...] = (1,)) -> bytes:
    empty = call(glob("numpy._core.multiarray", "_reconstruct"), ARRAY, (0,), b"b")
    return whole(empty + value((1, shape, Code(dtype), False, data)) + b"b")


def _arrays() -> Iterator[tuple[str, str, bytes]]:
    objects = _dtype("O8")
    fields = {"a": (objects, 0)}
    yield (
        "dtype-flags",
        "a field of objects whose type denies it: bytes become addresses",
        _array(_dtype("V8", 3, "|", None, ("a",), fields, 8, 1, 0), POINTER),
    )
    yield (
        "dtype-parts",
        "an array of objects inside a type that denies it",
        _array(_dtype("V8", 3, "|", (objects, (1,)), None, None, 8, 1, 0), POINTER),
    )
    yield "dtype-deep", "objects two types down, both deny it", _array(
        _dtype("V8", 3, "|", None, ("b",),
               {"b": (_dtype("V8", 3, "|", None, ("a",), fields, 8, 1, 0), 0)}, 8, 1, 0),
        POINTER,
    )  # fmt: skip
    yield (
        "dtype-offset",
        "a field beyond the end of its record",
        _array(_dtype("V8", 3, "|", None, ("a",), {"a": (_dtype("f8"), FAR)}, 8, 1, 0), bytes(8)),
    )
    yield (
        "dtype-before",
        "a field before its record",
        _array(_dtype("V8", 3, "|", None, ("a",), {"a": (_dtype("f8"), -FAR)}, 8, 1, 0), bytes(8)),
    )
    yield (
        "dtype-size",
        "a record that is shorter than its field",
        _array(_dtype("V8", 3, "|", None, ("a",), {"a": (_dtype("V4096"), 0)}, 8, 1, 0), bytes(8)),
    )
    yield (
        "ufunc",
        "numpy finds any function by its name",
        whole(call(call(glob("numpy._core", "_ufunc_reconstruct"), "os", "getcwd"))),
    )
    yield (
        "ufunc-old",
        "the same, by its older place",
        whole(call(call(glob("numpy.core", "_ufunc_reconstruct"), "os", "getcwd"))),
    )
    yield (
        "masked",
        "numpy makes an array of any class",
        whole(
            call(
                glob("numpy.ma.core", "_mareconstruct"),
                glob("subprocess", "Popen"),
                ARRAY,
                (0,),
                "b",
            )
        ),
    )


def _memory() -> Iterator[tuple[str, str, bytes]]:
    numbers = call(glob("builtins", "range"), FAR)
    for module, name in (("builtins", "set"), ("builtins", "frozenset"), ("builtins", "tuple"),
                         ("collections", "deque"), ("collections", "Counter")):  # fmt: skip
        yield (
            f"all-numbers-{name}",
            "more numbers than there is memory",
            whole(call(glob(module, name), numbers)),
        )
    yield "bytes", "a terabyte of zeros", whole(call(glob("builtins", "bytes"), FAR))
    yield "ndarray", "an array of terabytes", whole(call(ARRAY, (FAR,), "f8"))
    yield (
        "zeros",
        "an array of terabytes that is filled",
        whole(call(glob("numpy", "ones"), (FAR,))),
    )
    yield "storage", "torch is asked for terabytes", whole(call(glob("torch", "FloatStorage"), FAR))
    yield (
        "layer",
        "a layer of terabytes",
        whole(call(glob("torch.nn.modules.linear", "Linear"), 1 << 20, 1 << 20)),
    )


def _calls() -> Iterator[tuple[str, str, bytes]]:
    """Harmless functions whose work is to call another."""
    system = glob("os", "getcwd")
    yield (
        "rebuild-type",
        "torch calls what it is given",
        whole(
            call(
                glob("torch._tensor", "_rebuild_from_type_v2"),
                system,
                glob("torch", "Tensor"),
                (),
                value({}),
            )
        ),
    )
    yield (
        "new-index",
        "pandas makes what it is given",
        whole(
            call(
                glob("pandas.core.indexes.base", "_new_Index"),
                glob("subprocess", "Popen"),
                {"args": ["true"]},
            )
        ),
    )
    yield (
        "new-object",
        "scikit-learn makes what it is given",
        whole(call(glob("sklearn.neighbors._kd_tree", "newObj"), glob("subprocess", "Popen"))),
    )
    yield (
        "default",
        "a dictionary that calls what it is given for a missing key",
        whole(call(glob("collections", "defaultdict"), glob("builtins", "input"))),
    )
    yield (
        "bit-generator",
        "numpy calls the class that it is given",
        whole(
            call(
                glob("numpy.random._pickle", "__bit_generator_ctor"), glob("antigravity", "geohash")
            )
        ),
    )
    yield "array-is-function", "an instance's method is another known function", whole(
        glob("sklearn.linear_model._base", "LinearRegression") + b")\x81"
        + value({"predict": glob("joblib.numpy_pickle", "load")}) + b"b")  # fmt: skip


def quiet() -> Iterator[Hostile]:
    """Known names only."""
    rows = [*_arrays(), *_memory(), *_calls()]
    yield from dropped("quiet", [(trick, "model.pkl", why, data) for trick, why, data in rows])
