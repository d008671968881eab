"""Data and models that several tests share."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.model_selection import train_test_split

Split = tuple[tuple[Any, Any], tuple[Any, Any]]

LOADERS = {
    "breast_cancer": (load_breast_cancer, True),
    "digits": (load_digits, True),
    "diabetes": (load_diabetes, False),
}


@cache
def split(name: str) -> Split:
    """Halves of a well-known table: what is trained on, and what is not."""
    load, classes = LOADERS[name]
    rows, truth = load(return_X_y=True)
    inside, outside, told, untold = train_test_split(
        rows, truth, test_size=0.5, random_state=0, stratify=truth if classes else None
    )
    return (inside, told), (outside, untold)


def normal(count: int, columns: int = 5, seed: int = 0, noise: float = 1.0) -> tuple[Any, Any]:
    """Rows of normal numbers, and which side of a line they are on, with noise."""
    chance = np.random.default_rng(seed)
    rows = chance.normal(size=(count, columns))
    return rows, (rows[:, 0] + noise * chance.normal(size=count) > 0).astype(int)


def network(rows: Any, truth: Any, seed: int, rounds: int = 60) -> torch.nn.Module:
    """A small network for two classes, trained until it knows its rows."""
    torch.manual_seed(seed)
    values = torch.as_tensor(np.asarray(rows), dtype=torch.float32)
    known = torch.as_tensor(np.asarray(truth))
    model = torch.nn.Sequential(
        torch.nn.Linear(values.shape[1], 64),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.1),
        torch.nn.Linear(64, 2),
    )
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(rounds):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(model(values), known).backward()
        optimiser.step()
    return model
