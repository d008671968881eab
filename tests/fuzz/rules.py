"""What must hold when any bytes whatever are scanned, under any of a few names."""

from __future__ import annotations

import io
import time

from workbench.findings.scan import Outcome, ScanReport
from workbench.scanning.scan import scan

__all__ = ["NAMES", "hold"]

NAMES = ("model.pkl", "model.pt", "model.safetensors", "model.npz", "a.npy", "model.onnx", "m.gguf",
         "model.skops", "model.keras", "model.h5", "config.json", "s.yaml", "model", "fit.ipynb",
         "saved_model.pb", "model.joblib")  # fmt: skip


def hold(name: str, data: bytes) -> ScanReport:
    """Scan bytes; raise an ``AssertionError``, or whatever the scanner raises, if a rule breaks.

    The scanner answers, about this one file, with a reason, the same twice, and the answer can be
    written down and read back.
    """
    said = scan([(name, io.BytesIO(data))], clock=time.monotonic)
    assert len(said.files) == 1
    assert said.files[0].reason
    assert said.outcome in set(Outcome)
    assert said == scan([(name, io.BytesIO(data))], clock=time.monotonic)
    assert type(said).model_validate_json(said.model_dump_json()) == said
    return said
