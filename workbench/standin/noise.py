"""Discrete Laplace noise, exactly, from a secret seed.

``P(x)`` is proportional to ``exp(-|x| / scale)`` for whole ``x``. The sampler is that of Canonne,
Kamath and Steinke, The Discrete Gaussian for Differential Privacy (2020), algorithm 2: whole
numbers and fair coins only, since noise from floating point can be told apart by its last digits
(Mironov 2012). Coins are the output of SHAKE-256 (FIPS 202) over the seed: whoever has the seed can
take the noise off again, and nobody else.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Final

__all__ = ["Noise"]

LABEL: Final = b"sharing-workbench noise v1\x00"
BLOCK: Final = 1 << 14  # bytes
WORD: Final = 8


class Noise:
    """A stream of noise."""

    def __init__(self, seed: int) -> None:
        self._seed = seed.to_bytes((seed.bit_length() + 7) // 8, "big")
        self._block = 0
        self._left = memoryview(b"")

    def laplace(self, scale: Fraction) -> int:
        """Return a whole number with discrete Laplace distribution of a scale."""
        top, bottom = scale.numerator, scale.denominator
        while True:
            first = self._below(top)
            if not self._exponential(first, top):
                continue
            whole = 0
            while self._exponential(1, 1):
                whole += 1
            found = (first + top * whole) // bottom
            negative = self._below(2)
            if not (negative and found == 0):
                return -found if negative else found

    def _exponential(self, top: int, bottom: int) -> bool:
        """Return true with probability ``exp(-top / bottom)``, for a fraction up to 1."""
        count = 1
        while self._below(bottom * count) < top:
            count += 1
        return count % 2 == 1

    def _below(self, limit: int) -> int:
        """Return an even whole number from 0 to ``limit - 1``."""
        width = max(WORD, (limit.bit_length() + 7) // 8 + WORD)
        most = 1 << (8 * width)
        while True:
            found = int.from_bytes(self._take(width), "big")
            if found < most - most % limit:
                return found % limit

    def _take(self, count: int) -> bytes:
        if len(self._left) < count:
            stream = hashlib.shake_256(LABEL + self._block.to_bytes(8, "big") + self._seed)
            self._left = memoryview(stream.digest(BLOCK))
            self._block += 1
        found, self._left = bytes(self._left[:count]), self._left[count:]
        return found
