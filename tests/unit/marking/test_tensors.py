"""Safetensors files: the format by hand, torch's rounding, and all that a header may not say."""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.marking.tensors import as_array, encoded, layout, values


def by_hand(header: Any, data: bytes) -> io.BytesIO:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return io.BytesIO(struct.pack("<Q", len(text)) + text + data)


def entry(dtype: str, shape: list[Any], start: int, end: int) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def test_a_file_written_by_hand() -> None:
    numbers = np.arange(6, dtype="<f4").reshape(2, 3)
    header = {
        "__metadata__": {"format": "pt"},
        "b": entry("I64", [1], 24, 32),
        "a": entry("F32", [2, 3], 0, 24),
    }
    stream = by_hand(header, numbers.tobytes() + struct.pack("<q", -5))
    found = layout(stream)
    assert [(one.name, one.dtype, one.shape) for one in found.tensors] == [
        ("a", "F32", (2, 3)),
        ("b", "I64", (1,)),
    ]
    assert np.array_equal(as_array(stream, found.tensors[0]), numbers)
    assert values(stream, found.tensors[0], 2, 3).tolist() == [2, 3, 4]
    assert as_array(stream, found.tensors[1]).tolist() == [-5]


def test_what_safetensors_writes_is_read() -> None:
    chance = np.random.default_rng(0)
    arrays = {
        "half": chance.normal(size=(3, 4)).astype(np.float16),
        "single": chance.normal(size=(5, 2)).astype(np.float32),
        "double": chance.normal(size=7),
        "empty": np.zeros((0, 3)),
    }
    stream = io.BytesIO(safetensors.numpy.save(arrays))
    found = {one.name: as_array(stream, one) for one in layout(stream).tensors}
    assert found.keys() == arrays.keys()
    assert all(np.array_equal(found[name], one) for name, one in arrays.items())


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=50))
def test_bfloat16_is_rounded_as_torch_does(numbers: list[float]) -> None:
    own = np.frombuffer(encoded(np.array(numbers), "BF16"), "<u2")
    theirs = torch.tensor(numbers, dtype=torch.float32).to(torch.bfloat16).view(torch.uint16)
    assert own.tolist() == theirs.tolist()


def test_bfloat16_is_read_as_torch_does() -> None:
    every = np.arange(2**16, dtype="<u2")
    stream = by_hand({"w": entry("BF16", [2**16], 0, 2**17)}, every.tobytes())
    theirs = torch.tensor(every.view("<i2")).view(torch.bfloat16).double().numpy()
    (tensor,) = layout(stream).tensors
    assert np.array_equal(as_array(stream, tensor), theirs, equal_nan=True)


WRONG = {
    "no object": (b"[]", b""),
    "not JSON": (b"{no}", b""),
    "the same name twice": (b'{"a":1,"a":1}', b""),
    "a list as entry": ({"a": []}, b""),
    "no dtype": ({"a": {"shape": [], "data_offsets": [0, 4]}}, bytes(4)),
    "one field more": ({"a": entry("F32", [1], 0, 4) | {"x": 1}}, bytes(4)),
    "unknown dtype": ({"a": entry("F128", [1], 0, 16)}, bytes(16)),
    "dtype a list": ({"a": entry([], [1], 0, 16)}, bytes(16)),  # type: ignore[arg-type]
    "negative shape": ({"a": entry("F32", [-1], 0, 4)}, bytes(4)),
    "shape of floats": ({"a": entry("F32", [1.0], 0, 4)}, bytes(4)),
    "shape of booleans": ({"a": entry("F32", [True], 0, 4)}, bytes(4)),
    "too many dimensions": ({"a": entry("F32", [1] * 100, 0, 4)}, bytes(4)),
    "a shape that overflows": ({"a": entry("F32", [2**40, 2**40], 0, 4)}, bytes(4)),
    "more than the shape": ({"a": entry("F32", [1], 0, 8)}, bytes(8)),
    "behind the end": ({"a": entry("F32", [2], 0, 8)}, bytes(4)),
    "end before start": ({"a": entry("F32", [0], 4, 0)}, bytes(4)),
    "half a byte": ({"a": entry("F4", [1], 0, 0)}, b""),
    "overlap": ({"a": entry("F32", [2], 0, 8), "b": entry("F32", [1], 4, 8)}, bytes(8)),
    "a hole": ({"a": entry("F32", [1], 0, 4), "b": entry("F32", [1], 8, 12)}, bytes(12)),
    "more at the end": ({"a": entry("F32", [1], 0, 4)}, bytes(5)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_header_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        layout(by_hand(*WRONG[name]))


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 7, b"\x00" * 8, b"\xff" * 8 + b"{}", struct.pack("<Q", 3) + b"{}"]
)
def test_a_wrong_length_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="not a proper safetensors file"):
        layout(io.BytesIO(data))


def test_numbers_that_cannot_be_read_are_refused() -> None:
    stream = by_hand({"a": entry("F8_E4M3", [4], 0, 4)}, bytes(4))
    (tensor,) = layout(stream).tensors
    with pytest.raises(InputError, match="F8_E4M3 cannot be read"):
        values(stream, tensor)
    with pytest.raises(InputError, match="cannot be written"):
        encoded(np.zeros(1), "I8")


@given(st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(
        by_hand({"a": entry("F32", [2], 0, 8), "b": entry("F16", [1], 8, 10)}, bytes(10)).getvalue()
    )
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    stream = io.BytesIO(bytes(whole[:cut]))
    try:
        found = layout(stream)
    except InputError:
        return
    assert found.end == cut
    assert sum(one.end - one.start for one in found.tensors) == found.end - found.start
