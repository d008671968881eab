"""The numbers that a model holds, by name: tensors, fitted attributes, the insides of trees.

Values are shared with the model and not copied, so that a copy of a model can be changed through
them. An object that misbehaves when it is looked at is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from workbench.training import kinds
from workbench.training.settings import clean

__all__ = ["MANTISSA", "Held", "arrays_of", "grouped"]

MAX_OBJECTS = 300_000
MAX_DEPTH = 40
MAX_ITEMS = 100_000  # of one list
GROUP_BELOW = 4096  # numbers; smaller arrays of one name are looked at together
# How many bits a kind of number has behind the point.
MANTISSA = {"float16": 10, "bfloat16": 7, "float32": 23, "float64": 52}
OPAQUE = (type, FunctionType, BuiltinFunctionType, MethodType, ModuleType)
SKIPPED = {"classes_", "categories_", "feature_names_in_", "_label_encoder"}
NEXT = {"float16": "<u2", "bfloat16": "<u2", "float32": "<u4", "float64": "<u8"}


@dataclass(frozen=True)
class Held:
    """Numbers under a name.

    Attributes:
        name: where they are, such as ``estimators_[3].tree_.nodes.threshold``.
        array: the numbers; of bfloat16 the two bytes of each as a whole number.
        kind: of number, as numpy or torch spell it.
        labels: they name classes or categories, and are no weights.
    """

    name: str
    array: np.ndarray[Any, Any]
    kind: str
    labels: bool = False

    @property
    def is_float(self) -> bool:
        return self.kind in MANTISSA

    def words(self) -> np.ndarray[Any, Any]:
        """Return each float as the whole number that its bits spell; of any shape."""
        if self.kind == "bfloat16":
            return self.array
        little = self.array.astype(self.array.dtype.newbyteorder("<"), copy=False)
        return np.ascontiguousarray(little).view(NEXT[self.kind]).reshape(self.array.shape)

    def values(self) -> np.ndarray[Any, Any]:
        """Return the numbers as numpy can compute with them."""
        if self.kind == "bfloat16":
            return (self.array.astype("<u4") << np.uint32(16)).view("<f4")
        return self.array


def arrays_of(model: Any) -> tuple[list[Held], list[str]]:
    """Return the numbers in a model or a table of tensors, and a sentence for what was not read."""
    known = kinds.framework(model)
    if known in ("xgboost", "lightgbm") and not kinds.is_fitted(model):
        return [], ["The model has not been fitted, so it has no trees to look at."]
    if known == "xgboost":
        return _of_xgboost(model), []
    if known == "lightgbm":
        return _of_lightgbm(model), []
    walk = _Walk()
    if kinds.framework(model) == "torch":
        walk.through("", model.state_dict())
    else:
        walk.through("", model)
    return walk.found, walk.gaps


def grouped(held: list[Held]) -> list[Held]:
    """Return the same numbers with small arrays of the same name and kind joined.

    A forest keeps its thresholds in hundreds of arrays, each too small to tell chance from content.
    """
    found: list[Held] = []
    small: dict[tuple[str, str], list[Held]] = {}
    for one in held:
        if one.array.size >= GROUP_BELOW:
            found.append(one)
        else:
            last = one.name.rpartition(".")[2]
            small.setdefault((last, one.kind), []).append(one)
    for (last, kind), several in small.items():
        if len(several) == 1:
            found.append(several[0])
        else:
            joined = np.concatenate([one.array.ravel() for one in several])
            found.append(Held(f"{last} of {len(several)} parts", joined, kind))
    return found


class _Walk:
    """A walk through an object's attributes that ends, whatever they are."""

    def __init__(self) -> None:
        self.found: list[Held] = []
        self.gaps: list[str] = []
        self.seen: dict[int, object] = {}  # kept alive, or an id could be given out again

    def through(self, name: str, start: Any) -> None:
        waiting: list[tuple[str, Any, int]] = [(name, start, 0)]
        while waiting:
            path, value, depth = waiting.pop()
            if id(value) in self.seen:
                continue
            self.seen[id(value)] = value
            if len(self.seen) > MAX_OBJECTS or depth > MAX_DEPTH:
                self.gaps.append("The model has more parts than were looked at.")
                return
            try:
                inner = list(self._inner(path, value))
            except Exception:  # a user's object may raise anything when it is looked at
                self.gaps.append(f"{clean(path) or 'The model'} could not be looked into.")
                continue
            waiting += [(at, one, depth + 1) for at, one in reversed(inner)]

    def _inner(self, path: str, value: Any) -> Iterator[tuple[str, Any]]:
        """Return the parts of a value; numbers are kept."""
        if isinstance(value, np.ndarray):
            yield from self._array(path, value)
        elif kinds.descends(value, "torch", "Tensor"):
            self._keep(path, *_of_torch(value))
        elif isinstance(value, Mapping):
            for key, one in list(value.items())[:MAX_ITEMS]:
                yield _below(path, key if type(key) is str else kinds.word(key)), one
        elif type(value) in (list, tuple):
            for number, one in enumerate(value[:MAX_ITEMS]):
                if not isinstance(one, str | bytes | int | float | bool | None):
                    yield f"{path}[{number}]", one
        elif not isinstance(value, OPAQUE):
            for key, one in _attributes(value).items():
                yield _below(path, str(key)), one

    def _array(self, path: str, given: np.ndarray[Any, Any]) -> Iterator[tuple[str, Any]]:
        array = np.asarray(given)  # with what lies under a mask, which travels with the model
        if array.dtype.names:
            for field in array.dtype.names:
                yield _below(path, field), array[field]
        elif array.dtype.kind == "O":
            for number, one in enumerate(array.ravel()[:MAX_ITEMS]):
                if not isinstance(one, str | bytes | int | float | bool | None):
                    yield f"{path}[{number}]", one
        elif array.size:
            self._keep(path, array, array.dtype.name)

    def _keep(self, path: str, array: np.ndarray[Any, Any], kind: str) -> None:
        labels = any(part in SKIPPED for part in path.replace("[", ".").split("."))
        self.found.append(Held(clean(path) or "the array", array, kind, labels))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _attributes(value: Any) -> Mapping[str, Any]:
    """Return what an object holds: its dictionary, or the state of one that is compiled."""
    try:
        held = object.__getattribute__(value, "__dict__")
    except AttributeError:
        held = {}
    if held or not kinds.type_name(value).startswith(("sklearn.", "scipy.")):
        return dict(held)
    state = getattr(value, "__getstate__", lambda: None)()
    if isinstance(state, tuple):
        return {f"state[{number}]": one for number, one in enumerate(state)}
    return state if isinstance(state, dict) else {}


def _of_torch(tensor: Any) -> tuple[np.ndarray[Any, Any], str]:
    torch = kinds.loaded("torch")
    plain = tensor.detach()
    if plain.is_sparse or plain.is_quantized:
        plain = plain.coalesce().values() if plain.is_sparse else plain.int_repr()
    plain = plain.cpu()
    kind = str(plain.dtype).removeprefix("torch.")
    if kind == "bfloat16":
        return plain.view(torch.uint16).numpy(), kind
    if kind.startswith("float8"):
        return plain.view(torch.uint8).numpy(), kind
    return plain.numpy(), kind


def _of_xgboost(model: Any) -> list[Held]:
    """Return thresholds and leaves of all trees together, from the library's own account."""
    booster = model if kinds.descends(model, "xgboost.core", "Booster") else model.get_booster()
    root = json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"]
    inner = root.get("gbtree", root)["model"]
    names = ("split_conditions", "base_weights")
    parts = {name: [tree[name] for tree in inner.get("trees", ())] for name in names}
    parts["weights"] = [inner.get("weights", [])]
    return [
        Held(name, np.concatenate(lists).astype(np.float32), "float32")
        for name, lists in parts.items()
        if sum(map(len, lists))
    ]


def _of_lightgbm(model: Any) -> list[Held]:
    booster = model if kinds.descends(model, "lightgbm.basic", "Booster") else model.booster_
    lines = booster.model_to_string(num_iteration=-1).split("\n")
    found = []
    for name in ("threshold", "leaf_value"):
        spelled = [line.partition("=")[2].split() for line in lines if line.startswith(f"{name}=")]
        values = np.array([float(one) for words in spelled for one in words])
        if values.size:
            found.append(Held(name, values, "float64"))
    return found
