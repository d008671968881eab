"""Tensors of ONNX whose data do not fill the shape that they state, for each way to hold data."""

from __future__ import annotations

import gzip
import struct

import pytest

from tests.unit.scanning.building import field, look_at, message, unsafe
from tests.unit.scanning.test_graphs import model, node
from workbench.findings.scan import Outcome

# Data type, how three elements are held (TensorProto in onnx.proto), and one element too few.
HELD = {
    "float raw": (1, field(9, bytes(12)), field(9, bytes(8))),
    "float": (1, field(4, struct.pack("<3f", 1, 2, 3)), field(4, bytes(8))),
    "float one by one": (1, b"\x25\0\0\0\0" * 3, b"\x25\0\0\0\0" * 2),
    "int8": (3, field(5, b"\x01\x02\xff\x01"), field(5, b"\x01\x02")),
    "int32 one by one": (6, field(5, 1) * 3, field(5, 1) * 4),
    "int64": (7, field(7, b"\x01\x02\x03"), field(7, b"\x01\x02\x83")),
    "double": (11, field(10, bytes(24)), field(10, bytes(23))),
    "complex": (14, field(4, bytes(24)), field(4, bytes(12))),
    "uint64": (13, field(11, b"\x01\x02\x03"), b""),
    "float16": (10, field(9, bytes(6)), field(9, bytes(12))),
    "int4 raw": (22, field(9, bytes(2)), field(9, bytes(3))),
    "int4": (22, field(5, b"\x01\x02"), field(5, b"\x01\x02\x03")),
    "texts": (8, field(6, "a") * 3, field(6, "a")),
}


def tensor(kind: int, data: bytes, *shape: int) -> bytes:
    return b"".join(field(1, size) for size in shape) + message((2, kind), (8, "w")) + data


@pytest.mark.parametrize("name", HELD)
def test_data_fill_their_shape(name: str) -> None:
    kind, right, wrong = HELD[name]
    for shape in ((3,), (1, 3), (3, 1, 1)):
        found = look_at(model(node("Relu"), tensors=(tensor(kind, right, *shape),)))
        assert (found.outcome, found.findings) == (Outcome.safe, ())
    packed = field(1, b"\x01\x03") + message((2, kind)) + right  # the shape in one field
    assert look_at(model(node("Relu"), tensors=(packed,))).outcome is Outcome.safe
    for data, shape in ((wrong, (3,)), (right, (5,)), (right, (3, 0)), (right, (1 << 31, 1 << 31))):
        unsafe(model(node("Relu"), tensors=(tensor(kind, data, *shape),)), "damaged")
    held = message((1, "value"), (5, tensor(kind, wrong, 3)), (20, 4))
    unsafe(model(node("Constant", "", held)), "damaged")


def test_shapes_and_types_that_cannot_be_are_refused() -> None:
    for one in (
        tensor(1, field(9, bytes(12)), 1, -3 & (1 << 64) - 1),
        tensor(1, field(9, bytes(12)), 1 << 62),
        tensor(99, field(9, bytes(12)), 3),
        tensor(0, b"", 0),
        tensor(1, field(9, bytes(12)) * 2, 3),
        tensor(1, field(9, bytes(12)) + field(4, bytes(12)), 3),
        tensor(1, field(10, bytes(24)), 3),
    ):
        unsafe(model(node("Relu"), tensors=(one,)), "damaged")


@pytest.mark.parametrize(
    "data",
    [
        b"A\n2\n263168\n131840\n254\n",
        b"A\r\n3\r\n263168\r\n",
        b"X\n\0\0\0\x02\0\4\3\0",
        b"B\n\x03\0\0\0\0\3\4\0",
        b"RDX3\nX\n\0\0\0\x03",
        b"RDA2\nA\n2\n",
    ],
    ids=range(6),
)
def test_objects_of_r_are_programs(data: bytes) -> None:
    unsafe(data + bytes(40), "program")
    unsafe(gzip.compress(data + b"1\n"), "program")


def test_tables_that_begin_like_objects_of_r_are_not() -> None:
    for data in (b"A\n2\n3\n", b"A\nfever\n", b"RDX\n", b"X\n1\n"):
        assert look_at(data).outcome is Outcome.safe
