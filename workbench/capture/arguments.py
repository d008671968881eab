"""Which variables of the notebook a call was handed as data, followed inside data sets.

Names count, and copies of names: what an expression would give is not known without running it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from workbench.analysis.parts import Binding, end_of, last_part
from workbench.capture.looks import attributes, shape_of
from workbench.capture.scopes import Journal, Scope, Unclear
from workbench.capture.versions import Key
from workbench.training import kinds

__all__ = ["Data", "Names", "Pair", "Written", "argument", "goes_on", "handed", "is_model_in"]

Pair = tuple[Key, Key | None]
"""The versions of rows, and of what they mean."""
Names = tuple[str, str | None]
Written = tuple[ast.expr, Scope]
"""An expression, and where it is written."""

ROWS = ("X", "x", "data", "dtrain", "train_set", "dataset", "train_dataloaders", "training_data")
TRUTH = ("y", "Y", "label", "target")
BOOSTED = frozenset({"DMatrix", "Dataset", "QuantileDMatrix"})
TABLES = BOOSTED | {"TensorDataset"}
CHOOSES = frozenset({"batch_sampler", "sampler"})  # of the rows, perhaps not all
AROUND = frozenset({"enumerate", "iter", "tqdm", "track"})
COUNTS = frozenset({"count", "range", "trange"})
GOES_ON = frozenset({"init_model", "xgb_model"})  # keywords that hand over an older model
MAX_DEEP = 20

EXPRESSION = (
    "{model} was trained on an expression; give its data names, such as X_train and y_train, and"
    " train it again."
)
INSIDE = "{model} was trained inside a function, on data that has no name in the notebook."
IN_LOOP = "{model} was trained on data that was bound anew in a loop, such as a fold or a batch."
UNPACKED = "{model} was handed its data with a star, so its names are not in the code."
UNFOLLOWED = (
    "{model} was trained from a data set that could not be followed to names; a DataLoader of a"
    " TensorDataset, a DMatrix and a Dataset of LightGBM can be."
)


@dataclass(frozen=True)
class Data:
    """Finds the variables that data in code stands for."""

    journal: Journal

    def keys(self, rows: Written, truth: Written | None) -> Pair:
        """Return the versions of rows and truth.

        Raises:
            Unclear: one of them is no name, or it cannot be told which version it was.
        """
        given = truth is not None and not _is_none(truth[0])
        return self.key(*rows), self.key(*truth) if truth is not None and given else None

    def key(self, node: ast.expr, scope: Scope, deep: int = 0) -> Key:
        """Return the version that a name stood for.

        Raises:
            Unclear: as for :meth:`keys`.
        """
        if not isinstance(node, ast.Name) or deep > MAX_DEEP:
            raise Unclear(EXPRESSION)
        written = scope.bindings(node.id)
        if scope.given is None:
            found = self._own(node, scope, written) if written else None
            found = found or self.journal.used(scope.place, node.id)
        elif written:
            value = written[0].value
            if len(written) > 1 or written[0].part is not None or not isinstance(value, ast.Name):
                raise Unclear(INSIDE)
            return self.key(value, scope, deep + 1)
        elif node.id in scope.given:
            outer = scope.given[node.id]
            if outer is None:
                raise Unclear(INSIDE)
            return self.key(*outer, deep + 1)
        elif scope.apart:
            raise Unclear(INSIDE)
        else:
            found = self.journal.used(scope.place, node.id)
        if found is None:
            raise Unclear(EXPRESSION)
        return found

    def _own(self, node: ast.Name, scope: Scope, written: list[Binding]) -> Key | None:
        """Return the version that a statement itself bound before it used it.

        In a loop that is the last of many, and a model may have been kept from an earlier turn.
        """
        before = [one for one in written if end_of(one.at.node) < end_of(node)]
        if any(one.at.loops for one in written) or before not in ([], written):
            raise Unclear(IN_LOOP)
        return self.journal.made(scope.place, node.id) if before else None

    def pair(self, node: ast.expr, scope: Scope, deep: int = 0) -> Pair:
        """Return the versions that a data set, a loader or a matrix was made of.

        Raises:
            Unclear: it could not be followed.
        """
        if deep > MAX_DEEP:
            raise Unclear(UNFOLLOWED)
        if isinstance(node, ast.Name):
            value = self._made_of(node.id, scope)
            if value is None:
                raise Unclear(UNFOLLOWED)
            return self.pair(*value, deep + 1)
        if isinstance(node, ast.Call):
            called, first = last_part(node.func), argument(node, 0, ROWS)
            part = len(node.args) > 2 or any(one.arg in CHOOSES for one in node.keywords)
            if called == "DataLoader" and first is not None and not part:
                return self.pair(first, scope, deep + 1)
            if called in TABLES and first is not None and (called in BOOSTED or not part):
                truth = argument(node, 1, TRUTH)
                return self.keys((first, scope), None if truth is None else (truth, scope))
        raise Unclear(UNFOLLOWED)

    def _made_of(self, name: str, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """Return the expression that a name was bound to, and where that is written."""
        written = scope.bindings(name)
        if not written and scope.given is not None and name in scope.given:
            return scope.given[name]
        if not written:
            key = None if scope.apart else self.journal.used(scope.place, name)
            key = None if key is None else self.journal.object_of(key)
            place = None if key is None else self.journal.version(key).run
            if key is None or place is None:
                return None
            scope = self.journal.scope(place)
            written = scope.bindings(key[0])
        one = written[0] if len(written) == 1 else None
        if one is None or one.value is None or one.part is not None or one.at.loops:
            return None
        return one.value, scope

    def batches(self, loop: ast.AST, scope: Scope) -> Pair | None:
        """Return what a loop over batches goes over; ``None`` if it counts, as over epochs.

        Raises:
            Unclear: it could not be followed.
        """
        if not isinstance(loop, ast.For | ast.comprehension):
            return None
        source = loop.iter
        while isinstance(source, ast.Call) and last_part(source.func) in AROUND and source.args:
            source = source.args[0]
        counts = isinstance(source, ast.Call) and last_part(source.func) in COUNTS
        return None if counts else self.pair(source, scope)

    def standing(self, pair: Pair) -> Names:
        """Return the names under which data is still there, unchanged.

        Raises:
            Unclear: it is not, or rows and what they mean are not equally many.
        """
        rows = self.journal.now(pair[0])
        truth = None if pair[1] is None else self.journal.now(pair[1])
        if truth is not None:
            counts = [self.extent(one)[:1] for one in (rows, truth)]
            if all(counts) and counts[0] != counts[1]:
                raise Unclear(
                    f"{rows} has {counts[0][0]} rows and {truth} {counts[1][0]}, so these are not"
                    " what {model} was trained on."
                )
        return rows, truth

    def extent(self, name: str) -> tuple[int, ...]:
        """Return how many rows and columns a name stands for; nothing where that is not known.

        Read past anything that the class of the value defines.
        """
        value = self.journal.namespace[name]
        if kinds.descends(value, "numpy", "ndarray"):
            return tuple(kinds.lookup("numpy", "ndarray").shape.__get__(value))
        if kinds.descends(value, "scipy.sparse._base", "_spbase"):
            return tuple((attributes(value) or {}).get("_shape", ()))
        return tuple(int(one) for one in shape_of(value).split(" × ") if one)


def argument(call: ast.Call, place: int, words: tuple[str, ...]) -> ast.expr | None:
    """Return an argument by position or by keyword.

    Raises:
        Unclear: arguments are unpacked with stars.
    """
    starred = any(isinstance(one, ast.Starred) for one in call.args)
    if starred or any(one.arg is None for one in call.keywords):
        raise Unclear(UNPACKED)
    if place < len(call.args):
        return call.args[place]
    return next((one.value for one in call.keywords if one.arg in words), None)


def handed(call: ast.Call) -> Iterator[ast.expr]:
    """Yield all arguments of a call."""
    yield from call.args
    yield from (one.value for one in call.keywords)


def is_model_in(
    node: ast.expr,
    names: Collection[str],
    loops: tuple[ast.AST, ...] = (),
    holds: bool = False,
) -> bool:
    """Tell whether an expression is a name of a model, or what a loop takes out of a collection."""
    if holds and isinstance(node, ast.Subscript):
        node = node.value
    if not isinstance(node, ast.Name):
        return False
    return node.id in names or any(
        node.id in _names(loop.target) and not _names(loop.iter).isdisjoint(names)
        for loop in loops
        if isinstance(loop, ast.For | ast.AsyncFor | ast.comprehension)
    )


def goes_on(call: ast.Call) -> bool:
    """Tell whether a call continues from an older model."""
    return any(one.arg in GOES_ON and not _is_none(one.value) for one in call.keywords)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
