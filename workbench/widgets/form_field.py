"""The form that a model leaves in: a field that is only there where there is a choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets as w

from workbench.findings.converted import Form
from workbench.widgets import parts

__all__ = ["FormField"]

_WORDS = {
    Form.skops: ("skops file", "Opens in scikit-learn with all its settings, as the model it is."),
    Form.xgboost: ("XGBoost file", "Opens in XGBoost as the model it is."),
    Form.lightgbm: ("LightGBM file", "Opens in LightGBM as the model it is."),
    Form.safetensors: (
        "safetensors file",
        "Holds the weights. Recipients build the network from its source code.",
    ),
    Form.onnx: (
        "ONNX graph",
        "Answers anywhere, without the program it was trained with. Cannot be trained further.",
    ),
}


class FormField:
    """A list of forms with a line on what the chosen one is good for.

    Attributes:
        widget: what is shown.
        field: the list.
    """

    def __init__(self, changed: Callable[[], None], wanted: str | None = None) -> None:
        self._changed, self._wanted = changed, wanted
        self._offering = False
        self.field = parts.field("Leaves as", w.Dropdown(), "The kind of file that is shared")
        self._about = w.HTML()
        self.widget = w.VBox([self.field, self._about])
        self.field.observe(lambda _: self._choose(), names="value")
        self.offer(())

    def offer(self, forms: Sequence[str]) -> None:
        """Offer these forms, the usual one first; nothing is shown where there is no choice."""
        known = [Form(one) for one in forms]
        self._offering = True
        self.field.options = [(_WORDS[one][0], one) for one in known]
        if known:
            self.field.value = self._wanted if self._wanted in known else known[0]
        self._offering = False
        self.widget.layout.display = "" if len(known) > 1 else "none"
        self._say()

    def chosen(self) -> str | None:
        """Return the form that was chosen; ``None`` for the usual one."""
        offered = [value for _, value in self.field.options]
        if self._wanted is not None and self._wanted not in offered:
            return self._wanted  # as the notebook asks; the checks say why it cannot be
        value: Form | None = self.field.value
        return None if value is None or value is offered[0] else value.value

    def became(self, form: Form) -> None:
        """Show the form that a model was written in, where another one stood in the way."""
        if form in [value for _, value in self.field.options]:
            self._offering = True
            self.field.value = form
            self._offering = False
            self._say()

    def _choose(self) -> None:
        if not self._offering:
            self._say()
            self._changed()

    def _say(self) -> None:
        value = self.field.value
        self._about.value = parts.text(_WORDS[value][1]) if value is not None else ""
