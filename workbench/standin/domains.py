"""Columns cut into cells, by ranges and categories that do not come from the data.

What lies outside of a range counts as its nearest end; what is no given category, or missing, has
the last cell. Column names and types are taken to be public.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.findings.standin import Treatment
from workbench.standin.columns import Floats, Plan
from workbench.standin.tables import Bools, Raw

__all__ = ["Domain", "domain"]

BINS: Final = 16
MOST: Final = 1000  # categories
Cells = NDArray[np.intp]
Range = tuple[Any, Any]


@dataclass(frozen=True)
class Domain:
    """A column and its cells: of a range, or one for each category; and one for what is neither."""

    plan: Plan
    edges: Floats
    cells: int

    def placed(self) -> Cells:
        """Return each row's cell."""
        raw = self.plan.raw
        if self.plan.categories:
            known = {value: place for place, value in enumerate(self.plan.categories)}
            held = raw.values.tolist() if raw.values.dtype.kind in "biuf" else raw.values
            found = [
                self.cells - 1 if gone else _place(known, one, self.cells - 1)
                for one, gone in zip(held, raw.missing, strict=True)
            ]
            return np.array(found, dtype=np.intp)
        numbers = _numbers(raw)
        there = np.isfinite(numbers)
        places = np.searchsorted(self.edges, np.where(there, numbers, 0.0), side="right") - 1
        return np.where(there, np.clip(places, 0, self.cells - 2), self.cells - 1)

    def drawn(self, cells: Cells, chance: np.random.Generator) -> tuple[Floats, Bools]:
        """Return numbers that are even within their cells, and where there is none."""
        gone = cells == self.cells - 1
        inside = np.minimum(cells, self.cells - 2)
        if self.plan.categories:
            return inside.astype(np.float64), gone
        low, high = self.edges[inside], self.edges[inside + 1]
        if self.plan.step == 1:
            first, last = np.ceil(low), np.maximum(np.ceil(high) - 1, np.ceil(low))
            return first + np.floor(chance.random(len(cells)) * (last - first + 1)), gone
        return low + chance.random(len(cells)) * (high - low), gone


def domain(
    raw: Raw, bounds: Mapping[str, Range], categories: Mapping[str, Sequence[Any]]
) -> Domain:
    """Return a column with its cells; one of texts without categories is replaced later.

    Raises:
        InputError: a column of numbers or dates has no range, or a range or list is no proper one.
    """
    nothing = np.zeros(0)
    if raw.name in categories:
        given = tuple(dict.fromkeys(categories[raw.name]))
        if not 0 < len(given) <= MOST:
            raise InputError(f"The column {raw.name} needs 1 to {MOST} categories.")
        return Domain(Plan(raw, Treatment.categories, nothing, given), nothing, len(given) + 1)
    kind = raw.values.dtype.kind
    if kind == "b":
        return Domain(Plan(raw, Treatment.truth, nothing, (False, True)), nothing, 3)
    if raw.name in bounds and kind in "iufMm":
        became = Treatment.dates if kind in "Mm" else Treatment.numbers
        whole = kind in "iuMm"
        plan = Plan(raw, became, nothing, step=1.0 if whole else 0.0)
        edges = _edges(raw, bounds[raw.name], whole)
        return Domain(plan, edges, len(edges))
    if kind in "iufMm":
        raise InputError(
            f"Differential privacy needs a range for the column {raw.name} that was not read off "
            "the data.",
            unchanged="Nothing was made, and no privacy budget was spent.",
            hint=f"Give one that is known beforehand: bounds={{{raw.name!r}: (low, high)}}.",
        )
    became = Treatment.text if raw.holds_texts else Treatment.empty
    return Domain(Plan(raw, became, nothing), nothing, 0)


def _edges(raw: Raw, bounds: Range, whole: bool) -> Floats:
    """Return the ends of equal cells; whole numbers have cells of whole widths."""
    try:
        ends = np.array(list(bounds), dtype=raw.values.dtype if whole else np.float64)
        low, high = (
            float(one) for one in (ends.view(np.int64) if ends.dtype.kind in "Mm" else ends)
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"The range of the column {raw.name} is not two values.") from error
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise InputError(f"The range of the column {raw.name} has no room between its ends.")
    if whole and high - low < BINS:
        return np.arange(low, high + 2)
    if whole:
        return np.unique(np.rint(np.linspace(low, high + 1, BINS + 1)))
    return np.linspace(low, high, BINS + 1)


def _numbers(raw: Raw) -> Floats:
    values = raw.values.view(np.int64) if raw.values.dtype.kind in "Mm" else raw.values
    return np.where(raw.missing, np.nan, values.astype(np.float64))


def _place(known: Mapping[Any, int], value: object, other: int) -> int:
    try:
        return known.get(value, other)
    except TypeError:  # a list or the like, which is no category
        return other
