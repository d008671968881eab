"""Members and non-members put together: the records that an attack has to tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.leakage.tables import Places, count, identical, join, labels, take

__all__ = ["FEWEST", "Sample", "halves", "sample"]

FEWEST = 20  # members, and non-members: with fewer, no attack's result would mean anything
Masks = NDArray[np.bool_]


@dataclass(frozen=True)
class Sample:
    """All records, members first.

    Attributes:
        rows: as the model takes them.
        targets: what is true of them, in the form it came in.
        truth: the same as an array.
        members: how many of the records are members.
        alike: a number for each record, the same for records with the same row.
        inside: positions, in the data given, of the members that were kept.
        outside: positions, in the holdout given, of the non-members that were kept.
        repeated: how many non-members were not.
    """

    rows: Any
    targets: Any
    truth: NDArray[Any]
    members: int
    alike: Places
    inside: Places
    outside: Places
    repeated: int

    @property
    def member(self) -> Masks:
        """Which records are members."""
        return np.arange(len(self.truth)) < self.members


def sample(data: tuple[Any, Any], holdout: tuple[Any, Any]) -> Sample:
    """Put training data and holdout together.

    Records that are in both, with the same truth, are left out of both. As non-members they would
    make the model look better than it is. As members alone they would make it look worse: what is
    left of the non-members would be the rare records, which can be told from common ones without
    any model.

    Raises:
        InputError: rows and truths differ in number, a truth has several parts, or there are too
            few records on one side.
    """
    for pair, name in ((data, "training data"), (holdout, "holdout")):
        _check(pair, name)
    try:
        rows, targets = join(data[0], holdout[0]), join(data[1], holdout[1])
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(
            "The training data and the holdout do not have the same columns or form.",
            unchanged="Nothing was measured.",
            hint="Give both as they were split from one table.",
        ) from error
    truth, members = labels(targets), count(data[0])
    alike = identical(rows)
    whole = identical(np.column_stack([alike, np.unique(truth, return_inverse=True)[1]]))
    inside = np.flatnonzero(~np.isin(whole[:members], whole[members:]))
    outside = np.flatnonzero(~np.isin(whole[members:], whole[:members]))
    repeated = len(truth) - members - len(outside)
    if repeated:
        kept = np.concatenate([inside, members + outside])
        rows, targets = take(rows, kept), take(targets, kept)
        truth, alike, members = truth[kept], alike[kept], len(inside)
    if members < FEWEST or len(truth) - members < FEWEST:
        raise InputError(
            f"There are too few records to tell anything: {members} of the training data and "
            f"{len(truth) - members} that are not in it.",
            unchanged="Nothing was measured.",
            hint=f"Give at least {FEWEST} of each, better 1500; what is in both does not count.",
        )
    return Sample(rows, targets, truth, members, alike, inside, outside, repeated)


def halves(whole: Sample, how_many: int, seed: int, *, by_truth: bool) -> Masks:
    """Return which records each reference is trained on, references × records.

    Two references at a time share the records between them, so that each record is in one and not
    in the other. Records with the same row go together: a twin would give away the one left out.
    Each half has its share of every class if ``by_truth``.
    """
    chance = np.random.default_rng(seed)
    first, member_of = np.unique(whole.alike, return_index=True, return_inverse=True)[1:]
    kind = np.zeros(len(first), dtype=np.int64)
    if by_truth:
        kind = np.unique(whole.truth, return_inverse=True)[1][first]
    found: list[Masks] = []
    while len(found) < how_many:
        order = chance.permutation(len(first))
        order = order[np.argsort(kind[order], kind="stable")]
        chosen = np.zeros(len(first), dtype=bool)
        chosen[order[int(chance.integers(2)) :: 2]] = True
        half = chosen[member_of]
        found += [half, ~half]
    return np.array(found[:how_many])


def _check(pair: tuple[Any, Any], name: str) -> None:
    try:
        rows, truth = pair
        sizes = count(rows), count(truth)
        shape = labels(truth).shape
    except (TypeError, ValueError) as error:
        raise InputError(
            f"The {name} is not a pair of rows and what is true of them.",
            unchanged="Nothing was measured.",
            hint="Give it as data=(X, y) and holdout=(X_test, y_test).",
        ) from error
    if sizes[0] != sizes[1] or len(shape) != 1:
        raise InputError(
            f"The {name} has {sizes[0]} rows and truths of shape {shape}.",
            unchanged="Nothing was measured.",
            hint="There has to be one true value for each row.",
        )
