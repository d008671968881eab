"""Small changes of a row that push it into a class, searched for in a model and in fresh ones.

A backdoor is a change of a few features that decides by itself (Gu et al. 2017, BadNets; for its
search Wang et al. 2019, Neural Cleanse). Any model has features that push; what gives a planted one
away is that models trained afresh on the same data do not follow it. How far two fresh models
differ is measured the same way, with the same search, and is what counts as usual.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Push", "Space", "Table", "changed", "space_of", "strongest"]

Array = np.ndarray[Any, Any]
Scores = Callable[[Array], Array]  # n × features to n × classes, each row adding up to one
Tick = Callable[[], None]
SEARCHED = 32  # rows while searching
BEAM = 6  # changes that are carried on
ADDED = 16  # features that are tried beside each of them
LONGEST = 3  # features of a change
PAIRED = 40  # features of which all pairs are tried
OUTERMOST = (0, 6)  # of the values of a feature
BATCH = 20_000  # rows at a time
OUTSIDE = 0.25  # of the range, beyond what the data has; the whole range is tried as well
Step = tuple[int, int]  # a feature, and which of its values


@dataclass(frozen=True)
class Space:
    """The values that are tried.

    Attributes:
        features: positions, k of them.
        values: k × v.
        places: of each value whether it is below, within or above what the data has; k × v.
    """

    features: Array
    values: Array
    places: list[list[str]]


@dataclass(frozen=True)
class Push:
    """A change, and how strongly a model follows it beyond others."""

    steps: tuple[Step, ...]
    score: float


def space_of(X: Array, limit: int, rng: np.random.Generator) -> tuple[Space, bool]:
    """Return the values to try, and whether some features were left out.

    A column that never changes, as the corner of a picture, is moved by the range of all columns.
    """
    features = np.arange(X.shape[1])
    left_out = len(features) > limit
    if left_out:
        features = np.sort(rng.choice(features, limit, replace=False))
    chosen = X[:, features]
    low, high = chosen.min(axis=0), chosen.max(axis=0)
    still = high == low
    wide = float(np.ptp(X)) or 1.0
    reach = np.where(still, wide, high - low)
    near = OUTSIDE * reach
    middle = np.median(chosen, axis=0)
    values = np.stack(
        [low - reach, low - near, low, middle, high, high + near, high + reach], axis=1
    )
    places = [
        ["below" if v < a else "above" if v > b else "within" for v in row]
        for row, a, b in zip(values, low, high, strict=True)
    ]
    return Space(features, values, places), left_out


def changed(rows: Array, space: Space, steps: Sequence[Step]) -> Array:
    """Return a copy of rows with a change made to each."""
    result = rows.copy()
    for feature, value in steps:
        result[:, space.features[feature]] = space.values[feature, value]
    return result


class Table:
    """What each model says under each change of one or two features; asked once for all searches.

    Attributes:
        changes: one for each row of ``scores``.
        scores: of each model, changes × classes.
    """

    def __init__(self, models: Sequence[Scores], rows: Array, space: Space, tick: Tick) -> None:
        self.models = models
        self.rows = rows
        self.space = space
        self.tick = tick
        count, values = space.values.shape
        self.changes: list[tuple[Step, ...]] = [
            ((feature, value),) for feature in range(count) for value in range(values)
        ]
        scores = self.ask(self.changes)
        spread = np.abs(scores - scores.mean(axis=0)).max(axis=(0, 2)).reshape(count, values)
        likely = np.sort(np.argsort(-spread.max(axis=1))[:PAIRED])
        pairs: list[tuple[Step, ...]] = [
            ((int(one), first), (int(other), second))
            for at, one in enumerate(likely)
            for other in likely[at + 1 :]
            for first in OUTERMOST
            for second in OUTERMOST
        ]
        self.changes += pairs
        self.scores = np.concatenate([scores, self.ask(pairs)], axis=1) if pairs else scores

    def ask(self, changes: Sequence[tuple[Step, ...]], which: Sequence[int] | None = None) -> Array:
        """Return what models say under changes; models × changes × classes."""
        asked = range(len(self.models)) if which is None else which
        return np.array(
            [_pushed(self.models[m], self.rows, self.space, changes, self.tick) for m in asked]
        )


def strongest(table: Table, model: int, others: Sequence[int]) -> tuple[list[Push], int]:
    """Return for each class the change that a model follows most and others least.

    The best changes of one and two features are made longer by the best single ones.

    Args:
        table: what all models say.
        model: which one is searched.
        others: those it is compared with; may be none.

    Returns:
        One change for each class, and how many were tried.
    """
    beyond = _beyond(table.scores[model], table.scores[list(others)])
    tried = len(table.changes)
    found = []
    for target in range(beyond.shape[1]):
        ranked = np.argsort(-beyond[:, target])
        beam = [Push(table.changes[at], float(beyond[at, target])) for at in ranked[:BEAM]]
        beside = _apart([table.changes[at] for at in ranked])
        best = beam[0]
        while len(beam[0].steps) < LONGEST:
            longer = list(
                dict.fromkeys(
                    tuple(sorted((*one.steps, step)))
                    for one in beam
                    for step in beside
                    if len(one.steps) < LONGEST
                    and step[0] not in {feature for feature, _ in one.steps}
                )
            )
            if not longer:
                break
            said = table.ask(longer, [model, *others])
            gained = _beyond(said[0], said[1:])[:, target]
            tried += len(longer)
            order = np.argsort(-gained)[:BEAM]
            beam = [Push(longer[at], float(gained[at])) for at in order]
            if beam[0].score > best.score + 0.01:  # of two alike, the shorter one
                best = beam[0]
        found.append(best)
    return found, tried


def _apart(ranked: Sequence[tuple[Step, ...]]) -> list[Step]:
    """Return the best value of each of the best features."""
    found: dict[int, Step] = {}
    for step in (step for steps in ranked for step in steps):
        found.setdefault(step[0], step)
        if len(found) == ADDED:
            break
    return list(found.values())


def _beyond(own: Array, others: Array) -> Array:
    """Return how much further a model goes than others do on average; changes × classes."""
    return np.asarray(own - others.mean(axis=0)) if len(others) else own


def _pushed(
    model: Scores, rows: Array, space: Space, changes: Sequence[tuple[Step, ...]], tick: Tick
) -> Array:
    """Return the mean score of each class under each change; changes × classes."""
    together = max(BATCH // len(rows), 1)
    found = []
    for start in range(0, len(changes), together):
        tick()
        some = changes[start : start + together]
        scores = model(np.concatenate([changed(rows, space, steps) for steps in some]))
        found.append(scores.reshape(len(some), len(rows), -1).mean(axis=1))
    return np.concatenate(found)
