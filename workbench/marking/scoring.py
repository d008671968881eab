"""How well marks fit the difference between a copy and its original.

For a difference ``d`` per weight, in spreads of its tensor, and a recipient's signs ``s`` the score
is ``z = sum(s d) / sqrt(sum(d^2))``, taken in three ways that bear different damage: of ``d`` as it
is; cut off at three strengths; and without what lies beyond three strengths. The best counts.

Signs of a wrong key are fair coins that know nothing of ``d``, so that whatever was done to the
copy ``P(z >= t) <= exp(-t^2 / 2)`` for each way (Hoeffding 1963); no normal law is assumed. The
bound on a false alarm is that, times the three ways, times the grants tested (Bonferroni).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from math import exp, log, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.marking.carriers import Progress
from workbench.marking.signs import Signs, seed
from workbench.marking.tensors import Floats

__all__ = ["WRONG_KEYS", "Scores", "false_alarm", "threshold"]

WAYS: Final = 3
BEARABLE: Final = 3  # strengths; what differs more was not moved by a mark
LOWEST: Final = 6.0
ALLOWED: Final = 1e-6  # chance of naming anybody when nobody's mark is there
WRONG_KEYS: Final = 200
WRONG: Final = b"sharing-workbench wrong key v1\x00"
REPORTED: Final = 50  # marks that are scored between two reports


def false_alarm(z: float, grants: int) -> float:
    """Return the bound on the chance that any of some grants scores ``z`` without its mark."""
    return min(1.0, WAYS * grants * exp(-(min(z, 38.0) ** 2) / 2)) if z > 0 else 1.0


def threshold(grants: int) -> float:
    """Return the score from which a grant is named."""
    return max(LOWEST, sqrt(2 * log(WAYS * max(grants, 1) / ALLOWED)))


class Scores:
    """The scores of grants and of made-up keys, tensor by tensor."""

    def __init__(self, key: bytes, model: str, grants: Sequence[str], strength: float) -> None:
        wrong = [
            hmac.new(key, WRONG + number.to_bytes(4, "big"), hashlib.sha256).digest()
            for number in range(WRONG_KEYS)
        ]
        self._tried = [(key, grant) for grant in grants] + [(one, "") for one in wrong]
        self._model = model
        self._grants = len(grants)
        self._bearable = BEARABLE * strength
        self._agreeing = np.zeros((len(self._tried), WAYS))
        self._squares = np.zeros(WAYS)

    def add(self, name: str, differences: Floats, progress: Progress) -> int:
        """Add one tensor's differences, in spreads, NaN where nothing can be compared.

        Returns:
            How many weights counted.
        """
        there = np.isfinite(differences)
        ways = self._ways(np.where(there, differences, 0.0))
        self._squares += np.square(ways, dtype=np.float64).sum(axis=1)
        for number, (key, grant) in enumerate(self._tried):
            if number % REPORTED == 0:
                progress(f"Trying marks on {name}", number, len(self._tried))
            signs = Signs(seed(key, self._model, grant, name))
            self._agreeing[number] += ways @ signs.take(len(differences))
        return int(there.sum())

    def _ways(self, differences: Floats) -> NDArray[np.float32]:
        cut = np.clip(differences, -self._bearable, self._bearable)
        bearable = np.where(np.abs(differences) <= self._bearable, differences, 0.0)
        # As it is, but within what float32 can add up: a hostile copy may hold any number.
        plain = np.clip(differences, -1e6, 1e6)
        return np.stack([plain, cut, bearable]).astype(np.float32)

    def of_grants(self) -> Floats:
        """Return one score for each grant, in their order."""
        found: Floats = self._scores()[: self._grants].max(axis=1)
        return found

    def wrong_largest(self) -> float:
        """Return the largest score, in either direction, of the made-up keys."""
        return float(np.abs(self._scores()[self._grants :]).max())

    def _scores(self) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            found = self._agreeing / np.sqrt(self._squares)
        return np.where(self._squares > 0, found, 0.0)
