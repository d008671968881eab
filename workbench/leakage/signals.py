"""What an answer says about one record: how likely its truth is to the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.findings.leakage import Task

__all__ = ["Signals", "scale", "signals", "softness"]

CLIP = 1e-7  # shares closer to 0 or 1 than this are alike: float32 holds no more
SOFT = 1e-3  # shares are alike within this, where many are 0 or 1: what trees count comes in steps
SATURATED = 0.01  # share of answers that are exactly 0 or 1, from which that is so
FLOOR = 1e-4  # of the usual error: a smaller one is alike
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Signals:
    """What a model, or each of several, says about the truth of n records.

    Attributes:
        likelihood: between 0 and 1, of what is true.
        odds: the same without bounds, so that it is roughly normal: the logit of the share given to
            the true class, or minus the logarithm of the squared error.
    """

    likelihood: Floats
    odds: Floats


def scale(errors: Floats) -> float:
    """Return the usual size of errors on records that were not trained on."""
    return float(np.median(np.abs(errors))) or float(np.mean(np.abs(errors))) or 1.0


def softness(said: Floats, task: Task) -> float:
    """Return how far shares may be apart and yet be alike, from a model's answers, n × 2.

    A logit makes a gulf between a share of exactly 1, as trees give, and any other. Where there are
    many of those, spreads and means of logits would be about nothing but that gulf.
    """
    sure = task is Task.classification and float(np.mean(said.min(axis=-1) <= 0))
    return SOFT if sure > SATURATED else CLIP


def signals(said: Floats, task: Task, usual: float = 1.0, soft: float = CLIP) -> Signals:
    """Return signals from what :func:`workbench.leakage.answers.facts` returns, … × n × 2.

    Args:
        said: shares of the true class and of all others; or errors.
        usual: the size of errors that are usual, as :func:`scale` has it.
        soft: of shares, as :func:`softness` has it.
    """
    if task is Task.regression:
        error = np.abs(said[..., 0]) / usual
        return Signals(np.exp(-error), -2 * np.log(error + FLOOR))
    given, others = np.clip(said[..., 0], 0.0, 1.0), np.clip(said[..., 1], 0.0, 1.0)
    return Signals(given, np.log(given + soft) - np.log(others + soft))
