"""Scan the whole corpus and print what is wrong: ``python -m tests.corpus [PART OF A NAME]``."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence

from tests.corpus.everything import benign, hostile
from tests.corpus.judging import Verdict, judged, right, wanted
from tests.corpus.sample import Hostile


def table(title: str, verdicts: Sequence[Verdict]) -> None:
    """Print verdicts with what was wanted and what the scanner gave as its reason."""
    print(f"\n{title}: {len(verdicts)}")
    for verdict in verdicts:
        want = " or ".join(sorted(wanted(verdict.sample)))
        why = verdict.sample.why if isinstance(verdict.sample, Hostile) else ""
        print(f"  {verdict.sample.name}: {verdict.outcome}, not {want}. {why}")
        print(f"      {verdict.reason[:300]}")


def main(part: str = "") -> None:
    """Print the counts, the missed, the false alarms, the errors, and the slowest."""
    chosen = [sample for sample in (*hostile(), *benign()) if part in sample.name]
    verdicts = judged(chosen, lambda name: print(f"\r{name:70}", end="", file=sys.stderr))
    wrong = [verdict for verdict in verdicts if not right(verdict)]
    bad = [verdict for verdict in wrong if isinstance(verdict.sample, Hostile)]
    table("missed", [verdict for verdict in bad if verdict.outcome != "error"])
    table("false alarms", [v for v in wrong if v not in bad and v.outcome != "error"])
    table("errors", [verdict for verdict in wrong if verdict.outcome == "error"])
    print("\nslowest")
    for verdict in sorted(verdicts, key=lambda one: -one.seconds)[:10]:
        print(f"  {verdict.sample.name}: {verdict.seconds:.2f} s, {verdict.outcome}")
    middle = statistics.median(verdict.seconds for verdict in verdicts)
    count = sum(isinstance(verdict.sample, Hostile) for verdict in verdicts)
    print(f"\n{count} hostile, {len(verdicts) - count} benign, median {middle * 1000:.2f} ms")


if __name__ == "__main__":
    main(*sys.argv[1:2])
