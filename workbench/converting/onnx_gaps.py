"""Gaps filled in numbers of 64 bits, for which ONNX's own operation knows 32 only.

A value in place of a missing one is what many rows have, so trees like to ask just there; rounded,
it could fall on the other side.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.training import kinds

__all__ = ["converters"]


def converters(number: int) -> dict[type, Any]:
    """Return what is to be used in place of sklearn-onnx's own converters.

    Args:
        number: the type of numbers of 64 bits, as ONNX counts its types.
    """
    known = kinds.lookup("sklearn.impute._base", "SimpleImputer")
    return {} if known is None else {known: _Filling(number)}


class _Filling:
    """Writes a ``SimpleImputer``; called by sklearn-onnx for each there is."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __call__(self, scope: Any, operator: Any, container: Any) -> None:
        step = operator.raw_operator
        values = np.asarray(step.statistics_)
        plain = isinstance(step.missing_values, float) and np.isnan(step.missing_values)
        if not plain or values.dtype.kind != "f" or np.isnan(values).any() or step.add_indicator:
            raise ValueError("a step fills gaps in another way than with one number a column")
        given = [one.full_name for one in operator.inputs]
        rows, missing, filling = (
            scope.get_unique_variable_name(name) for name in ("joined", "missing", "filling")
        )
        container.add_initializer(filling, self._number, [1, len(values)], values.tolist())
        container.add_node("Concat", given, rows, axis=1)
        container.add_node("IsNaN", rows, missing, op_version=13)
        container.add_node("Where", [missing, filling, rows], operator.outputs[0].full_name)
