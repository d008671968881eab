"""The error of a file that is no model, or none that is opened, in one way for all forms."""

from __future__ import annotations

from workbench.errors import TrustError

__all__ = ["unloadable"]


def unloadable(
    name: str, why: str, hint: str = "Ask the owner to publish the model again."
) -> TrustError:
    """Return the error that a file is not a model that can be loaded.

    Args:
        name: of the file.
        why: what is wrong with it, without a full stop and without what the file says.
    """
    return TrustError(
        "model content",
        f"{name[:100]} is not a model that can be loaded: {why}.",
        unchanged="Nothing was loaded.",
        hint=hint,
    )
