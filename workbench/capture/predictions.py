"""What code asks a model, and what it compares the answers with."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from workbench.analysis.parts import last_part, walk
from workbench.capture.arguments import Written
from workbench.capture.scopes import Scope

__all__ = ["Answers", "prediction", "predictions", "without_gradients"]

PREDICTS = frozenset(
    {"predict", "predict_proba", "predict_log_proba", "decision_function", "forward"}
)
MEASURES = re.compile(
    r"score|metric|loss|err|auc|acc|f1|r2|mse|mae|precision|recall|brier|kappa|report|confusion"
    r"|curve|crit|entropy|bce|nll|from_predictions|\Aeq\Z",
    re.I,
)
TRUE_VALUES = frozenset({"y_true", "y", "target", "labels"})
NO_GRADIENTS = frozenset({"no_grad", "inference_mode"})


@dataclass
class Answers:
    """What a piece of code predicts with a model, and the names it compares that with.

    Attributes:
        names: of the model.
        scope: the code.
        held: names of predictions, and the rows that they are of; those made before are given.
        left_out: parts of the code that do not count.
    """

    names: Collection[str]
    scope: Scope
    held: dict[str, Written] = field(default_factory=dict)
    left_out: Collection[ast.AST] = ()

    def __post_init__(self) -> None:
        for one in sorted(
            _bound(self.scope), key=lambda pair: (pair[1].lineno, pair[1].col_offset)
        ):
            rows = self.rows(one[1])
            if rows is not None:
                self.held[one[0]] = rows
            else:
                self.held.pop(one[0], None)

    def rows(self, node: ast.AST) -> Written | None:
        """Return the rows that an expression has predictions of, if it has any."""
        for one in ast.walk(node):
            if one in self.left_out:
                continue
            asked = prediction(one, self.names)
            if asked is not None:
                return asked, self.scope
            if isinstance(one, ast.Name) and one.id in self.held:
                return self.held[one.id]
        return None

    def compared(self) -> Iterator[tuple[Written, Written]]:
        """Yield rows and the name that the predictions of them are compared with."""
        for one in walk(self.scope.body):
            node = one.node
            if node in self.left_out:
                continue
            if isinstance(node, ast.Call) and MEASURES.search(last_part(node.func)):
                yield from self._among(_operands(node))
            elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                yield from self._among([node.left, *node.comparators])
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
                yield from self._among([node.left, node.right])

    def _among(self, operands: list[ast.expr]) -> Iterator[tuple[Written, Written]]:
        found = [(one, self.rows(one)) for one in operands]
        rows = next((rows for _, rows in found if rows is not None), None)
        truth = next(
            (one for one, own in found if own is None and isinstance(one, ast.Name)),
            None,
        )
        if rows is not None and truth is not None and truth.id not in self.names:
            yield rows, (truth, self.scope)


def prediction(node: ast.AST, names: Collection[str]) -> ast.expr | None:
    """Return the rows that a call predicts of with a model; ``None`` for everything else."""
    if not isinstance(node, ast.Call) or not node.args:
        return None
    called = node.func
    if isinstance(called, ast.Attribute) and called.attr in PREDICTS:
        called = called.value
    return node.args[0] if isinstance(called, ast.Name) and called.id in names else None


def predictions(scope: Scope, names: Collection[str]) -> list[ast.expr]:
    """Return the rows of all predictions in a piece of code, in order."""
    found = (prediction(one.node, names) for one in walk(scope.body))
    return [one for one in found if one is not None]


def without_gradients(scope: Scope) -> set[ast.AST]:
    """Return the parts of code in which torch learns nothing."""
    return {
        inner
        for one in walk(scope.body)
        if isinstance(one.node, ast.With)
        and any(_no_gradients(item.context_expr) for item in one.node.items)
        for inner in ast.walk(one.node)
    }


def _no_gradients(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and last_part(node.func) in NO_GRADIENTS


def _bound(scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    names = {one.node.id for one in walk(scope.body) if isinstance(one.node, ast.Name)}
    for one in scope.bindings(*names):
        if one.value is not None:
            yield one.name, one.value


def _operands(call: ast.Call) -> list[ast.expr]:
    owner = [call.func.value] if isinstance(call.func, ast.Attribute) else []
    words = [one.value for one in call.keywords if one.arg in TRUE_VALUES]
    others = [one.value for one in call.keywords if one.arg in ("y_pred", "y_score", "y_prob")]
    return [*call.args, *words, *others, *owner]
