"""What can be guessed about one column of a record by who knows the rest, with the model's help.

The attacker tries each possible value, and takes the one that makes the true label likeliest to the
model, weighed by how likely the value is anyhow (Fredrikson et al. 2014; Yeom et al. 2018, section
5). Most of what such an attacker gets right needs no model: people with the same age, sex and
diagnosis are alike. So the same is guessed for the same people from other people's data alone, and
only what the model adds counts; and the attack is tried on people the model has never seen, since
what works as well on them is knowledge about everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.findings.leakage import MAX_COLUMNS, Attribute, Task
from workbench.leakage.answers import Subject, facts
from workbench.leakage.curves import DIGITS, interval
from workbench.leakage.intervals import LEVEL, mean_difference
from workbench.leakage.pace import Pace
from workbench.leakage.samples import FEWEST, Sample
from workbench.leakage.tables import coded, column, names, replaced, take
from workbench.training import kinds
from workbench.training.settings import clean

__all__ = ["attributes", "chosen"]

MOST_CHOICES = 10
MOST_COLUMNS = 5  # that are tried unasked
MOST_SEARCHED = 500  # columns that are looked through for such
MOST_ALIKE = 0.95  # of all records; a column with hardly any other value tells nothing
MOST_RECORDS = 1000  # on each side
TREES = 50
TINY = 1e-9
Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Question:
    """One column, its possible values, and which of them each record has."""

    name: str
    choices: list[Any]
    held: Places

    @property
    def commonest(self) -> float:
        """The share of records that have the commonest value."""
        return float(np.bincount(self.held[self.held >= 0]).max()) / len(self.held)


def chosen(whole: Sample, sensitive: Sequence[str] | None) -> tuple[list[Question], list[str]]:
    """Return the columns to guess: those given, or up to five that have few values.

    Raises:
        InputError: a column that is not there.
    """
    known = names(whole.rows)
    for name in sensitive or ():
        if str(name) not in known:
            raise InputError(
                f"There is no column {clean(str(name), 60)!r} to guess.",
                unchanged="Nothing was measured.",
                hint="Columns of a table go by name, those of an array by number, from 0.",
            )
    found: list[Question] = []
    gaps: list[str] = []
    if sensitive is None and len(known) > MOST_SEARCHED:
        return [], ["It was not tried to guess columns: there are too many to choose from."]
    for name in [str(one) for one in sensitive] if sensitive is not None else known:
        question = _question(whole, name)
        if question is not None:
            found.append(question)
        elif sensitive is not None:
            gaps.append(
                f"Column {clean(name, 60)} has one value, or more than {MOST_CHOICES}: it was not "
                "tried to guess it."
            )
    if sensitive is None:
        telling = [one for one in found if one.commonest <= MOST_ALIKE]
        found = sorted(telling, key=lambda one: len(one.choices))[:MOST_COLUMNS]
    if len(found) > MAX_COLUMNS:
        gaps.append(f"Of {len(found)} columns only the first {MAX_COLUMNS} were tried to guess.")
    return found[:MAX_COLUMNS], gaps


def attributes(
    whole: Sample, asked: Subject, usual: float, questions: list[Question], seed: int, pace: Pace
) -> tuple[list[Attribute], list[str]]:
    """Return how well each column can be guessed, and a sentence for each that could not be tried.

    Half of the non-members stand for the other people's data that an attacker has.
    """
    found: list[Attribute] = []
    gaps: list[str] = []
    known = coded(whole.rows, whole.truth) if questions else np.empty((0, 0))
    for question in questions:
        guess = partial(_guess, whole, asked, usual, question, known, seed, len(questions))
        name = clean(question.name, 60) or "column"
        try:
            one = pace.run(f"Guessing {name}", partial(_quietly, guess))
        except _GuessFailed as error:
            gaps.append(f"Guessing {name} failed with a {kinds.word(error.__cause__)}.")
            continue
        if one is None:
            gaps.append(f"There is too little data, or of another form, to guess {name}.")
        else:
            found.append(one)
    return sorted(found, key=lambda one: (-one.interval.low, one.column)), gaps


class _GuessFailed(Exception):
    """Tells what a model raised from what progress raised to call the work off."""


def _quietly(guess: Any) -> Attribute | None:
    try:
        result: Attribute | None = guess()
    except Exception as error:  # a user's model may raise anything
        raise _GuessFailed from error
    return result


def _question(whole: Sample, name: str) -> Question | None:
    values = column(whole.rows, name).tolist()
    try:
        kinds_of = sorted({value for value in values if value == value}, key=str)
    except TypeError:  # values without a hash
        return None
    if not 2 <= len(kinds_of) <= MOST_CHOICES:
        return None
    places = {value: place for place, value in enumerate(kinds_of)}
    return Question(name, kinds_of, np.array([places.get(value, -1) for value in values]))


def _guess(
    whole: Sample,
    asked: Subject,
    usual: float,
    question: Question,
    known: Floats,
    seed: int,
    columns: int,
) -> Attribute | None:
    chance = np.random.default_rng(seed)
    told = np.flatnonzero(question.held >= 0)
    inside = chance.permutation(told[told < whole.members])[:MOST_RECORDS]
    outside = chance.permutation(told[told >= whole.members])[: 2 * MOST_RECORDS]
    learned, strangers = outside[: len(outside) // 2], outside[len(outside) // 2 :]
    if min(len(inside), len(learned), len(strangers)) < FEWEST:
        return None
    tried = np.concatenate([inside, strangers])
    rest = np.delete(known, names(whole.rows).index(question.name), axis=1)
    without_label = _imputed(rest[:, :-1], question, learned, tried, seed)
    baseline = _imputed(rest, question, learned, tried, seed)
    likelihood = _tried(whole, asked, usual, question, tried)
    if likelihood is None:
        return None
    guessed = np.argmax(np.log(without_label) + likelihood, axis=1)
    truth = question.held[tried]
    right = (guessed == truth).astype(np.float64)
    plain = (np.argmax(baseline, axis=1) == truth).astype(np.float64)
    return _attribute(question, right, plain, len(inside), 1 - (1 - LEVEL) / (2 * columns))


def _attribute(
    question: Question, right: Floats, plain: Floats, inside: int, level: float
) -> Attribute:
    with_model, outsiders = right[:inside], right[inside:]
    gained = with_model - plain[:inside]
    training = float(with_model.mean() - outsiders.mean())
    both = _variance(with_model) + _variance(outsiders)
    return Attribute(
        column=clean(question.name) or "column",
        choices=len(question.choices),
        records=inside,
        with_model=round(float(with_model.mean()), DIGITS),
        without_model=round(float(plain[:inside].mean()), DIGITS),
        advantage=round(float(gained.mean()), DIGITS),
        interval=interval(*mean_difference(float(gained.mean()), _variance(gained), level)),
        outsiders=round(float(outsiders.mean()), DIGITS),
        training=round(training, DIGITS),
        training_interval=interval(*mean_difference(training, both, level)),
    )


def _variance(values: Floats) -> float:
    """Return the variance of a mean; never zero, as no sample shows that there is none."""
    return (float(values.var(ddof=1)) + 1 / len(values)) / len(values)


def _imputed(rest: Floats, question: Question, learned: Places, tried: Places, seed: int) -> Floats:
    """Return how likely each choice is from other columns, as a forest learned it from others."""
    ensemble = import_module("sklearn.ensemble")
    forest = ensemble.RandomForestClassifier(
        n_estimators=TREES, min_samples_leaf=3, random_state=seed, n_jobs=1
    )
    forest.fit(rest[learned], question.held[learned])
    shares = np.zeros((len(tried), len(question.choices)))
    shares[:, forest.classes_] = forest.predict_proba(rest[tried])
    smoothed: Floats = (shares * TREES + 1) / (TREES + len(question.choices))
    return smoothed


def _tried(
    whole: Sample, asked: Subject, usual: float, question: Question, tried: Places
) -> Floats | None:
    """Return how likely the truth is to the model with each choice in place, as logarithms."""
    rows = take(whole.rows, tried)
    found = []
    for value in question.choices:
        changed = replaced(rows, question.name, value)
        if changed is None:
            return None
        said = facts(asked, asked.ask(changed), whole.truth[tried])[:, 0]
        if asked.task is Task.regression:
            found.append(-0.5 * (said / usual) ** 2)
        else:
            found.append(np.log(np.clip(said, TINY, None)))
    return np.column_stack(found)
