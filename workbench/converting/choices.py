"""The forms that a model can leave in, for whoever may choose."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from workbench.findings.converted import Form
from workbench.training import kinds

__all__ = ["choices"]

OWN = {
    "scikit-learn": Form.skops,
    "xgboost": Form.xgboost,
    "lightgbm": Form.lightgbm,
    "torch": Form.safetensors,
}


def choices(model: Any) -> tuple[Form, ...]:
    """Return the forms that a model can be written in, the one that keeps most first.

    Whether a part of it stands in the way is not looked at: that is said when it is written.
    ONNX is among them where what writes and opens it is installed. None of what is no model.
    """
    known = kinds.framework(model)
    if known not in OWN:
        return ()
    needed = ["onnx", "onnxruntime", *(["skl2onnx"] if known == "scikit-learn" else [])]
    found = all(find_spec(package) is not None for package in needed)
    return (OWN[known], Form.onnx) if found else (OWN[known],)
