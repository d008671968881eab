"""The normal distribution as a table that is read between its entries; errors are below 1e-6."""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["cumulative", "density", "quantile"]

Floats = NDArray[np.float64]

_Z: Final = np.arange(-8.0, 8.0005, 0.001)
_P: Final = np.array([NormalDist().cdf(float(z)) for z in _Z])


def cumulative(z: Floats) -> Floats:
    """Return the probability below ``z``."""
    found: Floats = np.interp(z, _Z, _P)
    return found


def quantile(p: Floats) -> Floats:
    """Return what a share of ``p`` is below of; within -8 and 8."""
    found: Floats = np.interp(p, _P, _Z)
    return found


def density(z: Floats) -> Floats:
    """Return the density at ``z``; 0 at either infinity."""
    found: Floats = np.exp(-np.square(z) / 2) / np.sqrt(2 * np.pi)
    return found
