"""Made-up results of an inspection, small and complete."""

from __future__ import annotations

from workbench.findings.converted import Compared, ConvertedReport, Form
from workbench.findings.finding import Finding, Level
from workbench.findings.hidden import HiddenReport
from workbench.findings.leakage import (
    Answers,
    Attack,
    Canaries,
    Interval,
    LeakageReport,
    Method,
    Rate,
    Strongest,
    Task,
    Tier,
)
from workbench.findings.retained import How, Keeping, Kept, RetainedReport
from workbench.findings.scan import FileScan, Outcome, ScanReport
from workbench.findings.statement import Inspection

__all__ = [
    "canaries",
    "content",
    "converted",
    "hidden",
    "inspection",
    "leaking",
    "retained",
    "scanned",
]


def scanned(outcome: Outcome = Outcome.safe) -> ScanReport:
    found: tuple[Finding, ...] = ()
    if outcome is Outcome.unsafe:
        found = (
            Finding(
                rule="pickle-global", level=Level.unsafe, where="model.pkl", offset=2,
                what="GLOBAL os system", why="It runs programs.", remedy="Save it with skops.",
            ),
        )  # fmt: skip
    file = FileScan(
        path="model.pkl", kind="pickle", outcome=outcome, reason="So it is.", findings=found
    )
    return ScanReport(rules="2026-11", files=(file,))


def converted() -> ConvertedReport:
    return ConvertedReport(
        source="sklearn.svm.SVC", form=Form.skops, loader="skops.io.load", files=("model.skops",),
        compared=Compared.given, rows=10, outputs=10, difference=0.0, tolerance=0.0,
    )  # fmt: skip


def retained(rows: int = 3) -> RetainedReport:
    kept = Kept(
        where="_fit_X", kind=Keeping.rows, how=How.exact, level=Level.unsafe, count=max(rows, 1),
        of=100, positions=(1, 2), columns=("age",), why="It is so.", remedy="Train another model.",
    )  # fmt: skip
    return RetainedReport(k=10, of=100, rows=rows, found=(kept,) if rows else ())


def leaking(auc: float = 0.9) -> LeakageReport:
    over = auc - 0.5
    rate = Rate(
        at=0.01, value=over, interval=Interval(low=over / 3, high=2 * over), false_positives=5
    )
    around = Interval(low=auc - 0.05, high=min(auc + 0.05, 1.0))
    attack = Attack(method=Method.ratio, auc=auc, interval=around, rates=(rate,))
    best = Strongest(
        tried=1, method=Method.ratio, auc=auc, interval=around, rate_method=Method.ratio, rate=rate
    )
    return LeakageReport(
        tier=Tier.thorough, task=Task.classification, answers=Answers.probabilities, members=600,
        nonmembers=600, references=8, wanted=8, attacks=(attack,), strongest=best,
    )  # fmt: skip


def canaries(low: float = 0.7) -> Canaries:
    around = Interval(low=low, high=low + 0.2)
    return Canaries(planted=50, aside=50, auc=low + 0.1, interval=around, exposure=2, chance=1.4)


def content(level: Level = Level.concern) -> Finding:
    return Finding(
        rule="hidden-content", level=level, where="weights", what="A table of text",
        why="It is no part of the model.", remedy="Round the weights.",
    )  # fmt: skip


def hidden(*found: Finding) -> HiddenReport:
    return HiddenReport(tensors=2, numbers=1000, examined=1000, found=found)


def inspection() -> Inspection:
    """Everything measured, and something not."""
    return Inspection(
        scan=scanned(),
        converted=converted(),
        retained=retained(),
        leakage=leaking(),
        canaries=canaries(),
        hidden=hidden(),
        gaps=("Backdoors: nobody looked.",),
    )
