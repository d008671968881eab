"""Data that a model has not seen: set aside by the same split, or shown to it after training."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import count, islice
from typing import Any

from workbench.analysis.parts import Binding, last_part, returned, walk
from workbench.capture.arguments import (
    ROWS,
    TRUTH,
    Data,
    Names,
    Pair,
    Written,
    argument,
    is_model_in,
)
from workbench.capture.arrays import is_array, share_memory
from workbench.capture.looks import attributes
from workbench.capture.predictions import Answers
from workbench.capture.scopes import Journal, Place, Scope, Unclear
from workbench.capture.trainings import Training
from workbench.capture.versions import Key
from workbench.training import kinds

__all__ = ["Unseen", "overlap"]

SPLITS = frozenset({"train_test_split"})
SCORES = frozenset({"evaluate", "score"})
VALIDATES = frozenset({"eval_set", "evals", "valid_sets", "validation_data"})
MODEL = ("estimator", "model", "clf")
MAX_UPSTREAM = 20_000  # versions that are gone back through
MAX_ASKED = 2000  # statements that are gone through for what was asked of a model
Candidate = tuple[Written, Written | None]


class Unseen:
    """Looks for data that one model has not seen.

    Args:
        journal: the history.
        key: the model.
        training: the call that trained it.
    """

    def __init__(self, journal: Journal, key: Key, training: Training) -> None:
        self._journal, self._data = journal, Data(journal)
        self._key, self._training = key, training
        self._object = journal.object_of(key)
        self._known: tuple[frozenset[Key], dict[Key, Key]] | None = None

    def names(self) -> Names | None:
        """Return names of rows and truth that the model has not seen, if there are any.

        The other half of the split that the training data came out of is best, then what the
        model was scored on last, then data that watched over the training.
        """
        pair = self._other_half()
        if pair is not None:
            return pair
        for found in (self._asked(), self._watching()):
            for one in list(found)[::-1]:
                try:
                    names = self._standing(self._resolved(*one))
                except Unclear:
                    continue
                if names is not None:
                    return names
        return None

    # Set aside

    def _other_half(self) -> Names | None:
        rows, truth = self._training.pair
        try:
            other = self._beside(rows)
            meant = None if truth is None else self._beside(truth)
            if other is None or (truth is not None and meant is None):
                return None
            return self._standing((other, meant), apart=True)
        except Unclear:
            return None

    def _beside(self, key: Key) -> Key | None:
        """Return what the same call of ``train_test_split`` set aside of the same data."""
        key = self._journal.object_of(key)
        place = self._journal.version(key).run
        if place is None or len(self._journal.run(place).makes) < 2:
            return None
        scope = self._journal.scope(place)
        parts = [one for one in scope.bindings(*self._bound(scope)) if one.part is not None]
        mine = [one for one in parts if one.name == key[0]]
        if len(mine) != 1 or not self._splits(mine[0], scope):
            return None
        whole, part = mine[0].value, mine[0].part
        names = [one.name for one in parts if one.value is whole and (one.part or 0) ^ 1 == part]
        once = len(names) == 1 and [one.name for one in parts].count(names[0]) == 1
        return self._journal.made(place, names[0]) if once else None

    def _bound(self, scope: Scope) -> set[str]:
        return {one.node.id for one in walk(scope.body) if isinstance(one.node, ast.Name)}

    def _splits(self, one: Binding, scope: Scope) -> bool:
        """Tell whether a value is a split, or a function of the notebook that returns one."""
        for _ in range(5):
            if not isinstance(one.value, ast.Call):
                return False
            if last_part(one.value.func) in SPLITS:
                return True
            inner = self._journal.enter(one.value, scope)
            values = returned(inner.body) if inner is not None else []
            if inner is None or len(values) != 1:
                return False
            one, scope = Binding(one.name, _whole(values[0], inner), one.part, one.at), inner
        return False

    # Asked

    def _asked(self) -> Iterator[Candidate]:
        """Yield data that the model was scored on or asked about since it was trained, in order."""
        held: dict[Key, Written] = {}
        for place in islice(self._since(), MAX_ASKED):
            run = self._journal.run(place)
            names = {key[0] for key in run.uses if self._journal.object_of(key) == self._object}
            known = {key[0]: held[key] for key in run.uses if key in held}
            if not names and not known:
                continue
            scope = self._journal.scope(place)
            answers = Answers(names, scope, known)
            yield from self._scored(scope, names)
            yield from answers.compared()
            for name, written in answers.held.items():
                made = self._journal.made(place, name)
                if made is not None:
                    held[made] = written

    def _since(self) -> Iterator[Place]:
        first = self._training.scope.place
        for execution, one in enumerate(self._journal.history.executions):
            for statement in range(len(one.runs)):
                if (execution, statement) >= first:
                    yield execution, statement

    def _scored(self, scope: Scope, names: set[str]) -> Iterator[Candidate]:
        for one in walk(scope.body):
            call = one.node
            if not isinstance(call, ast.Call):
                continue
            try:
                found = self._handed(call, names)
            except Unclear:
                continue
            if found is not None:
                rows, truth = found
                yield (rows, scope), None if truth is None else (truth, scope)

    def _handed(self, call: ast.Call, names: set[str]) -> tuple[ast.expr, ast.expr | None] | None:
        """Return the data in ``model.score(X, y)`` or ``evaluate(model, X, y)``."""
        func = call.func
        if (
            isinstance(func, ast.Attribute)
            and func.attr in SCORES
            and is_model_in(func.value, names)
        ):
            rows = argument(call, 0, ROWS)
            return None if rows is None else (rows, argument(call, 1, TRUTH))
        model = argument(call, 0, MODEL)
        if model is not None and is_model_in(model, names):
            rows = argument(call, 1, ROWS)
            return None if rows is None else (rows, argument(call, 2, TRUTH))
        return None

    def _watching(self) -> Iterator[Candidate]:
        """Yield data that watched over the training, to stop it in time."""
        for word in self._training.call.keywords:
            if word.arg not in VALIDATES:
                continue
            for one in ast.walk(word.value):
                if isinstance(one, ast.Tuple | ast.List) and one.elts:
                    rows, *rest = ((part, self._training.scope) for part in one.elts)
                    yield rows, rest[0] if rest else None

    # Whether it will do

    def _resolved(self, rows: Written, truth: Written | None) -> Pair:
        node, scope = rows
        written = scope.bindings(node.id) if isinstance(node, ast.Name) else []
        loops = [loop for one in written for loop in one.at.loops]
        pair = self._data.batches(loops[-1], scope) if loops else None
        if pair is not None:
            return pair
        try:
            return self._data.pair(*rows)
        except Unclear:
            return self._data.keys(rows, truth)

    def _standing(self, pair: Pair, *, apart: bool = False) -> Names | None:
        """Return the names of data if it will do: whole, like the training data, and not it."""
        rows, truth = self._training.pair
        if (pair[1] is None) != (truth is None) or not (apart or self._apart(pair[0])):
            return None
        names = self._data.standing(pair)
        like = self._data.extent(self._journal.now(rows))
        mine = self._data.extent(names[0])
        return names if mine and like[1:] == mine[1:] else None

    def _apart(self, key: Key) -> bool:
        """Tell whether rows neither came of the training rows nor led to them.

        What was split off beside them counts as apart; so does what came through an estimator,
        such as a scaler, which passes on measures and no rows.
        """
        rows = self._journal.object_of(self._training.pair[0])
        written, key = key, self._journal.object_of(key)
        lineage, halves = self._of_rows()
        mine = self._upstream(key)
        if any(other in mine and one not in mine for one, other in halves.items()):
            return True
        together = self._journal.version(key).run == self._journal.version(rows).run
        if key in lineage or mine & ({rows} if together else {rows, *halves}):
            return False
        space = self._journal.namespace
        names = self._journal.now(self._training.pair[0]), self._journal.now(written)
        return not (mine & lineage) or not overlap(*(space[name] for name in names))

    def _of_rows(self) -> tuple[frozenset[Key], dict[Key, Key]]:
        """Return what the training rows came of, and the halves among it with the other half."""
        if self._known is None:
            lineage = self._upstream(self._journal.object_of(self._training.pair[0]))
            pairs = ((one, self._beside(one)) for one in lineage)
            self._known = lineage, {one: other for one, other in pairs if other is not None}
        return self._known

    def _upstream(self, key: Key) -> frozenset[Key]:
        """Return a version and all it came of, by objects, but not through estimators."""
        waiting, seen = [key], {key}
        while waiting and len(seen) < MAX_UPSTREAM:
            place = self._journal.version(waiting.pop()).run
            for used in self._journal.run(place).uses if place is not None else ():
                look = self._journal.version(used).look
                if used not in seen and not (look.learns or look.imported):
                    seen.add(used)
                    waiting.append(used)
        return frozenset({*map(self._journal.object_of, seen), *seen})


def overlap(one: object, other: object) -> bool:
    """Tell whether two tables or arrays that came of the same are seen to share rows.

    Tables of pandas do by the labels of their rows, arrays by the memory that they lie in; copies
    of parts of an array cannot be told apart. What the objects hold is read, no method of theirs.
    """
    numpy = kinds.loaded("numpy")
    if numpy is None:
        return False
    if is_array(one) and is_array(other):
        return share_memory(one, other)
    labels = [_labels(value, numpy) for value in (one, other)]
    return all(found is not None for found in labels) and bool(numpy.isin(*labels).any())


def _labels(table: object, numpy: Any) -> Any:
    """Return the labels of a table's rows, if they are numbers."""
    if not any(kinds.descends(table, "pandas", name) for name in ("DataFrame", "Series")):
        return None
    axes = getattr((attributes(table) or {}).get("_mgr"), "axes", ())
    held = attributes(axes[-1]) or {} if axes else {}
    if type(held.get("_range")) is range:
        return numpy.asarray(held["_range"])
    found: Any = held.get("_data")
    return found if type(found) is numpy.ndarray and found.dtype.kind in "iuf" else None


def _whole(value: ast.expr, inner: Scope) -> ast.expr | None:
    """Return what a function took apart, where it returns all parts in their order."""
    if not isinstance(value, ast.Tuple):
        return value
    names = [part.id if isinstance(part, ast.Name) else "" for part in value.elts]
    written = inner.bindings(*names)
    whole = [(one.name, one.part) for one in written] == [*zip(names, count(), strict=False)]
    return written[0].value if written and whole else None
