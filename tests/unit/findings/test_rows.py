"""One row for each check, in words."""

from __future__ import annotations

import pytest

from tests.unit.findings import samples
from workbench.findings.finding import Finding, Level
from workbench.findings.rows import rows
from workbench.findings.scan import Outcome
from workbench.findings.statement import Inspection, facts
from workbench.listing import Facts
from workbench.vocabulary import Band, Verdict


def outcomes(said: Facts, found: Inspection) -> dict[str, str]:
    return {row["key"]: row["outcome"] for row in rows(said, found)}


def test_nothing_measured_is_said_to_be_unknown() -> None:
    assert set(outcomes(Facts(), Inspection()).values()) == {"unknown"}
    said = " ".join(row["sentence"] for row in rows(Facts(), Inspection()))
    assert "safe" not in said.lower()


def test_what_was_measured_has_its_words_and_its_remedy() -> None:
    found = samples.inspection()
    shown = {row["key"]: row for row in rows(facts(Facts(), found), found)}
    assert shown["retained"]["sentence"] == "3 of 100 training rows sit inside the model."
    assert shown["retained"]["advice"] == "Train another model."
    assert shown["leakage"]["outcome"] == "failed"
    assert "min_samples_leaf of 20" in shown["leakage"]["advice"]
    assert shown["form"]["sentence"].endswith("It says the same as the model in the notebook.")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.safe, {"scan": "passed", "form": "passed"}),
        (Outcome.allowed, {"scan": "passed", "form": "concern"}),
        (Outcome.unsafe, {"scan": "failed", "form": "failed"}),
    ],
)
def test_a_pickle_is_a_concern_where_it_is_harmless(
    outcome: Outcome, expected: dict[str, str]
) -> None:
    found = Inspection(scan=samples.scanned(outcome))
    shown = outcomes(facts(Facts(), found), found)
    assert {key: shown[key] for key in expected} == expected


def test_what_is_unusual_is_a_concern() -> None:
    odd = Finding(rule="low-bits-odd", level=Level.concern, where="w", what="Odd", why="So.")
    found = Inspection(hidden=samples.hidden(odd))
    assert outcomes(facts(Facts(), found), found)["hidden"] == "concern"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("scan", Facts(scan=Verdict.unknown)),
        ("form", Facts(safe_form=Verdict.failed)),
        ("retained", Facts(retained_rows=Verdict.passed)),
        ("leakage", Facts(leakage=Band.low)),
        ("hidden", Facts(hidden=Verdict.failed)),
    ],
)
def test_a_listing_that_says_another_thing_than_its_evidence_is_found(
    key: str, said: Facts
) -> None:
    found = samples.inspection()
    honest = facts(Facts(), found)
    name = {"form": "safe_form", "retained": "retained_rows"}.get(key, key)
    lying = honest.model_copy(update={name: getattr(said, name)})
    row = next(row for row in rows(lying, found) if row["key"] == key)
    assert row["outcome"] == "failed"
    assert row["sentence"].startswith("The listing says ")
    others = outcomes(lying, found)
    assert {k: v for k, v in others.items() if k != key} == {
        k: v for k, v in outcomes(honest, found).items() if k != key
    }


def test_planted_records_have_a_row_where_some_were_planted() -> None:
    assert "canaries" not in outcomes(Facts(), Inspection())
    for low, outcome in ((0.7, "concern"), (0.4, "passed")):
        found = Inspection(canaries=samples.canaries(low))
        (row,) = [one for one in rows(Facts(), found) if one["key"] == "canaries"]
        assert row["outcome"] == outcome
        assert bool(row["advice"]) is (outcome == "concern")
