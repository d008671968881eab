"""Fitted models in a kernel, found among everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.training import kinds

__all__ = ["Candidate", "find"]


@dataclass(frozen=True)
class Candidate:
    """A fitted model under the name it has in the notebook."""

    name: str
    model: Any
    description: str


def find(namespace: Mapping[str, Any]) -> list[Candidate]:
    """Return the fitted models in a namespace, latest name first.

    Nothing is imported: without its library loaded there can be no model of it. An object that
    misbehaves when it is looked at is passed over.
    """
    found = []
    for name, value in list(namespace.items())[::-1]:
        if name.startswith("_"):
            continue
        try:
            if kinds.is_model(value) and kinds.is_fitted(value) and _answers(value):
                found.append(Candidate(name, value, _words(value)))
        except Exception:  # noqa: S112 - a user's object may raise anything; it is no model then
            continue
    return found


def _answers(value: Any) -> bool:
    """Tell whether it says something about a row; what only prepares data is no model to share."""
    return hasattr(value, "predict") or kinds.framework(value) == "torch"


def _words(model: Any) -> str:
    steps = getattr(model, "steps", None)
    kind = " → ".join(type(step).__name__ for _, step in steps) if steps else type(model).__name__
    count = getattr(model, "n_features_in_", None)
    return f"{kind} · {count} features" if count else kind
