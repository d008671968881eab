"""A model opened from a form that runs no code, and from no other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.converting import lightgbm_form, networks, skops_form, xgboost_form
from workbench.errors import InputError

__all__ = ["FILES", "load"]

# What is opened, and in which order it is looked for.
FILES = (skops_form.FILE, networks.FILE, xgboost_form.FILE, lightgbm_form.FILE)


def load(folder: Path, trust: Sequence[str] = ()) -> Any:
    """Load the model in an opened folder; only types known to be safe are made.

    Some parts of scikit-learn (trees among them) run no code but are not proof against made-up
    contents; whoever trusts the owner names them in ``trust``.

    Returns:
        A scikit-learn model of ``model.skops``; of ``model.safetensors`` tensors by name (torch's
        where torch is loaded, else arrays); an ``XGBModel`` or ``Booster`` of
        ``model.xgboost.json``; a ``Booster`` of ``model.lightgbm.txt``.

    Raises:
        TrustError: the file is none of its kind, or asks for types outside the safe list (step
            ``"model content"``).
        InputError: no file that can be loaded safely.
        Unavailable: the package of that kind of model is missing.
    """
    there = [name for name in FILES if (folder / name).is_file()]
    if not there:
        raise InputError(
            f"There is no {skops_form.FILE} in {folder}, nor another form that can be loaded "
            "safely.",
            hint="Use .path and load the files with the program that wrote them; "
            "never unpickle a file you did not make.",
        )
    path = folder / there[0]
    if path.name == skops_form.FILE:
        return skops_form.load(path, trust)
    if path.name == networks.FILE:
        return networks.load(path)
    if path.name == xgboost_form.FILE:
        return xgboost_form.load(path)
    return lightgbm_form.load(path)
