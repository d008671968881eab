"""The safetensors format: what is written is read again, and anything else is refused."""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import numpy as np
import pytest
import safetensors.numpy as peer
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from workbench.converting.tensors import Tensor, read, write
from workbench.errors import InputError, TrustError

TYPES = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]
some_arrays = st.sampled_from(TYPES).flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0))
)
some_tables = st.dictionaries(st.text(min_size=1, max_size=8), some_arrays, min_size=1, max_size=5)


def to_bytes(table: dict[str, Any], **notes: str) -> bytes:
    stream = io.BytesIO()
    write(stream, {name: Tensor.of(array) for name, array in table.items()}, notes)
    return stream.getvalue()


def of(content: bytes) -> dict[str, Tensor]:
    return read(io.BytesIO(content))[0]


def made(table: object, numbers: bytes = b"", length: int | None = None) -> bytes:
    header = table if isinstance(table, bytes) else json.dumps(table).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + numbers


def entry(start: int = 0, stop: int = 8, shape: object = (2,), dtype: object = "F32") -> Any:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


class TestPeer:
    """The reference implementation reads what is written here, and writes what is read here."""

    @given(some_tables)
    def test_reads_what_is_written(self, table: dict[str, Any]) -> None:
        found = peer.load(to_bytes(table))
        assert found.keys() == table.keys()
        for name, array in table.items():
            assert found[name].tobytes() == np.ascontiguousarray(array).tobytes()
            assert found[name].shape == array.shape

    @given(some_tables)
    def test_writes_what_is_read(self, table: dict[str, Any]) -> None:
        found = of(peer.save({name: np.ascontiguousarray(a) for name, a in table.items()}))
        for name, array in table.items():
            assert found[name].array().tobytes() == np.ascontiguousarray(array).tobytes()


@given(some_tables)
def test_what_is_read_writes_the_same_bytes(table: dict[str, Any]) -> None:
    content = to_bytes(table, format="np")
    tensors, notes = read(io.BytesIO(content))
    stream = io.BytesIO()
    write(stream, tensors, notes)
    assert stream.getvalue() == content


def test_numbers_come_in_any_order_of_bytes_and_memory() -> None:
    """Big-endian arrays and views are written as the format has it."""
    array = np.arange(6, dtype=">f8").reshape(2, 3).T
    found = of(to_bytes({"a": array}))["a"].array()
    np.testing.assert_array_equal(found, array)
    assert found.dtype == np.dtype("<f8")


def test_brain_floats_are_widened_exactly() -> None:
    """numpy does not have them; single precision holds each of them."""
    content = made({"w": entry(0, 4, (2,), "BF16")}, bytes.fromhex("803f20c0"))
    np.testing.assert_array_equal(of(content)["w"].array(), np.array([1.0, -2.5], "f4"))
    with pytest.raises(InputError, match="numpy has no numbers") as caught:
        of(made({"w": entry(0, 1, (1,), "F8_E4M3")}, b"8"))["w"].array()
    assert "torch" in caught.value.hint


@pytest.mark.parametrize("table", [{}, {"__metadata__": np.ones(1)}, {"": np.ones(1)}])
def test_what_has_no_place_is_not_written(table: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="no tensors"):
        to_bytes(table)


GOOD = {"a": entry(0, 8), "b": entry(8, 16)}
TWICE = b'{"a":' + json.dumps(entry()).encode() + b',"a":' + json.dumps(entry()).encode() + b"}"
HOSTILE = {
    "nothing": b"",
    "seven bytes": b"\0" * 7,
    "a table larger than the file": made(GOOD, bytes(16), 2**40),
    "a table of nothing": made({}),
    "no table": made([1, 2]),
    "no JSON": made(b"{"),
    "no UTF-8": made(b'{"\xff": 1}'),
    "deep nesting": made(b"[" * 100_000),
    "a name given twice": made(TWICE, bytes(8)),
    "notes only": made({"__metadata__": {"a": "b"}}),
    "notes that are no text": made({**GOOD, "__metadata__": {"a": 1}}, bytes(16)),
    "an empty name": made({"": entry()}, bytes(8)),
    "a type that is not known": made({"a": entry(dtype="F31")}, bytes(8)),
    "a type that is no text": made({"a": entry(dtype=["F32"])}, bytes(8)),
    "a size that does not fit": made({"a": entry(shape=(3,))}, bytes(8)),
    "a negative shape": made({"a": entry(shape=(-1, -2))}, bytes(8)),
    "a broken shape": made({"a": entry(shape=(2.0,))}, bytes(8)),
    "a shape of truths": made({"a": entry(0, 4, (True,))}, bytes(4)),
    "a shape of many sides": made({"a": entry(0, 4, (1,) * 65)}, bytes(4)),
    "a shape that overflows": made({"a": entry(0, 0, (2**62, 4, 0))}, bytes(1)),
    "a gap": made({"a": entry(0, 8), "b": entry(12, 20)}, bytes(20)),
    "an overlap": made({"a": entry(0, 8), "b": entry(4, 12)}, bytes(12)),
    "a place before the beginning": made({"a": entry(-8, 0)}, bytes(8)),
    "a place turned round": made({"a": entry(8, 0)}, bytes(8)),
    "bytes at the end": made(GOOD, bytes(17)),
    "bytes missing": made(GOOD, bytes(15)),
    "more in an entry": made({"a": {**entry(), "code": "x"}}, bytes(8)),
    "no entry": made({"a": 3}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_anything_else_is_refused(name: str) -> None:
    """With the step that failed, and nothing loaded."""
    with pytest.raises(TrustError, match="not a safetensors file") as caught:
        of(HOSTILE[name])
    assert caught.value.step == "model content"


@given(st.data())
def test_a_changed_file_is_refused_or_whole(data: Any) -> None:
    """Whatever byte is changed, nothing is read that the reference implementation refuses."""
    content = bytearray(to_bytes({"a": np.arange(3), "b": np.ones((2, 2), "f4")}))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    try:
        found = of(bytes(content))
    except TrustError:
        return
    assert peer.load(bytes(content)).keys() == found.keys()
