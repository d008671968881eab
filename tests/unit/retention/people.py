"""Made-up training data, and the truth about what an array holds of it, computed the slow way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.findings.retained import Keeping, Kept, RetainedReport

SIZE = 240
WIDTH = 6
NAMES = ("age", "bmi", "crp", "hba1c", "weight", "score")


def rows(size: int = SIZE, width: int = WIDTH, seed: int = 0) -> np.ndarray:
    """Measurements of unlike size and shape, none of them twice."""
    chance = np.random.default_rng(seed)
    plain = chance.normal(size=(size, width)) + 0.3 * chance.exponential(size=(size, width)) ** 2
    return plain * np.geomspace(1, 300, width) + np.linspace(0, 50, width)


X = rows()
Y = (X[:, 0] + X[:, 1] / 3 > np.median(X[:, 0] + X[:, 1] / 3)).astype(int)
Z = X[:, 0] * 2 + np.random.default_rng(1).normal(size=SIZE)
OTHERS = rows(seed=99)


def held(array: Any, data: np.ndarray = X, tolerance: float = 0.0) -> set[int]:
    """The training rows that an array has, by comparing each with each."""
    array = np.atleast_2d(np.asarray(array, dtype=float))
    if array.shape[1] != data.shape[1]:
        return set()
    apart = np.abs(array[:, None, :] - data[None]).max(axis=2)
    return set(np.flatnonzero((apart <= tolerance).any(axis=0)).tolist())


def patients(size: int = 300, seed: int = 3) -> pd.DataFrame:
    """A table with numbers and texts; of eight people each, one has a clinic of her own."""
    chance = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": chance.integers(18, 95, size),
            "clinic": [f"clinic {i % 3}" if i % 50 else f"practice {i}" for i in range(size)],
            "bmi": chance.normal(26, 4, size).round(1),
            "crp": chance.exponential(5, size),
        }
    )


def of_kind(report: RetainedReport, kind: Keeping) -> dict[str, Kept]:
    """What is kept of one kind, by place."""
    return {one.where: one for one in report.found if one.kind is kind}


class Thing:
    """An object with any attributes."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)
