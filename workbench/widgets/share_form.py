"""The Share form: from a fitted model to a published release."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as w

from workbench.capture.models import Candidate
from workbench.errors import WorkbenchError
from workbench.origin.graph import Graph
from workbench.records import Alternative, Release
from workbench.services.context import Progress
from workbench.services.publish import Draft
from workbench.session import Session
from workbench.tracing.drafting import inherited_terms, label, shaped
from workbench.vocabulary import Right
from workbench.widgets import parts
from workbench.widgets.checks import Checks, Inspector, Remedies
from workbench.widgets.origin import origin, raised
from workbench.widgets.share_fields import OTHER, Fields

__all__ = ["ShareForm"]

_LEAVES = "Leaves this machine: the model and its evidence, sealed; the listing as filled in above."
_TRACKED = (
    "In the evidence, for reviewers and for whoever gets the model: the names of the files that it "
    "came of, the code of the cells that led to it, without recognised secrets, and settings."
)
_STAYS = "Stays here: your data, outputs, all other cells, your computer's name."
_STAYS_UNTRACKED = (
    "Stays here: your data, the notebook and its outputs, file names, your computer's name."
)


class Cancelled(Exception):
    """The person pressed Cancel."""


class ShareForm(Fields):
    """A form over a session; ``widget`` is what a cell or a side area shows.

    What was entered is kept when something fails. Publishing runs in a thread, so the kernel stays
    free; ``thread`` can be joined. So do ``looking``, which follows the chosen model's lineage, and
    the checks.
    """

    def __init__(
        self,
        *,
        models: Sequence[Candidate],
        session: Callable[[], Session],
        publish: Callable[[Any, Draft, Progress], Release],
        fields: dict[str, Any],
        lineage: Callable[[Any], Graph | None] = lambda _: None,
        inspector: Inspector,
        given: tuple[Any, Any] | None = None,
        form: str | None = None,
    ) -> None:
        self._models = {f"{item.name} · {item.description}": item.model for item in models}
        self._session = session
        self._publish = publish
        self._lineage = lineage
        self._graphs: dict[str, Graph | None] = {}
        self.thread: threading.Thread | None = None
        self.looking: threading.Thread | None = None
        self._busy = False
        self._refreshing = threading.RLock()  # both threads do; the last one must see it all
        self._cancel = threading.Event()
        super().__init__(fields, [*self._models])
        remedies = Remedies(self.refresh, self._only_hosted, self._replace)
        self.checks = Checks(inspector, remedies, given, form)
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
        for item in self.each():
            item.observe(lambda _: self.refresh(), names="value")
        self.model.observe(lambda _: self._look(), names="value")
        self.refresh()
        self._look()

    def _layout(self) -> list[Any]:
        empty = (
            ""
            if self._models
            else "No fitted model was found in this kernel. Run its cell first, or share a file."
        )
        return [
            w.HTML(parts.text(empty)),
            *self.which(),
            self.checks.form.widget,
            self.note,
            self.origin,
            *self.about(),
            self.bound,
            w.HTML("May be used to"),
            w.VBox(list(self.rights.values())),
            self.checks.widget,
            self.leaves,
            self.policy,
            self.message,
            self._progress,
            self.publish_button,
        ]

    def draft(self) -> Draft:
        """Return what was entered, as the lineage of the chosen model binds it.

        Raises:
            InputError: naming each field that cannot be used.
        """
        entered = super().draft()
        measured = entered.model_copy(update={"facts": self.checks.facts(entered.facts)})
        return shaped(measured, self._graphs.get(self.model.value))

    def refresh(self) -> None:
        """Validate and ask the gateway, as after each key."""
        with self._refreshing:
            self._refresh()

    def _refresh(self) -> None:
        self.path.layout.display = "" if self.model.value == OTHER else "none"
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
        if self.model.value == OTHER and not self.path.value.strip():
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
        if self.checks.running:
            self._not_yet("The checks still run. Wait for them, or skip those that take long.")
        self.publish_button.tooltip = "" if decision.allowed else "The policy does not allow it yet"

    def _look(self) -> None:
        """Say where the model comes from, and begin to check it."""
        self.note.value = ""
        self.origin.value = ""
        chosen = self.model.value
        model = self._models.get(chosen)
        self.checks.choose(model)
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

    def _inherit(self, graph: Graph | None) -> None:
        """Fill in what the lineage asks for, where nothing was entered that asks for more."""
        if graph is None:
            return
        asked = label(graph)
        self.inherit(asked.classification, asked.regions, inherited_terms(self._session(), graph))

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
        model = self.path.value.strip() if chosen == OTHER else self._models[chosen]
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
        converted = self.checks.found.converted
        if chosen == OTHER or converted is None or set(release.listing.rights) == {Right.infer}:
            return ""
        names = list(converted.trust)
        call = f".load(trust={names!r})" if names else ".load()"
        return parts.text("and once they have access, load it with") + parts.snippet(
            f'wb.open("{release.key}"){call}'
        )

    def _not_yet(self, sentence: str) -> None:
        self.policy.children = ()
        self.message.value = parts.text(sentence)
        self.publish_button.disabled = True

    def _choose(self, alternative: Alternative) -> None:
        self.choose(alternative)
        self.refresh()

    def _only_hosted(self) -> None:
        self.offer([Right.infer])
        self.refresh()

    def _replace(self, model: Any, words: str) -> None:
        """Share another model in the place of the chosen one: a copy of it that was cleaned."""
        name = f"{self.model.value} · rounded"
        self._models[name] = model
        self.model.options = [*self._models, OTHER]
        self.model.value = name
        self.note.value = parts.text(words)


def _surprise(error: Exception) -> WorkbenchError:
    return WorkbenchError(
        f"Publishing stopped: {type(error).__name__}: {str(error)[:200]}.",
        unchanged="What you entered is still here.",
        hint="See My releases for whether it was published; then try again.",
    )
