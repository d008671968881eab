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

from workbench.findings.scan import FileScan, Outcome, ScanReport
from workbench.release.signing import Resource
from workbench.services.context import Progress
from workbench.services.sealing import ModelFile

__all__ = ["Asking", "Card", "Inspected", "Opened", "Scanned", "one_line"]

WIDTH = 80  # of the line that shows progress
MOST = 20  # findings of a file that are shown
SIGNS = {"passed": "✓", "failed": "✕", "concern": "!", "unknown": "–"}
OUTCOMES = {
    Outcome.safe: "✓ a form that cannot run code",
    Outcome.allowed: "✓ a program, but all that it asks for is known and harmless",
    Outcome.unsafe: "✕ opening it could run somebody else's code",
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
    """What an inspection found, as JSON, shown as one row for each check and the words."""

    def _repr_html_(self) -> str:
        lines = [_row(row) for row in self["rows"] if row["key"] != "labels"]
        said = [
            *self["leakage_words"],
            *self["canary_words"][1:],
            *self["retained_sentences"][1:],
            *self["hidden_sentences"],
        ]
        lines += [f"<li>{html.escape(one)}</li>" for one in said]
        lines += [f"<li>Not measured: {html.escape(gap)}</li>" for gap in self["gaps"]]
        return f"<ul style='list-style:none;padding:0'>{''.join(lines)}</ul>"


@dataclass(frozen=True)
class Scanned:
    """What was found in files."""

    report: ScanReport

    def __bool__(self) -> bool:
        raise TypeError("Look at .report.outcome: safe, allowed or unsafe.")

    def _repr_html_(self) -> str:
        return "".join(_scanned(file) for file in self.report.files)


def _row(row: dict[str, str]) -> str:
    said = f"{SIGNS[row['outcome']]} <b>{html.escape(row['title'])}</b>: "
    return f"<li>{said}{html.escape(row['sentence'])} {html.escape(row['advice'])}</li>"


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
    """An opened release: a folder whose every step was verified."""

    ref: str
    path: Path
    steps: tuple[str, ...]
    loaded: Callable[[Any], None] = lambda _model: None  # told of every model that is loaded
    asking: Asking | None = None  # without it only safe forms are loaded

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
        return f"<b>{html.escape(self.ref)}</b><br>{html.escape(str(self.path))}<br>{steps}"
