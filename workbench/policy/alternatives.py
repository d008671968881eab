"""The nearest questions that the same policies would allow.

Candidates change one thing a person can choose, then two, then three; the policies themselves say
which are allowed, so an alternative can never promise more than the gate. Only the smallest
changes that help are shown. What a person must not be tempted to misstate (sensitivity, regions,
measured facts, where a device stands) is never varied.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from workbench.policy import licenses
from workbench.policy.question import Question
from workbench.policy.wording import sentence
from workbench.records import Alternative
from workbench.vocabulary import PurposeKind, Right, Sensitivity

__all__ = ["MOST", "propose"]

MOST: Final = 4  # more choices than this are a list to study, not a way forward
_LARGEST: Final = 3  # things changed at once; further away it is another question


@dataclass(frozen=True)
class _Step:
    """One thing a person could choose differently.

    ``change`` are the fields of the question to set, ``reads`` the attributes (as policies name
    them) that this touches.
    """

    kind: str
    change: dict[str, Any]
    reads: frozenset[str]


_Steps = tuple[_Step, ...]


def propose(
    question: Question,
    *,
    reads: Sequence[frozenset[str] | None],
    periods: Sequence[int],
    allowed: Callable[[Sequence[Question]], list[bool]],
) -> tuple[Alternative, ...]:
    """Return at most :data:`MOST` nearby questions for which ``allowed`` says yes.

    ``reads`` holds, for each policy that denied, the attributes it looks at (``None``: any); a
    change that leaves one of those policies untouched cannot help and is not tried. ``periods``
    are the grant lengths worth trying, longest first.
    """
    kinds = _steps(question, periods)
    for size in range(1, _LARGEST + 1):
        candidates = [
            steps
            for chosen in itertools.combinations(kinds, size)
            for steps in itertools.product(*chosen)
            if _can_help(steps, reads)
        ]
        answers = allowed([replace(question, **_change(steps)) for steps in candidates])
        helpful = [steps for steps, yes in zip(candidates, answers, strict=True) if yes]
        if helpful:
            changes = [_change(steps) for steps in _nearest(helpful)[:MOST]]
            return tuple(
                Alternative(change=change, sentence=sentence(question, change))
                for change in changes
            )
    return ()


def _can_help(steps: _Steps, reads: Sequence[frozenset[str] | None]) -> bool:
    touched = frozenset[str]().union(*(step.reads for step in steps))
    return all(names is None or names & touched for names in reads)


def _change(steps: Iterable[_Step]) -> dict[str, Any]:
    return {field: value for step in steps for field, value in step.change.items()}


def _nearest(helpful: Sequence[_Steps]) -> list[_Steps]:
    """Leave out what is only a longer way to an alternative that is already there."""
    kept: list[_Steps] = []
    for steps in helpful:
        if not any(_covers(nearer, steps) for nearer in kept):
            kept.append(steps)
    return kept


def _covers(nearer: _Steps, steps: _Steps) -> bool:
    if [step.kind for step in nearer] != [step.kind for step in steps]:
        return False
    several = len(steps) > 1
    return all(_as_near(one, other, several) for one, other in zip(nearer, steps, strict=True))


def _as_near(one: _Step, other: _Step, several: bool) -> bool:
    """Return whether ``one``, which came first, makes ``other`` superfluous."""
    if one.kind == "days":  # longest first
        return True
    if one.kind == "rights":
        return set(one.change["rights"]) >= set(other.change["rights"])
    if one.kind == "purpose" and several:  # one example of another purpose is enough
        return True
    return one == other


# What can be varied ------------------------------------------------------------------------------


def _steps(question: Question, periods: Sequence[int]) -> list[list[_Step]]:
    """Return what a person could choose differently, grouped by kind, the nearest choice first."""
    if question.action == "publish":
        kinds = [_fewer_rights(question), _with_terms(question), _other_licenses(question)]
    elif question.action == "request":
        kinds = [
            _accepting(question),
            _fewer_days(question, periods),
            _other_rights(question),
            _other_purposes(question),
        ]
    elif question.action == "decide":
        kinds = [_fewer_days(question, periods), _other_rights(question)]
    elif question.action == "load":
        kinds = [_insisting(question)]
    else:
        kinds = []
    return [kind for kind in kinds if kind]


def _accepting(question: Question) -> list[_Step]:
    if question.terms_accepted:
        return []
    return [_Step("terms", {"terms_accepted": True}, frozenset({"termsAccepted"}))]


def _insisting(question: Question) -> list[_Step]:
    if question.insisted:
        return []
    return [_Step("insist", {"insisted": True}, frozenset({"insisted"}))]


def _fewer_days(question: Question, periods: Sequence[int]) -> list[_Step]:
    return [
        _Step("days", {"days": days}, frozenset({"days"}))
        for days in periods
        if days < question.days
    ]


def _other_rights(question: Question) -> list[_Step]:
    return [
        _Step("right", {"right": right.value}, frozenset({"right"}))
        for right in Right
        if right in question.rights and right != question.right
    ]


def _other_purposes(question: Question) -> list[_Step]:
    return [
        _Step("purpose", {"purpose": kind.value}, frozenset({"purpose"}))
        for kind in PurposeKind
        if kind != question.purpose
    ]


def _fewer_rights(question: Question) -> list[_Step]:
    rights = tuple(dict.fromkeys(question.rights))
    return [
        _Step("rights", {"rights": fewer}, frozenset({"rights"}))
        for size in range(len(rights) - 1, 0, -1)
        for fewer in itertools.combinations(rights, size)
    ]


def _with_terms(question: Question) -> list[_Step]:
    if question.terms_present:
        return []
    return [_Step("terms", {"terms_present": True}, frozenset({"termsPresent"}))]


def _other_licenses(question: Question) -> list[_Step]:
    alike = () if question.license_known else licenses.nearest(question.license)[:1]
    usual = "CC-BY-4.0" if question.sensitivity == Sensitivity.open else "CC-BY-NC-4.0"
    return [
        _Step(
            "license",
            {
                "license": name,
                "license_known": True,
                "license_allows_redistribution": licenses.allows_redistribution(name),
            },
            frozenset({"license", "licenseKnown", "licenseAllowsRedistribution"}),
        )
        for name in dict.fromkeys([*alike, usual])
        if name != question.license or not question.license_known
    ]
