"""NumPy's descriptions of arrays: how large an element is, and whether it holds Python objects.

An array whose description hides that it holds objects would take raw bytes for addresses in
memory, so a description has to agree with itself in every way that it says this
(NumPy enhancement proposal 41 names the flags; ``numpy.dtype.__reduce__`` writes the state).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod

from workbench.scanning.refusals import Refused
from workbench.scanning.values import Blob, Listing, Made, Named, Table, Value

__all__ = ["Layout", "bytes_of", "check_array", "check_dtype", "layout", "numbers"]

CODE = re.compile(r"[biufcSUVMmO]\d{1,9}\Z")
HOLDS_OBJECTS = 1 | 2  # ITEM_REFCOUNT and LIST_PICKLE
HARMLESS_FLAGS = 8 | 16 | 128  # NEEDS_INIT, NEEDS_PYAPI and ALIGNED_STRUCT
LARGEST = 1 << 60


@dataclass(frozen=True, slots=True)
class Layout:
    """Of one element: its size in bytes, and whether Python objects are in it."""

    size: int
    objects: bool


def _refused(why: str) -> Refused:
    return Refused("pickle-array", "numpy.dtype", why)


def from_code(code: Value) -> Layout:
    """Return the layout that a type code such as ``f8`` stands for.

    Raises:
        Refused: it is none that NumPy writes.
    """
    if type(code) is not str or not CODE.match(code):
        raise _refused("It describes an array in a way that NumPy does not write.")
    count = int(code[1:])
    return Layout(4 * count if code[0] == "U" else count, code[0] == "O")


def is_record(value: Value) -> bool:
    """Tell whether a dtype is one of records, whose size is in its state only."""
    return isinstance(value, Named) and value.role.state == "record"


def layout(value: Value) -> Layout:
    """Return the layout of what stands for a dtype.

    Raises:
        Refused: it is something else.
    """
    if not isinstance(value, Made) or value.of.role.state != "dtype":
        raise _refused("Something else stands where the type of an array has to be.")
    return value.state if isinstance(value.state, Layout) else from_code(value.args[0])


def check_dtype(made: Made, state: Value) -> Layout:
    """Return the layout of a dtype that is given its state.

    Raises:
        Refused: the state does not agree with the type code or with itself.
    """
    if made.state is not None or made.args[1:] not in COPIED:
        raise _refused("It would change the type of an array that something else uses.")
    if type(state) is not tuple or len(state) not in (8, 9):
        raise _refused("It describes an array in a way that NumPy does not write.")
    version, order, base, names, fields, size, alignment, flags = state[:8]
    if {type(version), type(size), type(alignment), type(flags)} != {int} or type(order) is not str:
        raise _refused("It describes an array in a way that NumPy does not write.")
    record = is_record(made.args[0])
    plain = Layout(prod(numbers(size)), False) if record else from_code(made.args[0])
    void = record or str(made.args[0])[0] == "V"
    if not void and (base, names, fields) != (None, None, None):
        raise _refused("A plain type of array says that it has parts.")
    if size != -1 and size != plain.size:
        raise _refused("The description of an array names two sizes.")
    objects = plain.objects or _parts(base, fields, plain.size)
    agrees = flags & HOLDS_OBJECTS == (HOLDS_OBJECTS if objects else 0)
    if not agrees or not (objects or flags & 0xFF & ~HARMLESS_FLAGS == 0):
        why = "The description of an array hides whether it holds Python objects."
        raise Refused("pickle-objects", "numpy.dtype", why)
    return Layout(plain.size, objects)


COPIED = ((False, True), (0, 1))


def _parts(base: Value, fields: Value, size: int) -> bool:
    """Tell whether Python objects are in the parts of a dtype, which have to fit in its size."""
    if base is not None:
        if fields is not None or type(base) is not tuple or len(base) != 2:
            raise _refused("The description of an array has parts that do not fit.")
        inner = layout(base[0])
        if inner.size * prod(numbers(base[1])) != size:
            raise _refused("The description of an array has parts that do not fit.")
        return inner.objects
    if fields is None:
        return False
    if not isinstance(fields, Table) or fields.odd:
        raise _refused("The description of an array has parts that do not fit.")
    objects = False
    for field in fields.items.values():
        if type(field) is not tuple or len(field) not in (2, 3) or type(field[1]) is not int:
            raise _refused("The description of an array has parts that do not fit.")
        inner = layout(field[0])
        if field[1] < 0 or field[1] + inner.size > size:
            raise _refused("The description of an array has parts that do not fit.")
        objects = objects or inner.objects
    return objects


def numbers(shape: Value) -> tuple[int, ...]:
    """Return a shape: whole numbers, none negative.

    Raises:
        Refused: it is something else, or too large for any memory.
    """
    counts = shape if type(shape) is tuple else (shape,)
    total = 1
    for count in counts:
        if type(count) is not int or not 0 <= count < LARGEST:
            raise _refused("The shape of an array is not made of numbers.")
        total *= count
        if total > LARGEST * LARGEST:
            total = LARGEST * LARGEST
    if total > LARGEST:
        raise _refused("An array says to be larger than any memory.")
    return counts


def check_array(state: Value) -> None:
    """Check what an array is filled with: ``(version, shape, dtype, order, content)``.

    Raises:
        Refused: raw bytes where objects have to be, or the other way round.
    """
    if type(state) is not tuple or len(state) != 5 or type(state[0]) is not int:
        raise Refused("pickle-array", "numpy.ndarray", "An array is filled in an unusual way.")
    numbers(state[1])
    inner = layout(state[2])
    if inner.objects != isinstance(state[4], Listing):
        raise Refused(
            "pickle-objects",
            "numpy.ndarray",
            "An array would take raw bytes for Python objects.",
        )
    size = bytes_of(state[4])
    if size is not None and size != inner.size * prod(numbers(state[1])):
        raise Refused("pickle-array", "numpy.ndarray", "The bytes of an array do not fill it.")


def bytes_of(value: Value) -> int | None:
    """Return how many bytes a value has; ``None`` where nobody can tell."""
    if isinstance(value, bytes):
        return len(value)
    return value.size if isinstance(value, Blob) else None
