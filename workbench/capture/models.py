"""Fitted models in a kernel: found, saved and loaded in a form that runs no code."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from workbench.errors import InputError, TrustError, Unavailable
from workbench.training.settings import MAX_TEXT

__all__ = ["Candidate", "find", "load", "save", "to_name"]

MODEL_FILE = "model.skops"
# What may be named to `load`: classes of models in scikit-learn, by their spelling. No function and
# no tool of it: a made-up file could have those called with arguments of its choice.
NAMEABLE = re.compile(r"sklearn\.(?!(?:datasets|externals|tests|utils)\.)(?:\w+\.)+_?[A-Z]\w*\Z")


@dataclass(frozen=True)
class Candidate:
    """A fitted model under the name it has in the notebook."""

    name: str
    model: Any
    description: str


def find(namespace: Mapping[str, Any]) -> list[Candidate]:
    """Return the fitted scikit-learn models in a namespace, latest name first.

    Nothing is imported: without scikit-learn loaded there can be none. An object that misbehaves
    when it is looked at is passed over.
    """
    base = sys.modules.get("sklearn.base")
    if base is None:
        return []
    found = []
    for name, value in list(namespace.items())[::-1]:
        if name.startswith("_"):
            continue
        try:
            known = isinstance(value, base.BaseEstimator) and not isinstance(value, type)
            if known and _is_fitted(value):
                found.append(Candidate(name, value, _words(value)))
        except Exception:  # noqa: S112 - a user's object may raise anything; it is no model then
            continue
    return found


def save(model: Any, folder: Path) -> Path:
    """Write a model into ``folder`` in a form that runs no code when it is opened.

    Raises:
        InputError: a kind of model that cannot be shared this way, or has parts that a recipient
            could not load.
        Unavailable: skops is not installed.
    """
    content, _ = _content(model)
    path = folder / MODEL_FILE
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def to_name(model: Any) -> list[str]:
    """Return the types that a recipient of a model will have to name to :func:`load`.

    Raises:
        InputError, Unavailable: as :func:`save`.
    """
    _, unknown = _content(model)
    return unknown


def _content(model: Any) -> tuple[bytes, list[str]]:
    """Return a model as a file's content, and the types in it that are not known to be safe."""
    base = sys.modules.get("sklearn.base")
    if base is None or not isinstance(model, base.BaseEstimator):
        raise InputError(
            f"A {type(model).__name__} cannot be shared from here.",
            unchanged="Nothing was shared.",
            hint="Share a fitted scikit-learn model, or save this one yourself and share its path.",
        )
    if not _is_fitted(model):
        raise InputError(
            f"This {type(model).__name__} has not been fitted.",
            unchanged="Nothing was shared.",
            hint="Call its fit method first.",
        )
    skops = _skops()
    try:
        content = skops.dumps(model)
        unknown = skops.get_untrusted_types(data=content)
    except Exception as error:  # skops raises whatever the parts of a model raise
        raise InputError(
            f"This {type(model).__name__} cannot be saved: {str(error)[:MAX_TEXT]}.",
            unchanged="Nothing was shared.",
            hint="Leave out what holds files, connections or functions made in the notebook.",
        ) from error
    own = [name for name in unknown if not NAMEABLE.match(name)]
    if own:
        raise InputError(
            f"Recipients could not load this model; it uses {', '.join(own)[:MAX_TEXT]}.",
            unchanged="Nothing was shared.",
            hint="Use parts of scikit-learn only, or save it in another format and share its path.",
        )
    return content, unknown


def load(folder: Path, trust: Sequence[str] = ()) -> Any:
    """Load the model in an opened folder; only types known to be safe are made.

    Some parts of scikit-learn (trees among them) run no code but are not proof against made-up
    contents; whoever trusts the owner names them in ``trust``.

    Raises:
        TrustError: the file asks for types outside the safe list (step ``"model content"``).
        InputError: no file that can be loaded safely.
        Unavailable: skops is not installed.
    """
    path = folder / MODEL_FILE
    if not path.is_file():
        raise InputError(
            f"There is no {MODEL_FILE} in {folder}.",
            hint="Use .path and load the files with the program that wrote them; "
            "never unpickle a file you did not make.",
        )
    skops = _skops()
    allowed = [name for name in trust if NAMEABLE.match(name)]
    try:
        unknown = skops.get_untrusted_types(file=path)
        if set(unknown) <= set(allowed):
            return skops.load(path, trusted=allowed)
    except Exception as error:  # a hostile file can make skops raise anything
        raise TrustError(
            "model content",
            f"{MODEL_FILE} is not a model that can be loaded ({type(error).__name__}).",
            unchanged="Nothing was loaded.",
            hint="Ask the owner to publish the model again.",
        ) from error
    raise _untrusted([name for name in unknown if name not in allowed])


def _untrusted(names: list[str]) -> TrustError:
    hint = "Ask the owner for a release made of standard scikit-learn parts."
    if all(NAMEABLE.match(name) for name in names):
        hint = f"If you trust the owner not to have made them up: .load(trust={names!r})."
    return TrustError(
        "model content",
        f"the model asks for types that are not known to be safe: {', '.join(names)[:300]}.",
        unchanged="Nothing was loaded.",
        hint=hint,
    )


def _skops() -> Any:
    try:
        return import_module("skops.io")
    except ImportError as error:
        raise Unavailable(
            "Saving and loading scikit-learn models needs the package skops.",
            hint="pip install 'sharing-workbench[data]'",
        ) from error


def _is_fitted(model: Any) -> bool:
    validation = import_module("sklearn.utils.validation")
    try:
        validation.check_is_fitted(model)
    except (sys.modules["sklearn.exceptions"].NotFittedError, TypeError):
        return False
    return hasattr(model, "predict")


def _words(model: Any) -> str:
    steps = getattr(model, "steps", None)
    kind = " → ".join(type(step).__name__ for _, step in steps) if steps else type(model).__name__
    count = getattr(model, "n_features_in_", None)
    return f"{kind} · {count} features" if count else kind
