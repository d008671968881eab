"""Rows of the training data in an array: equal, rounded, or within a millionth.

Rows may be any of them in any order, stand as columns, lack columns, have others besides or in
another order. A training row counts if fewer than ``k`` rows have the same values in the columns
that were found; whether it is there by chance is weighed in :mod:`workbench.retention.chance`.

Not found are rows of which only columns with fewer than 20 different values are kept, unless the
columns stand in the same order or have the same names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.findings.retained import How
from workbench.retention.chance import tells
from workbench.retention.keys import (
    Floats,
    Ints,
    block_of,
    fits,
    keys_of,
    keys_of_sparse,
)
from workbench.retention.near import nearest
from workbench.retention.table import is_sparse
from workbench.retention.view import View

__all__ = ["Match", "compared", "rows_in"]

CHUNK = 1 << 20  # numbers that are compared at a time
TRIED = 128  # rows that are tried before all are
RICH = 20  # different values that a column needs to be known by them
MOST_PAIRS = 200_000  # of columns of an array and columns of the data
MEMBERS = 0.3  # of a column's values that have to be in a column of the data
DENSE = 50_000_000  # numbers that a sparse array is written out to


@dataclass(frozen=True)
class Match:
    """Training rows that an array holds.

    Attributes:
        positions: the training rows that are held and that fewer than k share.
        columns: of the data, that the array has.
        placed: where they stand in the array.
        seen: how many rows of the array are training rows.
    """

    how: How
    positions: Ints
    columns: Ints
    placed: Ints
    seen: int
    transposed: bool = False


def rows_in(array: Any, names: tuple[str, ...], view: View, k: int) -> Match | None:
    """Return the training rows that an array of two dimensions holds, or ``None``."""
    if is_sparse(array):
        if view.sparse:
            return _in_sparse(array.tocsr(), view, k)
        if array.shape[0] * array.shape[1] > DENSE or array.shape[1] != view.width:
            return None
        array = array.toarray()
    for matrix, transposed in _ways(array, view.width):
        for js, cs in _alignments(matrix, names, view):
            match = compared(matrix, js, view, cs, k)
            if match is not None:
                if transposed:
                    return Match(
                        match.how, match.positions, match.columns, match.placed, match.seen, True
                    )
                return match
    return None


def _ways(array: Any, width: int) -> Iterator[tuple[Any, bool]]:
    """Return an array as it is and transposed, where its rows could be as long as ours."""
    most = 2 * width + 64
    if 2 <= array.shape[1] <= most:
        yield array, False
    if 2 <= array.shape[0] <= most:
        yield array.T, True


def _alignments(array: Any, names: tuple[str, ...], view: View) -> Iterator[tuple[Ints, Ints]]:
    """Return columns of an array with the columns of the data that they could be."""
    width, every = array.shape[1], np.arange(view.width)
    if width == view.width:
        yield every, every
    elif width > view.width >= 2:
        yield every, every
        yield every + (width - view.width), every
    if view.sparse:
        return
    known = {name: i for i, name in reversed(list(enumerate(view.names)))}
    named = [(j, known[name]) for j, name in enumerate(names[:width]) if name in known]
    if len({i for _, i in named}) >= 2:
        yield _pair(named)
    elif width * view.width <= MOST_PAIRS:
        found = _by_values(array, view)
        if len(found) >= 2 and found != [(i, i) for i in range(view.width)]:
            yield _pair(found)


def _pair(pairs: list[tuple[int, int]]) -> tuple[Ints, Ints]:
    js, cs = zip(*pairs, strict=True)
    return np.array(js, dtype=np.int64), np.array(cs, dtype=np.int64)


def _by_values(array: Any, view: View) -> list[tuple[int, int]]:
    """Return pairs of columns by the values that they share."""
    step = -(-len(array) // TRIED)
    with np.errstate(over="ignore", invalid="ignore"):
        sample = np.asarray(array[::step], dtype=np.float32)
        centre = np.nan_to_num(sample.astype(np.float64), posinf=0, neginf=0).mean(axis=0)
    score = np.zeros((sample.shape[1], view.width))
    for i in range(view.width):
        known = view.singles(i)
        if len(known) < RICH:
            continue
        at = np.minimum(np.searchsorted(known, sample), len(known) - 1)
        members = (known[at] == sample).mean(axis=0)
        apart = np.minimum(np.abs(centre - view.centre[i]) / view.scale[i], 1.0)
        score[:, i] = np.where(members >= MEMBERS, members - 0.1 * apart, 0.0)
    return _greedy(score)


def _greedy(score: Floats) -> list[tuple[int, int]]:
    """Return pairs of rows and columns of a table of scores, the best first, each used once."""
    pairs: list[tuple[int, int]] = []
    for flat in np.argsort(-score, axis=None, kind="stable")[: min(score.shape) * score.shape[1]]:
        j, i = divmod(int(flat), score.shape[1])
        if score[j, i] <= 0:
            break
        if all(j != a and i != b for a, b in pairs):
            pairs.append((j, i))
    return sorted(pairs)


def compared(array: Any, js: Ints, view: View, cs: Ints, k: int) -> Match | None:
    """Return the training rows in some columns of an array, in the closest form they are found."""
    width = None if len(cs) == view.width and np.array_equal(cs, np.arange(view.width)) else cs
    own = None if len(js) == array.shape[1] and np.array_equal(js, np.arange(len(js))) else js
    best, how = np.full(len(array), -1, dtype=np.int64), How.exact
    for precision in _precisions(array):
        found = _equal(array, own, view, width, precision)
        if (found >= 0).sum() > (best >= 0).sum():
            best, how = found, How.exact if precision == "float64" else How.rounded
        if (best >= 0).all():
            break
    left = np.flatnonzero(best < 0)
    if len(left) and not view.sparse:
        close = _near(array, left, js, view, cs)
        if (close >= 0).any():
            best[left], how = close, How.near
    matched = np.flatnonzero(best >= 0)
    return _weighed(array, matched, best[matched], js, view, cs, k, how) if len(matched) else None


def _precisions(array: Any) -> Iterator[str]:
    """Return the precisions that an array may have been written with."""
    yield "float64"
    if array.dtype.kind in "iub":
        return
    yield "float32"
    sample = np.asarray(array[:: -(-len(array) // TRIED)], dtype=np.float64)
    for precision in ("float16", "bfloat16"):
        if fits(sample, precision):
            yield precision


def _equal(array: Any, js: Ints | None, view: View, cs: Ints | None, precision: str) -> Ints:
    """Return for each row of an array an equal training row, or -1."""
    index = view.index(precision, cs)
    groups = index.find(keys_of(array, js, precision))
    hits = np.flatnonzero(groups >= 0)
    rows = index.first(groups[hits])
    found = np.full(len(array), -1, dtype=np.int64)
    step = max(1, CHUNK // array.shape[1])
    for start in range(0, len(hits), step):
        part = slice(start, start + step)
        ours = block_of(array, hits[part], js, precision)
        theirs = _block(view, rows[part], cs, precision)
        same = ((ours == theirs) | (np.isnan(ours) & np.isnan(theirs))).all(axis=1)
        found[hits[part][same]] = rows[part][same]
    return found


def _block(view: View, rows: Ints, cs: Ints | None, precision: str) -> Floats:
    if view.sparse:
        return block_of(view.matrix[rows].toarray(), slice(None), cs, precision)
    return block_of(view.matrix, rows, cs, precision)


def _near(array: Any, left: Ints, js: Ints, view: View, cs: Ints) -> Ints:
    """Return a training row within a millionth of each row that is left, or -1; tried on few."""
    sample = left[:: -(-len(left) // TRIED)]
    if not (nearest(array[sample][:, js], view, cs) >= 0).any():
        return np.full(len(left), -1, dtype=np.int64)
    return nearest(array[left][:, js], view, cs)


def _weighed(
    array: Any, matched: Ints, rows: Ints, js: Ints, view: View, cs: Ints, k: int, how: How
) -> Match | None:
    """Return a match with the training rows that few share, unless chance would do as much."""
    precision = "float32" if how is How.rounded else "float64"
    every = len(cs) == view.width and np.array_equal(cs, np.arange(view.width))
    index = view.index(precision, None if every else cs)
    if view.sparse:
        telling = bool(((array[matched] != 0).sum(axis=1) >= 3).any())
    else:
        telling = tells(array, matched, js, view, cs, len(index.unique))
    if not telling:
        return None
    groups = np.unique(index.groups()[rows])
    few = groups[index.sizes()[groups] < k]
    positions = index.rows(few)
    return Match(how, positions, cs, js, len(matched)) if len(positions) else None


def _in_sparse(array: Any, view: View, k: int) -> Match | None:
    """Return the training rows that a sparse array holds; of at least three numbers, not zero."""
    if array.shape[1] != view.width:
        return None
    for precision, how in (("float64", How.exact), ("float32", How.rounded)):
        index = view.index(precision)
        groups = index.find(keys_of_sparse(array, precision))
        hits = np.flatnonzero(groups >= 0)
        apart = abs(array[hits] - view.matrix[index.first(groups[hits])])
        scale = abs(array[hits]).max(axis=1) if len(hits) else None
        if scale is None:
            continue
        limit = 0.0 if how is How.exact else 2e-7 * scale.toarray().ravel()
        hits = hits[apart.max(axis=1).toarray().ravel() <= limit]
        if len(hits) and (np.diff(array.indptr)[hits] >= 3).any():
            found = np.unique(groups[hits])
            positions = index.rows(found[index.sizes()[found] < k])
            every = np.arange(view.width)
            return Match(how, positions, every, every, len(hits)) if len(positions) else None
    return None
