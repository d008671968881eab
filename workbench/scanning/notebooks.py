"""Jupyter notebooks: programs that people run by choice; what they might run without knowing."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

from workbench.findings.finding import Level
from workbench.findings.scan import Outcome
from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.documents import objects, texts
from workbench.scanning.recipes import is_known_source
from workbench.scanning.wording import escaped

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
# Cells that hide what they run, or run what they fetch: nobody who works openly needs that.
_HARM = re.compile(
    r"\b(?:exec|eval|__import__|loads?)\s*\((?=[^\n]{0,200}(?:b64decode|a85decode|b85decode|fromhex|"
    r"unhexlify|decompress|marshal|rot.?13|urlopen|requests\.get|urlretrieve))|"
    r"\bpickle\.loads\s*\(\s*(?:b[\"']|bytes)|"
    r"\b(?:curl|wget)\b[^\n|]{0,300}\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b|"
    r"/dev/tcp/|\bnc\b[^\n]{0,60}\s-e\b",
)
_INSTALLED = re.compile(
    r"^[ \t]*[!%][^\n]{0,80}\bpip3?[ \t]+install\b[^\n]{0,300}?[ \t=@+]((?:https?|ssh|file)://[^\s\"']+)",
    re.MULTILINE,
)
_HANDLER = re.compile(r"<[a-z][^<>]{0,400}\son\w{3,20}\s*=|javascript:|\bsrcdoc\s*=", re.IGNORECASE)
_DRIVES = re.compile(
    r"notebook\s*\.\s*kernel|kernel\s*\.\s*execute\s*\(|document\s*\.\s*cookie|\bsendBeacon\b|"
    r"\bfetch\s*\(\s*\\?[\"'`](?:\w+:)?//"
)
_PAGES = ("text/html", "html")
_PLAIN = ("image/svg+xml", "svg", "text/latex")  # drawings and formulas
_CLEAR = "Clear the outputs, and save it again."
_NAMED_MODULES = ("model_module", "_model_module", "_view_module", "view_module")
_ELSEWHERE = re.compile(r"^\s*(?:\w+:)?//|[\\:]|(?:^|/)\.\.(?:/|\Z)")
_ACTIVE_KINDS = {
    "application/javascript",
    "application/vnd.jupyter.widget-view+json+script",
    "text/javascript",
}
_SHOWN = _ACTIVE_KINDS.union(_PAGES, _PLAIN)


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
        _check_modules(cell, place, scan)
        for kind, output in cell.items():
            if kind in _SHOWN:
                for shown in texts(output, budget):
                    _check_output(kind, shown, place, scan)
        if cell.get("cell_type") == "markdown" and isinstance(text, str):
            _check_text(text, place, scan)
    return scan


def _acts(drawing: str) -> bool:
    """Tell whether a drawing, which may be packed as attachments are, holds a script."""
    if _ACTIVE.search(drawing):
        return True
    try:
        unpacked = b64decode(drawing, validate=True)
    except ValueError:
        return False
    return _ACTIVE.search(unpacked.decode("utf-8", "replace")) is not None


def _check_text(text: str, place: str, scan: Scan) -> None:
    if match := _HANDLER.search(text):
        why = "A text in it holds a script that runs when it is shown or clicked on."
        what = escaped(match.group().strip(), 40)
        scan.add(finding("notebook-script", place, what, why, remedy="Take it out of the text."))
    elif _ACTIVE.search(text):
        _concern(scan, place, "markdown", "A text holds a script, which may run when shown.")


def _check_output(kind: str, text: str, place: str, scan: Scan) -> None:
    """Check what a cell showed: libraries that draw use scripts, but not to do these things."""
    if match := _DRIVES.search(text):
        why = "An output holds a script that runs cells, or sends something elsewhere."
        what = escaped(match.group().strip(), 40)
        scan.add(finding("notebook-script", place, what, why, remedy=_CLEAR))
    elif kind in _PLAIN and (_acts(text) if kind != "text/latex" else _HANDLER.search(text)):
        why = "A drawing or formula in it holds a script, which it does not need."
        scan.add(finding("notebook-script", place, kind, why, remedy=_CLEAR))
    elif kind in _ACTIVE_KINDS or (kind in _PAGES and _ACTIVE.search(text)):
        _concern(scan, place, kind, "An output holds a script, which may run when shown.")


def _check_cell(cell: dict[str, Any], text: str, place: str, scan: Scan) -> None:
    if match := _HARM.search(text):
        why = "A cell runs what it fetches, or what is written so that nobody can read it."
        remedy = "Take the cell out, or write plainly what it does."
        what = escaped(match.group().strip(), 40)
        scan.add(finding("notebook-code", place, what, why, remedy=remedy))
    for match in _INSTALLED.finditer(text):
        if not is_known_source(match[1]):
            why = "A cell installs a program from a place of its own."
            remedy = "Name packages by name and version only."
            what = escaped(match[1], 40)
            scan.add(finding("install-source", place, what, why, remedy=remedy))
    if match := _SHELL.search(text):
        why = "A cell runs commands of the system."
        _concern(scan, place, match.group().strip()[:40], why)
    metadata = cell.get("metadata")
    hints = metadata.get("jupyter") if isinstance(metadata, dict) else None
    if isinstance(metadata, dict) and metadata.get("init_cell") is True:
        _concern(scan, place, "init_cell", "A cell asks to be run as soon as the notebook opens.")
    if isinstance(hints, dict) and hints.get("source_hidden") is True:
        _concern(scan, place, "hidden cell", "A cell's code is hidden, and runs with the others.")


def _check_modules(one: dict[str, Any], place: str, scan: Scan) -> None:
    """Check what a viewer would load to show a widget, and the kernel that it would start."""
    named = [one[key] for key in _NAMED_MODULES if isinstance(one.get(key), str)]
    kernel = one.get("kernelspec")
    if isinstance(kernel, dict) and isinstance(kernel.get("name"), str):
        named.append(kernel["name"])
    for name in named:
        if _ELSEWHERE.search(name):
            why = "It makes a viewer load a program from an address or path of its own."
            remedy = "Clear the outputs and the state of widgets, and choose the kernel again."
            scan.add(finding("notebook-module", place, escaped(name, 60), why, remedy=remedy))


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
