"""An inspection as predicates of signed statements, read back from them, and as facts of a listing.

Each result becomes one in-toto statement of its own kind in a release's evidence, about the model's
root digest, so that each can be shown, checked and left out by itself. The listing, which everybody
may read, gets words only: numbers would themselves tell something about people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from workbench.findings.converted import ConvertedReport
from workbench.findings.finding import Level
from workbench.findings.hidden import HiddenReport, ScreenReport
from workbench.findings.leakage import Canaries, LeakageReport, band
from workbench.findings.retained import RetainedReport
from workbench.findings.scan import Outcome, ScanReport
from workbench.forms import Model
from workbench.listing import Facts
from workbench.predicates import read as records
from workbench.vocabulary import Verdict

__all__ = ["SCAN", "TITLES", "Inspection", "Unmeasured", "facts", "of_scan", "predicates", "read"]

MAX_GAPS = 50
CONTENT = "hidden-content"  # the rule of findings of texts, files and programs in low bits
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Unmeasured(Model):
    """What was not measured, and why, in sentences."""

    gaps: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=MAX_GAPS)]


SCAN = "urn:sharing-workbench:scan:v1"
TYPES: Mapping[type[Model], str] = {
    ScanReport: SCAN,
    ConvertedReport: "urn:sharing-workbench:safe-form:v1",
    RetainedReport: "urn:sharing-workbench:retained-rows:v1",
    LeakageReport: "urn:sharing-workbench:leakage:v1",
    Canaries: "urn:sharing-workbench:planted-records:v1",
    HiddenReport: "urn:sharing-workbench:hidden-content:v1",
    ScreenReport: "urn:sharing-workbench:backdoor-screening:v1",
    Unmeasured: "urn:sharing-workbench:not-measured:v1",
}
TITLES: Mapping[str, str] = {
    TYPES[ScanReport]: "Unsafe content",
    TYPES[ConvertedReport]: "Safe form",
    TYPES[RetainedReport]: "Training rows inside the model",
    TYPES[LeakageReport]: "Leakage",
    TYPES[Canaries]: "Planted records",
    TYPES[HiddenReport]: "Hidden content",
    TYPES[ScreenReport]: "Backdoors",
    TYPES[Unmeasured]: "Not measured",
}


@dataclass(frozen=True)
class Inspection:
    """All that was measured about what a model would give away; any part may be missing."""

    scan: ScanReport | None = None
    converted: ConvertedReport | None = None
    retained: RetainedReport | None = None
    leakage: LeakageReport | None = None
    canaries: Canaries | None = None
    hidden: HiddenReport | None = None
    screen: ScreenReport | None = None
    gaps: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(part is not None for part in self.parts())

    def without_form(self) -> Inspection:
        """Return what does not depend on the form that a model is written in."""
        about = tuple(f"{TITLES[TYPES[kind]]}:" for kind in (ScanReport, ConvertedReport))
        gaps = tuple(gap for gap in self.gaps if not gap.startswith(about))
        return replace(self, scan=None, converted=None, gaps=gaps)

    def parts(self) -> tuple[Model | None, ...]:
        """Return the parts in the order in which they are signed."""
        unmeasured = Unmeasured(gaps=self.gaps[:MAX_GAPS]) if self.gaps else None
        return (
            self.scan,
            self.converted,
            self.retained,
            self.leakage,
            self.canaries,
            self.hidden,
            self.screen,
            unmeasured,
        )


def predicates(inspection: Inspection) -> list[tuple[str, dict[str, Any]]]:
    """Return a predicate type and a predicate for every part that is there, but the scan's.

    That one is added by whoever seals the files, which are then the very ones that were scanned.
    """
    return [
        (TYPES[type(part)], part.model_dump(mode="json"))
        for part in inspection.parts()
        if part is not None and not isinstance(part, ScanReport)
    ]


def read(statements: Iterable[Mapping[str, Any]]) -> Inspection:
    """Return what verified in-toto statements say an inspection found.

    Raises:
        TrustError: one of these kinds twice, or one that cannot be read (step ``"evidence"``).
    """
    found = records(statements, TYPES, TITLES)
    unmeasured = found.get(Unmeasured)
    return Inspection(
        scan=found.get(ScanReport),
        converted=found.get(ConvertedReport),
        retained=found.get(RetainedReport),
        leakage=found.get(LeakageReport),
        canaries=found.get(Canaries),
        hidden=found.get(HiddenReport),
        screen=found.get(ScreenReport),
        gaps=unmeasured.gaps if unmeasured else (),
    )


def of_scan(facts: Facts, report: ScanReport) -> Facts:
    """Return facts with what a scan of the files says, whatever they said before."""
    plain = Verdict.passed if report.outcome is Outcome.safe else Verdict.failed
    known = report.verdict is not Verdict.unknown
    return facts.model_copy(
        update={"scan": report.verdict, "safe_form": plain if known else Verdict.unknown}
    )


def facts(before: Facts, inspection: Inspection) -> Facts:
    """Return facts with what was measured; what was not measured stays as it was."""
    found: dict[str, object] = {}
    if inspection.retained is not None:
        found["retained_rows"] = inspection.retained.verdict
    if inspection.leakage is not None:
        found["leakage"] = band(inspection.leakage)
    if inspection.hidden is not None:
        found["hidden"] = _hidden(inspection.hidden)
    after = before.model_copy(update=found)
    return of_scan(after, inspection.scan) if inspection.scan is not None else after


def _hidden(report: HiddenReport) -> Verdict:
    """Return the verdict: other concerns than content are for a person to weigh."""
    if any(one.rule == CONTENT or one.level is Level.unsafe for one in report.found):
        return Verdict.failed
    return Verdict.passed if report.examined else Verdict.unknown
