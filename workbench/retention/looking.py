"""One look at a model beside the data it was trained on: what of the data is still inside.

What cannot be found this way: rows changed by something that neither the model's own steps nor
shift, scale and order explain; values that several numbers together make up; single columns of
sparse data or of more than 2000 columns; what a model only answers when it is asked
(:mod:`workbench.leakage`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.errors import InputError
from workbench.findings.retained import Keeping, RetainedReport
from workbench.retention.blobs import unpacked
from workbench.retention.leaves import note_leaves, note_splits
from workbench.retention.maps import mapped
from workbench.retention.notes import Notes
from workbench.retention.rows import Match, rows_in
from workbench.retention.stages import Output, Stage, stages_of
from workbench.retention.table import Book, Data, is_sparse, matrix_of
from workbench.retention.texts import note_categories, note_texts, note_vocabularies
from workbench.retention.values import (
    note_aligned,
    note_extremes,
    note_targets,
    note_values,
    vectors_of,
)
from workbench.retention.view import View
from workbench.retention.walk import Held, Inside, Progress, walk

__all__ = ["look"]

MOST_ARRAYS = 20_000
WIDEST = 2000  # columns that single values are looked for of


def _silent(_what: str, _done: int, _total: int) -> None:
    """Say nothing."""


def look(
    model: object,
    data: Any,
    *,
    k: int = 10,
    transforms: bool = True,
    progress: Progress = _silent,
) -> RetainedReport:
    """Return what a model keeps of the data it was trained on.

    Args:
        data: ``(X, y)`` or ``X``, as the model was fitted with: table, array, sparse matrix, list.
        k: how many people have to share something before it tells on none of them.
        transforms: run the model's own transforms on the data, to know rows behind them.
        progress: called with what is happening, how much of it is done, of how much.

    Raises:
        InputError: the data cannot be read as rows, or ``k`` is not between 2 and 1000.
    """
    if not 2 <= k <= 1000:
        raise InputError("k has to be between 2 and 1000.", unchanged="Nothing was looked at.")
    progress("reading the training data", 0, 1)
    held = Data.of(data)
    inside = walk(model, held.book, progress)
    notes = Notes(held.size, k)
    with np.errstate(all="ignore"):  # weights may be infinite, and data anything
        _Look(held, inside, notes, progress).all(transforms)
    return notes.report(inside.gaps)


class _Look:
    def __init__(self, data: Data, inside: Inside, notes: Notes, progress: Progress) -> None:
        self.data, self.inside = data, inside
        self.notes, self.progress = notes, progress
        self.found: dict[int, Match] = {}
        self.done: set[str] = set()  # places of texts

    def all(self, transforms: bool) -> None:
        arrays = self.inside.arrays
        if len(arrays) > MOST_ARRAYS:
            self.notes.gaps["The model has more arrays than were compared."] = None
            arrays = arrays[:MOST_ARRAYS]
        raw = View("", self.data.matrix, self.data.names)
        if not raw.sparse:
            arrays = [*arrays, *unpacked(self.inside.blobs, raw)]
        self.rows(arrays, raw)
        for one in stages_of(self.inside.objects, self.data.rows, transforms, self.notes.gaps):
            self.progress("following the model's own steps", 0, 1)
            if isinstance(one, Stage):
                self.stage(one, raw)
            elif any(number not in self.found for number in range(len(arrays))):
                view = self.view(one)
                if view is not None:
                    self.rows(arrays, view)
        self.changed(arrays, raw)
        self.columns(arrays, raw)
        note_texts(self.inside.texts, self.data, self.notes, self.done)
        note_aligned(arrays, self.data.size, self.notes)

    def stage(self, stage: Stage, raw: View) -> None:
        """Note what one estimator keeps of what it is given."""
        note_leaves(stage, self.data.targets, self.notes, self.progress)
        if not raw.sparse:
            note_splits(stage, raw, self.notes)
        self.done |= note_categories(stage, self.notes)
        self.done |= note_vocabularies(stage, self.notes)

    def view(self, output: Output) -> View | None:
        """Return the output of a step as a view; ``None`` if it is not one row for each."""
        try:
            matrix, names, _ = matrix_of(output.rows, Book(self.data.book.numbers, closed=True))
        except Exception:  # an output can be anything
            self.notes.gaps[f"What {output.where} makes of the data was not compared."] = None
            return None
        return View(output.where, matrix, names) if matrix.shape[0] == self.data.size else None

    def rows(self, arrays: list[Held], view: View) -> None:
        """Note arrays that hold rows of a view; only those where none were found yet."""
        for number, held in enumerate(arrays):
            self.progress("comparing arrays with rows", number, len(arrays))
            if held.array.ndim < 2 or self.complete(number, held):
                continue
            match = rows_in(held.array, held.names, view, self.notes.k)
            if match is not None and self.better(number, match):
                self.found[number] = match
                self.note(held, match, view)

    def changed(self, arrays: list[Held], raw: View) -> None:
        """Note arrays that hold rows changed in a way that is not known."""
        for number, held in enumerate(arrays):
            self.progress("comparing arrays with changed rows", number, len(arrays))
            if number in self.found or held.array.ndim < 2 or is_sparse(held.array):
                continue
            match = mapped(held.array, raw, self.notes.k)
            if match is not None:
                self.found[number] = match
                self.note(held, match, raw)

    def complete(self, number: int, held: Held) -> bool:
        match = self.found.get(number)
        return match is not None and match.seen >= held.array.shape[int(match.transposed)]

    def better(self, number: int, match: Match) -> bool:
        before = self.found.get(number)
        return before is None or match.seen > before.seen

    def note(self, held: Held, match: Match, view: View) -> None:
        self.notes.add(
            held.where,
            Keeping.rows,
            held.owner,
            match.positions,
            how=match.how,
            after=view.after,
            transposed=match.transposed,
            columns=[view.names[i] for i in np.sort(match.columns)],
        )

    def beside(self, held: Held, match: Match) -> Held:
        """Return the columns of an array of rows that are not of the data: targets, perhaps."""
        array = held.array.T if match.transposed else held.array
        others = np.setdiff1d(np.arange(array.shape[1]), match.placed)
        return Held(held.where, array[:, others], held.owner)

    def columns(self, arrays: list[Held], raw: View) -> None:
        """Note targets, values and extremes, where no rows were found."""
        left = [held for number, held in enumerate(arrays) if number not in self.found]
        left += [self.beside(arrays[number], match) for number, match in self.found.items()]
        self.progress("comparing arrays with columns", 0, 1)
        rows = {arrays[number].where for number in self.found}
        if self.data.targets is not None:
            note_targets(left, self.data.targets, self.notes, rows)
        if raw.sparse or raw.width > WIDEST:
            return
        left = [held for held in left if (held.where, Keeping.targets) not in self.notes.found]
        left = [held for held in left if (held.where, Keeping.labels) not in self.notes.found]
        left = [held for held in left if "categories_" not in held.where]
        left = [held for held in left if held.where not in rows]
        note_values(list(vectors_of(left, raw.width)), raw, self.notes)
        kept = {where for where, _ in self.notes.found}
        note_extremes([held for held in left if held.where not in kept], raw, self.notes)
