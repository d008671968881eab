"""Fitted models in a kernel: found, described, saved and loaded in a form that runs no code."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from workbench.errors import InputError, TrustError, Unavailable

__all__ = ["Candidate", "describe", "find", "load", "save"]

MODEL_FILE = "model.skops"
MAX_TEXT = 200  # characters of one hyperparameter in a description


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
        if name.startswith("_") or isinstance(value, type):
            continue
        try:
            if isinstance(value, base.BaseEstimator) and _is_fitted(value):
                found.append(Candidate(name, value, _words(value)))
        except Exception:  # noqa: S112 - a user's object may raise anything; it is no model then
            continue
    return found


def describe(model: Any) -> dict[str, Any]:
    """Return what a reviewer may know of a model: class, hyperparameters, versions; no data."""
    parameters = {}
    if hasattr(model, "get_params"):
        for name, value in sorted(model.get_params(deep=False).items()):
            parameters[name] = _plain(value)
    packages = {}
    for package in ("scikit-learn", "numpy", "skops"):
        try:
            packages[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "title": "Model",
        "class": f"{type(model).__module__}.{type(model).__qualname__}",
        "features": int(getattr(model, "n_features_in_", 0)),
        "parameters": parameters,
        "python": platform.python_version(),
        "packages": packages,
    }


def save(model: Any, folder: Path) -> Path:
    """Write a model into ``folder`` in a form that runs no code when it is opened.

    Raises:
        InputError: a kind of model that cannot be shared this way.
        Unavailable: skops is not installed.
    """
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
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / MODEL_FILE
    _skops().dump(model, path)
    return path


def load(folder: Path) -> Any:
    """Load the model in an opened folder; only types known to be safe are made.

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
    unknown = skops.get_untrusted_types(file=path)
    if unknown:
        raise TrustError(
            "model content",
            f"the model asks for types that are not known to be safe: {', '.join(unknown)[:300]}.",
            unchanged="Nothing was loaded.",
            hint="Ask the owner for a release made of standard scikit-learn parts.",
        )
    return skops.load(path, trusted=[])


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


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value if not isinstance(value, str) else value[:MAX_TEXT]
    if isinstance(value, int) and abs(value) < 2**53:
        return value
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return value
    return type(value).__name__ if hasattr(value, "get_params") else repr(value)[:MAX_TEXT]
