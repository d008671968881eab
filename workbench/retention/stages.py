"""What each part of a model is given, and what the training data becomes on the way there.

Pipelines, column transformers, unions, searches, votes, stacks, bags and calibrations are followed;
any other estimator inside an estimator is taken to be given the same. The last one of a stack was
given what others said of rows they had not seen, which nobody knows afterwards. Transforms are run
on the training data, step by step; one that raises is a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.training import kinds
from workbench.training.settings import clean

__all__ = ["Output", "Stage", "stages_of"]

DEPTH = 12
MOST = 400  # estimators
TRANSFORMS = 60  # that are run


@dataclass(frozen=True)
class Stage:
    """One estimator with what it was given.

    Attributes:
        where: the place of the estimator; empty for the model itself.
        rows: what it is given; ``None`` where that is not known.
        after: the part that made it; empty where it is the data as it is.
    """

    where: str
    model: Any
    rows: Any
    after: str = ""


@dataclass(frozen=True)
class Output:
    """What a step makes of all training rows."""

    where: str
    rows: Any


def stages_of(
    models: Iterable[tuple[str, object]], rows: Any, transforms: bool, gaps: dict[str, None]
) -> Iterator[Stage | Output]:
    """Return the estimators inside a model with what each is given, and what each step makes.

    Each is made when it is asked for and not kept, as every output is as large as the data.

    Args:
        models: the model, or the models in an object of another kind, with their places.
        transforms: run the model's own transforms; without it only what is given the data as it
            is can be said.
        gaps: where sentences are put for what could not be followed.
    """
    finder = _Finder(transforms, gaps)
    roots: list[str] = []
    for where, model in models:
        if not any(where.startswith(f"{root}.") or not root for root in roots):
            roots.append(where)
            yield from finder.visit(Stage(where, model, rows))


class _Finder:
    def __init__(self, transforms: bool, gaps: dict[str, None]) -> None:
        self.transforms = transforms
        self.gaps = gaps
        self.seen: dict[int, object] = {}
        self.run = 0

    def visit(self, stage: Stage, depth: int = 0) -> Iterator[Stage | Output]:
        model = stage.model
        if kinds.framework(model) is None or id(model) in self.seen:
            return
        if depth > DEPTH or len(self.seen) >= MOST:
            self.gap(stage.where, "has more parts than were followed")
            return
        self.seen[id(model)] = model
        yield stage
        parts = self.parts(stage)
        while True:
            try:
                one = next(parts, None)
            except Exception:  # a user's object may raise anything when it is looked at
                self.gap(stage.where, "could not be followed to its parts")
                return
            if one is None:
                return
            if isinstance(one, Output):
                yield one
            else:
                yield from self.visit(one, depth + 1)

    def gap(self, where: str, what: str) -> None:
        self.gaps[clean(f"{(where or 'The model')[:120]} {what}.")] = None

    def parts(self, stage: Stage) -> Iterator[Stage | Output]:
        model = stage.model
        if kinds.descends(model, "sklearn.pipeline", "Pipeline"):
            yield from self.of_pipeline(stage)
        elif kinds.descends(model, "sklearn.compose._column_transformer", "ColumnTransformer"):
            yield from self.of_columns(stage)
        elif kinds.descends(model, "sklearn.pipeline", "FeatureUnion"):
            for name, part in model.transformer_list:
                yield _below(stage, f"transformer_list.{name}", part)
        else:
            yield from self.of_any(stage)

    def of_pipeline(self, stage: Stage) -> Iterator[Stage | Output]:
        rows, after = stage.rows, stage.after
        last = len(stage.model.steps) - 1
        for number, (name, part) in enumerate(stage.model.steps):
            where = f"{stage.where}.steps.{name}".lstrip(".")
            if part is None or isinstance(part, str):
                continue
            yield Stage(where, part, rows, after)
            if number < last:
                rows, after = self.transformed(where, part, rows), where
                if rows is not None:
                    yield Output(where, rows)

    def transformed(self, where: str, part: Any, rows: Any) -> Any:
        """Return what a step makes of rows; ``None`` if that is not known."""
        if rows is None or not self.transforms:
            return None
        if self.run >= TRANSFORMS:
            self.gap(where, "was not run on the data: the model has too many steps")
            return None
        self.run += 1
        try:
            return part.transform(rows)
        except Exception:  # a user's transform may raise anything
            self.gap(where, "could not be run on the training data")
            return None

    def of_columns(self, stage: Stage) -> Iterator[Stage]:
        for name, part, columns in stage.model.transformers_:
            if part is None or isinstance(part, str):
                continue
            where = f"{stage.where}.transformers_.{name}".lstrip(".")
            rows = None if stage.rows is None else _chosen(stage.rows, columns)
            yield Stage(where, part, rows, stage.after)

    def of_any(self, stage: Stage) -> Iterator[Stage]:
        model = stage.model
        if kinds.framework(model) != "scikit-learn":
            return  # the native booster in one of scikit-learn's form is the same model
        for name, one in sorted(_attributes(model).items()):
            for label, part in _estimators(name, one):
                if kinds.descends(part, "sklearn.tree._classes", "BaseDecisionTree"):
                    continue  # the trees of an ensemble are counted together
                if not kinds.is_fitted(part):
                    continue  # what copies were made of, and keeps nothing
                below = _below(stage, label, part)
                if name == "final_estimator_":
                    below = Stage(below.where, part, None, stage.after)
                if "estimators_" in name and stage.rows is not None:
                    below = _sampled(below, label, model)
                yield below


def _below(stage: Stage, name: str, part: Any) -> Stage:
    return Stage(f"{stage.where}.{name}".lstrip("."), part, stage.rows, stage.after)


def _attributes(model: Any) -> dict[str, Any]:
    found = object.__getattribute__(model, "__dict__")
    return {str(name): one for name, one in dict.items(found)}


def _estimators(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Return estimators in an attribute, in lists, arrays and dictionaries as well."""
    if kinds.framework(value) is not None:
        yield name, value
    elif type(value).__name__ == "_CalibratedClassifier":
        yield f"{name}.estimator", value.estimator
    elif depth > 3:
        return
    elif isinstance(value, np.ndarray) and value.dtype == object and value.size <= MOST:
        for i, one in enumerate(value.reshape(-1).tolist()):
            yield from _estimators(f"{name}[{i}]", one, depth + 1)
    elif type(value) is tuple and len(value) >= 2 and type(value[0]) is str:
        for one in value[1:]:
            yield from _estimators(name.rpartition("[")[0] + f".{value[0]}", one, depth + 1)
    elif type(value) in (list, tuple) and len(value) <= MOST:
        for i, one in enumerate(value):
            yield from _estimators(f"{name}[{i}]", one, depth + 1)
    elif isinstance(value, dict) and len(value) <= MOST:
        for key, one in dict.items(value):
            yield from _estimators(f"{name}.{key}", one, depth + 1)


def _sampled(stage: Stage, label: str, model: Any) -> Stage:
    """Return the stage of one estimator of a bag, which is given some of the columns."""
    chosen = _attributes(model).get("estimators_features_")
    number = label.rpartition("[")[2].rstrip("]")
    if chosen is None or not number.isdigit() or int(number) >= len(chosen):
        return stage
    columns = chosen[int(number)]
    if columns is None:
        return stage
    return Stage(stage.where, stage.model, _chosen(stage.rows, columns), stage.after)


def _chosen(rows: Any, columns: Any) -> Any:
    """Return some columns, named, numbered or marked; as scikit-learn does itself."""
    choose = kinds.lookup("sklearn.utils._indexing", "_safe_indexing")
    if choose is None:
        choose = kinds.lookup("sklearn.utils", "_safe_indexing")
    return choose(rows, columns, axis=1)
