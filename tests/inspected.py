"""Real inspections of real models, for tests that show them to people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from workbench.findings.depth import Depth
from workbench.findings.leakage import Tier
from workbench.findings.statement import Inspection
from workbench.inspection.checks import Asked, inspect
from workbench.leakage.canaries import plant

__all__ = ["calm", "leaky"]


class _Quiet:
    """Is told, and says nothing."""

    def progress(self, _check: str, _what: str, _done: int, _total: int) -> None:
        """Nothing to show."""

    def finished(self, _check: str, _so_far: Inspection) -> None:
        """Nothing to show."""


def calm(folder: Path) -> Inspection:
    """Write a regularised model, and measure it thoroughly."""
    return _measured(make_pipeline(StandardScaler(), LogisticRegression(C=0.01)), folder)


def leaky(folder: Path) -> Inspection:
    """Write a model that holds every row, some of them planted, and measure it thoroughly."""
    nearest = KNeighborsClassifier(1)
    return _measured(make_pipeline(StandardScaler(), nearest), folder, planting=True)


def _measured(model: Any, folder: Path, *, planting: bool = False) -> Inspection:
    rows, truth = load_breast_cancer(return_X_y=True, as_frame=True)
    parts = train_test_split(rows, truth, test_size=0.5, random_state=0, stratify=truth)
    train, test, known, unknown = parts
    assert isinstance(train, pd.DataFrame)
    planted = plant(train, known) if planting else None
    rows, truth = (planted.X, planted.y) if planted else (train, known)
    asked = Asked(
        model.fit(rows, truth),
        data=(train, known),
        holdout=(test, unknown),
        depth=Depth(Tier.thorough, 4),
        canaries=planted,
    )
    return inspect(asked, folder, _Quiet())
