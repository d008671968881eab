"""Columns out of thin air: of the data nothing but types and rough counts of categories is used.

What is made up: whole numbers 0 to 99, other numbers 0 to 1, dates in the ten years from 2000 on,
yes or no, ``a``, ``b``, ``c`` … for categories, as many as there are rounded up to 2, 4, 8 or 16;
``id-1`` … for what names rows, ``text`` for free text. Nothing is missing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from workbench.findings.standin import Treatment
from workbench.standin.columns import Plan
from workbench.standin.tables import Bools

__all__ = ["made_up", "replaced"]

MOST: Final = 16
YEARS: Final = 3650  # days
START: Final = np.datetime64("2000-01-01", "s")


def made_up(plan: Plan, rows: int, chance: np.random.Generator) -> Any:
    """Return a column of a type, with values that are not the data's."""
    if plan.became in (Treatment.identifiers, Treatment.text, Treatment.empty):
        return replaced(plan, rows)
    none: Bools = np.zeros(rows, bool)
    kind = plan.raw.values.dtype.kind
    if kind == "b":
        return plan.raw.restore(chance.random(rows) < 0.5, none)
    if kind in "Mm":
        seconds = (chance.integers(0, YEARS, rows) * 86_400).astype("timedelta64[s]")
        made: Any = START + seconds if kind == "M" else seconds
        return plan.raw.restore(made.astype(plan.raw.values.dtype), none)
    if plan.became is Treatment.categories:
        most = 1 << max(plan.different - 1, 1).bit_length()
        codes = chance.integers(0, min(most, MOST), rows)
        if kind in "iuf":
            return plan.raw.restore(codes.astype(plan.raw.values.dtype), none)
        return plan.raw.restore(_letters(codes), none)
    if kind in "iu":
        return plan.raw.restore(chance.integers(0, 100, rows).astype(plan.raw.values.dtype), none)
    return plan.raw.restore(chance.random(rows), none)


def replaced(plan: Plan, rows: int) -> Any:
    """Return a column of made-up identifiers, of the word ``text``, or of nothing."""
    kind = plan.raw.values.dtype.kind
    none: Bools = np.zeros(rows, bool)
    if plan.became is Treatment.identifiers and kind in "iuf":
        return plan.restored(np.arange(1, rows + 1, dtype=np.float64), none)
    if plan.became is Treatment.identifiers:
        return plan.raw.restore(_objects([f"id-{number}" for number in range(1, rows + 1)]), none)
    if plan.became is Treatment.text:
        return plan.raw.restore(_objects(["text"] * rows), none)
    if plan.raw.holds_missing:
        kept = np.dtype("f8") if kind == "O" else plan.raw.values.dtype
        return plan.raw.restore(np.zeros(rows, kept), ~none)
    return plan.raw.restore(np.zeros(rows, plan.raw.values.dtype), none)


def _letters(codes: Any) -> Any:
    return _objects([chr(ord("a") + code) for code in codes.tolist()])


def _objects(values: list[str]) -> Any:
    held = np.empty(len(values), dtype=object)
    held[:] = values
    return held
