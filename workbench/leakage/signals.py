"""What an answer says about one record: how likely its truth is to the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.findings.leakage import Task

__all__ = ["Signals", "scale", "signals"]

CLIP = 1e-7  # shares closer to 0 or 1 than this are alike: float32 holds no more
FLOOR = 1e-4  # of the usual error: a smaller one is alike
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Signals:
    """What a model, or each of several, says about the truth of n records.

    Attributes:
        likelihood: between 0 and 1, of what is true.
        odds: the same without bounds, so that it is roughly normal: the logit of the share given to
            the true class, or minus the logarithm of the squared error.
        saturated: the share of answers that are as sure as can be.
    """

    likelihood: Floats
    odds: Floats
    saturated: float


def scale(errors: Floats) -> float:
    """Return the usual size of errors on records that were not trained on."""
    return float(np.median(np.abs(errors))) or float(np.mean(np.abs(errors))) or 1.0


def signals(said: Floats, task: Task, usual: float = 1.0) -> Signals:
    """Return signals from what :func:`workbench.leakage.answers.facts` returns, … × n × 2.

    Args:
        said: shares of the true class and of all others; or errors.
        usual: the size of errors that are usual, as :func:`scale` has it.
    """
    if task is Task.regression:
        error = np.abs(said[..., 0]) / usual
        odds = -2 * np.log(error + FLOOR)
        return Signals(np.exp(-error), odds, float(np.mean(error < FLOOR)))
    given, others = said[..., 0], said[..., 1]
    odds = np.log(np.clip(given, CLIP, None)) - np.log(np.clip(others, CLIP, None))
    sure = (given <= CLIP) | (others <= CLIP)
    return Signals(np.clip(given, 0.0, 1.0), odds, float(np.mean(sure)))
