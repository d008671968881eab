"""Records made up to be recognised: planted in the data before training, looked for afterwards.

They answer one question exactly: would this way of training remember a record that nothing else in
the data explains? Half of the candidates are planted and half kept aside, by chance, so that the
model cannot tell them apart unless it remembers (Carlini et al. 2019; Jagielski et al. 2020). To be
used before training only: planted records make a model slightly worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.findings.leakage import Canaries, Task
from workbench.leakage.answers import facts, subject
from workbench.leakage.curves import DIGITS, area
from workbench.leakage.samples import FEWEST
from workbench.leakage.signals import scale, signals
from workbench.leakage.tables import count, join, labels, take
from workbench.training import kinds

__all__ = ["Planted", "measure_canaries", "plant"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Planted:
    """Data to train on, with canaries in it.

    Attributes:
        X: the rows given, and the canaries below them.
        y: what is true of them.
        positions: of the canaries in ``X``.
        held_out: as many canaries that must not be trained on, and their truth.
    """

    X: Any
    y: Any
    positions: tuple[int, ...]
    held_out: tuple[Any, Any]

    def real(self) -> tuple[Any, Any]:
        """Return the rows that were given, without canaries, and what is true of them."""
        places = np.delete(np.arange(count(self.X)), self.positions)
        return take(self.X, places), take(self.y, places)


def plant(X: Any, y: Any, *, count: int = 50, seed: int = 0) -> Planted:
    """Return data with ``count`` canaries planted in it, and as many kept aside.

    Each column of a canary is drawn by itself from that column of the data, and its truth from all
    truths, so that every value is common, their combination belongs to nobody, and nothing but
    memory leads from one to the other.

    Args:
        X: n rows, an array or a table of pandas, before training.
        y: what is true of them.
        count: at least 20; with 50, an AUC is known to within about 0.1.
        seed: of all chance.

    Raises:
        InputError: rows of another form, or too few of them or of canaries.
    """
    rows, truth = _size(X), labels(y)
    if count < FEWEST or rows < FEWEST or len(truth) != rows or truth.ndim != 1:
        raise InputError(
            f"{count} canaries cannot be planted in {rows} rows.",
            unchanged="The data is as it was.",
            hint=f"Give one true value for each row, and plant at least {FEWEST} in at least "
            f"{FEWEST} rows.",
        )
    chance = np.random.default_rng(seed)
    drawn = _scrambled(X, 2 * count, chance)
    told = take(y, chance.integers(0, rows, 2 * count))
    first, second = np.arange(count), np.arange(count, 2 * count)
    return Planted(
        X=join(X, take(drawn, first)),
        y=join(y, take(told, first)),
        positions=tuple(range(rows, rows + count)),
        held_out=(take(drawn, second), take(told, second)),
    )


def measure_canaries(model: Any, planted: Planted) -> Canaries:
    """Return how well a model that was trained on planted data remembers the canaries.

    Raises:
        InputError: the model cannot be asked about them.
    """
    places = np.array(planted.positions)
    rows = join(take(planted.X, places), planted.held_out[0])
    truth = labels(join(take(planted.y, places), planted.held_out[1]))
    try:
        asked = subject(model, rows, truth)
        said = facts(asked, asked.ask(rows), truth)
    except InputError:
        raise
    except Exception as error:  # a user's model may raise anything; its words may repeat data
        raise InputError(
            f"The model could not be asked about the canaries: it raised a {kinds.word(error)}.",
            unchanged="Nothing was measured.",
            hint="Give the model that was trained on the planted data.",
        ) from error
    usual = scale(said[len(places) :, 0]) if asked.task is Task.regression else 1.0
    odds = signals(said, asked.task, usual).odds
    inside, aside = odds[: len(places)], odds[len(places) :]
    auc, around = area(inside, aside)
    candidates = len(aside) + 1
    chance = np.log2(candidates) - np.log2(np.arange(1, candidates + 1)).mean()
    return Canaries(
        planted=len(inside),
        aside=len(aside),
        auc=auc,
        interval=around,
        exposure=round(float(_exposure(inside, aside).mean()), DIGITS),
        chance=round(float(chance), DIGITS),
    )


def _exposure(inside: Floats, aside: Floats) -> Floats:
    """Return the exposure of each planted canary among those kept aside, in bits."""
    rising = np.sort(aside)
    above = len(aside) - np.searchsorted(rising, inside, side="right")
    level = np.searchsorted(rising, inside, side="right") - np.searchsorted(rising, inside)
    exposure: Floats = np.log2(len(aside) + 1) - np.log2(1 + above + level / 2)
    return exposure


def _size(rows: Any) -> int:
    table = kinds.descends(rows, "pandas", "DataFrame")
    if not table and not (isinstance(rows, np.ndarray) and rows.ndim == 2):
        raise InputError(
            "Canaries can be planted in a table of pandas or an array of rows and columns.",
            unchanged="The data is as it was.",
            hint="Plant them before the data is turned into another form.",
        )
    return count(rows)


def _scrambled(rows: Any, how_many: int, chance: np.random.Generator) -> Any:
    """Return rows in which each column is drawn from that column by itself."""
    if isinstance(rows, np.ndarray):
        places = chance.integers(0, len(rows), (how_many, rows.shape[1]))
        return np.take_along_axis(rows, places, axis=0)
    drawn = take(rows, chance.integers(0, len(rows), how_many)).reset_index(drop=True)
    for place in range(rows.shape[1]):
        values = rows.iloc[chance.integers(0, len(rows), how_many), place]
        drawn.isetitem(place, values.reset_index(drop=True))
    return drawn
