"""Jupyter notebooks: programs that people run by choice; what they might run without knowing."""

from __future__ import annotations

import re
from typing import Any

from workbench.findings.finding import Level
from workbench.findings.scan import Outcome
from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.documents import objects, texts

__all__ = ["is_notebook", "scan_notebook"]

_SHELL = re.compile(
    r"^[ \t]*(?:%%(?:bash|sh|script|!|ruby|perl|javascript|js|html)\b|"
    r"[!%][ \t]*(?:sx\b|system\b|curl|wget|nc\b|rm\b|chmod|bash|sh\b|powershell|"
    r"python\d?[ \t]+-c|pip3?[ \t]+install[ \t]+(?:-\S+[ \t]+)*(?:git\+|https?:)))",
    re.MULTILINE,
)
_ACTIVE = re.compile(
    r"<\s*(?:script|iframe|object|embed)\b|\bon\w{3,20}\s*=|javascript:", re.IGNORECASE
)
_ACTIVE_KINDS = {
    "application/javascript",
    "application/vnd.jupyter.widget-view+json+script",
    "text/javascript",
}


def is_notebook(value: Any) -> bool:
    """Tell whether a document is a notebook (nbformat 3 or 4)."""
    return (
        isinstance(value, dict)
        and "nbformat" in value
        and ("cells" in value or "worksheets" in value)
    )


def scan_notebook(value: dict[str, Any], place: str, budget: Budget) -> Scan:
    """Return what a notebook could do that whoever opens it does not expect."""
    scan = Scan("notebook")
    scan.worsen(Outcome.allowed, "It is a program, which runs only what somebody chooses to run.")
    for cell in objects(value, budget):
        source = cell.get("source", cell.get("input"))
        text = (
            "".join(v for v in source if isinstance(v, str)) if isinstance(source, list) else source
        )
        if cell.get("cell_type") == "code" and isinstance(text, str):
            _check_cell(cell, text, place, scan)
        for kind, output in cell.items():
            if kind in _ACTIVE_KINDS or (
                kind in ("text/html", "image/svg+xml", "html", "svg")
                and any(_ACTIVE.search(text) for text in texts(output, budget))
            ):
                _concern(scan, place, kind, "An output holds a script, which may run when shown.")
        if cell.get("cell_type") == "markdown" and isinstance(text, str) and _ACTIVE.search(text):
            _concern(scan, place, "markdown", "A text holds a script, which may run when shown.")
    return scan


def _check_cell(cell: dict[str, Any], text: str, place: str, scan: Scan) -> None:
    if match := _SHELL.search(text):
        why = "A cell runs commands of the system."
        _concern(scan, place, match.group().strip()[:40], why)
    metadata = cell.get("metadata")
    hints = metadata.get("jupyter") if isinstance(metadata, dict) else None
    if isinstance(hints, dict) and hints.get("source_hidden") is True:
        _concern(scan, place, "hidden cell", "A cell's code is hidden, and runs with the others.")


def _concern(scan: Scan, place: str, what: str, why: str) -> None:
    scan.add(
        finding(
            "notebook",
            place,
            what,
            why,
            level=Level.concern,
            remedy="Look at the cell before you run it, or clear the outputs.",
        )
    )
