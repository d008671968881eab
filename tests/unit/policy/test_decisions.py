"""What the packaged catalogue decides, case by case: the cases are data, one file a topic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.policy.questions import DECISIONS, ask
from workbench.policy.gate import Gate


def _cases() -> Iterator[Any]:
    for path in DECISIONS:
        document = json.loads(path.read_text("utf-8"))
        for case in document["cases"]:
            change = {**document["base"], **case["change"]}
            yield pytest.param(change, case, id=f"{path.stem}: {case['case']}")


CASES = list(_cases())


@pytest.mark.parametrize(("change", "case"), CASES)
def test_decision(change: dict[str, Any], case: dict[str, Any]) -> None:
    """The answer, every policy that decided, and what they demand are as written down."""
    decision = Gate.default().decide(ask(**change))
    assert {
        "case": case["case"],
        "change": case["change"],
        "allowed": decision.allowed,
        "policies": list(decision.policies),
        "quorum": decision.quorum,
        "max_days": decision.max_days,
        "mfa": decision.mfa,
    } == case


def test_every_topic_of_the_catalogue_has_its_cases() -> None:
    """A new file of policies comes with a file of decisions by the same name."""
    topics = {policy["topic"] for policy in Gate.default().policies()}
    assert {path.stem for path in DECISIONS} == topics


def test_every_policy_decides_a_case_of_its_topic() -> None:
    """No policy is untested, and its cases are where one would look for them."""
    decided: dict[str, set[str]] = {}
    for path in DECISIONS:
        cases = json.loads(path.read_text("utf-8"))["cases"]
        decided[path.stem] = {policy for case in cases for policy in case["policies"]}
    for policy in Gate.default().policies():
        assert policy["id"] in decided[policy["topic"]], policy["id"]


def test_cases_have_names_of_their_own() -> None:
    """A failing case can be found by its name."""
    names = [param.id for param in CASES]
    assert len(names) == len(set(names)) >= 150
