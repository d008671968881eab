"""What a model gives away about the records it was trained on, measured where both still are.

The game: an attacker holds full records with their true labels, half of them from the training
data, may ask the model about each, and has to say which are which. References are trained by the
owner on the very same records, which no outsider could do; so what is found is close to the most
that these attacks can find, and not what they cannot.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.findings.depth import (
    FEW_REFERENCES,
    MOST_REFERENCES,
    Groups,
    affordable,
    duration,
)
from workbench.findings.leakage import (
    MAX_GAPS,
    Answers,
    LeakageReport,
    Method,
    Performance,
    Task,
    Tier,
)
from workbench.leakage import attacks, curves
from workbench.leakage.answers import Subject, facts, subject
from workbench.leakage.attributes import attributes, chosen
from workbench.leakage.exposure import Splits, exposed, groups_of, splits, tail
from workbench.leakage.learned import LEAST_TO_LEARN, learned
from workbench.leakage.neighbours import around
from workbench.leakage.pace import Clock, Pace, Progress
from workbench.leakage.references import train
from workbench.leakage.refits import Refit, Unrepeatable, refitting
from workbench.leakage.samples import Sample, sample
from workbench.leakage.shift import shifted
from workbench.leakage.signals import scale, signals, softness
from workbench.leakage.tables import count
from workbench.leakage.timing import time_again
from workbench.training import kinds
from workbench.vocabulary import member

__all__ = ["measure"]

UNEVEN = 1.5  # times: a target trained on so many more rows than a reference is another model
Floats = NDArray[np.float64]


@dataclass
class Work:
    """All that is known of the model so far.

    Attributes:
        said: the model's answers for all records; ``facts`` what they say about the truth.
        usual: the size of errors on records not trained on; 1 for classification.
        scores: of each attack, for all records.
        references: how many could be used.
    """

    whole: Sample
    asked: Subject
    said: Floats
    facts: Floats
    usual: float
    scores: dict[Method, Floats] = field(default_factory=dict)
    references: int = 0
    gaps: list[str] = field(default_factory=list)

    def pair(self, method: Method) -> tuple[Floats, Floats]:
        """Return the scores of members and of non-members."""
        return self.scores[method][: self.whole.members], self.scores[method][self.whole.members :]


def measure(
    model: Any,
    data: tuple[Any, Any],
    holdout: tuple[Any, Any],
    *,
    tier: str = "quick",
    references: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    groups: Groups = None,
    sensitive: Sequence[str] | None = None,
    refit: Refit | None = None,
    progress: Progress | None = None,
    clock: Clock = monotonic,
) -> LeakageReport:
    """Attack a model, and return what came of it.

    Quick asks the model about every record once, and takes about a second. Thorough also trains
    reference models, each as long as the model itself took on as many rows. Neither changes the
    model, and the same seed and number of references give the same report. Weights of rows are not
    taken into account.

    Args:
        model: a fitted classifier or regressor of scikit-learn (pipelines and searches as well),
            XGBoost or LightGBM (both interfaces), or a network of PyTorch.
        data: the rows that the model was trained on, as it takes them, and what is true of them.
        holdout: rows of the same kind that it has not seen, and what is true of them.
        tier: ``quick`` or ``thorough``.
        references: models to train; made even, as they come in pairs; at most 64. If it is not
            given, one is timed, and :func:`workbench.findings.depth.affordable` tells how many.
        seconds: for training references; what is done by then counts, one pair at least.
        seed: of all chance.
        groups: whose exposure is compared: names of columns, or a pair of arrays for each grouping.
        sensitive: columns whose guessing is tried, by name, or by number as text. If it is not
            given, thorough tries up to five columns with few values, and quick none.
        refit: trains a model like this one from rows, truth and a seed. Needed for networks.
        progress: is told what happens, and how many steps of how many are done, twice a second.
            Whatever it raises ends the work.
        clock: seconds, from anywhere.

    Raises:
        InputError: the model or the data cannot be used.
    """
    depth = member(Tier, tier)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = sample(data, holdout)
        asks = sensitive is not None or depth is Tier.thorough
        questions, gaps = chosen(whole, sensitive) if asks else ([], [])
        pace = Pace(progress, 3 + len(questions), clock)
        wanted = 0
        if depth is Tier.thorough:
            wanted = _wanted(model, whole, refit, references, seconds, seed, pace)
        asked, said = pace.run("Asking the model", lambda: _ask(model, whole))
        grouped = splits(groups, whole, asked.task, (count(data[0]), count(holdout[0])))
        work = _work(whole, asked, said, gaps)
        pace.run("Comparing its answers", lambda: _quick(work, seed))
        if wanted:
            _thorough(work, model, refit, wanted, seconds, seed, pace)
        found, unanswered = attributes(whole, asked, work.usual, questions, seed, pace)
        _notes(work, depth, asks=asks)
        work.gaps += unanswered
        report = pace.run("Adding it up", lambda: _report(work, depth, wanted, seed, grouped))
    pace.say("Measured")
    return report.model_copy(update={"attributes": tuple(found)})


def _wanted(
    model: Any,
    whole: Sample,
    refit: Refit | None,
    references: int | None,
    seconds: float | None,
    seed: int,
    pace: Pace,
) -> int:
    """Return how many references to train, and say how long that takes, where it can be told."""
    found = _even(FEW_REFERENCES if references is None else references)
    pace.total += 1
    try:
        each = time_again(model, whole, refit or refitting(model), seed, pace)
    except (InputError, Unrepeatable):  # which is said when it comes to training them
        pace.total += found - 1
        return found
    if references is None:
        found = affordable(each, len(whole.truth), seconds)
    pace.total += found
    pace.say(f"To train {found} models to compare with takes {duration(each * found)}")
    return found


def _even(references: int) -> int:
    return 2 * min(max(-(-references // 2), 1), MOST_REFERENCES // 2)


def _ask(model: Any, whole: Sample) -> tuple[Subject, Floats]:
    try:
        asked = subject(model, whole.rows, whole.truth)
        said = asked.ask(whole.rows)
        finite = bool(np.isfinite(said).all())
    except InputError:
        raise
    except Exception as error:  # a user's model may raise anything; its words may repeat data
        raise InputError(
            f"The model could not be asked about its data: it raised a {kinds.word(error)}.",
            unchanged="Nothing was measured.",
            hint="Give rows as the model takes them, the way it was trained and tested.",
        ) from error
    if not finite or len(said) != len(whole.truth):
        raise InputError(
            "The model does not answer every record with a finite number.",
            unchanged="Nothing was measured.",
            hint="See which rows it has no prediction for, and leave them out.",
        )
    return asked, said


def _work(whole: Sample, asked: Subject, said: Floats, gaps: list[str]) -> Work:
    try:
        told = facts(asked, said, whole.truth)
    except (TypeError, ValueError) as error:
        raise InputError(
            "What is true of the rows is not what the model predicts.",
            unchanged="Nothing was measured.",
            hint="Give the labels or numbers that it was trained on.",
        ) from error
    usual = scale(told[~whole.member][:, 0]) if asked.task is Task.regression else 1.0
    return Work(whole, asked, said, told, usual, gaps=gaps)


def _quick(work: Work, seed: int) -> None:
    target = signals(work.facts, work.asked.task, work.usual)
    near = around(work.whole, work.asked, work.said, work.usual, seed)
    if near is None:
        work.gaps.append(
            "Records were not compared with similar ones: they are no numbers, or too many."
        )
    classes = np.zeros(len(work.facts), dtype=np.int64)
    if work.asked.task is Task.classification:
        classes = np.unique(work.whole.truth, return_inverse=True)[1].astype(np.int64)
    work.scores |= attacks.quick(target, classes, near)


def _thorough(
    work: Work,
    model: Any,
    refit: Refit | None,
    wanted: int,
    seconds: float | None,
    seed: int,
    pace: Pace,
) -> None:
    """Train references and compare the model with them; what fails becomes a sentence."""
    try:
        again = refit or refitting(model)
    except Unrepeatable as reason:
        work.gaps.append(
            f"No reference models were trained: {reason}. With refit=, a function that trains it, "
            "they are."
        )
        return
    trained = train(work.whole, work.asked, again, wanted, seconds=seconds, seed=seed, pace=pace)
    work.gaps += trained.gaps
    work.references = len(trained.said)
    if not trained.said:
        return
    said, inside = np.array(trained.said), np.array(trained.inside)
    task = work.asked.task
    usual = scale(said[~inside][:, 0]) if task is Task.regression else 1.0
    soft = softness(work.facts, task)
    target = signals(work.facts, task, usual, soft)
    compared = attacks.References(signals(said, task, usual, soft), inside)
    work.scores |= attacks.comparing(target, compared)
    if work.references >= LEAST_TO_LEARN:
        work.scores[Method.learned] = learned(target, compared, seed)
    if work.references < 2 * attacks.LEAST_FOR_NORMAL:
        work.gaps.append(
            f"LiRA was not tried: it needs at least {2 * attacks.LEAST_FOR_NORMAL} references."
        )
    if work.whole.members > UNEVEN * len(work.facts) / 2:
        work.gaps.append(
            f"Each reference had {len(work.facts) // 2} rows to learn from, and the model "
            f"{work.whole.members}, so they are less like it. As much holdout as training data "
            "would help."
        )


def _notes(work: Work, depth: Tier, *, asks: bool) -> None:
    if work.whole.repeated:
        work.gaps.append(
            f"{work.whole.repeated} records of the holdout are in the training data too; such "
            "records were left out on both sides."
        )
    if work.asked.answers is Answers.labels:
        work.gaps.append(
            "The model tells only the class; attacks that use nothing but classes, asked many "
            "times over, were not tried."
        )
    if depth is Tier.quick:
        work.gaps.append("No reference models were trained; with them, attacks find more.")
    if not asks:
        work.gaps.append("It was not tried to guess columns of records.")


def _report(work: Work, depth: Tier, wanted: int, seed: int, grouped: Splits) -> LeakageReport:
    pairs = {method: work.pair(method) for method in work.scores}
    best = curves.strongest(pairs)
    shown, hidden = groups_of(grouped, work.scores[best.method], work.whole)
    return LeakageReport(
        tier=depth,
        task=work.asked.task,
        answers=work.asked.answers,
        members=work.whole.members,
        nonmembers=len(work.facts) - work.whole.members,
        repeated=work.whole.repeated,
        references=work.references,
        wanted=wanted,
        seed=seed,
        attacks=tuple(curves.attack(method, *pair) for method, pair in pairs.items()),
        strongest=best,
        tail=tail(work.scores[Method.loss], work.whole),
        exposure=exposed(
            best.rate_method, work.scores[best.rate_method], work.whole, best.rate.at, best.tried
        ),
        groups=tuple(shown),
        performance=_performance(work),
        shifted=tuple(shifted(work.whole)),
        gaps=tuple([*work.gaps, *hidden][:MAX_GAPS]),
    )


def _performance(work: Work) -> Performance:
    inside = work.whole.member
    how: Callable[[NDArray[np.bool_]], float]
    if work.asked.task is Task.regression:
        truth = work.whole.truth.astype(np.float64)

        def fit(here: NDArray[np.bool_]) -> float:
            spread = float(((truth[here] - truth[here].mean()) ** 2).sum())
            return 1 - float((work.facts[here, 0] ** 2).sum()) / spread if spread else 0.0

        name, how = "R²", fit
    else:
        said = np.array(work.asked.classes)[work.said.argmax(axis=1)]
        right = said == work.whole.truth
        name, how = "accuracy", lambda here: float(right[here].mean())
    return Performance(
        metric=name,
        members=round(how(inside), curves.DIGITS),
        nonmembers=round(how(~inside), curves.DIGITS),
    )
