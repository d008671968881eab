"""What an object in a notebook is: of which framework, whether it is a model, whether it is fitted.

Asked of every object after every cell, so nothing here imports, computes or raises. The type is
read past ``__class__`` and metaclasses, which an object may have lie or raise; what no framework
has loaded cannot be one of its objects.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

__all__ = [
    "descends",
    "framework",
    "is_fitted",
    "is_model",
    "is_table",
    "loaded",
    "lookup",
    "type_name",
    "word",
]

# The classes everything of a framework descends from. The first that fits names the framework:
# XGBoost's and LightGBM's models are scikit-learn estimators as well.
FAMILIES = (
    ("xgboost", "xgboost.core", "Booster"),
    ("xgboost", "xgboost.sklearn", "XGBModel"),
    ("lightgbm", "lightgbm.basic", "Booster"),
    ("lightgbm", "lightgbm.sklearn", "LGBMModel"),
    ("scikit-learn", "sklearn.base", "BaseEstimator"),
    ("torch", "torch.nn.modules.module", "Module"),
    ("keras", "keras", "Model"),
    ("tensorflow", "tensorflow", "Module"),
)
TABLES = (
    *(("pandas", "DataFrame"), ("pandas", "Series")),
    *(("polars", "DataFrame"), ("polars", "Series")),
)
ARRAYS = (("numpy", "ndarray"), ("torch", "Tensor"))
WRITTEN_IN_PYTHON = 1 << 9  # Py_TPFLAGS_HEAPTYPE: numbers, texts and arrays do not have it
_mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_flags: Callable[[type], int] = type.__dict__["__flags__"].__get__


def loaded(module: str) -> Any:
    """Return a module the notebook has imported, or ``None``; imports nothing."""
    return sys.modules.get(module)


def lookup(module: str, name: str) -> Any:
    """Return what a loaded module calls ``name``, or ``None``; runs no ``__getattr__`` of it."""
    found = sys.modules.get(module)
    return found.__dict__.get(name) if type(found) is type(sys) else None


def descends(value: object, module: str, name: str) -> bool:
    """Tell whether a value descends from a class, if the notebook has loaded that class."""
    base = lookup(module, name)
    return base is not None and any(one is base for one in _mro(type(value)))


def framework(value: object) -> str | None:
    """Return whose model or estimator a value is; ``None`` for classes and everything else."""
    if not _flags(type(value)) & WRITTEN_IN_PYTHON:
        return None
    line = _mro(type(value))
    for name, module, base in FAMILIES:
        known = lookup(module, base)
        if known is not None and any(one is known for one in line):
            return name
    return None


def is_model(value: object) -> bool:
    """Tell whether a value is something that predicts: no transformer, loss or bare activation."""
    try:
        known = framework(value)
        if known is None:
            return False
        if known == "torch":
            return _is_network(value)
        return hasattr(value, "predict")
    except Exception:  # a user's object may raise anything when it is looked at
        return False


def is_fitted(value: object) -> bool:
    """Tell whether a value of a framework has learned something.

    A network has numbers from the moment it is made, and nothing in it says whether they were
    trained; any network counts.
    """
    try:
        return _is_fitted(value, framework(value))
    except Exception:  # scikit-learn says so by raising, and a user's object may raise anything
        return False


def is_table(value: object) -> bool:
    """Tell whether a value holds rows of data: a table, a column, or an array of n or n × columns.

    Outputs can be compared with these; see :func:`workbench.hygiene.outputs.repeats`.
    """
    try:
        if any(descends(value, *base) for base in TABLES):
            return len(value) > 0  # type: ignore[arg-type]
        if any(descends(value, *base) for base in ARRAYS):
            return value.ndim in (1, 2) and len(value) > 1  # type: ignore[attr-defined,arg-type]
    except Exception:  # a user's object may raise anything when it is looked at
        return False
    return False


def type_name(value: object) -> str:
    """Return module and class of a value, at most 200 characters."""
    made_of = type(value)
    module, name = type.__dict__["__module__"], type.__dict__["__qualname__"]
    try:
        words = f"{module.__get__(made_of)}.{name.__get__(made_of)}"
    except Exception:  # a class may have put anything in place of its module
        words = str(name.__get__(made_of))
    return "".join(c for c in words if c.isprintable())[:200] or "object"


def word(value: object) -> str:
    """Return the class of a value without its module, whatever its metaclass says."""
    return str(type.__dict__["__name__"].__get__(type(value)))


def _is_network(value: Any) -> bool:
    """Losses and metrics of torch are modules too, but hold no numbers of their own."""
    if descends(value, "torch.nn.modules.loss", "_Loss"):
        return False
    return any(True for _ in value.parameters()) or bool(value.state_dict())


def _is_fitted(value: Any, known: str | None) -> bool:
    if known is None:
        return False
    if known == "torch":
        return is_model(value)
    if known in ("keras", "tensorflow"):
        return bool(getattr(value, "built", True))
    if known == "xgboost" and descends(value, "xgboost.core", "Booster"):
        return int(value.num_boosted_rounds()) > 0
    if known == "lightgbm" and descends(value, "lightgbm.basic", "Booster"):
        return int(value.num_trees()) > 0
    check = lookup("sklearn.utils.validation", "check_is_fitted")
    if check is None:  # XGBoost and LightGBM work without scikit-learn
        return hasattr(value, "n_features_in_")
    check(value)
    return True
