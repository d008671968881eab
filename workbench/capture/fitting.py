"""Which variables a model was trained on, and which it has not seen, read off the journal.

Nothing is run and no value is looked at but its type and length. What cannot be told for certain
is left out, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.capture.arguments import Data, Names
from workbench.capture.history import History
from workbench.capture.looks import is_collection, within
from workbench.capture.scopes import Journal, Unclear
from workbench.capture.trainings import Trainings
from workbench.capture.unseen import Unseen
from workbench.capture.versions import Key

__all__ = ["Fitted", "fitted_on"]

NO_NAME = (
    "This model has no name in the notebook; give it one, such as model = …, to find its data."
)
NO_HOLDOUT = (
    "No data was found that {model} has not seen: none was set aside by the same split, and none"
    " was scored with it."
)
CROSS = frozenset({"cross_val_predict", "cross_val_score", "cross_validate"})


@dataclass(frozen=True)
class Fitted:
    """Names of variables of the notebook; ``why`` says what could not be found, in a sentence.

    Attributes:
        data: the rows that a model was trained on, and what they mean.
        holdout: rows that it has not seen, and what they mean.
    """

    data: Names | None = None
    holdout: Names | None = None
    why: str = ""


def fitted_on(history: History, namespace: Mapping[str, Any], model: object) -> Fitted:
    """Return what a model was fitted on, as far as the journal tells.

    Only names that still stand for what they stood for then are returned, unchanged as far as it
    was seen, and of the same length.

    Args:
        history: what was seen of the notebook.
        namespace: the notebook's names, as they are now.
        model: as the notebook has it, found by identity.
    """
    journal = Journal(history, namespace)
    key = _key(history, namespace, model)
    if key is None:
        return Fitted(why=NO_NAME)
    try:
        training = Trainings(journal, model).of(key)
        data = Data(journal).standing(training.pair)
        holdout = Unseen(journal, key, training).names()
    except Unclear as unclear:
        return Fitted(why=str(unclear).replace("{model}", key[0]) + _crossed(history, key))
    except RecursionError:
        return Fitted(why="The code that trained this model is nested too deeply to be followed.")
    return Fitted(data, holdout, "" if holdout else NO_HOLDOUT.replace("{model}", key[0]))


def _key(history: History, namespace: Mapping[str, Any], model: object) -> Key | None:
    """Return the version of a model, or of a list or dictionary that holds it."""
    key = history.key_of(model, namespace)
    if key is not None:
        return key
    for name in sorted(history.flow.holders):
        value = namespace.get(name)
        if is_collection(value) and id(model) in within(value, depth=1):
            return history.flow.current.get(name)
    return None


def _crossed(history: History, key: Key) -> str:
    """Say that cross-validation leaves a model as it was, where somebody may have thought not."""
    for execution in history.executions:
        for run in execution.runs:
            for one in run.statement.passes:
                if one.name == key[0] and one.callee.rpartition(".")[2] in CROSS:
                    return f" {one.callee} trains copies of a model, not the model itself."
    return ""
