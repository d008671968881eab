"""How much work it is to hash and compare what a pickle uses as a key.

Python hashes a tuple by going through all of it, in compiled code without a limit on depth, and
through a part again for each place that it stands in. Sixty instructions make a key whose hash
takes longer than the universe is old, and a key of tuples in tuples overflows the stack of the
process. Frozen sets remember their hash, but two equal ones are compared part by part.
"""

from __future__ import annotations

from collections.abc import Iterable

from workbench.scanning.refusals import Refused
from workbench.scanning.values import Listing, Long, Made, Table, Value, Weight

__all__ = ["DEEPEST", "LARGEST", "PARTED", "bounded", "together", "weight"]

DEEPEST = 100  # levels; what people use as keys has two or three
LARGEST = 100_000  # parts, counted in each place that they stand in
PARTED = frozenset({tuple, Listing, Long, Made, Table})  # stand-ins of what has parts
# Calls whose results are hashed and compared by what they were made of.
BY_VALUE = ("any", "none", "collected", "dtype", "first-class")


def weight(value: Value) -> Weight:
    """Return how many parts a value has, and how many levels; it stops counting at the bounds."""
    if type(value) is tuple and PARTED.isdisjoint(map(type, value)):
        return 1 + len(value), 1
    if type(value) is Listing or (type(value) is Made and not value.args and value.state is None):
        return 1 + value.weight[0], 1 + value.weight[1]
    size = deepest = 0
    waiting: list[tuple[Value, int]] = [(value, 1)]
    while waiting and size <= LARGEST and deepest <= DEEPEST:
        one, depth = waiting.pop()
        inner: Iterable[Value] = ()
        size += 1
        level = depth
        if type(one) is tuple:
            inner = one
            size += len(one)
        elif isinstance(one, Long | Listing | Table | Made):
            size += one.weight[0]
            level += one.weight[1]
            inner = _inside(one)
        deepest = max(deepest, level)
        waiting += [(part, depth + 1) for part in inner if type(part) in PARTED]
    return size, deepest


def _inside(value: Value) -> Iterable[Value]:
    """Return what an instance is compared by; most are themselves and nothing else."""
    if isinstance(value, Table):
        return value.items.values()
    if isinstance(value, Made):
        of = value.of
        if of.role.call in BY_VALUE or of.module.startswith("pandas"):
            return (*value.args, value.state)
    return ()


def together(values: Iterable[Value], before: Weight = (0, 0)) -> Weight:
    """Return the weight of what holds all of these, and what it held ``before``."""
    size, deepest = before
    for value in values:
        size += 1
        if size > LARGEST or deepest > DEEPEST:
            break
        if type(value) in PARTED:
            more, levels = weight(value)
            size, deepest = size + more, max(deepest, levels)
    return size, deepest


def bounded(found: Weight) -> Weight:
    """Return the weight of a key.

    Raises:
        Refused: it has more parts or levels than any key of a model has.
    """
    size, deepest = found
    if size > LARGEST or deepest > DEEPEST:
        why = "Comparing a key in it would hang or crash Python: it is parts in parts in parts."
        raise Refused("pickle-endless", "a key of a dictionary or set", why)
    return found
