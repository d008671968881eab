"""Leaves of trees that hold fewer than ``k`` training people, and those that repeat one target.

A leaf counts once for each tree it is in. People are counted by asking each tree for each training
row, so that a row drawn twice into a bag is one person.
"""

from __future__ import annotations

import numpy as np

from workbench.retention.ensembles import splits_of, trees_of
from workbench.retention.keys import Floats
from workbench.retention.notes import Notes
from workbench.retention.stages import Stage
from workbench.retention.values import Vector, note_values
from workbench.retention.view import View
from workbench.retention.walk import Held, Progress
from workbench.training import kinds

__all__ = ["note_leaves", "note_splits"]

CLOSE = 1e-6


def note_leaves(stage: Stage, targets: Floats | None, notes: Notes, progress: Progress) -> None:
    """Note how many leaves of an ensemble of trees hold few people."""
    try:
        _note(stage, targets, notes, progress)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError):
        notes.gaps[f"The trees in {stage.where or 'the model'} could not be counted."] = None


def _note(stage: Stage, targets: Floats | None, notes: Notes, progress: Progress) -> None:
    found = trees_of(stage)
    if found is None:
        if stage.rows is None and kinds.framework(stage.model) in ("xgboost", "lightgbm"):
            where = stage.where or "the model"
            notes.gaps[
                f"The trees in {where} were not counted; what they were given is not known."
            ] = None
        return
    place, trees = found
    small = of = repeated = 0
    alone = np.zeros(notes.size, dtype=bool)
    asked = True
    for number, tree in enumerate(trees):
        if number % 10 == 0:
            progress("counting people in leaves", number, number + 1)
        small += int((tree.counts < notes.k).sum())
        of += len(tree.counts)
        alone[tree.alone] = True
        asked = asked and tree.asked
        if tree.values is not None and targets is not None and len(tree.alone):
            own = targets[tree.alone]
            if own.shape == tree.values.shape:
                same = np.abs(tree.values - own) <= CLOSE * (np.abs(own) + CLOSE)
                repeated += int(same.all(axis=1).sum())
    if not small:
        return
    where = f"{stage.where}.{place}".lstrip(".")
    positions = np.flatnonzero(alone)
    also = [f"{len(positions)} people are alone in a leaf."] if len(positions) else []
    if repeated:
        also.append(f"In {repeated} leaves the prediction is the value of one single person.")
    if not asked:
        also.append("People were counted as the trees themselves noted them.")
    owner = kinds.word(stage.model)
    notes.add_leaves(where, owner, small, of, positions, " ".join(also))


def note_splits(stage: Stage, view: View, notes: Notes) -> None:
    """Note a booster whose trees split at values that fewer than k people have."""
    if stage.after or stage.rows is None:
        return
    try:
        splits = splits_of(stage.model)
    except (KeyError, TypeError, ValueError, AttributeError):
        notes.gaps[f"The trees in {stage.where or 'the model'} could not be read."] = None
        return
    where = f"{stage.where}.split_conditions".lstrip(".")
    vectors = [
        Vector(Held(where, at, kinds.word(stage.model)), at.astype(np.float64), (column,))
        for column, at in splits.items()
        if column < view.width
    ]
    note_values(vectors, view, notes)
