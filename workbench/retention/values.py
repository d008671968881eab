"""Single columns inside a model: values to be predicted, values of the data, smallest and largest.

A vector holds values of a column if clearly more of them are there than numbers with as many digits
would hit by chance between the smallest and largest. Numbers that count up, and columns that hold
nearly every number there is, tell nothing. Values that fewer than ``k`` rows have count; where
there is less than one of them for every ``k`` rows, they are a summary, and only a concern.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbench.findings.finding import Level
from workbench.findings.retained import How, Keeping
from workbench.retention.chance import clearly_more
from workbench.retention.keys import Floats, Ints
from workbench.retention.notes import Notes
from workbench.retention.view import View
from workbench.retention.walk import Held

__all__ = ["note_aligned", "note_extremes", "note_targets", "note_values", "vectors_of"]

FEWEST = 3  # values that are together
ORDERED = 8  # rows that can be told to be in order
ALIGNED = 20  # rows from which on a number of them is no accident
CLASSES = 1000
CLOSE = 1e-6
ROUNDING = 1e-13  # of values that were interpolated, between themselves and others
USUAL = (-1.0, 0.0, 1.0)
LONGEST = 4096  # numbers of an array that is looked at for smallest and largest
NARROW = 16  # columns of an array that are looked at one by one
KNOWN = ("quantiles_", "bin_edges_", "X_thresholds_", "y_thresholds_")


@dataclass
class Vector:
    """A vector inside a model, or one column of an array with the column of the data it may be."""

    held: Held
    values: Floats
    columns: range | tuple[int, ...]
    distinct: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.distinct = np.unique(self.values[np.isfinite(self.values)])

    @property
    def counts_up(self) -> bool:
        """It has every whole number from one to another."""
        some = self.distinct
        return len(some) > 1 and bool(np.array_equal(some, some[0] + np.arange(len(some))))

    @property
    def known(self) -> bool:
        """It is of an attribute that is made of values of the data."""
        return self.held.where.rpartition(".")[2].partition("[")[0] in KNOWN

    @property
    def single(self) -> bool:
        """It is held in single precision."""
        return bool(self.held.array.dtype == np.float32)


def vectors_of(arrays: list[Held], width: int) -> Iterator[Vector]:
    """Return the vectors in arrays: those of one dimension, and columns of the others."""
    for held in arrays:
        array: Any = held.array
        if not isinstance(array, np.ndarray) or len(array) < 2 or held.joined:
            continue
        if array.ndim == 1:
            yield Vector(held, array.astype(np.float64), range(width))
        elif array.shape[1] == width:
            for j in range(width):
                yield Vector(held, array[:, j].astype(np.float64), (j,))
        elif array.shape[1] <= NARROW:
            for j in range(array.shape[1]):
                yield Vector(held, array[:, j].astype(np.float64), range(width))


def note_values(vectors: list[Vector], view: View, notes: Notes) -> None:
    """Note vectors that hold values of a column that fewer than k rows have."""
    places: dict[str, tuple[Vector, list[Ints], list[str], bool]] = {}
    vectors = [v for v in vectors if (v.known or len(v.distinct) >= FEWEST) and not v.counts_up]
    for i in range(view.width):
        wanted = [one for one in vectors if i in one.columns]
        if not wanted:
            continue
        values, counts = view.distinct(i)
        for one in wanted:
            hits = _hits(one, values, counts, view, i, notes.k)
            if hits is None:
                continue
            rows = np.flatnonzero(np.isin(view.column(i), values[hits]))
            dense = len(hits) * notes.k > view.size
            entry = places.setdefault(one.held.where, (one, [], [], False))
            entry[1].append(rows)
            entry[2].append(view.names[i])
            places[one.held.where] = (*entry[:3], entry[3] or dense)
    for where, (one, rows_of, names, dense) in places.items():
        notes.add(
            where,
            Keeping.values,
            one.held.owner,
            np.concatenate(rows_of),
            columns=list(dict.fromkeys(names)),
            level=Level.unsafe if dense else Level.concern,
            also="" if dense else "They are few, so they rather sum the column up.",
        )


def _hits(one: Vector, values: Floats, counts: Ints, view: View, i: int, k: int) -> Ints | None:
    """Return which different values of a column a vector holds and few rows have."""
    found = _members(one, values)
    rare = found[counts[found] < k]
    inner = rare[(rare > 0) & (rare < len(values) - 1)]
    if not len(inner) or (len(rare) < FEWEST and not one.known):
        return None
    low, high = max(one.distinct[0], values[0]), min(one.distinct[-1], values[-1])
    between = np.searchsorted(values, high, "right") - np.searchsorted(values, low, "left")
    expected = len(one.distinct) * between / view.possible(i, low, high)
    surprising = clearly_more(len(found), expected) and len(found) >= 2 * expected
    return rare if one.known or surprising else None


def _members(one: Vector, values: Floats) -> Ints:
    """Return which of the sorted values a vector has."""
    if one.single:
        with np.errstate(over="ignore"):
            return np.flatnonzero(np.isin(values.astype(np.float32), one.distinct))
    if not len(values) or not len(one.distinct):
        return np.empty(0, dtype=np.int64)
    allowed = ROUNDING * (np.abs(one.distinct) + max(abs(values[0]), abs(values[-1])))
    at = np.minimum(np.searchsorted(values, one.distinct - allowed), len(values) - 1)
    return np.unique(at[np.abs(values[at] - one.distinct) <= allowed])


def note_extremes(arrays: list[Held], view: View, notes: Notes) -> None:
    """Note arrays that hold smallest or largest values which fewer than k rows have."""
    rows: dict[str, list[Ints]] = {}
    names: dict[str, list[str]] = {}
    for held in arrays:
        array = held.array
        if not isinstance(array, np.ndarray) or not 2 <= array.size <= LONGEST or held.joined:
            continue
        if array.ndim == 1 and Vector(held, array, range(0)).counts_up:
            continue
        for i, values in _ends(array, view, notes.k):
            rows.setdefault(held.where, []).append(np.flatnonzero(np.isin(view.column(i), values)))
            names.setdefault(held.where, []).append(view.names[i])
    owners = {held.where: held.owner for held in arrays}
    for where, found in rows.items():
        columns = list(dict.fromkeys(names[where]))
        notes.add(where, Keeping.extremes, owners[where], np.concatenate(found), columns=columns)


def _ends(array: Any, view: View, k: int) -> list[tuple[int, list[Any]]]:
    """Return the columns whose smallest or largest value an array has, with these values.

    One number for each column is enough where that is so for two columns; otherwise smallest and
    largest have to be together.
    """
    flat = array.reshape(-1)
    told = [
        [value for value, people in ends if people < k and value not in USUAL] for ends in view.ends
    ]
    if len(flat) == view.width and array.ndim == 1 and view.width > 1:
        at = [(i, [v for v in one if flat[i] in (v, -v)]) for i, one in enumerate(told)]
        found = [(i, here) for i, here in at if here]
        if len(found) > 1:
            return found
    both = [(i, one) for i, one in enumerate(told) if len(one) == 2 and view.size > FEWEST]
    return [(i, one) for i, one in both if all((flat == v).any() for v in one)]


def note_targets(arrays: list[Held], targets: Floats, notes: Notes, done: set[str]) -> None:
    """Note arrays that hold what was to be predicted, of all rows in order, or of some."""
    view = View("", targets, tuple(f"target {i + 1}" for i in range(targets.shape[1])))
    for one in (v for h in arrays for v in vectors_of([h], -1)):
        for i in range(targets.shape[1]):
            how = _in_order(one.values, targets[:, i])
            values, counts = view.distinct(i)
            if how is not None:
                classes = counts[counts >= notes.k].sum() * 2 >= len(targets)
                kind = Keeping.labels if classes else Keeping.targets
                every = np.arange(len(targets))
                how = How.exact if classes else how
                notes.add(one.held.where, kind, one.held.owner, every, how=how)
            elif one.held.where not in done:
                some = len(values) > 1 and not one.counts_up
                hits = _hits(one, values, counts, view, i, notes.k) if some else None
                if hits is None:
                    continue
                rows = np.flatnonzero(np.isin(targets[:, i], values[hits]))
                notes.add(one.held.where, Keeping.targets, one.held.owner, rows)


def _in_order(ours: Floats, theirs: Floats) -> How | None:
    """Tell how a vector is what was to be predicted, in order; ``None`` if it is not."""
    if len(ours) != len(theirs) or len(ours) < ORDERED:
        return None
    if np.array_equal(ours, theirs, equal_nan=True):
        return None if (theirs == theirs[0]).all() else How.exact
    if not (np.isfinite(ours) & np.isfinite(theirs)).all():
        return None
    low, high = int(theirs.argmin()), int(theirs.argmax())
    if theirs[low] == theirs[high] or ours[low] == ours[high]:
        return None
    slope = (ours[high] - ours[low]) / (theirs[high] - theirs[low])
    apart = np.abs(ours[low] + slope * (theirs - theirs[low]) - ours)
    if (apart <= CLOSE * (np.abs(ours) + ours.std())).all():
        return How.rounded if abs(slope - 1) < CLOSE and (ours == theirs).mean() > 0 else How.affine
    pairs = np.unique(np.column_stack([ours, theirs]), axis=0)
    few = len(pairs) <= min(CLASSES, len(ours) // 4)
    same = few and len(pairs) == len(np.unique(ours)) == len(np.unique(theirs))
    return How.exact if same else None  # the same classes under other names


def note_aligned(arrays: list[Held], size: int, notes: Notes) -> None:
    """Note arrays that have something for each training row, where nothing else was found."""
    done = {where for where, _ in notes.found}
    if size < ALIGNED:
        return
    for held in arrays:
        shape = held.array.shape
        if held.where in done or size not in (shape[0], shape[-1]):
            continue
        if isinstance(held.array, np.ndarray) and not _plain(held.array):
            notes.add(held.where, Keeping.aligned, held.owner, np.arange(size))


def _plain(array: Any) -> bool:
    """Tell whether an array has the same number everywhere, or numbers in even steps."""
    if array.ndim == 1 and len(array) > 2 and array.dtype.kind in "iuf":
        steps = np.diff(array.astype(np.float64))
        return bool(np.allclose(steps, steps[0], rtol=1e-9, atol=1e-12))
    return bool((array == array.flat[0]).all())
