"""Fills a workshop's exchange with what a busy month leaves behind; run inside the workshop."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a script, by the workshop's Python

from tests import traced
from tests.inspected import calm, leaky
from tests.unit.origin.samples import CODE, notebook
from tests.weights import weights
from workbench.app import Workplace, open_workplace
from workbench.encoding import digest
from workbench.errors import Denied
from workbench.findings.statement import Inspection, facts
from workbench.origin.graph import Graph
from workbench.origin.statement import Provenance
from workbench.policy import terms
from workbench.records import Facts
from workbench.services.publish import Draft
from workbench.services.request import Wish
from workbench.vocabulary import Band, Right, Sensitivity, Verdict, VoteKind

LONG = "the-regional-consortium-for-early-warning/length-of-stay-and-readmission-of-elderly-people"
PURPOSE = "External validation on the admissions of 2025 at St. Mary's, two sites."


# What the lineage of version 1.0 has that the one of 0.9 had not.
RETRAINED = replace(
    traced.KEPT,
    graph=traced.relabelled(
        traced.KEPT.graph or Graph(),
        patients={"details": {"address": "patients.csv", "digest": digest(b"2026"), "size": 640}},
    ),
    notebook=notebook(*CODE[:3], CODE[3].replace("C=0.5", "C=0.25, max_iter=500"), CODE[4]),
)


def publish(
    workplace: Workplace,
    folder: Path,
    name: str,
    version: str,
    kept: Provenance | None = None,
    measured: Inspection | None = None,
    **fields: object,
) -> str:
    """Publish a small folder as Ada, with its lineage and inspection where there are."""
    if measured is not None:
        fields["facts"] = facts(Facts(), measured)
    draft = Draft.of(
        name=name, version=version, license="CC-BY-NC-4.0", terms=terms.standard(), **fields
    )
    session, files = workplace.session("ada"), workplace.files(folder)
    kept = kept or Provenance()
    return traced.publish(session, draft, files, kept, bound=False, measured=measured).key


def ask(workplace: Workplace, ref: str, right: Right, days: int, text: str) -> str:
    """Ask as Noor, terms accepted."""
    session = workplace.session("noor")
    wish = Wish.of(right=right, days=days, category="evaluation", text=text)
    return session.request(ref, wish, session.release(ref).listing.terms).id


def main() -> None:
    """Leave releases, requests in every state, and a log with refusals in it."""
    workplace = open_workplace()
    with tempfile.TemporaryDirectory() as name:
        folder, checked, keeping = (Path(name) / part for part in ("old", "new", "near"))
        folder.mkdir()
        (folder / "model.bin").write_bytes(weights(bytes(1000)))
        old = publish(
            workplace, folder, "cardio-lab/readmission", "0.9", traced.KEPT, title="Readmission"
        )
        new = publish(
            workplace, checked, "cardio-lab/readmission", "1.0", RETRAINED, calm(checked),
            title="Readmission within 30 days",
            summary="Risk of unplanned readmission after discharge, from ten bedside values.",
            task="tabular classification", sensitivity=Sensitivity.confidential,
            regions=("eu",),
        )  # fmt: skip
        near = publish(
            workplace, keeping, "cardio-lab/nearest", "1.0", None, leaky(keeping),
            title="Nearest patient",
        )  # fmt: skip
        long = publish(
            workplace, folder, LONG, "2026.11.24-rc.1", title="Length of stay " * 8,
            summary="A long summary. " * 30,
        )  # fmt: skip
        secret = publish(
            workplace, folder, "cardio-lab/ecg-net", "0.3", title="ECG net",
            sensitivity=Sensitivity.restricted,
            facts=Facts(scan=Verdict.passed, leakage=Band.high, retained_rows=Verdict.failed),
            rights=(Right.infer,),
        )  # fmt: skip
    reviewer, recipient, owner = (workplace.session(who) for who in ("rui", "noor", "ada"))
    granted = ask(workplace, old, Right.retrieve, 30, PURPOSE)
    reviewer.decide(granted, VoteKind.approve, "A second site is what we hoped for.")
    owner.change_state(old, "deprecate", "Version 1.0 is better calibrated.")
    rejected = ask(workplace, new, Right.retrieve, 30, "To have a look.")
    reviewer.decide(rejected, VoteKind.reject, "What for? Please describe the plan.")
    ask(workplace, new, Right.retrieve, 14, PURPOSE)
    ask(workplace, near, Right.retrieve, 14, PURPOSE)
    returned = ask(workplace, long, Right.retrieve, 90, "Benchmark " + "with care " * 40)
    reviewer.decide(returned, VoteKind.return_, "Which sites, and who will see the results?")
    wish = Wish.of(right=Right.retrieve, days=10, category="research", text=PURPOSE)
    for ref in (secret, new):
        try:
            recipient.request(ref, wish, None)
        except Denied:
            continue


if __name__ == "__main__":
    main()
