"""How to get into one object: its attributes, cells, items, and the state it would be saved with.

Nothing of an object is compared, printed or called but what saving it would call; an object that
raises when it is looked at, or that has no way in, is said to be closed.
"""

from __future__ import annotations

import functools
import sys
import types
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.training import kinds

__all__ = ["Parts", "is_plain", "items_of", "parts_of"]

Parts = list[tuple[str, object]]
CLOSED = "closed"

# What holds nothing, or nothing of this model.
PLAIN = (
    *(type(None), bool, int, float, complex, range, slice, type(...), type(NotImplemented)),
    *(types.ModuleType, types.BuiltinFunctionType, types.GetSetDescriptorType, types.CodeType),
    *(types.MemberDescriptorType, types.WrapperDescriptorType, types.MethodDescriptorType),
    *(types.GenericAlias, types.UnionType, types.FrameType, types.MethodWrapperType),
    *(property, staticmethod, classmethod, functools.cached_property),
)
PLAIN_NAMES = (
    *(("numpy", "ufunc"), ("numpy", "dtype"), ("numpy", "generic"), ("logging", "Logger")),
    *(("numpy.random", "RandomState"), ("numpy.random", "Generator")),
    *(("numpy.random", "BitGenerator"), ("numpy.random.bit_generator", "BitGenerator")),
    *(("_thread", "LockType"), ("_thread", "RLock"), ("weakref", "ref")),
    *(("torch", "dtype"), ("torch", "device"), ("torch", "Generator"), ("torch", "Size")),
    *(("torch", "layout"), ("torch", "memory_format"), ("numpy", "_ArrayFunctionDispatcher")),
    *(("sklearn.tree._tree", "Tree"), ("datetime", "date"), ("datetime", "timedelta")),
    *(("xgboost.core", "Booster"), ("decimal", "Decimal"), ("re", "Pattern"), ("enum", "Enum")),
    *(("datetime", "tzinfo"), ("pathlib", "PurePath"), ("uuid", "UUID"), ("fractions", "Fraction")),
    ("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor"),
)
# A LightGBM booster is saved without the data it was trained on, and its trees are native.
LEFT_OUT = {"train_set", "valid_sets", "handle", "_handle"}
INSTALLED = ("site-packages", "dist-packages", "<frozen", "<__array_function__")


def is_plain(value: object) -> bool:
    """Tell whether a value is of a kind that holds no data of its own."""
    made_of = type(value)
    if issubclass(made_of, PLAIN):
        return True
    return any(kinds.descends(value, *name) for name in PLAIN_NAMES)


def parts_of(value: Any) -> Parts:
    """Return what an object holds, with a label for each.

    Raises:
        TypeError: it has no way in.
        Exception: whatever the object raises when it is looked at.
    """
    if isinstance(value, types.FunctionType):
        return list(_of_function(value))
    if isinstance(value, types.MethodType):
        return [("self", value.__self__), ("function", value.__func__)]
    if isinstance(value, types.CellType):
        return [("", value.cell_contents)]
    if isinstance(value, functools.partial):
        return [("function", value.func), ("arguments", value.args), ("keywords", value.keywords)]
    if isinstance(value, type):
        return _of_class(value)
    if _of_package(value, "sklearn.neighbors") and hasattr(value, "get_arrays"):
        return [("data", value.get_arrays()[0])]  # the others say how it is divided
    if _of_package(value, "tokenizers") and hasattr(value, "get_vocab"):
        return [("vocabulary", value.get_vocab())]
    return _of_object(value)


def _of_package(value: object, package: str) -> bool:
    """Tell whether an object's class is of a package."""
    module = type.__dict__["__module__"].__get__(type(value))
    return type(module) is str and f"{module}.".startswith(f"{package}.")


def _of_function(function: types.FunctionType) -> Iterator[tuple[str, object]]:
    yield "defaults", function.__defaults__
    yield "defaults", function.__kwdefaults__
    yield "attributes", dict(function.__dict__)
    names = function.__code__.co_freevars
    for name, cell in zip(names, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not filled yet
            continue
    if not _installed(function.__module__, function.__code__.co_filename):
        for name in sorted(_globals(function.__code__)):
            if name in function.__globals__:
                yield name, function.__globals__[name]


def _globals(code: types.CodeType) -> set[str]:
    """Return the names of the module that a function, or one inside it, may read."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _globals(constant)
    return found


def _installed(module: str | None, file: str) -> bool:
    """Tell whether a function is of a package, which is named and not copied when it is saved."""
    top = str(module or "").partition(".")[0]
    return top in sys.stdlib_module_names or any(one in file for one in INSTALLED)


def _of_class(made: type) -> Parts:
    """Return what a class of the notebook's own holds; one of a package holds nothing."""
    namespace = type.__dict__["__dict__"].__get__(made)
    module = namespace.get("__module__")
    known = sys.modules.get(module) if type(module) is str else None
    file = str(getattr(known, "__file__", "") or "")
    if known is None or _installed(str(module), file) or module == "builtins":
        return []
    return [(name, one) for name, one in namespace.items() if not name.startswith("__")]


def _of_object(value: Any) -> Parts:
    found: Parts = []
    known = False
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except AttributeError:
        attributes = None
    if isinstance(attributes, dict):
        known = True
        native = kinds.descends(value, "lightgbm.basic", "Booster")
        for name, one in list(dict.items(attributes)):
            if not (native and name in LEFT_OUT):
                found.append((str(name), one))
    for name, one in _slots(value):
        known = True
        found.append((name, one))
    if not known or _has_native_part(value):
        found += _of_state(value, known)
    if not isinstance(value, type):
        made_of = type(value)
        found += [("class", made_of)] if _of_class(made_of) else []
    return found


def _slots(value: object) -> Iterator[tuple[str, object]]:
    for base in type.__dict__["__mro__"].__get__(type(value)):
        namespace = type.__dict__["__dict__"].__get__(base)
        slots = namespace.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else tuple(slots):
            member = namespace.get(name) or namespace.get(f"_{base.__name__.lstrip('_')}{name}")
            if isinstance(member, types.MemberDescriptorType):
                try:
                    yield name, member.__get__(value, type(value))
                except AttributeError:  # not set
                    continue


def _has_native_part(value: object) -> bool:
    """Tell whether an object is of a class that extends one written in another language."""
    line = type.__dict__["__mro__"].__get__(type(value))
    flags = type.__dict__["__flags__"].__get__
    return any(
        not flags(one) & kinds.WRITTEN_IN_PYTHON
        for one in line
        if one is not object and not issubclass(one, list | tuple | dict | set | frozenset | deque)
    )


def _of_state(value: Any, known: bool) -> Parts:
    """Return the state that an object would be saved with."""
    try:
        state = value.__reduce_ex__(4)
    except Exception:
        if known:
            return []
        raise TypeError(CLOSED) from None
    if isinstance(state, str):  # the name of something in a module
        return []
    found = [(f"state[{i}]", one) for i, one in enumerate(state[1:]) if one is not None]
    return [(name, list(one) if isinstance(one, Iterator) else one) for name, one in found]


def items_of(value: Any) -> list[tuple[object, object]]:
    """Return keys and values of a mapping."""
    source = dict.items(value) if isinstance(value, dict) else Mapping.items(value)
    return list(source)
