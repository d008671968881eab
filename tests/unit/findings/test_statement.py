"""An inspection as statements, back from them, and as facts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.findings import samples
from workbench.errors import TrustError
from workbench.findings.finding import Finding, Level
from workbench.findings.scan import Outcome
from workbench.findings.statement import (
    SCAN,
    TITLES,
    Inspection,
    facts,
    of_scan,
    predicates,
    read,
)
from workbench.listing import Facts
from workbench.vocabulary import Band, Labelling, Verdict


def statements(inspection: Inspection) -> list[dict[str, Any]]:
    parts = predicates(inspection)
    if inspection.scan is not None:
        parts.append((SCAN, inspection.scan.model_dump(mode="json")))
    return [{"predicateType": kind, "predicate": predicate} for kind, predicate in parts]


def test_what_is_signed_is_read_back() -> None:
    """Every part, whatever other statements stand between."""
    made = samples.inspection()
    other = {"predicateType": "urn:other", "predicate": {"a": 1}}
    assert read([other, *statements(made), other]) == made
    assert read([]) == Inspection()
    assert not read([])
    assert made


def test_the_scan_is_left_to_whoever_seals() -> None:
    """It must be of the very files that are sealed."""
    assert SCAN not in [kind for kind, _ in predicates(samples.inspection())]


@pytest.mark.parametrize("kind", TITLES)
def test_one_that_cannot_be_read_is_named(kind: str) -> None:
    with pytest.raises(TrustError, match=f"the part called {TITLES[kind]} cannot be read"):
        read([{"predicateType": kind, "predicate": {"more": 1}}])


def test_one_kind_twice_is_refused() -> None:
    once = statements(samples.inspection())
    with pytest.raises(TrustError, match="it is there twice"):
        read([*once, once[0]])


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Inspection(), {}),
        (Inspection(scan=samples.scanned()), {"scan": "passed", "safe_form": "passed"}),
        (
            Inspection(scan=samples.scanned(Outcome.allowed)),
            {"scan": "passed", "safe_form": "failed"},
        ),
        (
            Inspection(scan=samples.scanned(Outcome.unsafe)),
            {"scan": "failed", "safe_form": "failed"},
        ),
        (Inspection(retained=samples.retained(3)), {"retained_rows": "failed"}),
        (Inspection(retained=samples.retained(0)), {"retained_rows": "passed"}),
        (Inspection(leakage=samples.leaking(0.9)), {"leakage": "high"}),
        (Inspection(leakage=samples.leaking(0.6)), {"leakage": "medium"}),
        (Inspection(hidden=samples.hidden()), {"hidden": "passed"}),
        (Inspection(hidden=samples.hidden(samples.content())), {"hidden": "failed"}),
    ],
)
def test_facts_are_words_and_only_of_what_was_measured(
    found: Inspection, expected: dict[str, str]
) -> None:
    before = Facts(labels=Labelling.partial)
    after = facts(before, found)
    assert after == before.model_copy(
        update={
            name: (Band if name == "leakage" else Verdict)(word) for name, word in expected.items()
        }
    )


def test_a_concern_that_is_no_content_fails_nothing() -> None:
    odd = Finding(rule="low-bits-odd", level=Level.concern, where="w", what="Odd", why="So.")
    assert facts(Facts(), Inspection(hidden=samples.hidden(odd))).hidden is Verdict.passed


def test_what_was_not_looked_into_is_unknown() -> None:
    nothing = samples.hidden().model_copy(update={"examined": 0})
    assert facts(Facts(), Inspection(hidden=nothing)).hidden is Verdict.unknown


def test_a_scan_replaces_what_was_said_before() -> None:
    said = Facts(scan=Verdict.passed, safe_form=Verdict.passed)
    after = of_scan(said, samples.scanned(Outcome.unsafe))
    assert (after.scan, after.safe_form) == (Verdict.failed, Verdict.failed)
    empty = samples.scanned().model_copy(update={"files": ()})
    assert (of_scan(said, empty).scan, of_scan(said, empty).safe_form) == (
        Verdict.unknown,
        Verdict.unknown,
    )
