"""A trained network of scikit-learn, its weights by name, and copies of it."""

from __future__ import annotations

import copy
import io
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from workbench.marking.embedding import mark_arrays
from workbench.marking.tensors import to_file

KEY = bytes(range(32))
MODEL = "sha256:" + "1" * 64
GRANTS = [f"grant-{number}" for number in range(20)]

Arrays = dict[str, NDArray[Any]]


def filed(arrays: Arrays) -> io.BytesIO:
    """Arrays as a file."""
    stream = io.BytesIO()
    to_file(arrays, stream)
    return stream


def marked(arrays: Arrays, grant: str, **options: Any) -> Arrays:
    """A recipient's copy."""
    return mark_arrays(arrays, KEY, model=MODEL, grant=grant, **options)[0]


@dataclass
class Digits:
    """A network that reads digits, and digits it has not seen."""

    network: Any
    train: tuple[Any, Any]
    test: tuple[Any, Any]

    def arrays(self) -> Arrays:
        network = self.network
        found: Arrays = {f"layers.{i}.weight": one for i, one in enumerate(network.coefs_)}
        return found | {f"layers.{i}.bias": one for i, one in enumerate(network.intercepts_)}

    def holding(self, arrays: Arrays) -> Digits:
        """The same network with other weights."""
        network = copy.deepcopy(self.network)
        depth = range(len(network.coefs_))
        network.coefs_ = [np.array(arrays[f"layers.{i}.weight"], dtype=float) for i in depth]
        network.intercepts_ = [np.array(arrays[f"layers.{i}.bias"], dtype=float) for i in depth]
        return Digits(network, self.train, self.test)

    def score(self) -> float:
        return float(self.network.score(*self.test))


@pytest.fixture(scope="session")
def digits() -> Digits:
    images, labels = load_digits(return_X_y=True)
    first, second, one, other = train_test_split(
        images / 16, labels, test_size=0.4, random_state=0, stratify=labels
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged, and need not
        network = MLPClassifier((64, 48), max_iter=60, random_state=0).fit(first, one)
    return Digits(network, (first, one), (second, other))
