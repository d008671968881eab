"""Looks at users' objects without running their code: which object it is, whether it has changed.

Only identities, types, lengths and counters are read, past ``__getattribute__``, ``__class__`` and
``__eq__``, which an object may have do anything. Nothing here keeps an object alive.
"""

from __future__ import annotations

import types
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from itertools import islice
from typing import Any

from workbench.training.kinds import descends, framework, lookup

__all__ = [
    "attributes",
    "holds",
    "is_class",
    "is_collection",
    "is_one_of",
    "is_plain",
    "linked",
    "print_of",
    "refer",
    "shape_of",
    "tells",
    "types_of",
    "within",
]

MAX_PARTS = 600  # objects looked at inside one object
MAX_ITEMS = 200  # of one collection
MAX_DEPTH = 4
MAX_LAYERS = 20_000  # of a network
Types = frozenset[int]
_mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_module: Callable[[type], object] = type.__dict__["__module__"].__get__
_own: Callable[[type], Mapping[str, Any]] = type.__dict__["__dict__"].__get__


class _Sort(IntEnum):
    """How an object of a type is looked at."""

    leaf = 0
    sequence = 1
    mapping = 2
    other_collection = 3
    tensor = 4
    network = 5
    table = 6
    thing = 7
    learner = 8


def types_of(*kinds: type) -> Types:
    """Return the identities of types: a class can have its own ``__eq__`` and ``__hash__``."""
    return frozenset(map(id, kinds))


def is_one_of(value: object, kinds: Types) -> bool:
    """Tell whether a value is of one of the types, no subclass of it."""
    return id(type(value)) in kinds


ATOMS = types_of(int, float, complex, bool, str, bytes, type(None), frozenset, range, slice)
PLAIN = ATOMS | types_of(tuple)
LEAVES = ATOMS | types_of(type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)
SEQUENCES = types_of(list, tuple)
_sorts: dict[int, tuple[Callable[[], object], _Sort]] = {}  # by identity of a type still there
_slots: dict[int, tuple[Callable[[], object], Callable[[object], Any] | None]] = {}


def refer(value: object) -> Callable[[], object] | None:
    """Return a weak reference, or ``None`` for what cannot have one."""
    try:
        return weakref.ref(value)
    except Exception:  # a metaclass may refuse in its own words
        return None


def is_class(value: object) -> bool:
    """Tell whether a value is a class, whatever its metaclass says."""
    return any(one is type for one in _mro(type(value)))


def is_plain(value: object) -> bool:
    """Tell whether a value cannot change, and may be the same object by chance."""
    return id(type(value)) in PLAIN


def is_collection(value: object) -> bool:
    """Tell whether a value is a list, tuple, dictionary or set of Python's own."""
    return _Sort.sequence <= _sort_of(value) <= _Sort.other_collection


def attributes(value: object) -> dict[str, Any] | None:
    """Return the attributes an object holds itself, read past anything its class defines."""
    kind = type(value)
    known = _slots.get(id(kind))
    if known is None or known[0]() is not kind:
        known = (refer(kind) or _gone, _slot_of(kind))
        _slots[id(kind)] = known
    if known[1] is None:
        return None
    found = known[1](value)
    return found if type(found) is dict else None


def _gone() -> None:
    """Stand for a reference to what cannot have one."""


def _slot_of(kind: type) -> Callable[[object], Any] | None:
    """Return what reads the dictionary of a type's objects, if that is Python's own doing."""
    for one in _mro(kind):
        slot = _own(one).get("__dict__")
        if slot is not None:
            return slot.__get__ if type(slot) is types.GetSetDescriptorType else None
    return None


def print_of(value: object) -> tuple[int, ...]:
    """Return numbers that differ if an object was changed in place; the same says little.

    Of a table the identity of its axes, of a tensor its counter of changes, of a collection length
    and items, of other objects the same of what they hold. Cells of tables and arrays are not read,
    nor is what is inside the trees of a forest: fitting it again makes other trees.
    """
    numbers: list[int] = []
    for part, sort in _parts(value, MAX_DEPTH, learned=False):
        numbers.append(id(part))
        if sort is not _Sort.leaf:
            numbers += _marks(part, sort)
    return tuple(numbers)


def tells(value: object) -> bool:
    """Tell whether :func:`print_of` would differ after most changes in place."""
    return bool(_marks(value, _sort_of(value))) or bool(attributes(value))


def within(value: object, depth: int = 3) -> frozenset[int]:
    """Return the identities of what an object holds, itself left out."""
    return frozenset(id(part) for part, _ in islice(_parts(value, depth), 1, None))


def holds(value: object) -> bool:
    """Tell whether a value holds other objects that could have names of their own."""
    if is_collection(value):
        return any(
            id(type(one)) not in ATOMS for one in _held(value, _sort_of(value), learned=True)
        )
    return framework(value) is not None


def linked(optimiser: object, modules: Iterable[tuple[str, object]]) -> frozenset[str]:
    """Return the names of the networks whose parameters an optimiser of torch changes."""
    if not descends(optimiser, "torch.optim.optimizer", "Optimizer"):
        return frozenset()
    groups = (attributes(optimiser) or {}).get("param_groups")
    lists = [group.get("params") for group in groups or () if type(group) is dict]
    stepped = {id(one) for params in lists if type(params) is list for one in params}
    return frozenset(
        name for name, module in modules if any(id(part) in stepped for part, _ in _network(module))
    )


def shape_of(value: object) -> str:
    """Return rows and columns of a table or array, such as ``768 × 9``; empty for other things."""
    module = _module(type(value))
    top = module.partition(".")[0] if type(module) is str else ""
    try:
        if top in ("pandas", "numpy", "polars", "torch", "pyarrow"):
            return " × ".join(str(int(one)) for one in value.shape)  # type: ignore[attr-defined]
        return str(len(value)) if is_collection(value) else ""  # type: ignore[arg-type]
    except Exception:  # not everything in those packages has one
        return ""


def _sort_of(value: object) -> _Sort:
    kind = type(value)
    known = _sorts.get(id(kind))
    if known is not None and known[0]() is kind:
        return known[1]
    sort = _find_sort(value)
    ref = refer(kind)
    if ref is not None:
        _sorts[id(kind)] = (ref, sort)
    return sort


def _find_sort(value: object) -> _Sort:
    kind = type(value)
    if id(kind) in LEAVES:
        return _Sort.leaf
    if id(kind) in SEQUENCES:
        return _Sort.sequence
    if kind is dict:
        return _Sort.mapping
    if kind is set:
        return _Sort.other_collection
    if descends(value, "torch", "Tensor"):
        return _Sort.tensor
    if descends(value, "torch.nn.modules.module", "Module"):
        return _Sort.network
    if descends(value, "pandas", "DataFrame") or descends(value, "pandas", "Series"):
        return _Sort.table
    return _Sort.thing if framework(value) is None else _Sort.learner


def _parts(value: object, depth: int, *, learned: bool = True) -> Iterator[tuple[object, _Sort]]:
    """Go through an object and what it holds, breadth first, each once, up to a bound.

    Args:
        learned: go into what estimators learned (``estimators_``) as into all else; otherwise only
            as far as the items of a list.
    """
    seen = {id(value)}
    level = [value]
    for remaining in range(depth, -1, -1):
        following: list[object] = []
        for one in level:
            sort = _sort_of(one)
            yield one, sort
            if sort is _Sort.network:
                for part, layer in _network(one):
                    if id(part) not in seen:
                        seen.add(id(part))
                        yield part, _Sort.leaf if layer else _Sort.tensor
            elif remaining and sort is not _Sort.leaf:
                for part in _held(one, sort, learned=learned):
                    if id(part) not in seen and len(seen) < MAX_PARTS:
                        seen.add(id(part))
                        following.append(part)
                if not learned and sort is _Sort.learner:
                    for part in _learned(one):
                        if id(part) not in seen and len(seen) < MAX_PARTS:
                            seen.add(id(part))
                            yield part, _Sort.leaf
        level = following


def _held(value: Any, sort: _Sort, *, learned: bool) -> Iterable[object]:
    if sort is _Sort.sequence:
        return list(value[:MAX_ITEMS])
    if sort is _Sort.mapping:
        return [item for _, item in islice(list(value.items()), MAX_ITEMS)]
    if sort is _Sort.other_collection:
        return list(islice(list(value), MAX_ITEMS))
    if sort < _Sort.thing:
        return ()
    held = attributes(value)
    if not held:
        return ()
    every = learned or sort is _Sort.thing
    return [  # what is remembered between calls is no change
        item
        for key, item in islice(list(held.items()), MAX_ITEMS)
        if type(key) is str and "cache" not in key and (every or not key.endswith("_"))
    ]


def _learned(value: object) -> Iterator[object]:
    """Yield what fitting set, by scikit-learn's rule for its names, and the items of its lists."""
    held = attributes(value) or {}
    for key, item in islice(list(held.items()), MAX_ITEMS):
        if type(key) is str and key.endswith("_"):
            yield item
            if type(item) is list:
                yield from item[:MAX_PARTS]


def _network(module: object) -> Iterator[tuple[object, bool]]:
    """Go through a network of torch, without calling it; say which parts are layers."""
    waiting, seen = [module], {id(module)}
    while waiting and len(seen) < MAX_LAYERS:
        held = attributes(waiting.pop()) or {}
        for kind in ("_parameters", "_buffers", "_modules"):
            parts = held.get(kind)
            for part in list(parts.values()) if isinstance(parts, dict) else ():
                if part is not None and id(part) not in seen:
                    seen.add(id(part))
                    layer = kind == "_modules"
                    yield part, layer
                    if layer:
                        waiting.append(part)


def _marks(part: Any, sort: _Sort) -> tuple[int, ...]:
    """Return the counters that a change in place would move."""
    if sort is _Sort.sequence or sort is _Sort.mapping or sort is _Sort.other_collection:
        return () if type(part) is tuple else (len(part),)
    try:
        if sort is _Sort.tensor:  # read past what a subclass may do
            return (lookup("torch", "Tensor")._version.__get__(part),)
        if sort is _Sort.table:
            manager = (attributes(part) or {}).get("_mgr")
            return tuple(map(id, manager.axes)) if manager is not None else ()
    except Exception:  # tensors of inference mode have no counter
        return ()
    return ()
