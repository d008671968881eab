"""Messages in the wire format of protocol buffers, and the graphs that are written in it."""

from __future__ import annotations

import struct

__all__ = ["field", "graph_def", "onnx", "onnx_tensor", "saved_model", "tensor_node", "varint"]


def varint(number: int) -> bytes:
    """Return a number in base 128, least significant first; negative ones as 64 bits."""
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def field(number: int, value: int | str | bytes) -> bytes:
    """Return one field: a number as varint, text and messages with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


# ONNX ------------------------------------------------------------------------------------------


def onnx_tensor(
    name: str, dims: tuple[int, ...] = (2,), *, external: dict[str, str] | None = None
) -> bytes:
    """Return a TensorProto of float32: raw zeros, or the place of a file."""
    head = b"".join(field(1, dim) for dim in dims) + field(2, 1) + field(8, name)
    if external is None:
        return head + field(9, struct.pack("<2f", 1, 2))
    pairs = (field(13, field(1, key) + field(2, value)) for key, value in external.items())
    return head + b"".join(pairs) + field(14, 1)


def tensor_node(op: str, domain: str = "", attributes: bytes = b"") -> bytes:
    """Return a NodeProto with one input and one output."""
    named = field(7, domain) if domain else b""
    return field(1, "x") + field(2, "y") + field(4, op) + attributes + named


def onnx(
    nodes: list[bytes], tensors: list[bytes], *, domains: tuple[str, ...] = ("",), more: bytes = b""
) -> bytes:
    """Return a ModelProto; ``more`` are further fields of it."""
    shaped = field(2, field(1, field(1, 1) + field(2, field(1, field(1, 2)))))
    graph = (
        b"".join(field(1, node) for node in nodes)
        + field(2, "graph")
        + b"".join(field(5, tensor) for tensor in tensors)
        + field(11, field(1, "x") + shaped)
        + field(12, field(1, "y") + shaped)
    )
    sets = b"".join(field(8, field(1, domain) + field(2, 17)) for domain in domains)
    return field(1, 8) + field(2, "corpus") + field(7, graph) + sets + more


# TensorFlow --------------------------------------------------------------------------------------


def graph_def(ops: list[str], *, inside: str = "") -> bytes:
    """Return a GraphDef with one node for each operation; ``inside`` stands in a function."""
    nodes = b"".join(field(1, field(1, f"n{i}") + field(2, op)) for i, op in enumerate(ops))
    if inside:
        function = field(1, field(1, "f")) + field(3, field(1, "n") + field(2, inside))
        nodes += field(2, field(1, function))
    return nodes


def saved_model(graph: bytes) -> bytes:
    """Return a SavedModel with one graph."""
    return field(1, 1) + field(2, field(1, field(4, "serve")) + field(2, graph))
