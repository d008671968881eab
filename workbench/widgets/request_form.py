"""The request form: a right, a purpose, a period, the terms, and the gateway's answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as w

from workbench.errors import WorkbenchError
from workbench.records import Alternative, Request
from workbench.services.request import Wish
from workbench.session import Session
from workbench.views import RIGHT_WORDS
from workbench.vocabulary import PurposeKind, Right
from workbench.widgets import parts

__all__ = ["RequestForm"]

_MEANING = {
    Right.infer: "the model answers where it is hosted; you do not receive the weights",
    Right.retrieve: "you receive the model, on this device, until the grant ends",
    Right.fine_tune: "you may train it further, under the same terms",
}


class RequestForm:
    """A form over a session; ``widget`` is what a cell shows, ``made`` the request once sent."""

    def __init__(self, *, session: Callable[[], Session], ref: str, days: int) -> None:
        self._session = session
        self._ref = ref
        release = session().release(ref)
        terms = session().terms(release)
        self._terms = terms.key
        self.made: Request | None = None
        rights = [(f"{RIGHT_WORDS[r]}: {_MEANING[r]}", r) for r in release.listing.rights]
        self.right = w.RadioButtons(options=rights, value=self._first(release.listing.rights))
        self.category = w.Dropdown(options=[(kind.value, kind) for kind in PurposeKind])
        self.purpose = parts.area(placeholder="one or two sentences")
        self.days = w.BoundedIntText(value=days, min=1, max=3650)
        self.accept = w.Checkbox(description="I have read the terms and agree", indent=False)
        self.policy = w.VBox([])
        self.message = w.HTML()
        self.send = w.Button(description="Send request", button_style="primary")
        self.send.on_click(lambda _: self.submit())
        fold = w.Accordion(
            children=[w.HTML(parts.text(terms.text))], titles=(f"Terms: {terms.title}",)
        )
        self.widget = parts.form(
            f"Request {ref}",
            [
                parts.field("What you need", self.right),
                parts.field("Kind of purpose", self.category),
                parts.field("Purpose", self.purpose),
                parts.field("For how many days", self.days),
                fold,
                self.accept,
                self.policy,
                self.message,
                self.send,
            ],
        )
        watched: list[Any] = [self.right, self.category, self.purpose, self.days, self.accept]
        for item in watched:
            item.observe(lambda _: self.refresh(), names="value")
        self.refresh()

    def _first(self, offered: Sequence[Right]) -> Right:
        """Return the least of the rights that this exchange can serve at all."""
        served = [right for right in offered if right is Right.retrieve or self._session().hosted()]
        return (served or list(offered))[0]

    def refresh(self) -> None:
        """Ask the gateway and say what is still missing, as after each key."""
        self.send.disabled = True
        if self.made is not None:
            return
        try:
            decision = self._session().check_request(self._ref, self._wish("-"))
        except WorkbenchError as error:
            self.message.value = parts.problem(error)
            return
        self.policy.children = tuple(parts.answer(decision, self._choose))
        missing = []
        if not self.purpose.value.strip():
            missing.append("say what for")
        if not self.accept.value:
            missing.append("accept the terms")
        self.message.value = parts.text(f"To go on: {' and '.join(missing)}.") if missing else ""
        self.send.disabled = bool(missing) or not decision.allowed

    def submit(self) -> None:
        """Send the request; what was entered is kept if it fails."""
        try:
            wish = self._wish(self.purpose.value.strip())
            self.made = self._session().request(self._ref, wish, self._terms)
        except WorkbenchError as error:
            self.message.value = parts.problem(error)
            return
        self.send.disabled = True
        state = self.made.state.value.replace("_", " ")
        self.message.value = (
            "<div role='status'>"
            + parts.text(f"✓ Sent ({self.made.id}): {state}.", tone="good", strong=True)
            + parts.text("You see its state under My requests in the Sharing panel.")
            + "</div>"
        )

    def _wish(self, purpose: str) -> Wish:
        return Wish.of(
            right=self.right.value, days=self.days.value, category=self.category.value, text=purpose
        )

    def _choose(self, alternative: Alternative) -> None:
        change = alternative.change
        if "days" in change:
            self.days.value = change["days"]
        if "right" in change:
            self.right.value = Right(change["right"])
        if "purpose" in change:
            self.category.value = PurposeKind(change["purpose"])
        self.refresh()
