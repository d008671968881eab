"""How a model was trained: its parts with their settings, walked as the model itself is built.

Settings become plain values (:mod:`workbench.training.settings`), so rows, arrays and functions are
named by their type. What raises when it is looked at is left out, and the walk goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from workbench.origin.record import Part, Settings, Training
from workbench.training import boosters, kinds, networks
from workbench.training.seeds import seeds_in, seeds_of
from workbench.training.settings import MAX_ITEMS, clean, setting, settings

__all__ = ["describe", "seeds_in"]

MAX_PARTS = 500
MAX_DEPTH = 12
# What the walk calls the whole of something, where the model does not name it itself.
NOUNS = (
    ("pipeline", "sklearn.pipeline", "Pipeline"),
    ("union", "sklearn.pipeline", "FeatureUnion"),
    ("columns", "sklearn.compose._column_transformer", "ColumnTransformer"),
    ("search", "sklearn.model_selection._search", "BaseSearchCV"),
)
SEARCHED = ("param_grid", "param_distributions", "search_spaces")
PLACEHOLDERS = {"passthrough", "drop"}


@dataclass(frozen=True)
class Step:
    """A part of a model on the walk: what it is called, and what the parts below it start with."""

    path: str
    prefix: str
    value: object
    extra: Settings = field(default_factory=dict)
    depth: int = 0

    def below(self, name: str, value: object, extra: Settings | None = None) -> Step:
        """Return the step to one of its parts."""
        path = clean(f"{self.prefix}.{name}") or "part"
        return Step(path, path, value, extra or {}, self.depth + 1)


def describe(
    model: object,
    name: str,
    *,
    seeds: Settings | None = None,
    annotations: Mapping[str, str] | None = None,
    namespace: Mapping[str, object] | None = None,
) -> Training:
    """Return how a model was trained, as far as it and the notebook around it tell.

    Args:
        name: of the variable that holds it.
        seeds: found in code by :func:`seeds_in`; those among the model's settings are added.
        annotations: what the person said of the training.
        namespace: of the notebook, for the optimiser, scheduler and loss of a network.
    """
    framework = kinds.framework(model)
    parts: tuple[Part, ...] = ()
    if framework == "torch":
        parts = tuple(_network(model, namespace or {}))
    elif framework is not None:
        parts = tuple(_walked(model))
    return Training(
        name=clean(name) or "model",
        type=kinds.type_name(model),
        framework=framework or "unknown",
        features=_features(model, framework),
        parts=parts,
        layers=_or_none(networks.layers, model) or () if framework == "torch" else (),
        seeds={**(seeds or {}), **seeds_of(parts)},
        annotations=dict(annotations or {}),
    )


def _or_none(ask: Any, *about: object) -> Any:
    try:
        return ask(*about)
    except Exception:  # a user's object may raise anything when it is looked at
        return None


def _features(model: Any, framework: str | None) -> int:
    if framework == "torch":
        count = _or_none(networks.features, model)
    elif kinds.descends(model, "xgboost.core", "Booster") or kinds.descends(
        model, "lightgbm.basic", "Booster"
    ):
        count = _or_none(boosters.features, model)
    else:
        count = _or_none(lambda: int(model.n_features_in_)) if framework else None
    return count if isinstance(count, int) and 0 < count < 2**53 else 0


def _network(model: object, namespace: Mapping[str, object]) -> Iterator[Part]:
    yield Part(
        path="model",
        type=kinds.type_name(model),
        role="model",
        parameters=_or_none(networks.summary, model) or {},
    )
    yield from _or_none(networks.companions, model, namespace) or ()


def _walked(model: object) -> Iterator[Part]:
    """Return the whole and then each part of it, outermost first."""
    waiting = [Step("model", _noun(model), model)]
    seen: set[int] = set()
    count = 0
    while waiting and count < MAX_PARTS:
        step = waiting.pop(0)
        if id(step.value) in seen or step.depth > MAX_DEPTH:
            continue
        if type(step.value) is not str:  # a part that leads back to itself is listed once
            seen.add(id(step.value))
        given = _parameters(step.value)
        yield _part(step, given)
        count += 1
        waiting[:0] = _or_none(lambda at=step, of=given: list(_children(at, of))) or []


def _part(step: Step, given: dict[str, object]) -> Part:
    if type(step.value) is str:
        kind, role, found = step.value, "preprocessing", step.extra
    else:
        kind, role = kinds.type_name(step.value), _role(step.value)
        found = {**(_or_none(_settings, step.value, given) or {}), **step.extra}
    return Part(path=step.path, type=clean(kind) or "object", role=role, parameters=found)


def _noun(value: object) -> str:
    for noun, module, name in NOUNS:
        if kinds.descends(value, module, name):
            return noun
    return "model"


def _role(value: Any) -> str:
    if _noun(value) == "search":
        return "search"
    transforms = _or_none(lambda: hasattr(value, "transform"))
    return "preprocessing" if transforms and not kinds.is_model(value) else "model"


def _parameters(value: Any) -> dict[str, object]:
    """Return what an estimator was made with; one by one, where asking for all of it raises."""
    given = _or_none(lambda: value.get_params(deep=False))
    if type(given) is dict:
        return {name: one for name, one in given.items() if type(name) is str}
    found = {}
    for name in _or_none(lambda: list(type(value)._get_param_names())) or ():
        try:
            found[name] = getattr(value, name)
        except Exception:  # noqa: S112 - this one cannot be known; the next may
            continue
    return found


def _settings(value: Any, given: dict[str, object]) -> Settings:
    if kinds.framework(value) in ("xgboost", "lightgbm"):
        return _or_none(boosters.parameters, value) or settings(given)
    found = settings({k: v for k, v in given.items() if not _holds_parts(v)})
    if _noun(value) == "search":
        found |= _or_none(_searched, value, given) or {}
    held = _or_none(lambda: dict(vars(given["cv"]))) or {}  # a splitter; a number has no vars
    return found | settings({k: v for k, v in held.items() if not k.startswith("_")}, "cv.")


def _searched(search: Any, given: Mapping[str, object]) -> Settings:
    """Return what was tried, how many times, and what came out best."""
    found: Settings = {}
    for name in SEARCHED:
        grid = given.get(name)
        grids = [grid] if isinstance(grid, dict) else grid if isinstance(grid, list) else []
        for one in grids:
            found |= {clean(f"grid.{key}"): _tried(values) for key, values in one.items()}
        sizes = [[len(v) for v in one.values() if hasattr(v, "__len__")] for one in grids]
        if grids and all(len(s) == len(g) for s, g in zip(sizes, grids, strict=True)):
            found["grid size"] = sum(prod(size) for size in sizes)
    for name in ("best_score_", "n_splits_"):
        known = _or_none(getattr, search, name)
        if known is not None:
            found[name] = setting(known)
    tried = _or_none(lambda: len(search.cv_results_["params"]))
    if tried is not None:
        found["candidates"] = tried
    return found | settings(_or_none(lambda: search.best_params_) or {}, "best.")


def _tried(values: Any) -> str | int | float | bool | None:
    """Return the values of a grid, or of a distribution its name and shape."""
    drawn_from = _or_none(lambda: f"{values.dist.name}({', '.join(map(str, values.args))})")
    if drawn_from is not None:
        return clean(drawn_from)
    if not hasattr(values, "__len__"):
        return setting(values)
    if len(values) > MAX_ITEMS:
        return f"{len(values)} values"
    return clean(", ".join(str(setting(one)) for one in values))


def _children(step: Step, given: Mapping[str, object]) -> Iterator[Step]:
    """Return the parts of an estimator by name; of a search the best one it found."""
    value: Any = step.value
    searches = _noun(value) == "search"
    best = _or_none(lambda: value.best_estimator_) if searches else None
    for name, one in given.items():
        if _is_part(one):
            chosen = best if best is not None and name == "estimator" else one
            yield step.below(_noun(chosen) if searches else name, chosen)
        elif _holds_parts(one):
            for item in one:  # type: ignore[attr-defined]
                yield step.below(item[0], item[1], _columns(item[2:]))


def _columns(chosen: tuple[Any, ...]) -> Settings:
    """Return the columns that a step of a column transformer was given: names, or how many."""
    if not chosen:
        return {}
    if type(chosen[0]) is list and len(chosen[0]) > MAX_ITEMS:
        return {"columns": f"{len(chosen[0])} columns"}
    return {"columns": setting(chosen[0])}


def _is_part(value: object) -> bool:
    """Estimators and kernels say what they were made with; classes are no parts."""
    return bool(
        _or_none(
            lambda: not isinstance(value, type) and callable(getattr(value, "get_params", None))
        )
    )


def _holds_parts(value: object) -> bool:
    """Tell whether a setting is a part, or a list of named ones, as a pipeline's steps are."""
    if type(value) in (list, tuple) and value:
        return all(
            type(item) is tuple
            and len(item) in (2, 3)
            and type(item[0]) is str
            and (_is_part(item[1]) or (type(item[1]) is str and item[1] in PLACEHOLDERS))
            for item in value  # type: ignore[attr-defined]
        )
    return _is_part(value)
