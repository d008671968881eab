"""Calls that train a model: which variables each was handed."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass

from workbench.analysis.parts import Found, last_part
from workbench.capture.arguments import (
    EXPRESSION,
    ROWS,
    TRUTH,
    Data,
    Pair,
    argument,
    goes_on,
)
from workbench.capture.predictions import Answers, without_gradients
from workbench.capture.scopes import Scope, Unclear

__all__ = ["GREW", "SEVERAL", "SOMEHOW", "Calls", "Training"]

SOMEHOW = "It was not seen which data {model} was trained on."
SEVERAL = "{model} was trained in more than one place of the code, on different data."
GREW = "{model} was trained more than once, on different data, and kept what it had learned."


@dataclass(frozen=True)
class Training:
    """A call that trained a model.

    Attributes:
        pair: versions of the rows and of what they mean.
        call: it, in the code of ``scope``.
        adds: to what the model had learned before.
    """

    pair: Pair
    call: ast.Call
    scope: Scope
    adds: bool = False


@dataclass(frozen=True)
class Calls:
    """Takes calls that train one model apart.

    Attributes:
        data: finds the variables.
        keeps: the model keeps what it had learned when it is trained again.
    """

    data: Data
    keeps: bool

    def fit(self, call: ast.Call, scope: Scope, first: int = 0) -> Training:
        """Return what ``fit`` was handed, from the argument with this number on."""
        rows, truth = argument(call, first, ROWS), argument(call, first + 1, TRUTH)
        if rows is None:
            raise Unclear(SOMEHOW)
        if goes_on(call):
            raise Unclear(GREW)
        adds = self.keeps or last_part(call.func) == "partial_fit"
        if first:  # such as trainer.fit(model, loader)
            return Training(self.data.pair(rows, scope), call, scope, adds)
        meant = None if truth is None else (truth, scope)
        return Training(self.data.keys((rows, scope), meant), call, scope, adds)

    def boost(self, call: ast.Call, scope: Scope) -> Training:
        """Return what ``train`` of XGBoost or LightGBM was handed."""
        rows = argument(call, 1, ROWS)
        if rows is None:
            raise Unclear(SOMEHOW)
        if goes_on(call):
            raise Unclear(GREW)
        return Training(self.data.pair(rows, scope), call, scope)

    def steps(self, call: ast.Call, at: Found, names: Collection[str], scope: Scope) -> Training:
        """Return what a loop that steps an optimiser goes over, in batches or the whole at once."""
        for loop in at.loops[::-1]:
            pair = self.data.batches(loop, scope)
            if pair is not None:
                return Training(pair, call, scope, adds=True)
        answers = Answers(names, scope, left_out=without_gradients(scope))
        pairs = {(self.data.key(*one), self.data.key(*other)) for one, other in answers.compared()}
        if len(pairs) != 1:
            raise Unclear(SEVERAL if pairs else EXPRESSION)
        return Training(pairs.pop(), call, scope, adds=True)
