"""Looking into files without sharing them, and reading what was measured about a release."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.console import desk, progress, show
from workbench.cli.owning import AsJson, Ref
from workbench.findings.pages import inspected, scanned
from workbench.findings.scan import Outcome
from workbench.scanning.scan import scan as look
from workbench.tracing.checked import checks_view

__all__ = ["add"]


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
    show(view, as_json, lambda: "\n".join(scanned(found)))
    if found.outcome is Outcome.unsafe:
        raise typer.Exit(1)


def checks(context: typer.Context, ref: Ref, as_json: AsJson = False) -> None:
    """Show what was measured about a release: unsafe content, kept rows, leakage, and more."""
    view = checks_view(desk(context).session, ref)
    show(view, as_json, lambda: _checks(view))


def _checks(view: dict[str, Any]) -> str:
    lines = inspected(view)
    return "\n".join([*lines, view["why"]] if view["why"] else lines)


def add(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command()(scan)
    app.command()(checks)
