"""The low bits of numbers against what chance would give, and the harmless reasons for others.

The lowest bits of trained weights are as good as random (measured on trained models of scikit-learn
and PyTorch). Written content is not. Nor are numbers that were rounded, counted or measured, which
is why those reasons are asked for first.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.hidden.arrays import MANTISSA, Held

__all__ = ["ALARM", "LEAST", "REPEATED", "SHORT", "Low", "filled_part", "low_bits", "reason"]

LEAST = 8 * 1024  # numbers; fewer say nothing about chance
LOOKED_AT = 32  # lowest bits
TINY, HUGE = 1e-100, 1e100
SMALL = 2.0**-6  # of the root mean square
# Trained weights reach 10 deviations in a window, text in the lowest bit of each number 90.
ALARM = 18.0
WINDOW = 1024  # bytes of a stream that are looked at by themselves
SAMPLE = 20_000
REPEATED, SHORT = "few different numbers", "short decimal numbers"
MOST = 0.99  # of the numbers have to share a reason
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Low:
    """One low bit of all numbers; see :class:`workbench.findings.hidden.Plane`."""

    bit: int
    ones: float
    uneven: float
    serial: float
    entropy: float
    compressed: float

    @property
    def is_odd(self) -> bool:
        """It is not what chance would give."""
        return self.uneven > ALARM


def busy(held: Held) -> Array:
    """Return the bits of the numbers that could hold anything: no zeros, infinities, small counts.

    A pruned network is mostly zeros, a normalisation layer mostly ones. Numbers far smaller
    than the rest were left over when larger ones were subtracted, and have fewer digits.
    """
    values = held.values().ravel()
    with np.errstate(invalid="ignore"):
        plain = (values == np.rint(values)) & (np.abs(values) <= 1024)
        size = np.abs(values.astype(np.float64))
        usual = size[(size > TINY) & (size < HUGE)]
        if len(usual):
            plain |= size < SMALL * np.sqrt(np.mean(np.square(usual)))
    return np.asarray(held.words().ravel()[np.isfinite(values) & ~plain])


def reason(held: Held) -> str:
    """Return why the low bits of numbers need not be random; empty where they should be."""
    words = busy(held)
    if len(words) >= LEAST and _empty(words, MANTISSA[held.kind]) >= 3:
        return "rounded, their low bits are empty"
    sample = words[:: max(len(words) // SAMPLE, 1)]
    if MANTISSA[held.kind] > 10 and len(np.unique(sample)) < 0.5 * len(sample):
        return REPEATED
    if len(words) < LEAST:
        return "too few numbers to tell"
    short = Held(held.name, sample.view(_float(held)), held.kind)
    if _is_short(short):
        return SHORT
    return "numbers in even steps, as drawn by chance" if _is_even(short) else ""


def filled_part(held: Held) -> float:
    """Return which share of the numbers has low bits where the rest has none; 0 if mixed or none.

    Rounded numbers leave room for content that no statistic can tell from chance, but the room was
    empty before. Only a part in one piece counts: here and there a number is longer by itself.
    """
    words = busy(held)
    if len(words) < LEAST:
        return 0.0
    low = np.asarray((words & words.dtype.type(0xFF if MANTISSA[held.kind] > 10 else 0xF)) != 0)
    share = float(low.mean())
    if not 0.001 < share < 0.9:
        return 0.0
    changes = int((low[1:] != low[:-1]).sum())
    by_chance = 2 * share * (1 - share) * len(low)
    return share if changes < 0.2 * by_chance else 0.0


def low_bits(held: Held) -> list[Low]:
    """Return how each of the lowest bits of all numbers is distributed, lowest first.

    Bits are read from the numbers that could hold anything, in order.
    """
    words = busy(held)
    return [_low(words, bit) for bit in range(min(LOOKED_AT, MANTISSA[held.kind] - 2))]


def _low(words: Array, bit: int) -> Low:
    ones = ((words >> words.dtype.type(bit)) & words.dtype.type(1)).astype(np.uint8)
    packed = np.packbits(ones)
    counts = np.bincount(packed, minlength=256)
    shares = counts[counts > 0] / len(packed)
    content = packed[: 2**20].tobytes()
    return Low(
        bit=bit,
        ones=float(ones.mean()),
        uneven=_uneven(packed),
        serial=_serial(ones),
        entropy=max(0.0, float(-(shares * np.log2(shares)).sum())),
        compressed=len(zlib.compress(content, 1)) / len(content),
    )


def _uneven(packed: Array) -> float:
    """Return the largest distance from evenly used bytes of a window, in standard deviations."""
    windows = len(packed) // WINDOW
    places = np.repeat(np.arange(windows), WINDOW) * 256 + packed[: windows * WINDOW]
    counts = np.bincount(places, minlength=windows * 256).reshape(windows, 256)
    expected = WINDOW / 256
    square = ((counts - expected) ** 2 / expected).sum(axis=1)
    return float(((square - 255) / np.sqrt(2 * 255)).max())


def _serial(ones: Array) -> float:
    centred = ones - ones.mean()
    power = float(centred @ centred)
    return float(np.clip(centred[1:] @ centred[:-1] / power, -1, 1)) if power else 0.0


def _empty(words: Array, mantissa: int) -> int:
    """Return how many of the lowest bits are zero in nearly all numbers."""
    for count in range(1, mantissa + 1):
        mask = words.dtype.type((1 << count) - 1)
        if float(((words & mask) == 0).mean()) < MOST:
            return count - 1
    return mantissa


def _is_short(held: Held) -> bool:
    """Tell whether numbers are decimals of a few digits, or halfway between two such."""
    values = held.values()
    wide = values.astype(np.float64)
    places = {"float64": 7, "float32": 4}.get(held.kind, 0)
    for digits in range(1, places + 1):
        for scale in (1.0, 2.0):
            near = (np.round(wide * scale, digits) / scale).astype(values.dtype)
            if float((near == values).mean()) > MOST:
                return True
    return False


def _is_even(held: Held) -> bool:
    """Tell whether numbers are multiples of one small step, as generators of chance give them.

    Large numbers are so in any case; only the small ones have digits below the step.
    """
    wide = held.values().astype(np.float64)
    largest = np.abs(wide).max()
    step = np.exp2(np.floor(np.log2(largest)) - MANTISSA[held.kind] - 3)
    small = wide[np.abs(wide) < largest / 16]
    return len(small) > 200 and float((np.mod(small, step) == 0).mean()) > MOST


def _float(held: Held) -> Any:
    return np.dtype("<u2") if held.kind == "bfloat16" else np.dtype(held.kind).newbyteorder("<")
