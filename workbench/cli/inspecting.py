"""Looking into files without sharing them, and reading what was measured about a release."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.console import desk, progress, show
from workbench.cli.owning import AsJson, Ref
from workbench.findings.finding import Finding, Level
from workbench.findings.scan import FileScan, Outcome, ScanReport
from workbench.scanning.scan import scan as look
from workbench.tracing.checked import checks_view

__all__ = ["add"]

_OUTCOMES = {
    Outcome.safe: "✓ safe form",
    Outcome.allowed: "✓ a program, but harmless",
    Outcome.unsafe: "✗ could run code",
}
_LEVELS = {Level.unsafe: "✗", Level.concern: "!", Level.note: "·"}
_SIGNS = {"passed": "✓", "failed": "✗", "concern": "!", "unknown": "–"}
MOST = 20  # findings of a file that are printed; all are in the JSON


def scan(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A file, or a folder with a model.")],
    as_json: AsJson = False,
) -> None:
    """Tell whether opening files could run somebody else's code; nothing is opened or shared.

    Exits with 1 if one of them could.
    """
    files = desk(context).workplace.files(path)
    with progress(as_json) as report:
        opening = [(file.name, file.open) for file in files]
        found = look(opening, clock=time.monotonic, progress=report)
    view = {"outcome": found.outcome.value, **found.model_dump(mode="json")}
    show(view, as_json, lambda: _page(found))
    if found.outcome is Outcome.unsafe:
        raise typer.Exit(1)


def checks(context: typer.Context, ref: Ref, as_json: AsJson = False) -> None:
    """Show what was measured about a release: unsafe content, kept rows, leakage, and more."""
    view = checks_view(desk(context).session, ref)
    show(view, as_json, lambda: _checks(view))


def _page(found: ScanReport) -> str:
    lines = [line for file in found.files for line in _file(file)]
    said = {
        Outcome.safe: "Nothing in it can run code.",
        Outcome.allowed: "It is a program, but all that it asks for is known and harmless.",
        Outcome.unsafe: "Do not open it outside a sandbox.",
    }[found.outcome]
    return "\n".join([*lines, said])


def _file(file: FileScan) -> list[str]:
    lines = [f"{_OUTCOMES[file.outcome]}  {file.path} ({file.kind})", f"    {file.reason}"]
    lines += [_finding(one) for one in file.findings[:MOST]]
    more = len(file.findings[MOST:]) + file.dropped
    return [*lines, f"    and {more} more findings"] if more else lines


def _finding(one: Finding) -> str:
    at = f" at byte {one.offset}" if one.offset is not None else ""
    said = " ".join(part for part in (one.why, one.remedy) if part)
    return f"    {_LEVELS[one.level]} {one.where}{at}: {one.what}\n      {said}"


def _checks(view: dict[str, Any]) -> str:
    lines = []
    for row in view["rows"]:
        lines.append(f"{_SIGNS[row['outcome']]} {row['title']}: {row['sentence']}")
        if row["advice"]:
            lines.append(f"    {row['advice']}")
    lines += [f"    {word}" for word in view["leakage_words"]]
    lines += [f"    {word}" for word in view["canary_words"][1:]]
    lines += [f"    {sentence}" for sentence in view["retained_sentences"][1:]]
    lines += [f"– Not measured: {gap}" for gap in view["gaps"]]
    if view["why"]:
        lines.append(view["why"])
    return "\n".join(lines)


def add(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command()(scan)
    app.command()(checks)
