"""Results of the notebook functions, as they are shown."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.capture import models

__all__ = ["Card", "Opened"]


class Card(dict[str, Any]):
    """A result as JSON, shown as a short card."""

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(str(name))}</th>"
            f"<td style='text-align:left'>{html.escape(str(value))}</td></tr>"
            for name, value in self.items()
            if isinstance(value, str | int) and value != ""
        )
        return f"<table>{rows}</table>"


@dataclass(frozen=True)
class Opened:
    """An opened release: a folder whose every step was verified."""

    ref: str
    path: Path
    steps: tuple[str, ...]
    loaded: Callable[[Any], None] = lambda _model: None  # told of every model that is loaded

    def load(self, *, trust: Sequence[str] = ()) -> Any:
        """Return the model; ``trust`` names further types to make, if you trust the owner.

        Raises:
            TrustError: it asks for types that are not known to be safe.
            InputError: no file that can be loaded safely; use :attr:`path`.
        """
        model = models.load(self.path, trust)
        self.loaded(model)
        return model

    def _repr_html_(self) -> str:
        steps = " · ".join(f"✓ {html.escape(step)}" for step in self.steps)
        return f"<b>{html.escape(self.ref)}</b><br>{html.escape(str(self.path))}<br>{steps}"
