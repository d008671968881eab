"""Whether a model is still the one that was measured."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["identity"]


def identity(model: Any) -> str | None:
    """Return what changes when anything in a model does; ``None`` where that cannot be told."""
    try:
        found: str | None = import_module("joblib").hash(model)
    except (
        Exception
    ):  # no joblib, or whatever the parts of a model raise when they are gone through
        return None
    return found
