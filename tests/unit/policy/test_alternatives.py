"""A no comes with a way forward, and each way forward, asked, is really allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from tests.unit.policy.questions import ask, questions
from workbench.policy.alternatives import MOST
from workbench.policy.gate import Gate, Question
from workbench.vocabulary import PurposeKind

PERIODS = (1, 7, 14, 30, 180, 365)
ASKING = {
    "days": {"days": 400},
    "right": {"rights": ["infer", "retrieve"], "right": "fine_tune"},
    "purpose": {"purpose": "production"},
    "no purpose": {"purpose": None},
    "terms": {"terms_accepted": False},
    "region": {"regions": ["eu"], "device_region": "us"},
    "facts": {"sensitivity": "confidential", "leakage": "unknown"},
    "everything": {
        "days": 400,
        "terms_accepted": False,
        "rights": ["infer"],
    },
}


@settings(max_examples=150, deadline=None)
@given(question=questions(("request", "decide", "publish")))
def test_each_alternative_is_allowed_when_asked(question: Question) -> None:
    """Each changes something, says so in a sentence, and gets a yes from the same policies."""
    decision = Gate.default().decide(question)
    assert len(decision.alternatives) <= MOST
    for alternative in decision.alternatives:
        changed = replace(question, **alternative.change)
        assert changed != question
        assert Gate.default().decide(changed).allowed, alternative
        assert alternative.sentence.endswith(".")
        assert alternative.sentence[0].isupper()
    sentences = [alternative.sentence for alternative in decision.alternatives]
    assert len(sentences) == len(set(sentences))


@settings(max_examples=100, deadline=None)
@given(question=questions(("turn_down", "release_key", "deprecate", "retire", "withdraw")))
def test_what_cannot_be_varied_has_no_alternatives(question: Question) -> None:
    """There is no smaller withdrawal; the advice of the policies is all there is."""
    assert Gate.default().decide(question).alternatives == ()


def single_changes(question: Question) -> Iterator[dict[str, Any]]:
    """Everything that a requester could set differently in the form, one thing at a time."""
    yield {"terms_accepted": True}
    yield from ({"days": days} for days in PERIODS if days < question.days)
    yield from ({"right": right} for right in question.rights if right != "redistribute")
    yield from ({"purpose": kind.value} for kind in PurposeKind)


@settings(max_examples=150, deadline=None)
@given(question=questions(("request",)))
def test_what_one_change_can_mend_is_offered(question: Question) -> None:
    """If any one field of the form makes it allowed, the person is told of a single change."""
    decision = Gate.default().decide(question)
    if decision.allowed:
        return
    mends = [
        change
        for change in single_changes(question)
        if Gate.default().decide(replace(question, **change)).allowed
    ]
    offered = [len(alternative.change) for alternative in decision.alternatives]
    assert bool(mends) == (1 in offered), mends


@pytest.mark.parametrize("change", ASKING.values(), ids=ASKING)
def test_a_denied_request_has_a_way_forward(change: dict[str, Any]) -> None:
    """Too long, not offered, not covered, not accepted, not here, not measured: each has one."""
    decision = Gate.default().decide(ask(**change))
    assert not decision.allowed
    assert decision.alternatives
    assert decision.advice


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"days": 400},
            [({"days": 180}, "Ask for 180 days instead of 400; you can renew before they end.")],
        ),
        (
            {"terms_accepted": False},
            [
                (
                    {"terms_accepted": True},
                    "Read and accept the terms, then send the same request.",
                )
            ],
        ),
        (
            {"sensitivity": "confidential", "scan": "unknown", "rights": ["infer", "retrieve"]},
            [
                (
                    {"right": "infer"},
                    "Ask to run it hosted for 14 days; the weights stay where they are.",
                )
            ],
        ),
        (
            {"terms_accepted": False, "days": 400},
            [
                (
                    {"terms_accepted": True, "days": 180},
                    "Accept the terms and ask for 180 days instead of 400;"
                    " you can renew before they end.",
                )
            ],
        ),
    ],
)
def test_the_nearest_one_comes_first(
    change: dict[str, Any], expected: list[tuple[dict[str, Any], str]]
) -> None:
    """The longest period, the fewest changes, and nothing that is only a longer way round."""
    found = Gate.default().decide(ask(**change)).alternatives
    assert [(one.change, one.sentence) for one in found] == expected


def test_what_was_measured_is_never_talked_away() -> None:
    """No alternative asks anybody to state another sensitivity, region or fact."""
    fixed = {"sensitivity", "regions", "scan", "leakage", "retained_rows", "device_region"}
    for change in ASKING.values():
        for alternative in Gate.default().decide(ask(**change)).alternatives:
            assert not alternative.change.keys() & fixed


def test_where_nothing_helps_nothing_is_offered() -> None:
    """A withdrawn release stays withdrawn, and the advice says whom to ask."""
    decision = Gate.default().decide(ask(state="withdrawn"))
    assert decision.alternatives == ()
    assert decision.advice == ("Ask its owner what happened and which version to use instead.",)


def test_an_owner_is_shown_what_can_be_offered() -> None:
    """Publishing with weights that may not leave: offer the rest."""
    draft = {"action": "publish", "person_is_owner": True, "state": "draft", "days": 0}
    decision = Gate.default().decide(ask(**draft, sensitivity="restricted", leakage="high"))
    assert [one.change for one in decision.alternatives] == [{"rights": ("infer", "fine_tune")}]
    assert decision.alternatives[0].sentence == (
        "Offer only running it hosted and fine-tuning it hosted."
    )


def test_an_unknown_licence_gets_the_nearest_known_one() -> None:
    """A slip of the pen is mended; otherwise a usual licence is named."""
    draft = {"action": "publish", "person_is_owner": True, "state": "draft", "days": 0}
    decision = Gate.default().decide(ask(**draft, license="Apache 2.0", license_known=False))
    offered = [one.change["license"] for one in decision.alternatives]
    assert offered == ["Apache-2.0", "CC-BY-NC-4.0"]
