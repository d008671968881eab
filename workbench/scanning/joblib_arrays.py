"""Arrays that joblib writes raw, behind the wrapper object that describes them.

``joblib.load`` passes over the raw numbers, but ``pickle.load`` would take them for instructions,
and nobody can tell which of the two will open a file. So both readings are followed, and what
either would do counts. Source: ``joblib.numpy_pickle.NumpyArrayWrapper``.
"""

from __future__ import annotations

from contextlib import suppress
from math import prod

from workbench.findings.finding import Level
from workbench.scanning.contract import Scan
from workbench.scanning.layouts import layout, numbers
from workbench.scanning.machine import interpret
from workbench.scanning.memory import Memory, Surroundings
from workbench.scanning.reader import Broken, Reader
from workbench.scanning.refusals import Refused
from workbench.scanning.values import Named, Table, Value

__all__ = ["after_wrapper"]

NEEDED = {"subclass", "shape", "order", "dtype", "allow_mmap"}
ALIGNMENT = "numpy_array_alignment_bytes"
WIDEST = 16  # bytes that joblib pads to
SERIOUS = {"pickle-global", "pickle-hidden", "pickle-load", "pickle-objects"}
UNCLEAR = "It describes a raw array in a way that joblib does not write."


def after_wrapper(m: Memory, state: Value) -> Value:
    """Pass over the array that follows a wrapper; return what stands for it.

    Raises:
        Broken: nobody can tell where the array ends.
    """
    wrapper = m.stack[-1]
    if m.frame > m.reader.offset:
        raise Broken("an array", "A raw array starts within a frame of the pickle.")
    m.framed = False
    _as_instructions(m)
    try:
        size, objects, padded = _described(state)
    except Refused:
        raise Broken("an array", UNCLEAR) from None
    if objects:
        _objects(m)
    else:
        _raw(m, size, padded)
    return wrapper


def _described(state: Value) -> tuple[int, bool, bool]:
    """Return the size of an array in bytes, whether it holds objects, whether it is padded."""
    if not isinstance(state, Table) or not NEEDED <= state.items.keys() <= NEEDED | {ALIGNMENT}:
        raise Broken("an array", UNCLEAR)
    kind, alignment = state.items["subclass"], state.items.get(ALIGNMENT)
    if not isinstance(kind, Named) or kind.role.state != "array":
        raise Broken("an array", UNCLEAR)
    if alignment is not None and type(alignment) is not int:
        raise Broken("an array", UNCLEAR)
    inner = layout(state.items["dtype"])
    return prod(numbers(state.items["shape"])) * inner.size, inner.objects, alignment is not None


def _raw(m: Memory, size: int, padded: bool) -> None:
    if padded:
        padding = m.reader.number(1)
        if padding > WIDEST:
            raise Broken("an array", UNCLEAR)
        m.reader.skip(padding)
    m.reader.skip(size)


def _objects(m: Memory) -> None:
    """An array of objects is a pickle of its own, with a memo of its own."""
    inner = Memory(_reader(m), m.place, m.scan, Surroundings())
    interpret(inner)
    m.reader.go(inner.reader.offset)


def _reader(m: Memory) -> Reader:
    m.reader.stream.seek(m.reader.offset)
    return Reader(m.reader.stream, m.reader.budget)


def _as_instructions(m: Memory) -> None:
    """Follow what ``pickle.load`` would do; that it soon fails is what keeps it harmless."""
    other = m.fork(_reader(m), Scan("pickle"))
    with suppress(Broken):
        interpret(other)
    for found in other.scan.findings:
        if found.level is Level.unsafe and found.rule in SERIOUS:
            m.scan.add(found)
