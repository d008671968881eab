"""A PyTorch network: its layers, and the optimiser, scheduler and loss that belong to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.origin.record import Layer, Part, Settings
from workbench.training import kinds
from workbench.training.settings import clean, settings

__all__ = ["companions", "features", "layers", "summary"]

MAX_LAYERS = 1000
MAX_LOOKED_AT = 5000  # objects of a notebook
MAX_GROUPS = 8  # of an optimiser
SCHEDULERS = (
    ("torch.optim.lr_scheduler", "LRScheduler"),
    ("torch.optim.lr_scheduler", "ReduceLROnPlateau"),
)


def summary(model: Any) -> Settings:
    """Return how many layers and numbers a network has, and of which type they are."""
    numbers = list(model.parameters())
    return {
        "layers": sum(1 for _ in _own(model)),
        "parameters": sum(int(one.numel()) for one in numbers),
        "trainable": sum(int(one.numel()) for one in numbers if one.requires_grad),
        "dtype": clean(", ".join(sorted({str(one.dtype) for one in numbers}))),
    }


def layers(model: Any) -> tuple[Layer, ...]:
    """Return the layers of a network that do something themselves, in order.

    Numbers that two layers share are counted where they appear first, so the counts add up to the
    size of the network. Beyond 1000 layers the last entry stands for the rest.
    """
    found: list[Layer] = []
    counted: set[int] = set()
    beyond = rest = 0
    for path, layer in _own(model):
        own = list(layer.parameters(recurse=False))
        size = sum(int(one.numel()) for one in own if id(one) not in counted)
        counted.update(id(one) for one in own)
        if len(found) < MAX_LAYERS - 1:
            found.append(
                Layer(
                    path=clean(path) or "model",
                    type=kinds.type_name(layer),
                    shape=", ".join("×".join(map(str, one.shape)) or "1" for one in own)[:500],
                    parameters=size,
                )
            )
        else:
            beyond, rest = beyond + 1, rest + size
    if beyond:
        found.append(Layer(path="…", type=f"{beyond} more layers", parameters=rest))
    return tuple(found)


def features(model: Any) -> int:
    """Return how many columns a network expects; 0 unless its first layer is linear."""
    for layer in model.modules():
        if next(layer.children(), None) is None and next(layer.parameters(), None) is not None:
            linear = kinds.descends(layer, "torch.nn.modules.linear", "Linear")
            return int(layer.in_features) if linear else 0
    return 0


def companions(model: Any, namespace: Mapping[str, object]) -> list[Part]:
    """Return what trained a network, as far as the notebook still holds it.

    An optimiser belongs to a network if it holds one of its parameters, a scheduler if it drives
    such an optimiser. A loss does not say whose it is: each one in the notebook is listed.
    """
    own = {id(one) for one in model.parameters()}
    things = list(_things(namespace))
    parts: list[Part] = []
    optimisers: set[int] = set()
    for path, value in things:
        if kinds.descends(value, "torch.optim.optimizer", "Optimizer"):
            held = {id(one) for group in value.param_groups for one in group["params"]}
            if held & own and id(value) not in optimisers:
                optimisers.add(id(value))
                parts.append(_part(path, value, "optimiser", _groups(value)))
    for path, value in things:
        if any(kinds.descends(value, *base) for base in SCHEDULERS):
            if id(value.optimizer) in optimisers:
                parts.append(_part(path, value, "scheduler", settings(_public(value))))
        elif kinds.descends(value, "torch.nn.modules.loss", "_Loss"):
            parts.append(_part(path, value, "loss", settings(_public(value))))
    return list({(part.role, part.path): part for part in parts}.values())


def _own(model: Any) -> Iterator[tuple[str, Any]]:
    """Return the modules that hold numbers themselves or have no parts; losses are not layers."""
    for path, layer in model.named_modules():
        leaf = next(layer.children(), None) is None
        loss = kinds.descends(layer, "torch.nn.modules.loss", "_Loss")
        if (leaf or any(True for _ in layer.parameters(recurse=False))) and not loss:
            yield path, layer


def _things(namespace: Mapping[str, object]) -> Iterator[tuple[str, Any]]:
    """Return the objects of a notebook by name, and what plain containers and objects hold.

    One step deep: a trainer that keeps its optimiser as an attribute, a list of two optimisers.
    """
    left = MAX_LOOKED_AT
    for name, value in list(namespace.items()):
        if not isinstance(name, str) or name.startswith("_"):
            continue
        yield name, value
        for inner, held in _held(value):
            left -= 1
            if left < 0:
                return
            yield f"{name}.{inner}", held


def _held(value: object) -> list[tuple[str, object]]:
    made_of = type(value)
    if made_of in (list, tuple):
        return [(str(i), one) for i, one in enumerate(value[:20])]  # type: ignore[index]
    if made_of is dict:
        inside: object = value
    else:
        try:
            inside = object.__getattribute__(value, "__dict__")
        except Exception:  # an object without attributes, or one that forbids looking
            return []
    if type(inside) is not dict or len(inside) > 200:
        return []
    return [(name, one) for name, one in list(inside.items()) if type(name) is str]


def _part(path: str, value: object, role: str, parameters: Settings) -> Part:
    return Part(
        path=clean(path) or role, type=kinds.type_name(value), role=role, parameters=parameters
    )


def _groups(optimiser: Any) -> Settings:
    """Return the settings of each group of parameters; one group needs no number."""
    groups = optimiser.param_groups
    found: Settings = {} if len(groups) == 1 else {"groups": len(groups)}
    for number, group in enumerate(groups[:MAX_GROUPS]):
        prefix = "" if len(groups) == 1 else f"{number}."
        found |= settings({k: v for k, v in group.items() if k != "params"}, prefix)
    return found


def _public(value: object) -> dict[str, object]:
    """Return the attributes of a scheduler or loss that it was made with."""
    skipped = {"optimizer", "training", "T_destination", "call_super_init", "dump_patches"}
    held = object.__getattribute__(value, "__dict__")
    return {k: v for k, v in held.items() if not k.startswith("_") and k not in skipped}
