"""The fields of the Share form, and what was entered in them."""

from __future__ import annotations

from typing import Any

import ipywidgets as w

from workbench.policy import licenses
from workbench.policy import terms as packaged
from workbench.records import Alternative, Terms
from workbench.services.publish import Draft
from workbench.views import RIGHT_WORDS
from workbench.vocabulary import Right, Sensitivity
from workbench.widgets import parts

__all__ = ["OTHER", "Fields"]

OTHER = "another file or folder…"
_RIGHT_HINTS = {
    Right.infer: "The model answers where it is hosted; nobody receives the weights.",
    Right.retrieve: "The person receives the model itself, for one device and one period.",
    Right.fine_tune: "The person may train the model further.",
}


class Fields:
    """What the owner says of a release."""

    def __init__(self, given: dict[str, Any], models: list[str]) -> None:
        self.model = w.Dropdown(options=[*models, OTHER])
        self.path = w.Text(placeholder="path to a model file or folder")
        self.name = w.Text(value=given["name"], placeholder="group/model, such as cardio-lab/ecg")
        self.version = w.Text(value=given["version"])
        self.title = w.Text(value=given.get("title", ""), placeholder="what people see")
        self.summary = parts.area(value=given.get("summary", ""))
        self.license = w.Combobox(
            value=given.get("license", "CC-BY-NC-4.0"),
            options=list(licenses.COMMON),
            ensure_option=False,
        )
        self.terms = parts.area(rows=6, value=_standard())
        self.sensitivity = w.Dropdown(
            options=[(level.value, level) for level in Sensitivity],
            value=Sensitivity(given.get("sensitivity", Sensitivity.internal)),
        )
        self.regions = w.Text(value=", ".join(given.get("regions", ())), placeholder="eu, us …")
        offered = given.get("rights", (Right.infer, Right.retrieve))
        self.rights = {
            right: w.Checkbox(
                value=right in offered,
                description=RIGHT_WORDS[right],
                indent=False,
                tooltip=_RIGHT_HINTS[right],
            )
            for right in Right
        }

    def which(self) -> list[Any]:
        """Return the fields that say which model it is, with their labels."""
        return [
            parts.field("Model", self.model, "Fitted models in this notebook's kernel"),
            parts.field("Model file or folder", self.path),
        ]

    def about(self) -> list[Any]:
        """Return the fields that say what it is and how sensitive, with their labels."""
        fold = w.Accordion(children=[self.terms], titles=("Terms: Standard research terms",))
        return [
            parts.field("Name", self.name, "group/model, in small letters"),
            parts.field("Version", self.version, "A published version never changes"),
            parts.field("Title", self.title),
            parts.field("Summary", self.summary, "What it does, and on what kind of data"),
            parts.field("Licence", self.license, "What the law allows a recipient (SPDX name)"),
            fold,
            parts.field("How sensitive", self.sensitivity, "How much harm a leak would do"),
            parts.field("Regions of the data", self.regions, "Weights go only to devices there"),
        ]

    def each(self) -> list[Any]:
        """Return every field that changes what would be published."""
        return [
            self.model, self.path, self.name, self.version, self.title, self.summary, self.license,
            self.terms, self.sensitivity, self.regions, *self.rights.values(),
        ]  # fmt: skip

    def draft(self) -> Draft:
        """Return what was entered.

        Raises:
            InputError: naming each field that cannot be used.
        """
        return Draft.of(
            name=self.name.value.strip(),
            version=self.version.value.strip(),
            title=self.title.value.strip(),
            summary=self.summary.value.strip(),
            license=self.license.value.strip(),
            terms=packaged.of(self.terms.value),
            sensitivity=self.sensitivity.value,
            regions=tuple(part.strip() for part in self.regions.value.split(",") if part.strip()),
            rights=tuple(right for right, box in self.rights.items() if box.value),
        )

    def choose(self, alternative: Alternative) -> None:
        """Take an alternative that the gateway offered."""
        change = alternative.change
        if "rights" in change:
            self.offer(change["rights"])
        if "license" in change:
            self.license.value = change["license"]
        if change.get("terms_present"):
            self.terms.value = _standard()

    def offer(self, rights: Any) -> None:
        """Tick these rights and no others."""
        for right, box in self.rights.items():
            box.value = right.value in rights

    def inherit(self, level: Sensitivity, regions: tuple[str, ...], terms: Terms | None) -> None:
        """Fill in what the lineage asks for, where nothing was entered that asks for more."""
        if level.rank > self.sensitivity.value.rank:
            self.sensitivity.value = level
        if regions and not self.regions.value.strip():
            self.regions.value = ", ".join(regions)
        if terms is not None and self.terms.value == _standard():
            self.terms.value = terms.text


def _standard() -> str:
    return packaged.standard().text
