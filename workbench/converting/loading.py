"""A model opened from a form that runs no code, and from no other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.converting import lightgbm_form, networks, onnx_model, skops_form, xgboost_form
from workbench.errors import InputError

__all__ = ["FILES", "found", "load"]

# What is opened, and in which order it is looked for.
FILES = (
    *(skops_form.FILE, networks.FILE, xgboost_form.FILE, lightgbm_form.FILE),
    onnx_model.FILE,
)


def found(folder: Path) -> Path | None:
    """Return the file of a folder that is loaded: of the known names, or the only ONNX file."""
    there = [folder / name for name in FILES if (folder / name).is_file()]
    others = [path for path in folder.glob("*.onnx") if path.is_file()]
    if not there and len(others) == 1:
        return others[0]
    return there[0] if there else None


def load(folder: Path, trust: Sequence[str] = ()) -> Any:
    """Load the model in an opened folder; only types known to be safe are made.

    Some parts of scikit-learn (trees among them) run no code but are not proof against made-up
    contents; whoever trusts the owner names them in ``trust``.

    Returns:
        A scikit-learn model of ``model.skops``; of ``model.safetensors`` tensors by name (torch's
        where torch is loaded, else arrays); an ``XGBModel`` or ``Booster`` of
        ``model.xgboost.json``; a ``Booster`` of ``model.lightgbm.txt``; of ``model.onnx``, or the
        only file of that kind, an :class:`workbench.converting.onnx_model.OnnxModel`.

    Raises:
        TrustError: the file is none of its kind, or asks for types outside the safe list (step
            ``"model content"``).
        InputError: no file that can be loaded safely.
        Unavailable: the package of that kind of model is missing.
    """
    path = found(folder)
    if path is None:
        raise InputError(
            f"There is no {skops_form.FILE} in {folder}, nor another form that can be loaded "
            "safely.",
            hint="Use .path and load the files with the program that wrote them; "
            "never unpickle a file you did not make.",
        )
    if path.name == skops_form.FILE:
        return skops_form.load(path, trust)
    if path.name == networks.FILE:
        return networks.load(path)
    if path.name == xgboost_form.FILE:
        return xgboost_form.load(path)
    if path.name == lightgbm_form.FILE:
        return lightgbm_form.load(path)
    return onnx_model.load(path)
