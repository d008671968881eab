"""What was found, in plain lines: for a terminal, and wherever no more than text is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from workbench.findings.finding import Finding, Level
from workbench.findings.scan import FileScan, Outcome, ScanReport

__all__ = ["MOST", "SIGNS", "behind", "inspected", "scanned"]

MOST: Final = 20  # findings of a file that are told
SIGNS: Final = {"passed": "✓", "failed": "✗", "concern": "!", "unknown": "–"}
_OUTCOMES = {
    Outcome.safe: "✓ safe form",
    Outcome.allowed: "✓ a program, but harmless",
    Outcome.unsafe: "✗ could run code",
}
_LEVELS = {Level.unsafe: "✗", Level.concern: "!", Level.note: "·"}
_ENDS = {
    Outcome.safe: "Nothing in it can run code.",
    Outcome.allowed: "It is a program, but all that it asks for is known and harmless.",
    Outcome.unsafe: "Do not open it outside a sandbox.",
}
# Where the sentences behind a row are, and how many of them the row says itself.
_BEHIND = {
    "form": ("converted_sentences", 0),
    "retained": ("retained_sentences", 1),
    "leakage": ("leakage_words", 0),
    "canaries": ("canary_words", 1),
    "hidden": ("hidden_sentences", 0),
}


def behind(view: Mapping[str, Any], key: str) -> Sequence[str]:
    """Return the sentences behind one row of an inspection.

    Args:
        view: an inspection as JSON (:func:`workbench.tracing.checked.inspection_view`).
        key: of the row.
    """
    name, said = _BEHIND.get(key, ("", 0))
    found: Sequence[str] = view[name][said:] if name else ()
    return found


def inspected(view: Mapping[str, Any]) -> list[str]:
    """Return an inspection as lines: each check, what to do, and what is behind it."""
    lines = []
    for row in view["rows"]:
        lines.append(f"{SIGNS[row['outcome']]} {row['title']}: {row['sentence']}")
        if row["advice"]:
            lines.append(f"    {row['advice']}")
        lines += [f"    · {sentence}" for sentence in behind(view, row["key"])]
    return [*lines, *(f"– Not measured: {gap}" for gap in view["gaps"])]


def scanned(found: ScanReport) -> list[str]:
    """Return a look into files as lines, the outcome of all of them last."""
    return [*(line for file in found.files for line in _file(file)), _ENDS[found.outcome]]


def _file(file: FileScan) -> list[str]:
    lines = [f"{_OUTCOMES[file.outcome]}  {file.path} ({file.kind})", f"    {file.reason}"]
    lines += [_finding(one) for one in file.findings[:MOST]]
    more = len(file.findings[MOST:]) + file.dropped
    return [*lines, f"    and {more} more findings"] if more else lines


def _finding(one: Finding) -> str:
    at = f" at byte {one.offset}" if one.offset is not None else ""
    said = " ".join(part for part in (one.why, one.remedy) if part)
    return f"    {_LEVELS[one.level]} {one.where}{at}: {one.what}\n      {said}"
