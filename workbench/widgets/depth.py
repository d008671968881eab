"""How closely the checks look: how many models to compare with, and which columns."""

from __future__ import annotations

from typing import Any

import ipywidgets as w

from workbench.findings.depth import FEW_REFERENCES, MOST_REFERENCES, Depth, duration
from workbench.findings.leakage import Tier
from workbench.widgets import parts

__all__ = ["DepthFields"]

_NEEDED = "How long that takes is told here once the quick look is done."


class DepthFields:
    """Fields for what is tried on a model, and how long it would take.

    Attributes:
        references: how many models are trained to compare with, if it is looked at thoroughly. As
            many as take about a minute, once it is known how long one takes, if nobody enters it.
        time: how long they would take, in words.
        columns: whose exposure is compared, and what is tried to be guessed; both as names.
    """

    def __init__(self) -> None:
        self.references = w.BoundedIntText(
            value=FEW_REFERENCES, min=2, max=MOST_REFERENCES, step=2, continuous_update=True
        )
        self.time = w.HTML(parts.text(_NEEDED))
        self.groups = w.Text(placeholder="sex, site")
        self.sensitive = w.Text(placeholder="diagnosis, smoker")
        self.columns = w.Accordion(
            children=[w.VBox(self._columns())], titles=("Groups and columns to look at",)
        )
        self._each: float | None = None
        self._offered = FEW_REFERENCES
        self.references.observe(lambda _: self._say(), names="value")

    def _columns(self) -> list[Any]:
        return [
            parts.field(
                "Compare groups by", self.groups, "Columns by name: who of them is most exposed?"
            ),
            parts.field(
                "Try to guess",
                self.sensitive,
                "Columns by name: does the model help to guess them?",
            ),
        ]

    def layout(self) -> list[Any]:
        """Return the fields with their labels."""
        hint = "Each is trained like the model, on half of the data; more find more"
        return [
            parts.field("Models to compare with", self.references, hint), self.time, self.columns,
        ]  # fmt: skip

    def depth(self, *, thorough: bool) -> Depth:
        """Return what was entered."""
        return Depth(
            tier=Tier.thorough if thorough else Tier.quick,
            references=self.references.value if thorough else None,
            groups=_names(self.groups.value),
            sensitive=_names(self.sensitive.value),
        )

    def forget(self) -> None:
        """Take back how long it would take: it is another model."""
        self._each = None
        self.time.value = parts.text(_NEEDED)

    def took(self, seconds: float, most: int) -> None:
        """Take how long one model would take, and offer as many as that allows."""
        self._each = seconds
        if self.references.value == self._offered:
            self._offered = self.references.value = most
        self._say()

    def unknown(self, why: str) -> None:
        """Say why nobody knows how long it would take."""
        self._each = None
        self.time.value = parts.text(why)

    def _say(self) -> None:
        if self._each is not None:
            whole = duration(self._each * self.references.value)
            self.time.value = parts.text(f"To train them takes {whole}, besides the other checks.")


def _names(text: str) -> tuple[str, ...] | None:
    return tuple(part.strip() for part in text.split(",") if part.strip()) or None
