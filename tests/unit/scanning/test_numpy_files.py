"""NumPy's files: its own writer and reader are what ours is measured against."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tests.unit.scanning.building import look_at, unsafe
from workbench.findings.scan import Outcome


def saved(*arrays: np.ndarray) -> bytes:
    target = io.BytesIO()
    for array in arrays:
        np.save(target, array)
    return target.getvalue()


def with_header(header: str, data: bytes = b"", version: int = 1) -> bytes:
    raw = header.encode("latin-1")
    length = struct.pack("<H" if version == 1 else "<I", len(raw))
    return b"\x93NUMPY" + bytes([version, 0]) + length + raw + data


DTYPES = st.one_of(npst.scalar_dtypes(), npst.array_dtypes(max_size=4), npst.nested_dtypes())


@settings(max_examples=150, deadline=None)
@given(npst.arrays(DTYPES, npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)))
def test_what_numpy_writes_is_safe(array: np.ndarray) -> None:
    assume("\\" not in repr(array.dtype.descr))  # names that need escapes are refused
    found = look_at(saved(array))
    assert (found.kind, found.outcome) == ("npy", Outcome.safe), found


def test_orders_versions_and_several_arrays() -> None:
    wide = np.zeros(2, np.dtype([("é" * 10 + str(i), "f8") for i in range(3000)]))
    for data in (
        saved(np.asfortranarray(np.ones((3, 4)))),
        saved(np.ones(3), np.zeros((2, 2), "M8[ns]"), np.array(5)),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", bytes(16), 2),
        with_header("{'shape':(2L,),'fortran_order':True,'descr':\"<f8\"}\n", bytes(16), 3),
    ):
        assert look_at(data).outcome is Outcome.safe
    assert look_at(saved(wide)).outcome is Outcome.unsafe  # a header beyond the limit


def test_arrays_of_objects_are_pickles() -> None:
    found = look_at(saved(np.array([1, "x", None], object)))
    assert (found.kind, found.outcome) == ("npy with objects", Outcome.allowed)
    record = np.zeros(2, [("a", "f8"), ("b", object)])
    assert look_at(saved(record)).kind == "npy with objects"
    header = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    unsafe(with_header(header, b"\x80\x04cos\nsystem\n."), "pickle-global")


F8 = "'fortran_order': False, 'shape': (2,), }"
ATTACKS = {
    "too short": with_header("{'descr': '<f8', " + F8, bytes(15)),
    "too long": with_header("{'descr': '<f8', " + F8, bytes(17)),
    "header cut off": saved(np.ones(3))[:20],
    "unknown version": b"\x93NUMPY\x04\x00" + bytes(20),
    "code": with_header("__import__('os').system('true')"),
    "call in a value": with_header("{'descr': str('<f8'), " + F8, bytes(16)),
    "twice": with_header("{'descr': '<f8', 'descr': '|O', " + F8, bytes(16)),
    "two types in a text": with_header("{'descr': 'O,f8', " + F8, bytes(32)),
    "type by name": with_header("{'descr': 'object', " + F8, bytes(16)),
    "an escape": with_header("{'descr': '\\x7cO', " + F8, bytes(16)),
    "another key": with_header("{'descr': '<f8', 'x': 1, " + F8, bytes(16)),
    "negative": with_header(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-2,), }", bytes(16)
    ),
    "huge": with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999,)}"),
    "deep": with_header("[" * 5000),
    "after the header": with_header("{'descr': '<f8', " + F8 + "; x", bytes(16)),
    "no header": with_header(""),
    "another file behind": saved(np.ones(3)) + b"cos\nsystem\n.",
}


@pytest.mark.parametrize("data", ATTACKS.values(), ids=ATTACKS.keys())
def test_refuses(data: bytes) -> None:
    unsafe(data, "damaged")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 127), st.binary(min_size=1, max_size=3))
def test_where_ours_says_safe_numpy_needs_no_pickle(at: int, patch: bytes) -> None:
    data = saved(np.ones(3))
    data = data[:at] + patch + data[at + len(patch) :]
    if look_at(data).outcome is Outcome.safe and data.startswith(b"\x93NUMPY"):
        assert "allow_pickle" not in _refusal(data)


def _refusal(data: bytes) -> str:
    try:
        np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, TypeError, SyntaxError) as error:
        return str(error)
    return ""
