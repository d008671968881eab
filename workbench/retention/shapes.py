"""What an object inside a model looks like: a table, a named part, a record with simple fields."""

from __future__ import annotations

import re
from typing import Any

from workbench.training import kinds

__all__ = [
    "NAME",
    "NUMBERS",
    "flat_of",
    "float_of",
    "has_dict",
    "is_frame",
    "is_inner",
    "is_named",
    "settings_of",
    "simple_of",
]

NAME = re.compile(r"[a-z_][a-z0-9_.]{0,40}\Z")  # of a part; anything else could name a person
NUMBERS = {int, float, bool}


def float_of(value: Any) -> float:
    """Return a number in 64 bits; infinite if it does not fit."""
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def flat_of(array: Any) -> list[Any]:
    """Return an array as tables: of its last dimension, and of everything behind its first."""
    if array.ndim == 2:
        return [array]
    last, first = array.reshape(-1, array.shape[-1]), array.reshape(len(array), -1)
    return [one for one in (last, first) if one.shape[1] > 1] or [first]


def is_frame(value: object) -> bool:
    """Tell whether a value is a table, a column or an index of pandas or Polars."""
    pandas = ("DataFrame", "Series", "Index")
    return any(kinds.descends(value, "pandas", one) for one in pandas) or any(
        kinds.descends(value, "polars", one) for one in ("DataFrame", "Series")
    )


def has_dict(value: object) -> bool:
    """Tell whether a value has attributes of its own beside what it contains."""
    return not isinstance(value, dict) and hasattr(value, "__dict__")


def is_named(value: object) -> bool:
    """Tell whether something is a named part, as pipelines have: its name, itself, and more."""
    if type(value) is not tuple or len(value) < 2 or type(value[0]) is not str:
        return False
    return bool(NAME.match(value[0])) and kinds.framework(value[1]) is not None


def is_inner(value: object) -> bool:
    """Tell whether an object is only how another keeps its data."""
    return type(value).__module__.startswith(("sklearn.neighbors._kd", "sklearn.neighbors._ball"))


def settings_of(value: object) -> tuple[str, ...]:
    """Return the names of what an estimator is made with: such as ``strategy="median"``."""
    if kinds.framework(value) != "scikit-learn":
        return ()
    made = getattr(type(value).__init__, "__code__", None)
    return made.co_varnames[: made.co_argcount + made.co_kwonlyargcount] if made else ()


def simple_of(value: object) -> dict[str, Any] | None:
    """Return the fields of a small object of a class of its own."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None
    return found if type(found) is dict and 1 < len(found) < 1000 else None
