"""NumPy's ``.npy`` files: raw numbers after a small header, or a pickle where objects are inside.

The format is NEP 1 with versions 2.0 and 3.0 (numpy.lib.format). The header is a Python literal;
it is read here by a grammar of its own, never by Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from math import prod
from typing import Any, BinaryIO, Protocol

from workbench.findings.scan import Outcome
from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.streams import Malformed, at, part, size_of

__all__ = ["MAGIC", "scan_npy"]

MAGIC = b"\x93NUMPY"
MAX_HEADER = 64 << 10  # bytes; NumPy itself asks to trust a file from 10,000 on
_MAX_DEPTH = 16
_LENGTHS = {(1, 0): 2, (2, 0): 4, (3, 0): 4}  # bytes of the header's length, by version
_TOKEN = re.compile(
    r"\s*(?:'([^'\\\n]*)'|\"([^\"\\\n]*)\"|(\d{1,19})(?:L|(?!\w))|(True|False|None)\b|([\[\](){}:,]))"
)
_PLAIN = re.compile(r"[<>|=]?([biufcSaUVmMO?])(\d{0,10})(?:\[[\w/]{1,20}\])?\Z")


class _Pickles(Protocol):
    def __call__(self, stream: BinaryIO, place: str, budget: Budget) -> Scan: ...


def scan_npy(stream: BinaryIO, place: str, budget: Budget, *, pickles: _Pickles) -> Scan:
    """Return what was found in one array, or in several saved one after the other.

    Args:
        pickles: looks into the pickle that an array of objects is.
    """
    scan = Scan("npy", reason="It holds plain numbers or fixed-width text only.")
    try:
        total = size_of(stream)
        offset = 0
        while offset < total:
            budget.spend()
            start, size = _array(stream, offset)
            if size is None:
                inner = pickles(part(stream, start, total - start), place, budget)
                scan.kind = "npy with objects"
                if inner.outcome is Outcome.safe:
                    inner.worsen(Outcome.allowed, inner.reason)
                scan.absorb(inner)
                break
            offset = start + size
            if offset > total:
                raise Malformed("it has fewer numbers than its header says")
    except Malformed as error:
        scan.add(
            finding(
                "damaged",
                place,
                "NumPy array",
                f"It is not a proper array file: {error}.",
                remedy="Save the array again with numpy.save(…, allow_pickle=False).",
            )
        )
    return scan


def _array(stream: BinaryIO, offset: int) -> tuple[int, int | None]:
    """Return where an array's data start and their size; no size where they are a pickle."""
    magic = at(stream, offset, 8)
    width = _LENGTHS.get((magic[6], magic[7]))
    if magic[:6] != MAGIC or width is None:
        raise Malformed("there is something that is no array of a known version")
    length = int.from_bytes(at(stream, offset + 8, width), "little")
    if length > MAX_HEADER:
        raise Malformed("its header is too long")
    raw = at(stream, offset + 8 + width, length)
    start = offset + 8 + width + length
    try:
        header = _literal(raw.decode("utf-8" if magic[6] == 3 else "latin-1"))
    except UnicodeDecodeError:
        raise Malformed("its header is not text") from None
    if not isinstance(header, dict) or header.keys() != {"descr", "fortran_order", "shape"}:
        raise Malformed("its header does not say what it should")
    shape = header["shape"]
    if type(header["fortran_order"]) is not bool or not isinstance(shape, tuple):
        raise Malformed("its header does not say what it should")
    if len(shape) > 64 or not all(type(n) is int for n in shape):
        raise Malformed("its header has no proper shape")
    size = _size(header["descr"])
    return start, None if size is None else size * prod(shape)


def _size(kind: Any, depth: int = 0) -> int | None:
    """Return the bytes of one element; none where it is, or holds, a Python object."""
    if depth > _MAX_DEPTH:
        raise Malformed("its type is nested too deeply")
    if isinstance(kind, str):
        match = _PLAIN.match(kind)
        if match is None:
            raise Malformed("its type is not known")
        letter, width = match.groups()
        if letter == "O":
            return None
        size = int(width) if width else {"?": 1, "b": 1}.get(letter)
        if size is None and letter in "SaUV":
            size = 0
        if size is None:
            raise Malformed("its type has no size")
        return size * 4 if letter == "U" else size
    if isinstance(kind, tuple) and len(kind) == 2:  # a sub-array: type and shape
        return _times(_size(kind[0], depth + 1), kind[1])
    if not isinstance(kind, list):
        raise Malformed("its type is not known")
    total: int | None = 0
    for field in kind:
        if not isinstance(field, tuple) or len(field) not in (2, 3) or not _titled(field[0]):
            raise Malformed("its type is not known")
        size = _size(field[1], depth + 1)
        if len(field) == 3:
            size = _times(size, field[2])
        total = None if total is None or size is None else total + size
    return total


def _titled(name: Any) -> bool:
    pair = isinstance(name, tuple) and len(name) == 2 and all(isinstance(n, str) for n in name)
    return isinstance(name, str) or pair


def _times(size: int | None, shape: Any) -> int | None:
    steps = (shape,) if type(shape) is int else shape
    if not isinstance(steps, tuple) or not all(type(n) is int for n in steps):
        raise Malformed("its type has no proper shape")
    return None if size is None else size * prod(steps)


def _literal(text: str) -> Any:
    """Return the value of a literal of strings, counts, truth values, lists, tuples and dicts."""
    tokens = _tokens(text)
    value = _value(next(tokens), tokens, 0)
    if next(tokens, ("end", None))[0] != "end":
        raise Malformed("its header has something after its end")
    return value


def _tokens(text: str) -> Iterator[tuple[str, Any]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise Malformed("its header cannot be read")
        position = match.end()
        single, double, number, word, sign = match.groups()
        if sign:
            yield sign, None
        elif number is not None:
            yield "value", int(number)
        elif word:
            yield "value", {"True": True, "False": False, "None": None}[word]
        else:
            yield "value", single if single is not None else double
    yield "end", None


_CLOSING = {"(": ")", "[": "]", "{": "}"}


def _value(token: tuple[str, Any], tokens: Iterator[tuple[str, Any]], depth: int) -> Any:
    sign, value = token
    if sign == "value":
        return value
    if sign not in _CLOSING or depth > _MAX_DEPTH:
        raise Malformed("its header cannot be read")
    after = partial(next, tokens, ("end", None))
    items: list[Any] = []
    commas = 0
    token = after()
    while token[0] != _CLOSING[sign]:
        item = _value(token, tokens, depth + 1)
        token = after()
        if sign == "{":
            if token[0] != ":":
                raise Malformed("its header cannot be read")
            item = (item, _value(after(), tokens, depth + 1))
            token = after()
        items.append(item)
        if token[0] == ",":
            commas += 1
            token = after()
        elif token[0] != _CLOSING[sign]:
            raise Malformed("its header cannot be read")
    if sign == "[":
        return items
    if sign == "(":
        return items[0] if len(items) == 1 and not commas else tuple(items)
    keys = [key for key, _ in items]
    if not all(isinstance(key, str) for key in keys) or len(set(keys)) != len(keys):
        raise Malformed("its header says something twice")
    return dict(items)
