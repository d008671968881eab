"""The policy gateway: one question in, one decision with reasons out.

Denied is the default, a forbid always wins, and a policy that cannot be evaluated denies, naming
the error. The gate is immutable, reads no clock and keeps no state: the same question gets the
same answer until another catalogue is loaded.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import cedarpy

from workbench.policy.alternatives import propose
from workbench.policy.question import Question
from workbench.policy.rules import DEFAULT_DENY, Rule, Rules
from workbench.records import Decision

__all__ = ["DEFAULT_DENY", "POLICY_ERROR", "Gate", "Question", "broken", "packaged"]

POLICY_ERROR: Final = "policy-error"  # where Cedar does not say which policy it was

_SCHEMA: Final = "schema.cedarschema"
_NOTHING_ALLOWS: Final = "No policy allows this, and what no policy allows is denied."
_REPAIR: Final = "Ask the people who run this exchange to repair the policy."


@dataclass(frozen=True)
class _Answer:
    """What Cedar said: the rules that decided, in catalogue order, and any errors."""

    allowed: bool
    rules: tuple[Rule, ...]
    errors: tuple[str, ...]


class Gate:
    """Answers questions by one catalogue of policies.

    Attributes:
        digest: of the catalogue and its schema, for the ledger.
    """

    def __init__(self, policies: str | Mapping[str, str], schema: str) -> None:
        """Load policies, either as one text or as texts by file name.

        Raises:
            InputError: a broken policy or schema; the message names the file and the policy.
        """
        files = {"policies": policies} if isinstance(policies, str) else dict(policies)
        self._rules = Rules(files, schema)
        self.digest = self._rules.digest

    @classmethod
    def default(cls) -> Gate:
        """Return the gate with the packaged catalogue; it is loaded once in a process."""
        return _default()

    @classmethod
    def of(cls, files: Mapping[str, str]) -> Gate:
        """Return the gate with a catalogue of one's own, by file name.

        The packaged schema is used unless the catalogue brings a file of the same name.

        Raises:
            InputError: a broken policy or schema; the message names the file and the policy.
        """
        policies = dict(files)
        schema = policies.pop(_SCHEMA, None)
        return cls(policies, packaged()[_SCHEMA] if schema is None else schema)

    def decide(self, question: Question) -> Decision:
        """Answer a question; if the answer is no, look for the nearest questions with a yes."""
        answer = self._ask([question])[0]
        if answer.errors:
            return self._broken(question, answer)
        decision = Decision(
            allowed=answer.allowed,
            action=question.action,
            policies=tuple(rule.id for rule in answer.rules) or (DEFAULT_DENY,),
            rationale=tuple(rule.rationale for rule in answer.rules) or (_NOTHING_ALLOWS,),
            **_obligations(question, answer.rules),
        )
        if answer.allowed:
            return decision
        return decision.model_copy(
            update={
                "advice": tuple(rule.alternative for rule in answer.rules if rule.alternative),
                "alternatives": propose(
                    question,
                    reads=[rule.reads for rule in answer.rules],
                    periods=self._periods(),
                    allowed=self._allowed,
                ),
            }
        )

    def policies(self) -> list[dict[str, Any]]:
        """Return every policy for people to read: id, effect, rationale, text, and obligations."""
        return [
            {
                "id": rule.id,
                "effect": rule.effect,
                "rationale": rule.rationale,
                "alternative": rule.alternative,
                "quorum": rule.quorum,
                "max_days": rule.max_days,
                "mfa": rule.mfa,
                "topic": rule.topic.removesuffix(".cedar"),
                "text": rule.text,
            }
            for rule in self._rules.by_position.values()
        ]

    def _periods(self) -> list[int]:
        """Return the grant lengths that the policies themselves name, longest first."""
        named = {rule.max_days for rule in self._rules.by_position.values() if rule.max_days}
        return sorted(named, reverse=True)

    def _allowed(self, questions: Sequence[Question]) -> list[bool]:
        return [answer.allowed for answer in self._ask(questions)]

    def _ask(self, questions: Sequence[Question]) -> list[_Answer]:
        """Ask Cedar, in one batch for all questions about the same person and release."""
        batches: dict[str, list[int]] = {}
        for place, question in enumerate(questions):
            batches.setdefault(question.entities(), []).append(place)
        answers: dict[int, _Answer] = {}
        for entities, places in batches.items():
            requests = [questions[place].request() for place in places]
            results = cedarpy.is_authorized_batch(
                requests, self._rules.policies, entities, schema=self._rules.schema
            )
            answers.update(
                (place, self._answer(result)) for place, result in zip(places, results, strict=True)
            )
        return [answers[place] for place in range(len(questions))]

    def _answer(self, result: cedarpy.AuthzResult) -> _Answer:
        reasons = set(result.diagnostics.reasons)
        errors = tuple(result.diagnostics.errors)
        return _Answer(
            # Cedar skips a policy that fails; a skipped forbid must not turn into a yes.
            allowed=result.allowed and not errors,
            rules=tuple(
                rule for place, rule in self._rules.by_position.items() if place in reasons
            ),
            errors=errors,
        )

    def _broken(self, question: Question, answer: _Answer) -> Decision:
        """Deny because policies could not be evaluated, and say which and why."""
        failed = [self._rules.named_in(error) or POLICY_ERROR for error in answer.errors]
        forbids = [rule for rule in answer.rules if rule.effect == "forbid"]
        return Decision(
            allowed=False,
            action=question.action,
            policies=(*failed, *(rule.id for rule in forbids)),
            rationale=(
                *(
                    f"This policy could not be evaluated, so nothing is allowed:"
                    f" {self._rules.rename(error)}."
                    for error in answer.errors
                ),
                *(rule.rationale for rule in forbids),
            ),
            advice=(_REPAIR, *(rule.alternative for rule in forbids if rule.alternative)),
        )


@functools.cache
def _default() -> Gate:
    return Gate.of(packaged())


def broken(question: Question, why: str) -> Decision:
    """Deny because there is a catalogue that cannot be used; no other one stands in for it."""
    return Decision(
        allowed=False,
        action=question.action,
        policies=(POLICY_ERROR,),
        rationale=(
            f"The policy catalogue of this exchange is broken, so nothing is allowed: {why}",
        ),
        advice=(_REPAIR,),
    )


def packaged() -> dict[str, str]:
    """Return the texts of the packaged catalogue and its schema, by file name."""
    folder = resources.files("workbench.policy") / "catalog"
    return {
        entry.name: entry.read_text("utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith((".cedar", ".cedarschema"))
    }


def _obligations(question: Question, rules: Sequence[Rule]) -> dict[str, Any]:
    """Return what the deciding policies demand; where several speak, the strictest counts."""
    return {
        "quorum": max((rule.quorum for rule in rules if rule.quorum is not None), default=0),
        "max_days": min((rule.max_days for rule in rules if rule.max_days is not None), default=0),
        "mfa": question.mfa_available and any(rule.mfa for rule in rules),
    }
