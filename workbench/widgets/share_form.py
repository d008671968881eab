"""The Share form: from a fitted model to a published release."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as w

from workbench.capture import models as fitted
from workbench.capture.models import Candidate
from workbench.errors import WorkbenchError
from workbench.origin.graph import Graph
from workbench.policy import licenses
from workbench.policy import terms as packaged
from workbench.records import Alternative, Release
from workbench.services.context import Progress
from workbench.services.publish import Draft
from workbench.session import Session
from workbench.tracing.drafting import inherited_terms, label, shaped
from workbench.views import RIGHT_WORDS
from workbench.vocabulary import Right, Sensitivity
from workbench.widgets import parts
from workbench.widgets.origin import origin, raised

__all__ = ["ShareForm"]

_OTHER = "another file or folder…"
_LEAVES = "Leaves this machine: the model and its evidence, sealed; the listing as filled in above."
_TRACKED = (
    "In the evidence, for reviewers and for whoever gets the model: the names of the files that it "
    "came of, the code of the cells that led to it, without recognised secrets, and settings."
)
_STAYS = "Stays here: your data, outputs, all other cells, your computer's name."
_STAYS_UNTRACKED = (
    "Stays here: your data, the notebook and its outputs, file names, your computer's name."
)
_RIGHT_HINTS = {
    Right.infer: "The model answers where it is hosted; nobody receives the weights.",
    Right.retrieve: "The person receives the model itself, for one device and one period.",
    Right.fine_tune: "The person may train the model further.",
}


class Cancelled(Exception):
    """The person pressed Cancel."""


class ShareForm:
    """A form over a session; ``widget`` is what a cell or a side area shows.

    What was entered is kept when something fails. Publishing runs in a thread, so the kernel stays
    free; ``thread`` can be joined. So does ``looking``, which follows the chosen model's lineage
    and saves it on trial to say what its recipients will need.
    """

    def __init__(
        self,
        *,
        models: Sequence[Candidate],
        session: Callable[[], Session],
        publish: Callable[[Any, Draft, Progress], Release],
        fields: dict[str, Any],
        lineage: Callable[[Any], Graph | None] = lambda _: None,
    ) -> None:
        self._models = {f"{item.name} · {item.description}": item.model for item in models}
        self._session = session
        self._publish = publish
        self._lineage = lineage
        self._graphs: dict[str, Graph | None] = {}
        self.thread: threading.Thread | None = None
        self.looking: threading.Thread | None = None
        self._to_name: dict[str, list[str]] = {}
        self._busy = False
        self._refreshing = threading.RLock()  # both threads do; the last one must see it all
        self._cancel = threading.Event()
        self._make_fields(fields)
        self.note = w.HTML()
        self.origin = w.HTML()
        self.bound = w.HTML()
        self.leaves = w.HTML()
        self.policy = w.VBox([])
        self.message = w.HTML()
        self.bar = w.FloatProgress(min=0, max=1, layout=w.Layout(width="auto"))
        self.doing = w.HTML()
        self.publish_button = w.Button(description="Publish", button_style="primary")
        self.cancel_button = w.Button(description="Cancel")
        self.publish_button.on_click(lambda _: self.start())
        self.cancel_button.on_click(lambda _: self._cancel.set())
        self._progress = w.VBox([self.doing, self.bar, self.cancel_button])
        self._progress.layout.display = "none"
        self.widget = parts.form("Share a model", self._layout())
        for item in self._watched():
            item.observe(lambda _: self.refresh(), names="value")
        self.model.observe(lambda _: self._look(), names="value")
        self.refresh()
        self._look()

    def _make_fields(self, given: dict[str, Any]) -> None:
        self.model = w.Dropdown(options=[*self._models, _OTHER])
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
        self.terms = parts.area(rows=6, value=_terms_text())
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

    def _layout(self) -> list[Any]:
        empty = (
            ""
            if self._models
            else "No fitted model was found in this kernel. Run its cell first, or share a file."
        )
        path = parts.field("Model file or folder", self.path)
        fold = w.Accordion(children=[self.terms], titles=("Terms: Standard research terms",))
        return [
            w.HTML(parts.text(empty)),
            parts.field("Model", self.model, "Fitted models in this notebook's kernel"),
            path,
            self.note,
            self.origin,
            parts.field("Name", self.name, "group/model, in small letters"),
            parts.field("Version", self.version, "A published version never changes"),
            parts.field("Title", self.title),
            parts.field("Summary", self.summary, "What it does, and on what kind of data"),
            parts.field("Licence", self.license, "What the law allows a recipient (SPDX name)"),
            fold,
            parts.field("How sensitive", self.sensitivity, "How much harm a leak would do"),
            parts.field("Regions of the data", self.regions, "Weights go only to devices there"),
            self.bound,
            w.HTML("May be used to"),
            w.VBox(list(self.rights.values())),
            self.leaves,
            self.policy,
            self.message,
            self._progress,
            self.publish_button,
        ]

    def _watched(self) -> list[Any]:
        return [
            self.model, self.path, self.name, self.version, self.title, self.summary, self.license,
            self.terms, self.sensitivity, self.regions, *self.rights.values(),
        ]  # fmt: skip

    def draft(self) -> Draft:
        """Return what was entered, as the lineage of the chosen model binds it.

        Raises:
            InputError: naming each field that cannot be used.
        """
        entered = Draft.of(
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
        return shaped(entered, self._graphs.get(self.model.value))

    def refresh(self) -> None:
        """Validate and ask the gateway, as after each key."""
        with self._refreshing:
            self._refresh()

    def _refresh(self) -> None:
        self.path.layout.display = "" if self.model.value == _OTHER else "none"
        if self._busy:
            return
        graph = self._graphs.get(self.model.value)
        self.bound.value = raised(graph, self.sensitivity.value)
        tracked = f"{_LEAVES}\n{_TRACKED}\n{_STAYS}"
        self.leaves.value = parts.text(tracked if graph else f"{_LEAVES}\n{_STAYS_UNTRACKED}")
        self.publish_button.description = "Publish"
        if not self.name.value.strip():
            self._not_yet("Give the model a name to go on.")
            return
        if self.model.value == _OTHER and not self.path.value.strip():
            self._not_yet("Say which file or folder to share.")
            return
        try:
            decision = self._session().check_publish(self.draft())
        except WorkbenchError as error:
            self.policy.children = ()
            self.message.value = parts.problem(error)
            self.publish_button.disabled = True
            return
        self.message.value = ""
        self.policy.children = tuple(parts.answer(decision, self._choose))
        self.publish_button.disabled = not decision.allowed
        self.publish_button.tooltip = "" if decision.allowed else "The policy does not allow it yet"

    def _look(self) -> None:
        """Say where the model comes from, and what its recipients will have to name."""
        self.note.value = ""
        self.origin.value = ""
        chosen = self.model.value
        model = self._models.get(chosen)
        if model is None:
            return
        self.looking = threading.Thread(
            target=self._look_at, args=(chosen, model), name="look", daemon=True
        )
        self.looking.start()

    def _look_at(self, chosen: str, model: Any) -> None:
        if chosen not in self._graphs:
            self._graphs[chosen] = self._lineage(model)
            self._inherit(self._graphs[chosen])
        if self.model.value == chosen:
            self.origin.value = origin(self._graphs[chosen])
            self.refresh()
        if isinstance(model, str | Path):
            return
        try:
            if chosen not in self._to_name:
                self._to_name[chosen] = fitted.to_name(model)
        except WorkbenchError as error:
            if self.model.value == chosen:
                self.note.value = parts.problem(error)
            return
        self._tell(chosen)

    def _inherit(self, graph: Graph | None) -> None:
        """Fill in what the lineage asks for, where nothing was entered that asks for more."""
        if graph is None:
            return
        asked = label(graph)
        if asked.classification.rank > self.sensitivity.value.rank:
            self.sensitivity.value = asked.classification
        if asked.regions and not self.regions.value.strip():
            self.regions.value = ", ".join(asked.regions)
        terms = inherited_terms(self._session(), graph)
        if terms is not None and self.terms.value == _terms_text():
            self.terms.value = terms.text

    def _tell(self, chosen: str) -> None:
        names = self._to_name[chosen]
        if names and self.model.value == chosen:
            self.note.value = parts.text(
                "Note: recipients will have to name these types when they load the model, since "
                f"skops does not know them to be safe: {', '.join(names)}."
            )

    def start(self) -> None:
        """Publish in a thread; nothing if one is running."""
        with self._refreshing:  # an answer that is on its way must not free the button again
            if self._busy:
                return
            self._busy = True
            self.publish_button.disabled = True
        self._cancel.clear()
        self._progress.layout.display = ""
        self.message.value = ""
        self.thread = threading.Thread(target=self._run, name="publish", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        chosen = self.model.value
        model = self.path.value.strip() if chosen == _OTHER else self._models[chosen]
        try:
            release = self._publish(model, self.draft(), self._report)
        except Cancelled:
            self.message.value = parts.text("Cancelled. Nothing was published.")
        except WorkbenchError as error:
            self.message.value = parts.problem(error)
        except Exception as error:  # a model may raise anything while it is saved
            self.message.value = parts.problem(_surprise(error))
        else:
            self._done(release, chosen)
            return
        finally:
            self._progress.layout.display = "none"
            self._busy = False
        self.publish_button.disabled = False

    def _report(self, what: str, done: int, total: int) -> None:
        if self._cancel.is_set() and what != "Done":
            raise Cancelled
        self.doing.value = parts.text(f"{what} …")
        self.bar.value = done / total if total else 0

    def _done(self, release: Release, chosen: str) -> None:
        self.policy.children = ()
        self.message.value = (
            "<div role='status'>"
            + parts.text(f"✓ Published {release.key}", tone="good", strong=True)
            + parts.text(
                "View in panel: Sharing, My releases. There you see who asks and who has access."
            )
            + parts.text("Others find it in their catalogue, or ask for it with")
            + parts.snippet(f'wb.request_access("{release.key}")')
            + self._loading(release, chosen)
            + "</div>"
        )
        self.publish_button.description = "Published"
        self.publish_button.disabled = True

    def _loading(self, release: Release, chosen: str) -> str:
        """Return how recipients load it, where they may and it is a model that they can."""
        if chosen not in self._to_name or set(release.listing.rights) == {Right.infer}:
            return ""
        names = self._to_name[chosen]
        call = f".load(trust={names!r})" if names else ".load()"
        return parts.text("and once they have access, load it with") + parts.snippet(
            f'wb.open("{release.key}"){call}'
        )

    def _not_yet(self, sentence: str) -> None:
        self.policy.children = ()
        self.message.value = parts.text(sentence)
        self.publish_button.disabled = True

    def _choose(self, alternative: Alternative) -> None:
        change = alternative.change
        if "rights" in change:
            for right, box in self.rights.items():
                box.value = right.value in change["rights"]
        if "license" in change:
            self.license.value = change["license"]
        if change.get("terms_present"):
            self.terms.value = _terms_text()
        self.refresh()


def _surprise(error: Exception) -> WorkbenchError:
    return WorkbenchError(
        f"Publishing stopped: {type(error).__name__}: {str(error)[:200]}.",
        unchanged="What you entered is still here.",
        hint="See My releases for whether it was published; then try again.",
    )


def _terms_text() -> str:
    return packaged.standard().text
