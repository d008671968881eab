"""ONNX models: a graph of named operations, whose numbers may lie in other files.

The messages are those of ``onnx.proto`` (onnx 1.17, IR version 10). Paths of external data that
lead elsewhere have been used to read any file of whoever opens a model (CVE-2022-25882,
CVE-2024-5187, CVE-2024-27318).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from workbench.findings.finding import Finding, Level
from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.onnx_tensors import check_tensor, sizes_in
from workbench.scanning.protobuf import BYTES, VARINT, Field, Schema, fields, text, walk
from workbench.scanning.streams import Malformed, size_of
from workbench.scanning.wording import escaped

__all__ = ["is_onnx", "outside_data", "scan_onnx"]

_SCHEMA: Schema = {
    "model": {7: "graph", 8: "opset", 14: "entry", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse", 16: "entry"},
    "function": {7: "node", 9: "opset", 11: "attribute", 14: "entry"},
    "node": {5: "attribute", 9: "entry"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "outside", 16: "entry"},
}
# Lists of numbers and names that nothing here depends on; those of trees are long.
_ONCE = {"attribute": {7, 8, 9}}
# Wire types of the fields of a model; what has another field is no model that is known here.
_MODEL = {
    **dict.fromkeys((1, 5), VARINT),
    **dict.fromkeys((2, 3, 4, 6, 7, 8, 14, 20, 25, 26), BYTES),
}
DOMAINS = {
    *("", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training"),
    *("ai.onnx.preview", "com.microsoft", "com.microsoft.nchwc", "com.ms.internal.nhwc"),
}
# Operations that call Python, or any kernel by its name.
PROGRAMS = {"pyop", "pythonop", "pythonopgrad", "pycustomop", "pyfunc", "aten", "evalop"}
# Operations whose data are compiled code for an accelerator, here or in another file.
COMPILED = {"epcontext", "trtkernel", "customop"}
# Operations that make a tensor of the shape that they are given, before anything is asked.
SHAPED = {"ConstantOfShape": 0, "Expand": 1, "Tile": 1}
_ROOM = 1 << 36  # elements of a tensor that is made so
_LARGE = 1 << 20  # bytes of texts that say nothing about the computation


def is_onnx(stream: BinaryIO, budget: Budget) -> bool:
    """Tell whether a stream is a model: only fields of one, with a graph and operator sets."""
    seen: set[int] = set()
    try:
        for field in fields(stream, 0, size_of(stream), budget):
            if _MODEL.get(field.number) != field.wire:
                return False
            seen.add(field.number)
    except Malformed:
        return False
    return {7, 8} <= seen or {1, 7} <= seen


def outside_data(stream: BinaryIO, budget: Budget) -> set[str]:
    """Return the names of the files that a model takes numbers from, as it spells them."""
    found = set()
    try:
        for message, plain in walk(stream, _SCHEMA, "model", size_of(stream), budget, _ONCE):
            if message.kind == "outside":
                key, value = _pair(stream, plain)
                if key == "location":
                    found.add(value)
    except Malformed:
        return set()
    return found


def scan_onnx(
    stream: BinaryIO, place: str, budget: Budget, beside: frozenset[str] = frozenset()
) -> Scan:
    """Return what was found in a model.

    Args:
        beside: the names of the files in the same folder, which it may take numbers from.
    """
    scan = Scan("onnx", reason="It names operations of ONNX only, and cannot run other code.")
    try:
        own: set[tuple[str, str]] = set()
        used: set[tuple[str, str]] = set()
        extra = 0
        asked: set[str] = set()
        sizes: dict[str, int] = {}
        for message, plain in walk(stream, _SCHEMA, "model", size_of(stream), budget, _ONCE):
            if message.kind == "node":
                used.add(_named(stream, plain, 7, 4))
                asked |= _asked(stream, plain)
            elif message.kind == "tensor":
                check_tensor(stream, plain, budget)
                if (size := sizes_in(stream, plain)) > _ROOM:
                    sizes[_named(stream, plain, 8, 8)[0]] = size
            elif message.kind == "function":
                own.add(_named(stream, plain, 10, 1))
            elif message.kind == "outside":
                for found in _outside(*_pair(stream, plain), place, beside):
                    scan.add(found)
            elif message.kind == "entry":
                extra += message.size
            extra += sum(f.size for f in plain if f.number == 6 and message.kind == "model")
    except Malformed as error:
        why = f"It is not a proper ONNX model: {error}."
        scan.add(finding("damaged", place, "ONNX model", why, remedy="Export the model again."))
        return scan
    for name in sorted(asked & sizes.keys()):
        why = "It makes a tensor so large that opening or using it takes all memory."
        remedy = "Export the model again."
        scan.add(finding("too-large", place, f"{sizes[name]} numbers", why, remedy=remedy))
    for domain, operation in sorted(used):
        for found in _operation(domain, operation, place, own):
            scan.add(found)
    if extra > _LARGE:
        why = "Its descriptions are unusually large, and go wherever it goes."
        scan.add(finding("metadata", place, f"{extra} bytes", why, level=Level.concern))
    return scan


def _named(stream: BinaryIO, plain: list[Field], domain: int, name: int) -> tuple[str, str]:
    """Return the last value of two text fields, as readers do with fields that come twice."""
    last = {field.number: field for field in plain if field.number in (domain, name)}
    return (
        text(stream, last[domain]) if domain in last else "",
        text(stream, last[name]) if name in last else "",
    )


def _asked(stream: BinaryIO, plain: list[Field]) -> set[str]:
    """Return the name of the tensor whose numbers an operation takes for a shape."""
    place = SHAPED.get(_named(stream, plain, 7, 4)[1])
    names = [field for field in plain if field.number == 1]
    return {text(stream, names[place])} if place is not None and place < len(names) else set()


def _pair(stream: BinaryIO, plain: list[Field]) -> tuple[str, str]:
    return _named(stream, plain, 1, 2)


def _outside(key: str, value: str, place: str, beside: frozenset[str]) -> Iterator[Finding]:
    if key in ("offset", "length", "checksum"):
        return
    parts = value.removeprefix("./").split("/")
    leads = any(part in ("", ".", "..") for part in parts) or "\\" in value or ":" in value
    if key != "location" or leads or not value.isprintable():
        why = "It takes numbers from a file outside of the model, which may be any file."
        remedy = "Export the model with its data inside, or in a file beside it."
        yield finding("outside-data", place, escaped(value), why, remedy=remedy)
    elif "/".join(parts) not in beside:
        why = "It takes numbers from a file that is not there."
        yield finding(
            "outside-data", place, escaped(value), why, remedy="Share that file with the model."
        )


def _operation(
    domain: str, operation: str, place: str, own: set[tuple[str, str]]
) -> Iterator[Finding]:
    if operation.lower() in PROGRAMS or domain == "ai.onnx.contrib":
        yield finding(
            "onnx-program",
            place,
            escaped(f"{domain}.{operation}" if domain else operation),
            "It calls a function of Python, or any other by its name.",
            remedy="Export the model with operations of ONNX only.",
        )
    elif operation.lower() in COMPILED:
        yield finding(
            "onnx-compiled",
            place,
            escaped(f"{domain}.{operation}" if domain else operation),
            "It carries or loads compiled code, which nobody can look into.",
            remedy="Export the model with operations of ONNX only.",
        )
    elif domain not in DOMAINS and (domain, operation) not in own:
        yield finding(
            "onnx-own-operation",
            place,
            escaped(f"{domain}.{operation}"),
            "It needs an operation that is not part of ONNX, and so a library of somebody else.",
            remedy="Export the model with operations of ONNX only.",
        )
