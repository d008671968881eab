"""Numbers that say how good a model is: read off the code that measured them, or measured here."""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Iterator, Mapping
from math import isfinite
from numbers import Real

from workbench.analysis.syntax import dotted, parse
from workbench.origin.graph import Mark
from workbench.origin.record import Metric
from workbench.training import kinds
from workbench.training.measuring import measure
from workbench.training.settings import clean

__all__ = ["measure", "seen"]

# A cell whose text has none of these measures nothing; most cells are let go here, unparsed.
HINT = re.compile(r"score|metric|loss|err|auc|acc|f1|r2|mse|mae|precision|recall|brier|kappa", re.I)
# A number in a loop is a metric where its name says so: of which rows, and what.
LOOP_NAME = re.compile(
    r"(?:(?:best|final|mean|avg)_)*(?:val|valid|validation|test|train|holdout|eval)_"
    r"(?:loss|acc|accuracy|auc|auroc|f1|mse|rmse|mae|r2|error|err)",
    re.I,
)
KEEPS = {"float", "round"}  # calls that leave a number what it is
KEEPS_TOO = {"item", "mean", "tolist", "round"}  # as methods
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
FORKS = (ast.If, ast.Match, ast.Try, ast.TryStar, ast.While)
LIBRARIES = {"sklearn", "torchmetrics", "sksurv"}
METRICS = ("sklearn.metrics.", "torchmetrics.functional.", "sksurv.metrics")
DATA_WORDS = {"X", "y", "y_true", "y_pred", "y_score", "y_prob", "y_proba", "preds", "target"}
NOT_NAMED = "not named"
MAX_SEEN = 50  # of one cell


def seen(code: str, execution: int, values: Mapping[str, object]) -> list[Metric]:
    """Return the numbers a cell measured and kept under a name.

    Found are calls of ``sklearn.metrics``, ``cross_val_score`` and a model's ``score`` whose result
    a name holds, or that end the cell, and numbers with names such as ``val_loss``. To be asked
    right after a cell that ended well, while names still hold what it gave them.

    Args:
        code: of the cell.
        execution: its number, as in ``In [7]``.
        values: the notebook's names, as they are now.
    """
    if not HINT.search(code):
        return []
    tree = parse(code)
    if tree is None:
        return []
    found: list[Metric] = []
    for name, call, forked in _last(tree, execution):
        value = _number(values.get(name))
        if value is None or len(found) >= MAX_SEEN:
            continue
        known = _measured(name, call, values)
        if known is not None:
            mark = Mark.inferred if forked or known[2] else Mark.resolved
            where = f"In [{execution}]"
            found.append(Metric(name=known[0], value=value, on=known[1], where=where, mark=mark))
    return found


def _last(tree: ast.Module, execution: int) -> Iterator[tuple[str, ast.expr, bool]]:
    """Return each name with what the cell bound it to last, and whether a fork could pass it by.

    A name that a fork may bind after something else did is left out: who knows which it was.
    """
    bound: dict[str, list[tuple[ast.expr | None, bool]]] = {}
    for name, value, forked in _bindings(tree.body, forked=False):
        bound.setdefault(name, []).append((value, forked))
    for name, all_of_it in bound.items():
        value, forked = all_of_it[-1]
        if value is not None and not (forked and len(all_of_it) > 1):
            yield name, value, forked
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        yield f"_{execution}", tree.body[-1].value, False  # what IPython keeps of a cell's end


def _bindings(body: list[ast.stmt], *, forked: bool) -> Iterator[tuple[str, ast.expr | None, bool]]:
    """Return names as statements bind them, in order; ``None`` for a value that is not written."""
    for node in body:
        if isinstance(node, SCOPES):
            yield node.name, None, forked
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _paired(target, node.value, forked)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _paired(node.target, node.value, forked)
        else:
            inside = forked or isinstance(node, FORKS)
            for field in ast.iter_child_nodes(node):
                if isinstance(field, ast.ExceptHandler | ast.match_case):
                    yield from _bindings(field.body, forked=True)
                elif not isinstance(field, ast.stmt):
                    yield from _stored(field, inside)
            for part in ("body", "orelse", "finalbody"):
                held = getattr(node, part, None)
                if isinstance(held, list):
                    yield from _bindings(held, forked=inside)


def _paired(
    target: ast.expr, value: ast.expr, forked: bool
) -> Iterator[tuple[str, ast.expr | None, bool]]:
    if isinstance(target, ast.Name):
        yield target.id, value, forked
    elif (
        isinstance(target, ast.Tuple)
        and isinstance(value, ast.Tuple)
        and len(target.elts) == len(value.elts)
        and not any(isinstance(one, ast.Starred) for one in target.elts + value.elts)
    ):
        for one, held in zip(target.elts, value.elts, strict=True):
            yield from _paired(one, held, forked)
    else:
        yield from _stored(target, forked)


def _stored(node: ast.AST, forked: bool) -> Iterator[tuple[str, None, bool]]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del):
            yield inner.id, None, forked


def _measured(
    name: str, value: ast.expr, values: Mapping[str, object]
) -> tuple[str, str, bool] | None:
    """Return a metric's name, the names of its data, and whether only its name tells."""
    calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
    known = [(call, metric) for call in calls if (metric := _metric(call, values))]
    if len(known) == 1:
        call, metric = known[0]
        if _unwrapped(value) is call:
            return clean(metric), _data(call, values), False
        if not name.startswith("_"):  # such as rmse = sqrt(mean_squared_error(…))
            return clean(name), _data(call, values), False
    elif not known and LOOP_NAME.fullmatch(name):
        return clean(name), NOT_NAMED, True
    return None


def _unwrapped(value: ast.expr) -> ast.expr:
    """Return what is inside of ``float(…)``, ``round(…, 3)`` or ``(…).mean()``."""
    while isinstance(value, ast.Call):
        if isinstance(value.func, ast.Name) and value.func.id in KEEPS and value.args:
            value = value.args[0]
        elif isinstance(value.func, ast.Attribute) and value.func.attr in KEEPS_TOO:
            value = value.func.value
        else:
            break
    return value


def _metric(call: ast.Call, values: Mapping[str, object]) -> str:
    """Return the name of the metric that a call measures, or nothing."""
    written = dotted(call.func)
    root, _, rest = written.partition(".")
    if not written or root not in values:
        return ""
    target = values[root]
    if rest == "score" and kinds.framework(target):
        return written
    for part in filter(None, rest.split(".")):
        target = target.__dict__.get(part) if type(target) is types.ModuleType else None
    if type(target) is not types.FunctionType:
        return ""
    home = str(target.__module__)
    ours = home.startswith(METRICS) or target.__name__ == "cross_val_score"
    return target.__name__ if ours and home.partition(".")[0] in LIBRARIES else ""


def _data(call: ast.Call, values: Mapping[str, object]) -> str:
    """Return the names of the data in a call's arguments: nothing that is called, no model."""
    given = [*call.args, *(word.value for word in call.keywords if word.arg in DATA_WORDS)]
    nodes = [node for argument in given for node in ast.walk(argument)]
    called = {id(_root(node.func)) for node in nodes if isinstance(node, ast.Call)}
    names = [node for node in nodes if isinstance(node, ast.Name) and id(node) not in called]
    names.sort(key=lambda node: (node.lineno, node.col_offset))
    kept = {node.id: None for node in names if not kinds.framework(values.get(node.id))}
    return clean(", ".join(kept)) or NOT_NAMED


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node


def _number(value: object) -> float | None:
    try:
        if isinstance(value, Real) and not isinstance(value, bool) and isfinite(value):
            return float(value)
    except Exception:  # a user's object may raise anything when it is looked at
        return None
    return None
