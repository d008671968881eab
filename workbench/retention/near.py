"""The nearest training row within a millionth, without comparing each row with each.

Rows that are close have close projections onto any direction: both are projected onto one fixed
direction, and only training rows in the window that the tolerance leaves are compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.retention.keys import Floats, Ints
from workbench.retention.view import WHOLE, View

__all__ = ["CLOSE", "nearest", "tolerance"]

CLOSE = 1e-6  # of a value, and of the spread of its column
ROUNDING = 4e-16
WINDOW = 64  # training rows that are compared with one row
STEP = 1 << 18  # numbers at a time


def tolerance(values: Floats, scale: Floats) -> Floats:
    """Return how far each value may be away."""
    size = np.abs(values)
    return np.where(size > WHOLE, ROUNDING * size, CLOSE * (size + scale))


def nearest(rows: Any, view: View, columns: Ints) -> Ints:
    """Return a training row that is close in all columns for each row given, or -1."""
    rows = np.asarray(rows, dtype=np.float64)
    centre, scale = view.centre[columns], view.scale[columns]
    direction = np.random.default_rng(len(columns)).normal(size=len(columns))
    with np.errstate(all="ignore"):
        place, order = _places(view, columns, centre, scale, direction)
        own = _projected(rows, np.arange(rows.shape[1]), centre, scale, direction)
        allowed = np.nan_to_num(tolerance(rows, scale) / scale, posinf=0.0) @ np.abs(direction)
        allowed = allowed * 1.01 + 1e-12
    low = np.searchsorted(place, own - allowed, "left")
    many = np.minimum(np.searchsorted(place, own + allowed, "right") - low, WINDOW)
    found = np.full(len(rows), -1, dtype=np.int64)
    step = max(1, STEP // (max(1, int(many.max(initial=1))) * len(columns)))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        found[part] = _closest(rows[part], low[part], many[part], order, view, columns, scale)
    return found


def _places(
    view: View, columns: Ints, centre: Floats, scale: Floats, onto: Floats
) -> tuple[Floats, Ints]:
    """Return where the training rows are along a direction, in order, and which row is where."""
    name = tuple(columns.tolist())
    if name not in view.places:
        if len(view.places) > 2:
            view.places.clear()
        place = _projected(view.matrix, columns, centre, scale, onto)
        order = np.argsort(place, kind="stable")
        view.places[name] = place[order], order
    return view.places[name]


def _projected(matrix: Any, columns: Ints, centre: Floats, scale: Floats, onto: Floats) -> Floats:
    found = np.empty(len(matrix))
    step = max(1, STEP // max(len(columns), 1))
    for start in range(0, len(matrix), step):
        part = np.asarray(matrix[start : start + step][:, columns], dtype=np.float64)
        away = np.nan_to_num((part - centre) / scale, nan=0.0, posinf=0.0, neginf=0.0)
        found[start : start + step] = away @ onto
    return found


def _closest(
    rows: Floats, low: Ints, many: Ints, order: Ints, view: View, columns: Ints, scale: Floats
) -> Ints:
    found = np.full(len(rows), -1, dtype=np.int64)
    which = np.repeat(np.arange(len(rows)), many)
    if not len(which):
        return found
    offset = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
    there = order[low[which] + offset]
    ours = rows[which]
    theirs = np.asarray(view.matrix[there][:, columns], dtype=np.float64)
    with np.errstate(all="ignore"):
        close = np.abs(ours - theirs) <= tolerance(theirs, scale)
        close |= (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    hits = np.flatnonzero(close.all(axis=1))[::-1]
    found[which[hits]] = there[hits]
    return found
