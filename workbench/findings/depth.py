"""How closely a person wants a model to be looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.findings.leakage import Tier

__all__ = [
    "FEW_REFERENCES", "MOST_REFERENCES", "QUICK", "Depth", "Groups", "affordable", "duration",
]  # fmt: skip

FEW_REFERENCES = 8
MOST_REFERENCES = 64
PATIENCE = 60.0  # seconds that nobody minds who wants a thorough look
MOST_ANSWERS = 8_000_000  # of references about records; they are all kept at once

Groups = Sequence[str] | Mapping[str, tuple[Any, Any]] | None


@dataclass(frozen=True)
class Depth:
    """What is tried on a model, beyond looking into it.

    Attributes:
        tier: ``thorough`` trains models more to attack with, and searches for backdoors.
        references: how many are trained; made even, as they come in pairs. ``None`` for as many
            as :func:`affordable` says.
        seconds: after which no further pair of them is begun; ``None`` for no limit.
        groups: whose exposure is compared beside the classes': columns by name, or a pair of
            arrays, for the data and for the holdout, by the name of each grouping.
        sensitive: columns whose guessing is tried; ``None`` leaves the choice to the tier.
    """

    tier: Tier = Tier.quick
    references: int | None = None
    seconds: float | None = None
    groups: Groups = None
    sensitive: Sequence[str] | None = None

    @property
    def thorough(self) -> bool:
        """Whether models are trained to compare with."""
        return self.tier is Tier.thorough


QUICK = Depth()


def affordable(each: float, records: int, seconds: float | None = None) -> int:
    """Return how many references to train if nobody says how many: more find more.

    As many as can be had within ``seconds``, by default a minute, and kept in memory, but never
    fewer than :data:`FEW_REFERENCES`. The number doubles from step to step, so that a clock that is
    somewhat off does not change it.

    Args:
        each: seconds that one takes.
        records: that each is asked about.
    """
    found, limit = MOST_REFERENCES, PATIENCE if seconds is None else seconds
    while found > FEW_REFERENCES and (found * each > limit or found * records > MOST_ANSWERS):
        found //= 2
    return found


def duration(seconds: float) -> str:
    """Return a time that is only roughly known, such as ``about 40 s``."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min"
    return f"about {seconds / 3600:.1f} h"
