"""The gate: denied by default, reasons for every no, and a broken policy never lets through."""

from __future__ import annotations

from importlib import resources

import pytest
from hypothesis import given, settings

from tests.unit.policy.questions import ask, questions
from workbench.errors import InputError
from workbench.policy.gate import DEFAULT_DENY, POLICY_ERROR, Gate, Question, broken, packaged

SCHEMA = (resources.files("workbench.policy") / "catalog" / "schema.cedarschema").read_text("utf-8")
PERMIT = '@id("yes") @rationale("Everybody may.") @quorum("0") @max_days("365")\n'
PERMIT += "permit (principal, action, resource);\n"
OVERFLOW = "context.days * 9223372036854775807 > 0"


@settings(max_examples=300, deadline=None)
@given(question=questions())
def test_every_decision_has_its_reasons(question: Question) -> None:
    """Yes or no, it names policies, each with a rationale; a no never carries a quorum to fill."""
    decision = Gate.default().decide(question)
    known = {policy["id"]: policy for policy in Gate.default().policies()}
    assert decision.policies
    assert len(decision.policies) == len(decision.rationale) == len(set(decision.policies))
    for name, why in zip(decision.policies, decision.rationale, strict=True):
        if name == DEFAULT_DENY:
            assert why
            assert not decision.allowed
            continue
        assert why == known[name]["rationale"]
        assert known[name]["effect"] == ("permit" if decision.allowed else "forbid")
    if decision.allowed:
        assert (decision.alternatives, decision.advice) == ((), ())


@settings(max_examples=100, deadline=None)
@given(question=questions())
def test_the_same_question_gets_the_same_answer(question: Question) -> None:
    """The gate keeps no state, and a second gate on the same texts says the same."""
    first = Gate.default().decide(question)
    assert Gate.default().decide(question) == first
    assert Gate.default().decide(Question(**_fields(question))) == first


def _fields(question: Question) -> dict[str, object]:
    return {name: getattr(question, name) for name in Question.__slots__}


def test_what_no_policy_permits_is_denied() -> None:
    """A catalogue without a matching permit denies, and says that this is the reason."""
    only = '@id("publish-only") @rationale("Publishing is fine.")\n'
    only += 'permit (principal, action == Action::"publish", resource);'
    decision = Gate(only, SCHEMA).decide(ask())
    assert not decision.allowed
    assert decision.policies == (DEFAULT_DENY,)
    assert decision.rationale[0].startswith("No policy allows this")
    assert decision.alternatives == ()


@pytest.mark.parametrize("effect", ["permit", "forbid"])
def test_a_policy_that_fails_denies_and_is_named(effect: str) -> None:
    """Cedar would skip it; a skipped forbid must not turn into a yes."""
    broken = '@id("too-large") @rationale("It counts.") @quorum("0") @max_days("365")\n'
    broken += f"{effect} (principal, action, resource) when {{ {OVERFLOW} }};"
    gate = Gate({"a.cedar": PERMIT, "b.cedar": broken}, SCHEMA)
    decision = gate.decide(ask(days=2))
    assert not decision.allowed
    assert decision.policies == ("too-large",)
    assert "could not be evaluated" in decision.rationale[0]
    assert "overflow" in decision.rationale[0]
    assert decision.advice
    assert decision.alternatives == ()
    if effect == "permit":
        assert gate.decide(ask(action="publish", days=0)).allowed


def test_a_policy_that_fails_is_named_beside_those_that_forbid() -> None:
    """Both reasons are given."""
    broken = '@id("broken") @rationale("B.")\n'
    broken += f"forbid (principal, action, resource) when {{ {OVERFLOW} }};"
    forbid = '@id("never") @rationale("Never.") @alternative("Do not.")\n'
    forbid += "forbid (principal, action, resource);"
    decision = Gate({"a": PERMIT, "b": broken, "c": forbid}, SCHEMA).decide(ask(days=2))
    assert decision.policies == ("broken", "never")
    assert decision.rationale[1] == "Never."
    assert decision.advice[-1] == "Do not."


def test_the_strictest_obligation_counts() -> None:
    """Where several permits speak, the largest quorum and the shortest grant hold."""
    other = '@id("also") @rationale("R.") @quorum("3") @max_days("7") @mfa\n'
    other += "permit (principal, action, resource);"
    decision = Gate({"a": PERMIT, "b": other}, SCHEMA).decide(ask())
    assert (decision.quorum, decision.max_days, decision.mfa) == (3, 7, True)


def test_the_digest_follows_every_change_of_a_catalogue() -> None:
    """The ledger can tell which catalogue a decision came from."""
    gates = [
        Gate({"a.cedar": PERMIT}, SCHEMA),
        Gate({"a.cedar": PERMIT + "// a comment\n"}, SCHEMA),
        Gate({"b.cedar": PERMIT}, SCHEMA),
        Gate({"a.cedar": PERMIT}, SCHEMA + "\n"),
    ]
    assert len({gate.digest for gate in gates}) == 4
    assert Gate({"a.cedar": PERMIT}, SCHEMA).digest == gates[0].digest


def test_policies_are_shown_for_people() -> None:
    """Every policy can be read with its words and its text."""
    shown = {policy["id"]: policy for policy in Gate.default().policies()}
    two = shown["approvals-two-restricted"]
    assert (two["quorum"], two["max_days"], two["mfa"]) == (2, 14, True)
    assert two["topic"] == "reviewers"
    for policy in shown.values():
        assert f'@id("{policy["id"]}")' in policy["text"]
        assert policy["rationale"].endswith(".")
        if policy["effect"] == "forbid":
            assert policy["alternative"].endswith(".")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("action", "delete", "no action called 'delete'"),
        ("roles", ["king"], "no role called 'king'"),
        ("sensitivity", "secret", "no sensitivity called 'secret'"),
        ("right", "own", "no right called 'own'"),
        ("rights", ["infer", "own"], "no right called 'own'"),
        ("state", "gone", "no state called 'gone'"),
        ("scan", "maybe", "no scan called 'maybe'"),
        ("leakage", "huge", "no leakage called 'huge'"),
        ("retained_rows", "some", "no retained_rows called 'some'"),
        ("purpose", "fun", "no purpose called 'fun'"),
        ("purposes_allowed", ["fun"], "no purpose called 'fun'"),
        ("days", 0, "days must be between 1 and 3650"),
        ("days", -1, "days must be between 1 and 3650"),
        ("days", 3651, "days must be between 1 and 3650"),
        ("reviewers_available", -1, "must be a number of people"),
    ],
)
def test_a_question_outside_the_known_words_is_refused(
    field: str, value: object, says: str
) -> None:
    """A policy that compares with known words would silently not match it."""
    with pytest.raises(InputError, match=says):
        ask(**{field: value})


def test_the_packaged_texts_make_the_default_gate() -> None:
    """What is written when an exchange goes back to the packaged policies is the whole of them."""
    assert Gate.of(packaged()).digest == Gate.default().digest
    assert "schema.cedarschema" in packaged()


def test_a_catalogue_without_a_schema_is_checked_against_the_packaged_one() -> None:
    """A folder of policies alone is loaded as it would be with the packaged schema beside it."""
    policies = {name: text for name, text in packaged().items() if name.endswith(".cedar")}
    assert Gate.of(policies).digest == Gate.default().digest


@settings(max_examples=50, deadline=None)
@given(question=questions())
def test_a_catalogue_that_cannot_be_used_denies_whatever_is_asked(question: Question) -> None:
    """The answer is a no that says so, offers nothing, and tells whom to ask."""
    decision = broken(question, "it was edited.")
    assert (decision.allowed, decision.policies) == (False, (POLICY_ERROR,))
    assert decision.action == question.action
    assert decision.rationale[0].endswith("broken, so nothing is allowed: it was edited.")
    assert decision.alternatives == ()
    assert decision.advice
