"""The checks in the Share form: they run while the form is filled, and say what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import ipywidgets as w

from workbench.errors import InputError, WorkbenchError
from workbench.findings.depth import Depth
from workbench.findings.pages import SIGNS
from workbench.findings.rows import rows
from workbench.findings.statement import Inspection, facts
from workbench.listing import Facts
from workbench.widgets import parts
from workbench.widgets.depth import DepthFields
from workbench.widgets.form_field import FormField

__all__ = ["Checks", "Inspector", "Remedies"]

ORDER = ("form", "scan", "retained", "hidden", "leakage", "canaries")
_TONES = {"passed": "good", "failed": "bad"}


class Stopped(Exception):
    """Another run began, or the person stopped this one."""


class Inspector(Protocol):
    """What runs an inspection in this kernel."""

    def forms(self, model: Any) -> tuple[str, ...]:
        """Return the forms that a model can leave in, the usual one first."""

    def suggest(self, model: Any) -> tuple[str, str, str]:
        """Return names of what a model was trained on and has not seen, and why if not."""

    def named(self, text: str) -> tuple[Any, Any] | None:
        """Return what two names stand for; raises :class:`InputError` where they do not."""

    def run(
        self,
        model: Any,
        data: tuple[Any, Any] | None,
        holdout: tuple[Any, Any] | None,
        depth: Depth,
        watch: Any,
        form: str | None,
        only_form: bool,
    ) -> Inspection:
        """Run all checks, or those that depend on the form if the model is what it was."""

    def time_one(
        self, model: Any, data: tuple[Any, Any], holdout: tuple[Any, Any], watch: Any
    ) -> tuple[float, int]:
        """Return the seconds that one model to compare with takes, and how many that allows.

        Raises where nobody knows.
        """

    def sanitised(self, model: Any, holdout: tuple[Any, Any] | None) -> tuple[Any, str]:
        """Return a copy of a model with nothing hidden in it, and what that cost, in words."""


@dataclass(frozen=True)
class Remedies:
    """What the form does when a remedy is chosen."""

    changed: Callable[[], None]  # facts are others now
    hosted_only: Callable[[], None]
    replaced: Callable[[Any, str], None]  # by a cleaned model


class Checks:
    """Runs the checks of the chosen model in a thread and shows how they go.

    Attributes:
        found: what was measured so far about ``model``.
        lines, ways: what is shown of each check, and its remedies as buttons.
        thread: of the run; can be joined.
    """

    def __init__(
        self,
        inspector: Inspector,
        remedies: Remedies,
        given: tuple[Any, Any] | None = None,
        form: str | None = None,
    ) -> None:
        self._inspector, self._remedies = inspector, remedies
        self._given = given or (None, None)
        self.model: Any = None
        self.found = Inspection()
        self.thread: threading.Thread | None = None
        self.run_number = 0
        self.running = False  # whether checks of the chosen model are still to come
        self._skip = threading.Event()
        self.lines = {key: w.HTML() for key in ORDER}
        self.ways = {key: w.HBox([]) for key in ORDER}
        self.trained = w.Text(placeholder="X_train, y_train")
        self.unseen = w.Text(placeholder="X_test, y_test")
        self.why = w.HTML()
        self.depth = DepthFields()
        self.form = FormField(self._in_another_form, form)
        self.bar = w.FloatProgress(min=0, max=1, layout=w.Layout(width="auto"))
        self.doing = w.HTML()
        self.stop_button = w.Button(
            description="Skip this check",
            tooltip="The others go on",
            layout=w.Layout(width="auto", align_self="flex-start"),
        )
        self.stop_button.on_click(lambda _: self._skip.set())
        wide = w.Layout(width="auto")
        self.again = w.Button(
            description="Measure again", tooltip="Quick: asks the model only", layout=wide
        )
        self.thorough = w.Button(
            description="Measure thoroughly",
            layout=wide,
            tooltip="Trains the model again on parts of the data, to compare; may take minutes",
        )
        self.again.on_click(lambda _: self.start(self.model))
        self.thorough.on_click(lambda _: self.start(self.model, thorough=True))
        self._running = w.VBox([self.doing, self.bar, self.stop_button])
        self._running.layout.display = "none"
        self.widget = w.VBox(self._layout())
        self.widget.add_class("wb-Checks")

    def _layout(self) -> list[Any]:
        fields = [
            parts.field(
                "Trained on", self.trained, "Names in this notebook: the rows, and what they mean"
            ),
            parts.field("Not seen by it", self.unseen, "Rows set aside, and what they mean"),
        ]
        lines = [w.VBox([self.lines[key], self.ways[key]]) for key in ORDER]
        buttons = w.Box([self.again, self.thorough], layout=w.Layout(flex_flow="row wrap"))
        return [
            w.HTML("<b>Checks</b>"), *fields, self.why, *lines, self._running,
            *self.depth.layout(), buttons,
        ]  # fmt: skip

    def facts(self, before: Facts) -> Facts:
        """Return facts with what was measured so far."""
        return facts(before, self.found)

    def choose(self, model: Any) -> None:
        """Take another model, suggest its data and begin."""
        trained, unseen, why = self._inspector.suggest(model)
        self.trained.value, self.unseen.value = trained, unseen
        self.why.value = parts.text(why) if why and self._given == (None, None) else ""
        self.depth.forget()
        self.form.offer(self._inspector.forms(model) if model is not None else ())
        self.start(model)

    def _in_another_form(self) -> None:
        """Look at the chosen model in the form that is chosen now."""
        self.start(self.model, only_form=not self.running)

    def start(self, model: Any, thorough: bool = False, only_form: bool = False) -> None:
        """Run all checks, or those that depend on the form; what runs already is stopped."""
        self.run_number += 1
        self._skip.clear()
        self.found = self.found.without_form() if only_form else Inspection()
        self.model, self.running = model, False
        self._show_rows()
        if model is None:
            return
        try:
            data = self._inspector.named(self.trained.value) or self._given[0]
            holdout = self._inspector.named(self.unseen.value) or self._given[1]
        except InputError as error:
            self.why.value = parts.problem(error)
            return
        self._running.layout.display = ""
        self.running = True
        run = _Run(self, self.run_number, self.form.chosen(), only_form)
        depth = self.depth.depth(thorough=thorough)
        self.thread = threading.Thread(
            target=self._measure,
            args=(run, model, data, holdout, depth),
            name="checks",
            daemon=True,
        )
        self.thread.start()

    def stop(self) -> None:
        """Stop whatever runs."""
        self.run_number += 1

    def _measure(self, run: _Run, model: Any, data: Any, holdout: Any, depth: Depth) -> None:
        try:
            self._inspector.run(model, data, holdout, depth, run, run.form, run.only_form)
        except Stopped:
            return
        except WorkbenchError as error:
            self.why.value = parts.problem(error)
        finally:
            if run.current():
                self.running = False
                self._running.layout.display = "none"
                self._show_rows()
                self._remedies.changed()
        if run.current() and not depth.thorough and not run.only_form:
            self._time(run, model, data, holdout)

    def _time(self, run: _Run, model: Any, data: Any, holdout: Any) -> None:
        """Say how long a thorough look would take; the form can be used meanwhile."""
        if data is None or holdout is None:
            self.depth.unknown("They need data that the model was trained on, and has not seen.")
            return
        try:
            seconds, most = self._inspector.time_one(model, data, holdout, run)
        except Stopped:
            return
        except WorkbenchError as error:
            self.depth.unknown(error.message)
        else:
            if run.current():
                self.depth.took(seconds, most)

    # What a run tells

    def tell(self, what: str, done: int, total: int) -> None:
        """Show progress."""
        self.doing.value = parts.text(f"{what} …")
        self.bar.value = min(done / total, 1) if total else 0

    def took(self, found: Inspection) -> None:
        """Take what is measured by now."""
        self.found = found
        if found.converted is not None:
            self.form.became(found.converted.form)
        self._show_rows()
        self._remedies.changed()

    def skipping(self) -> bool:
        """Tell, once, whether the person wants the check that runs to be left out."""
        wanted = self._skip.is_set()
        self._skip.clear()
        return wanted

    # What is shown

    def _show_rows(self) -> None:
        shown = {row["key"]: row for row in rows(self.facts(Facts()), self.found)}
        for key in ORDER:
            row = shown.get(key)  # where no records were planted, there is none for them
            self.lines[key].value = self._line(row) if row else ""
            self.ways[key].children = tuple(self._buttons(row)) if row else ()
        self.thorough.disabled = self.again.disabled = self.model is None

    def _line(self, row: dict[str, str]) -> str:
        return _line(row, self._why_not(row["title"])) + self._note(row["key"])

    def _why_not(self, title: str) -> str:
        return next(
            (gap.partition(": ")[2] for gap in self.found.gaps if gap.startswith(f"{title}:")), ""
        )

    def _note(self, key: str) -> str:
        """Return what recipients will have to name when they load the model."""
        converted = self.found.converted
        if key != "form" or converted is None or not converted.trust:
            return ""
        return parts.text(
            "Note: recipients will have to name these types when they load the model, since "
            f"skops does not know them to be safe: {', '.join(converted.trust)}."
        )

    def _buttons(self, row: dict[str, str]) -> list[Any]:
        if row["key"] in ("retained", "leakage") and row["outcome"] in ("failed", "concern"):
            return [_way("Offer hosted use only", self._remedies.hosted_only)]
        if row["key"] == "hidden" and row["outcome"] == "failed":
            return [_way("Share a copy with rounded weights", self._sanitise)]
        return []

    def _sanitise(self) -> None:
        try:
            holdout = self._inspector.named(self.unseen.value) or self._given[1]
            clean, words = self._inspector.sanitised(self.model, holdout)
        except WorkbenchError as error:
            self.why.value = parts.problem(error)
            return
        self._remedies.replaced(clean, words)


@dataclass(frozen=True)
class _Run:
    """One run of the checks; when another begins it stops."""

    checks: Checks
    number: int
    form: str | None
    only_form: bool

    def current(self) -> bool:
        """Tell whether no other run has begun."""
        return self.number == self.checks.run_number

    def skipping(self) -> bool:
        """Tell whether the check that runs is to be left out."""
        return self.checks.skipping()

    def progress(self, _check: str, what: str, done: int, total: int) -> None:
        """Show progress, or stop."""
        if not self.current():
            raise Stopped
        self.checks.tell(what, done, total)

    def finished(self, _check: str, so_far: Inspection) -> None:
        """Take what is measured by now."""
        if not self.current():
            raise Stopped
        self.checks.took(so_far)


def _line(row: dict[str, str], why_not: str) -> str:
    outcome = row["outcome"]
    said = f"{SIGNS[outcome]} {row['title']}: {row['sentence']}"
    if outcome == "unknown" and why_not:
        outcome = "failed" if row["key"] == "form" else outcome  # it cannot be shared like this
        said = f"{SIGNS[outcome]} {row['title']}: {why_not}"
    advice = parts.text(row["advice"]) if row["advice"] else ""
    return parts.text(said, tone=_TONES.get(outcome, "plain")) + advice


def _way(words: str, choose: Callable[[], None]) -> Any:
    button = w.Button(description=words, icon="arrow-right", layout=w.Layout(width="auto"))
    button.add_class("wb-way")
    button.on_click(lambda _: choose())
    return button
