"""Reference models: trained like the one measured, each on half of all records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.findings.depth import duration
from workbench.findings.leakage import Task
from workbench.leakage.answers import Subject, facts, subject
from workbench.leakage.pace import Pace
from workbench.leakage.refits import Refit
from workbench.leakage.samples import Sample, halves
from workbench.leakage.tables import take
from workbench.training import kinds

__all__ = ["Trained", "train"]

PAIR = 2  # references share the records two by two
Floats = NDArray[np.float64]
Masks = NDArray[np.bool_]


@dataclass
class Trained:
    """What references say about the truth of all records.

    Attributes:
        said: references × records × 2, as :func:`workbench.leakage.answers.facts`.
        inside: references × records: what each was trained on.
        gaps: sentences, where fewer were trained than wanted.
    """

    said: list[Floats] = field(default_factory=list)
    inside: list[Masks] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def train(
    whole: Sample,
    target: Subject,
    refit: Refit,
    how_many: int,
    *,
    seconds: float | None,
    seed: int,
    pace: Pace,
) -> Trained:
    """Train references and ask each about all records.

    Args:
        how_many: are wanted; an even number, as they come in pairs.
        seconds: after which no further pair is begun, if it would not be done in time; at least
            one pair is trained. ``None`` for no limit.
    """
    masks = halves(whole, how_many, seed, by_truth=target.task is Task.classification)
    found = Trained()
    begun = pace.clock()
    for number, mask in enumerate(masks):
        used = pace.clock() - begun
        whole_pairs = number > 0 and number % PAIR == 0
        if whole_pairs and seconds is not None and used + PAIR * used / number > seconds:
            found.gaps.append(
                f"Only {number} of {how_many} reference models were trained in the time given."
            )
            break

        def what(number: int = number, used: float = used) -> str:
            left = used / number * how_many - (pace.clock() - begun) if number else 0.0
            said = f", {duration(left)} left" if number else ""
            return f"Refitting {number + 1} of {how_many}{said}"

        def call(mask: Masks = mask, number: int = number) -> Floats:
            return _one(whole, target, refit, mask, seed + number)

        try:
            found.said.append(pace.run(what, call, own=True))
            found.inside.append(mask)
        except Exception as error:  # a user's model may raise anything; so may `progress`
            if not isinstance(error, _RefitFailed):
                raise
            found.gaps.append(
                f"Training a reference model again failed with a {kinds.word(error.__cause__)}, "
                f"so {number - number % PAIR} of {how_many} could be used."
            )
            break
    complete = len(found.said) - len(found.said) % PAIR
    del found.said[complete:], found.inside[complete:]
    return found


class _RefitFailed(Exception):
    """Tells what a model raised from what progress raised to call the work off."""


def _one(whole: Sample, target: Subject, refit: Refit, mask: Masks, seed: int) -> Floats:
    places = np.flatnonzero(mask)
    rows, targets = take(whole.rows, places), take(whole.targets, places)
    try:
        model: Any = refit(rows, targets, seed)
        asked = subject(model, rows, whole.truth[places])
        if asked.task is not target.task:
            raise TypeError
        return facts(asked, asked.ask(whole.rows), whole.truth)
    except Exception as error:
        raise _RefitFailed from error
