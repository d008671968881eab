"""Rows that somebody shifted, scaled or mixed before the model was given them, unknown how.

Where an array has one row for each training row, in order, its columns are fitted to those of the
data: a straight line for each, a line of another shape that keeps the order, or all of them mixed.
Otherwise the usual scalings are undone; at last shift and scale are estimated from means and
deviations and improved by matching each row with the nearest, as in iterative closest point
(Besl, McKay 1992). A fit counts only if rows that it was not made from agree to a millionth.

Not found are rows in another order whose columns were changed otherwise than by shift and scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from workbench.findings.retained import How
from workbench.retention.keys import Floats, Ints
from workbench.retention.rows import RICH, Match, compared
from workbench.retention.view import View

__all__ = ["mapped"]

FEWEST = 8  # rows
SAMPLE = 256  # rows in order that fits are made from
TRIED = 64  # rows that are matched with the nearest
ROUNDS = 8
SLOWEST = 0.9  # of the last round's distances that the next may keep
LARGE = 5_000_000  # numbers of data; beyond that two rounds are made
WIDEST = 1000  # columns
LEAN = 0.2  # skewness of the data from which on that of some rows has the same sign
FIT = 1e-6  # of a value's size and its column's spread
BITS = 8.0  # that columns together have to tell a row by
STEP = 1 << 20


def mapped(array: Any, view: View, k: int) -> Match | None:
    """Return the training rows that an array holds in changed form, or ``None``."""
    columns = view.numeric if not view.sparse else np.empty(0, dtype=np.int64)
    if len(columns) < 2 or len(columns) > WIDEST:
        return None
    for matrix, transposed in ((array, False), (array.T, True)):
        if matrix.shape[1] < 2 or matrix.shape[1] > 2 * WIDEST or len(matrix) < FEWEST:
            continue
        found = _in_order(matrix, view, columns, k) if len(matrix) == view.size else None
        if found is None and matrix.shape[1] == view.width:
            found = _in_any_order(matrix, view, columns, k)
        if found is not None:
            return replace(found, transposed=transposed)
    return None


def _in_order(array: Any, view: View, columns: Ints, k: int) -> Match | None:
    rows = np.unique(np.linspace(0, view.size - 1, SAMPLE).astype(np.int64))
    ours = np.asarray(array[rows], dtype=np.float64)
    theirs = np.asarray(view.matrix[rows][:, columns], dtype=np.float64)
    varied = np.flatnonzero(np.isfinite(ours).all(axis=0) & (ours != ours[0]).any(axis=0))
    if not len(varied):
        return None
    for how, source in (
        (How.affine, (ours[:, varied], theirs)),
        (How.monotone, (_ranks(ours[:, varied]), _ranks(theirs))),
    ):
        pairs = _correlated(*source)
        fitted = [(int(varied[j]), int(columns[i])) for j, i in pairs]
        fitted = [one for one in fitted if _agrees(array, view, *one, how)]
        if _tell(fitted, view):
            js, cs = (np.array(one, dtype=np.int64) for one in zip(*fitted, strict=True))
            return _all(view, cs, js, how, k)
    mixed = _mixed(array[:, varied], view, columns)
    return _all(view, columns, varied[mixed], How.linear, k) if len(mixed) >= 2 else None


def _ranks(values: Floats) -> Floats:
    """Return the rank of each value in its column; equal values have one rank."""
    found = [np.unique(values[:, j], return_inverse=True)[1] for j in range(values.shape[1])]
    return np.stack(found, axis=1).astype(np.float64)


def _correlated(ours: Floats, theirs: Floats) -> list[tuple[int, int]]:
    """Return pairs of columns that are on one line, each column of ours and theirs once."""
    with np.errstate(all="ignore"):
        a, b = (one - one.mean(axis=0) for one in (ours, theirs))
        a, b = (one / np.sqrt((one**2).sum(axis=0)) for one in (a, b))
        same = np.nan_to_num(np.abs(a.T @ b))
    found: list[tuple[int, int]] = []
    for j in range(same.shape[0]):
        for i in np.flatnonzero(same[j] > 1 - 1e-9).tolist():
            if all(i != other for _, other in found):
                found.append((j, i))
                break
    return found


def _agrees(array: Any, view: View, j: int, i: int, how: How) -> bool:
    """Tell whether a column of an array is made of one of the data in all rows."""
    ours = np.asarray(array[:, j], dtype=np.float64)
    theirs = view.column(i)
    if not (np.isfinite(ours) & np.isfinite(theirs)).all():
        return False
    if how is How.monotone:
        if len(view.singles(i)) < RICH:
            return False
        order = np.argsort(theirs, kind="stable")
        steps, same = np.diff(ours[order]), np.diff(theirs[order]) == 0
        small = FIT * float(np.ptp(ours))
        up = bool((steps >= -small).all()) or bool((steps <= small).all())
        return up and bool((np.abs(steps[same]) <= small).all())
    low, high = int(theirs.argmin()), int(theirs.argmax())
    slope = (ours[high] - ours[low]) / (theirs[high] - theirs[low])
    apart = np.abs(ours[low] + slope * (theirs - theirs[low]) - ours)
    return bool((apart <= FIT * (np.abs(ours) + ours.std())).all())


def _tell(pairs: list[tuple[int, int]], view: View) -> bool:
    """Tell whether columns together tell rows apart."""
    bits = sum(np.log2(max(len(view.singles(i)), 1)) for _, i in pairs)
    return len(pairs) >= 2 and bool(bits >= BITS)


def _all(view: View, cs: Ints, js: Ints, how: How, k: int) -> Match | None:
    """Return a match of all rows, of which those count that few share."""
    index = view.index("float64", cs)
    few = np.flatnonzero(index.sizes() < k)
    positions = index.rows(few)
    return Match(how, positions, cs, js, view.size) if len(positions) else None


def _mixed(array: Any, view: View, columns: Ints) -> Ints:
    """Return the columns of an array that are sums of columns of the data, of two or more kinds."""
    count = 2 * len(columns) + 64
    if view.size < count:
        return np.empty(0, dtype=np.int64)
    rows = np.unique(np.linspace(0, view.size - 1, count).astype(np.int64))
    ours = np.asarray(array[rows], dtype=np.float64)
    theirs = (view.matrix[rows][:, columns] - view.centre[columns]) / view.scale[columns]
    theirs = np.column_stack([theirs, np.ones(len(rows))])
    train, check = np.arange(len(rows)) % 3 > 0, np.arange(len(rows)) % 3 == 0
    try:
        weights = np.linalg.lstsq(theirs[train], ours[train], rcond=None)[0]
    except np.linalg.LinAlgError:  # numbers too unlike to be fitted
        return np.empty(0, dtype=np.int64)
    spread = ours.std(axis=0)
    apart = np.abs(theirs[check] @ weights - ours[check]).max(axis=0)
    found = np.flatnonzero((apart <= FIT * spread) & (spread > 0))
    if len(found) < 2:
        return np.empty(0, dtype=np.int64)
    normed = (ours[:, found] - ours[:, found].mean(axis=0)) / spread[found]
    return found if np.linalg.matrix_rank(normed, tol=1e-3 * len(rows)) >= 2 else found[:0]


def _in_any_order(array: Any, view: View, columns: Ints, k: int) -> Match | None:
    ours = np.asarray(array[:, columns], dtype=np.float64)
    if not np.isfinite(ours).all() or (ours == ours[0]).all(axis=0).any():
        return None
    every = np.arange(len(columns))
    for undone in (*_usual(ours, view, columns), _closest(ours, view, columns)):
        if undone is not None:
            found = compared(undone, every, view, columns, k)
            if found is not None:
                return replace(found, how=How.affine, placed=columns)
    return None


def _usual(ours: Floats, view: View, columns: Ints) -> Iterator[Floats]:
    """Return an array with the usual scalings undone, as if they had been fitted to the data."""
    low, high, mean, spread = (one[columns] for one in view.usual)
    if view.size * len(columns) <= LARGE:
        first, middle, third = view.quarters[:, columns]
        yield ours * (third - first) + middle
    yield ours * spread + mean
    yield ours * spread * np.sqrt(view.size / max(view.size - 1, 1)) + mean
    yield ours * (high - low) + low
    yield ours * np.maximum(np.abs(low), np.abs(high))


def _closest(ours: Floats, view: View, columns: Ints) -> Floats | None:
    """Return an array in the units of the data, found by matching its rows with the nearest."""
    data, scale = view.matrix, view.scale[columns]
    part = np.asarray(data[:: max(1, view.size // 20_000)][:, columns], dtype=np.float64)
    centre = part.mean(axis=0)
    lean = (((part - centre) / scale) ** 3).mean(axis=0)
    own = (((ours - ours.mean(axis=0)) / ours.std(axis=0)) ** 3).mean(axis=0)
    clear = np.abs(lean) > (0.0 if len(ours) == view.size else LEAN)
    slope = scale / ours.std(axis=0) * np.where((lean * own < 0) & clear, -1.0, 1.0)
    start = centre - slope * ours.mean(axis=0)
    sample = ours[np.unique(np.linspace(0, len(ours) - 1, TRIED).astype(np.int64))]
    best = np.inf
    for _ in range(ROUNDS if view.size * len(columns) <= LARGE else 2):
        rows, away = _nearest(sample * slope + start, view, columns, scale)
        half = np.argsort(away, kind="stable")[: max(FEWEST // 2, len(sample) // 2)]
        theirs = np.asarray(data[rows[half]][:, columns], dtype=np.float64)
        slope, start = _line(sample[half], theirs)
        apart = np.abs(sample[half] * slope + start - theirs)
        worst = float((apart / (np.abs(theirs) + scale)).max())
        if worst <= FIT:
            return ours * slope + start
        if away[half].sum() >= best * SLOWEST:
            return None
        best = float(away[half].sum())
    return None


def _line(ours: Floats, theirs: Floats) -> tuple[Floats, Floats]:
    """Return slope and intercept of each column."""
    a, b = ours.mean(axis=0), theirs.mean(axis=0)
    with np.errstate(all="ignore"):
        slope = ((ours - a) * (theirs - b)).sum(axis=0) / ((ours - a) ** 2).sum(axis=0)
    slope = np.where(np.isfinite(slope), slope, 1.0)
    return slope, b - slope * a


def _nearest(rows: Floats, view: View, columns: Ints, scale: Floats) -> tuple[Ints, Floats]:
    """Return the nearest training row of each row, and the square of its distance."""
    ours = rows / scale
    best, away = np.zeros(len(rows), dtype=np.int64), np.full(len(rows), np.inf)
    step = max(1, STEP // max(len(columns), len(rows)))
    for start in range(0, view.size, step):
        block = np.asarray(view.matrix[start : start + step][:, columns], dtype=np.float64) / scale
        square = (ours**2).sum(axis=1)[:, None] + (block**2).sum(axis=1) - 2 * ours @ block.T
        at = square.argmin(axis=1)
        found = np.maximum(square[np.arange(len(rows)), at], 0.0)
        closer = found < away
        best[closer], away[closer] = at[closer] + start, found[closer]
    return best, away
