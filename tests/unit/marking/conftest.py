"""A trained network of scikit-learn, its weights by name, and copies of it."""

from __future__ import annotations

import copy
import io
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from workbench.findings.mark import Mark
from workbench.marking.embedding import mark

KEY = bytes(range(32))
MODEL = "sha256:" + "1" * 64
GRANTS = [f"grant-{number}" for number in range(20)]

Arrays = dict[str, NDArray[Any]]


def filed(arrays: Arrays) -> io.BytesIO:
    """Arrays as a file."""
    whole = {name: np.ascontiguousarray(one) for name, one in arrays.items()}
    return io.BytesIO(safetensors.numpy.save(whole))  # which mixes up arrays of another order


def mark_arrays(
    arrays: Arrays, key: bytes = KEY, *, model: str = MODEL, grant: str, **options: Any
) -> tuple[Arrays, Mark]:
    """Copies of arrays with a recipient's mark, and what was done."""
    target = io.BytesIO()
    done = mark(filed(arrays), target, key, model=model, grant=grant, **options)
    return safetensors.numpy.load(target.getvalue()), done


def marked(arrays: Arrays, grant: str, **options: Any) -> Arrays:
    """A recipient's copy."""
    return mark_arrays(arrays, grant=grant, **options)[0]


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
