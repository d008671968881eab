"""All that needs NumPy, to be imported when it is first asked for."""

from __future__ import annotations

from workbench.converting.choices import choices
from workbench.converting.safer import safer
from workbench.hidden.sanitising import sanitise
from workbench.inspection.checks import Asked, Skipped, inspect
from workbench.inspection.identity import identity
from workbench.leakage.canaries import Planted, plant
from workbench.leakage.tables import count
from workbench.leakage.timing import time_one
from workbench.notebook.programs import load
from workbench.standin.making import synthetic

__all__ = [
    "Asked", "Planted", "Skipped", "choices", "count", "identity", "inspect", "load", "plant",
    "safer", "sanitise", "synthetic", "time_one",
]  # fmt: skip
