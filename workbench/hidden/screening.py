"""A search for backdoors in classifiers: behaviour that was planted, and what it looks like.

What is looked for is a trigger: a change of one to three features that decides by itself in this
model, and in no model that is trained afresh. In a network whose training data is at hand, it is
measured how the rows of each class group inside it; that is shown, and not judged.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from workbench.errors import InputError
from workbench.findings.finding import Finding, Level
from workbench.findings.hidden import ScreenReport, Trigger
from workbench.hidden.activations import groupings
from workbench.hidden.triggers import (
    SEARCHED,
    Push,
    Scores,
    Space,
    Table,
    changed,
    space_of,
    strongest,
)
from workbench.training import kinds
from workbench.training.measuring import at_rest
from workbench.training.settings import clean

__all__ = ["screen"]

Progress = Callable[[str, int, int], None]
Refit = Callable[[Any, Any, int], Any]
Array = np.ndarray[Any, Any]
REFERENCES = 3  # pairs of fresh models
MAX_FEATURES = 200
MAX_CLASSES = 30
CHECKED = 300  # rows that a trigger is measured on
LEAST_ROWS = 100
STRONG = 0.75  # of the rows have to follow
BEYOND = 0.75  # more than any fresh model does
APART = 0.25  # beyond the most that a fresh model showed
FAR = 5.0  # median absolute deviations; more than the usual 3.5, as the largest of many is taken
FLOOR = 0.04  # a deviation is at least so large: a rate of 300 rows is no more exact
UNSEEN = (
    "Triggers of more than three features, or with a pattern instead of fixed values, are not "
    "searched for.",
    "A trigger that is in the given rows as well is learned by the fresh models too, and is "
    "missed; give rows from elsewhere.",
    "Groups inside a network are measured and not judged: clean classes have them as well.",
    "In models that small changes push anyway (linear ones, many networks, boosted trees), a "
    "planted trigger looks like any other push and is mostly missed.",
    "Behaviour that was planted without a trigger, such as a class that is always missed, is not "
    "searched for.",
)
WHY = (
    "Models trained afresh on the same rows do not follow it, so it was not learned from them; "
    "whoever knows it decides what the model says."
)
LESS = "Classes were compared with each other instead, which finds less."
REMEDY = "Ask the owner how the training data was collected, and train again on checked data."


def _quiet(_: str, __: int, ___: int) -> None:
    return None


def screen(
    model: Any,
    X: Any,
    y: Any,
    *,
    refit: Refit | None = None,
    references: int = REFERENCES,
    training: tuple[Any, Any] | None = None,
    seed: int = 0,
    progress: Progress = _quiet,
) -> ScreenReport:
    """Search a classifier for planted behaviour.

    Args:
        model: a fitted classifier of scikit-learn's interface, or a network that takes n × features
            and gives n × classes.
        X: n × features, numbers; best rows that the model was not trained on.
        y: the class of each row.
        refit: makes a fresh model of rows, classes and a seed; scikit-learn's models are cloned
            without it.
        references: how many fresh models to compare with.
        training: rows and classes that the model was trained on, to look for groups in a network.
        seed: of all chance.
        progress: told what is happening; may raise to stop.

    Raises:
        InputError: no classifier, fewer than 100 rows, or rows that are no numbers.
    """
    rows, labels = _numbers(X), np.asarray(y)
    if len(rows) < LEAST_ROWS or labels.shape != (len(rows),) or _has_gaps(labels):
        raise _unusable(f"{LEAST_ROWS} rows or more are needed, each with its class")
    scores = _scores(model)
    classes = _asked(scores, rows)
    if not 2 <= classes <= MAX_CLASSES:
        raise _unusable(f"a model of 2 to {MAX_CLASSES} classes is needed")
    rng = np.random.default_rng(seed)
    gaps: list[str] = []
    fresh = _fresh(model, rows, labels, classes, refit, references, rng, gaps, progress)
    space, left_out = space_of(rows, MAX_FEATURES, rng)
    if left_out:
        gaps.append(f"Of {rows.shape[1]} features {MAX_FEATURES} were tried, drawn by chance.")
    search = _Search([scores, *fresh], rows, space, rng, progress)
    triggers = search.triggers(_names(X, rows.shape[1]))
    grouped = groupings(model, training, seed, gaps) if training is not None else ()
    found = [_planted(one) for one in triggers if one.suspicious]
    return ScreenReport(
        classes=classes,
        rows=len(rows),
        features=rows.shape[1],
        tried=search.tried,
        references=len(fresh),
        triggers=tuple(triggers),
        groupings=tuple(grouped),
        found=tuple(found),
        gaps=tuple(gaps[:100]),
        unseen=UNSEEN,
    )


class _Search:
    """A search of one model and of each fresh one in its turn."""

    def __init__(
        self,
        models: list[Scores],
        rows: Array,
        space: Space,
        rng: np.random.Generator,
        progress: Progress,
    ) -> None:
        self.models = models
        self.space = space
        self.progress = progress
        self.at = 0
        order = rng.permutation(len(rows))
        self.checked = rows[order[SEARCHED : SEARCHED + CHECKED]]
        self.table = Table(models, rows[order[:SEARCHED]], space, self._tick)
        self.tried = 0

    def _tick(self) -> None:
        self.progress("trying small changes", self.at, len(self.models))

    def triggers(self, names: Sequence[str]) -> list[Trigger]:
        """Return the strongest trigger of each class of the first model."""
        own, *rest = [self._of(number) for number in range(len(self.models))]
        found = []
        for target, (push, rate, expected, gap) in enumerate(own):
            known = [fresh[target].gap for fresh in rest]
            known = known or [one.gap for one in own[:target] + own[target + 1 :]]
            index, usual = _index(gap, known)
            apart = gap - usual > APART
            enough = bool(rest) or len(own) > 3
            sure = enough and apart and index > FAR
            found.append(
                Trigger(
                    target=target + 1,
                    features=tuple(names[self.space.features[f]] for f, _ in push.steps),
                    places=tuple(self.space.places[f][v] for f, v in push.steps),
                    rate=rate,
                    expected=expected,
                    gap=gap,
                    usual=usual,
                    index=index,
                    suspicious=sure and rate >= STRONG and gap >= BEYOND,
                )
            )
        return found

    def _of(self, number: int) -> list[_Followed]:
        """Return how far a model follows the strongest change for each class."""
        self.at = number
        model = self.models[number]
        others = list(range(1, len(self.models)))
        if number:  # a fresh model is compared with the one of the other half of the rows
            others = [number - 1 if number % 2 == 0 else number + 1]
        pushes, tried = strongest(self.table, number, others)
        self.tried += tried
        before = model(self.checked).argmax(axis=1)
        found = []
        for target, push in enumerate(pushes):
            rows = self.checked[before != target]
            rate, expected = 0.0, 0.0
            if len(rows):
                pushed = changed(rows, self.space, push.steps)
                rate = _share(model, pushed, target)
                rates = [_share(self.models[at], pushed, target) for at in others]
                expected = max(rates, default=0.0)
            found.append(_Followed(push, rate, expected, rate - expected))
        return found


class _Followed(NamedTuple):
    push: Push
    rate: float
    expected: float
    gap: float


def _index(gap: float, known: Sequence[float]) -> tuple[float, float]:
    """Return how far a gap is from known ones, in median absolute deviations, and the largest."""
    middle = float(np.median(known))
    spread = 1.4826 * float(np.median(np.abs(np.asarray(known) - middle)))
    return (gap - middle) / max(spread, FLOOR), max(known)


def _share(model: Scores, rows: Array, target: int) -> float:
    return float((model(rows).argmax(axis=1) == target).mean())


def _fresh(
    model: Any,
    rows: Array,
    labels: Array,
    classes: int,
    refit: Refit | None,
    count: int,
    rng: np.random.Generator,
    gaps: list[str],
    progress: Progress,
) -> list[Scores]:
    """Return models trained afresh, two by two, each on the half that the other did not see."""
    if refit is None:
        base = kinds.loaded("sklearn.base")
        if base is None or not hasattr(model, "get_params"):
            gaps.append(f"No fresh models could be trained; give refit to train them. {LESS}")
            return []
        refit = _cloned(base, model)
    found = []
    for number in range(count):
        progress("training fresh models", number, count)
        order = rng.permutation(len(rows))
        halves = order[: len(rows) // 2], order[len(rows) // 2 :]
        if any(len(np.unique(labels[half])) != len(np.unique(labels)) for half in halves):
            continue
        for half in halves:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    fresh = refit(rows[half], labels[half], int(rng.integers(2**31)))
            except Exception as error:  # whoever trains it may raise anything
                gaps.append(f"A fresh model could not be trained ({type(error).__name__}). {LESS}")
                return []
            found.append(_scores(fresh))
            if _asked(found[-1], rows) != classes:
                gaps.append(f"The rows do not have all classes that the model knows. {LESS}")
                return []
    if not found:
        gaps.append("Too few rows of each class to train fresh models on halves of them.")
        return []
    return found


def _cloned(base: Any, model: Any) -> Refit:
    def refit(rows: Any, labels: Any, seed: int) -> Any:
        fresh = base.clone(model)
        chance = [name for name in fresh.get_params() if name.split("__")[-1] == "random_state"]
        return fresh.set_params(**dict.fromkeys(chance, seed)).fit(rows, labels)

    return refit


def _scores(model: Any) -> Scores:
    """Return a function that gives each row's score for each class."""
    if kinds.framework(model) == "torch":
        return _of_network(model)
    for name in ("predict_proba", "decision_function"):
        ask = getattr(model, name, None)
        if ask is None:
            continue
        return _told(ask, even=name == "predict_proba")
    raise _unusable("a classifier with predict_proba or decision_function, or a network, is needed")


def _told(ask: Callable[[Array], Any], *, even: bool) -> Scores:
    def told(rows: Array) -> Array:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = np.asarray(ask(rows))
        if said.ndim == 1:  # of two classes, how much it is the second
            said = np.stack([-said, said], axis=1)
        return said if even else _shares(said)

    return told


def _shares(outputs: Array) -> Array:
    grown = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def _of_network(model: Any) -> Scores:
    torch = kinds.loaded("torch")

    def told(rows: Array) -> Array:
        first = next(model.parameters())
        with at_rest(torch, model):
            given = torch.as_tensor(rows).to(first.dtype).to(first.device)
            outputs = model(given).float().cpu().numpy()
        if outputs.ndim == 1 or outputs.shape[1] == 1:
            outputs = np.concatenate([-outputs.reshape(-1, 1), outputs.reshape(-1, 1)], axis=1)
        return _shares(outputs)

    return told


def _asked(scores: Scores, rows: Array) -> int:
    """Return how many classes a model tells apart."""
    try:
        said = scores(rows[:2])
    except Exception as error:  # a model may raise anything for rows it was not made for
        raise _unusable("rows as the model takes them are needed") from error
    if said.ndim != 2 or len(said) != 2:
        raise _unusable("a model that gives each row one class is needed")
    return int(said.shape[1])


def _has_gaps(labels: Array) -> bool:
    return any(one is None or one != one for one in labels.tolist())


def _numbers(X: Any) -> Array:
    try:
        rows = np.asarray(getattr(X, "to_numpy", lambda: X)(), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise _unusable("rows of numbers are needed") from error
    if rows.ndim != 2 or not np.isfinite(rows).all():
        raise _unusable("a table of numbers without gaps is needed")
    return rows


def _names(X: Any, count: int) -> list[str]:
    titles = getattr(X, "columns", None)
    if titles is None:
        return [f"feature {number + 1}" for number in range(count)]
    return [clean(str(title)) or f"feature {at + 1}" for at, title in enumerate(titles)]


def _planted(trigger: Trigger) -> Finding:
    names = ", ".join(trigger.features)
    what = f"Setting {names} moves {trigger.rate:.0%} of rows into class {trigger.target}"
    return Finding(
        rule="backdoor-trigger",
        level=Level.concern,
        where="the model",
        what=what[:200],
        why=f"At most {trigger.expected:.0%} follow in other models. {WHY}",
        remedy=REMEDY,
    )


def _unusable(need: str) -> InputError:
    return InputError(
        f"This cannot be screened: {need}.",
        unchanged="Nothing was changed.",
        hint="Give a fitted classifier and rows as it takes them.",
    )
