"""How long training reference models would take, judged by trainings on few rows.

Few rows first, then more, as long as that takes no more than seconds. From the last two trainings
on, time is taken to grow in a straight line, whatever it costs to begin; where it grows faster, as
for kernels, more is needed than is said here.
"""

from __future__ import annotations

import warnings
from functools import partial
from time import monotonic
from typing import Any

import numpy as np

from workbench.errors import InputError
from workbench.findings.leakage import Task
from workbench.leakage.answers import subject
from workbench.leakage.pace import Clock, Pace, Progress
from workbench.leakage.refits import Refit, Unrepeatable, refitting
from workbench.leakage.samples import Sample, sample
from workbench.leakage.tables import Places, take
from workbench.training import kinds

__all__ = ["time_again", "time_one"]

FIRST = 64  # rows
GROWTH = 4  # times as many rows in each training as in the one before
MOST = 2.0  # seconds that one training may be expected to take


def time_one(
    model: Any,
    data: tuple[Any, Any],
    holdout: tuple[Any, Any],
    *,
    refit: Refit | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    clock: Clock = monotonic,
) -> float:
    """Return about how many seconds one reference would take, trained and asked.

    Args:
        model, data, holdout, refit: as :func:`workbench.leakage.measuring.measure` takes them.
        progress: whatever it raises ends the work.

    Raises:
        InputError: the model or the data cannot be used, or nobody knows how it is trained.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = sample(data, holdout)
        try:
            again = refit or refitting(model)
            return time_again(model, whole, again, seed, Pace(progress, 1, clock))
        except Unrepeatable as reason:
            raise _unknown(str(reason)) from reason


def time_again(model: Any, whole: Sample, refit: Refit, seed: int, pace: Pace) -> float:
    """Return the same for records that are put together already, as one step of the work.

    Raises:
        InputError: training it again fails.
    """
    call = partial(_seconds, model, whole, refit, seed, pace.clock)
    return pace.run("Timing a training", call, own=True)


def _seconds(model: Any, whole: Sample, refit: Refit, seed: int, clock: Clock) -> float:
    """Return the seconds for half of all records, as each reference has them."""
    half = len(whole.truth) // 2
    try:
        order = _order(whole, subject(model, whole.rows, whole.truth).task, seed)
        sizes, took = [0, min(FIRST, half)], [0.0]
        while True:
            begun = clock()
            _once(whole, refit, order[: sizes[-1]], order[: 2 * sizes[-1]], seed)
            took.append(clock() - begun)
            if sizes[-1] == half or GROWTH * took[-1] > MOST:
                grown = (took[-1] - took[-2]) / (sizes[-1] - sizes[-2])
                return took[-1] + max(grown, 0.0) * (half - sizes[-1])
            sizes.append(min(GROWTH * sizes[-1], half))
    except InputError:
        raise
    except Exception as error:  # a user's model may raise anything; its words may repeat data
        raise _unknown(f"training it again raised a {kinds.word(error)}") from error


def _order(whole: Sample, task: Task, seed: int) -> Places:
    """Return all records by chance, but one of each class first: no model is trained without."""
    order = np.random.default_rng(seed).permutation(len(whole.truth))
    if task is not Task.classification:
        return order
    first = np.sort(np.unique(whole.truth[order], return_index=True)[1])
    return np.concatenate([order[first], np.delete(order, first)])


def _once(whole: Sample, refit: Refit, trained: Places, asked: Places, seed: int) -> None:
    fresh = refit(take(whole.rows, trained), take(whole.targets, trained), seed)
    subject(fresh, take(whole.rows, trained), whole.truth[trained]).ask(take(whole.rows, asked))


def _unknown(why: str) -> InputError:
    return InputError(f"How long it would take is not known: {why}.", unchanged="Nothing was kept.")
