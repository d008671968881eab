"""Results of the notebook functions, as they are shown."""

from __future__ import annotations

import html
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from workbench.findings.pages import MOST, SIGNS, behind, inspected, scanned
from workbench.findings.scan import FileScan, Outcome, ScanReport
from workbench.release.signing import Resource
from workbench.services.context import Progress
from workbench.services.sealing import ModelFile
from workbench.widgets.roc import RocWidget

__all__ = ["Asking", "Card", "Inspected", "Opened", "Scanned", "one_line"]

WIDTH = 80  # of the line that shows progress
OUTCOMES = {
    Outcome.safe: "✓ a form that cannot run code",
    Outcome.allowed: "✓ a program, but all that it asks for is known and harmless",
    Outcome.unsafe: "✗ opening it could run somebody else's code",
}


@contextmanager
def one_line() -> Iterator[Progress]:
    """Show how far long work is in one line, which is gone when the work is over."""

    def tell(what: str, _done: int, _total: int) -> None:
        print(f"\r{what:<{WIDTH}.{WIDTH}}", end="", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        tell("", 0, 0)
        print("\r", end="", file=sys.stderr, flush=True)


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


class Inspected(dict[str, Any]):
    """What an inspection found, as JSON, shown as a row for each check with what is behind it.

    In a notebook the picture of what attacks found stands below.
    """

    def __repr__(self) -> str:
        return "\n".join(inspected(self._without_labels()))

    def _repr_html_(self) -> str:
        lines = [_row(row, behind(self, row["key"])) for row in self._without_labels()["rows"]]
        lines += [f"<li>– Not measured: {html.escape(gap)}</li>" for gap in self["gaps"]]
        return f"<ul style='list-style:none;padding:0'>{''.join(lines)}</ul>"

    def _ipython_display_(self) -> None:
        display({"text/plain": repr(self), "text/html": self._repr_html_()}, raw=True)
        if self["leakage"] and hasattr(get_ipython(), "kernel"):
            display(RocWidget(self["leakage"]))

    def _without_labels(self) -> dict[str, Any]:
        """Return it without the labels of the data, which only a release has."""
        return {**self, "rows": [row for row in self["rows"] if row["key"] != "labels"]}


@dataclass(frozen=True, repr=False)
class Scanned:
    """What was found in files."""

    report: ScanReport

    def __repr__(self) -> str:
        return "\n".join(scanned(self.report))

    def __bool__(self) -> bool:
        raise TypeError("Look at .report.outcome: safe, allowed or unsafe.")

    def _repr_html_(self) -> str:
        return "".join(_scanned(file) for file in self.report.files)


def _row(row: dict[str, str], more: Sequence[str]) -> str:
    said = f"{SIGNS[row['outcome']]} <b>{html.escape(row['title'])}</b>: "
    said += html.escape(f"{row['sentence']} {row['advice']}")
    if not more:
        return f"<li>{said}</li>"
    # What needs attention is open.
    opened = " open" if row["outcome"] in ("failed", "concern") else ""
    inside = "".join(f"<li>{html.escape(one)}</li>" for one in more)
    return f"<li><details{opened}><summary>{said}</summary><ul>{inside}</ul></details></li>"


def _scanned(file: FileScan) -> str:
    found = "".join(
        f"<li>{html.escape(f'{one.where}: {one.what}. {one.why} {one.remedy}')}</li>"
        for one in file.findings[:MOST]
    )
    said = f"<b>{html.escape(file.path)}</b> ({html.escape(file.kind)}): {OUTCOMES[file.outcome]}."
    return f"<p>{said} {html.escape(file.reason)}</p><ul>{found}</ul>"


@dataclass(frozen=True)
class Asking:
    """What loading a model that is a program needs to know, and whom it asks.

    Attributes:
        ref: the release, as ``org/name:version``.
        files: lists the model's files as they are now.
        signed: the files as the owner signed them.
        allow: asks the exchange, with what was found and whether the person insists; raises if it
            may not be, and records that it is done.
    """

    ref: str
    files: Callable[[], Sequence[ModelFile]]
    signed: Sequence[Resource]
    allow: Callable[[ScanReport, bool], None]


@dataclass(frozen=True)
class Opened:
    """An opened release: a folder whose every step was verified; ``told`` is said of a copy."""

    ref: str
    path: Path
    steps: tuple[str, ...]
    loaded: Callable[[Any], None] = lambda _model: None  # told of every model that is loaded
    asking: Asking | None = None  # without it only safe forms are loaded
    told: str = ""

    def load(
        self, *, trust: Sequence[str] = (), insist: bool = False, file: str | None = None
    ) -> Any:
        """Return the model; ``trust`` names further types to make, if you trust the owner.

        A pickle is a program: it runs as you, with your files, when it is loaded. It is loaded
        only with ``insist=True``, if all that it asks for is known and the policies allow it, and
        that is recorded. ``file`` says which, where there are several.

        Raises:
            Denied: it is a program, and you did not insist or a policy says no.
            TrustError: it asks for types that are not known to be safe, or is not what was opened.
            InputError: no file that can be loaded safely; use :attr:`path`.
            Unavailable: a package that is needed is not installed.
        """
        needed = import_module("workbench.notebook.measuring")
        model = needed.load(self.path, trust, self.asking, insist=insist, file=file)
        self.loaded(model)
        return model

    def _repr_html_(self) -> str:
        steps = " · ".join(f"✓ {html.escape(step)}" for step in self.steps)
        shown = [f"<b>{html.escape(self.ref)}</b>", html.escape(str(self.path)), steps]
        return "<br>".join([*shown, html.escape(self.told)] if self.told else shown)
