"""Fields with labels above them, messages, and the gateway's answer with its alternatives."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as w

from workbench.errors import WorkbenchError
from workbench.records import Alternative, Decision

__all__ = ["answer", "area", "field", "form", "problem", "snippet", "text"]

# Labels stand beside their fields by default, where a narrow side area has no room for them.
_STYLE = """
.jupyter-widgets.wb-field {
  flex-direction: column; align-items: stretch; height: auto; margin: 4px 2px;
}
.jupyter-widgets.wb-field > .widget-label { text-align: left; width: auto; max-width: none; }
.jupyter-widgets.wb-field > :is(input, select, textarea) { flex: none; width: 100%; margin: 0; }
.jupyter-widgets.wb-field > :is(input, select) { height: var(--jp-widgets-inline-height, 28px); }
.jupyter-widgets.wb-way {
  height: auto; padding: 4px 8px; line-height: 1.4; text-align: left; white-space: normal;
}
.wb-Form .jupyter-widget-Collapse-header {
  color: var(--jp-ui-font-color1); opacity: 1; padding: 6px 8px; line-height: 1.4;
}
"""
_TONES = {"good": "var(--jp-success-color1)", "bad": "var(--jp-error-color1)", "plain": "inherit"}


def text(value: str, *, tone: str = "plain", strong: bool = False) -> str:
    """Return escaped HTML; colour never stands alone, the words say the same."""
    weight = "600" if strong else "400"
    style = f"color:{_TONES[tone]};font-weight:{weight};white-space:pre-line;line-height:1.4"
    # A block: the line height around it is that of a row of buttons.
    return f"<div style='{style}'>{html.escape(value)}</div>"


def field(label: str, widget: Any, hint: str = "") -> Any:
    """Return ``widget`` with its label above it; ``hint`` explains it on hover."""
    widget.description = label
    widget.style.description_width = "auto"
    widget.tooltip = hint or None
    widget.layout = w.Layout(width="auto")
    widget.add_class("wb-field")
    return widget


def area(rows: int = 3, **options: Any) -> w.Textarea:
    """Return a text area."""
    return w.Textarea(rows=rows, continuous_update=True, **options)


def form(title: str, children: list[Any]) -> w.VBox:
    """Return a form that fits a narrow side area and a wide cell."""
    heading = w.HTML(f"<style>{_STYLE}</style><h3 style='margin:0'>{html.escape(title)}</h3>")
    heading.add_class("wb-form-title")
    layout = w.Layout(width="auto", max_width="720px", padding="8px", overflow="hidden")
    box = w.VBox([heading, *children], layout=layout)
    box.add_class("wb-Form")
    return box


def problem(error: WorkbenchError) -> str:
    """Return an error as what happened, what was not changed, what to do."""
    parts = [text(f"✗ {error.message}", tone="bad", strong=True)]
    parts += [text(part) for part in (error.found, error.unchanged, error.hint) if part]
    return "<div role='alert'>" + "".join(parts) + "</div>"


def snippet(code: str) -> str:
    """Return code to copy: one click selects all of it."""
    style = (
        "user-select:all;white-space:pre-wrap;overflow-wrap:anywhere;margin:4px 0;padding:4px 8px;"
        "line-height:1.4;color:var(--jp-content-font-color1);background:var(--jp-layout-color2);"
        "border:1px solid var(--jp-border-color2);border-radius:2px"
    )
    shown = html.escape(code, quote=False)
    return f"<pre style='{style}' title='Click to select it all'>{shown}</pre>"


def answer(decision: Decision, choose: Callable[[Alternative], None]) -> list[Any]:
    """Return the gateway's answer: allowed, or why not with what would be as buttons."""
    if decision.allowed:
        note = f" · approvals needed: {decision.quorum}" if decision.quorum else ""
        return [w.HTML(text(f"✓ Policy: allowed{note}", tone="good"))]
    reasons = "\n".join(f"✗ {reason}" for reason in decision.rationale)
    shown: list[Any] = [w.HTML(text(reasons, tone="bad"))]
    shown += [w.HTML(text(f"First: {advice}")) for advice in decision.advice]
    for alternative in decision.alternatives:
        button = w.Button(
            description=alternative.sentence, layout=w.Layout(width="auto"), icon="arrow-right"
        )
        button.add_class("wb-way")  # whole sentences, on as many lines as they need
        button.on_click(lambda _, item=alternative: choose(item))
        shown.append(button)
    return shown
