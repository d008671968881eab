"""What an inspection found out about a release, for whoever reviews it: rows first, then proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.errors import WorkbenchError
from workbench.findings.leakage import band
from workbench.findings.leakage_words import canary_words, words
from workbench.findings.rows import rows
from workbench.findings.statement import Inspection, read
from workbench.records import Facts
from workbench.session import Session
from workbench.tracing.trail import NO_KEYS

__all__ = ["checks_view", "inspection_view"]

NOT_RUN = "Nobody has run the inspection for this release."


def checks_view(session: Session, ref: str) -> dict[str, Any]:
    """Return what the listing says was measured, and the measurements where there are keys."""
    facts = session.release(ref).listing.facts
    try:
        found = read(session.evidence(ref).statements)
    except WorkbenchError:
        why: str | None = NO_KEYS.format(ref=ref)
        found = Inspection()
    else:
        why = None if found else NOT_RUN
    return {"ref": ref, "available": why is None, "why": why, **inspection_view(found, facts)}


def inspection_view(found: Inspection, facts: Facts) -> dict[str, Any]:
    """Return an inspection as JSON: the rows, then each result with its words."""
    return {
        "rows": rows(facts, found),
        "scan": _plain(found.scan),
        "converted": _plain(found.converted),
        "converted_sentences": _said(found.converted),
        "retained": _plain(found.retained),
        "retained_sentences": _said(found.retained),
        "leakage": _plain(found.leakage),
        "leakage_words": words(found.leakage) if found.leakage else [],
        "canaries": _plain(found.canaries),
        "canary_words": canary_words(found.canaries) if found.canaries else [],
        "band": (band(found.leakage) if found.leakage else facts.leakage).value,
        "hidden": _plain(found.hidden),
        "hidden_sentences": [*_said(found.hidden), *_said(found.screen)],
        "gaps": list(found.gaps),
    }


def _plain(report: Any) -> dict[str, Any] | None:
    plain: dict[str, Any] | None = None if report is None else report.model_dump(mode="json")
    return plain


def _said(report: Any) -> Sequence[str]:
    return [] if report is None else list(report.sentences())
