"""The closed vocabularies: each word that a record, a policy or a screen can choose from.

Adding a word changes what may be on the wire; the tables that give them meaning are in
:mod:`workbench.policy`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from workbench.errors import InputError

__all__ = [
    "Band",
    "GrantState",
    "Labelling",
    "PurposeKind",
    "ReleaseState",
    "RequestState",
    "Right",
    "Role",
    "Sensitivity",
    "Verdict",
    "VoteKind",
    "member",
]

Kind = TypeVar("Kind", bound=StrEnum)


def member(kind: type[Kind], word: str) -> Kind:
    """Return the word of a vocabulary, as somebody typed it.

    Raises:
        InputError: it is none of them; the hint has them all.
    """
    try:
        return kind(word)
    except ValueError:
        raise InputError(
            f"{word[:40]!r} is not one of the words possible here.",
            unchanged="Nothing was changed.",
            hint=f"Possible are {', '.join(kind)}.",
        ) from None


class Right(StrEnum):
    """What a grant allows; never bundled."""

    infer = "infer"
    retrieve = "retrieve"
    fine_tune = "fine_tune"


class Sensitivity(StrEnum):
    """How much harm a leak would do, least first."""

    open = "open"
    internal = "internal"
    confidential = "confidential"
    restricted = "restricted"

    @property
    def rank(self) -> int:
        """0 for open up to 3 for restricted."""
        return list(Sensitivity).index(self)


class Role(StrEnum):
    """What a person may be asked to do on an exchange."""

    researcher = "researcher"
    reviewer = "reviewer"
    auditor = "auditor"
    steward = "steward"
    evaluator = "evaluator"


class PurposeKind(StrEnum):
    """What a model is wanted for; terms name the kinds that they cover."""

    research = "research"
    evaluation = "evaluation"
    teaching = "teaching"
    audit = "audit"
    production = "production"


class Verdict(StrEnum):
    """Outcome of a yes/no check; unknown until somebody measured it."""

    unknown = "unknown"
    passed = "passed"
    failed = "failed"


class Band(StrEnum):
    """Leakage as a band: raw numbers would themselves leak."""

    unknown = "unknown"
    low = "low"
    medium = "medium"
    high = "high"


class Labelling(StrEnum):
    """Whether the data behind a release was labelled; unknown where its lineage was not kept."""

    unknown = "unknown"
    partial = "partial"
    complete = "complete"


class ReleaseState(StrEnum):
    """Where a release is in its life (:data:`workbench.policy.lifecycle.RELEASE`)."""

    published = "published"
    deprecated = "deprecated"
    retired = "retired"
    withdrawn = "withdrawn"


class RequestState(StrEnum):
    """Where a request is in its life (:data:`workbench.policy.lifecycle.REQUEST`)."""

    submitted = "submitted"
    in_review = "in_review"
    returned = "returned"
    approved = "approved"
    granted = "granted"
    rejected = "rejected"
    withdrawn = "withdrawn"
    expired = "expired"
    revoked = "revoked"


class GrantState(StrEnum):
    """Where a grant is in its life (:data:`workbench.policy.lifecycle.GRANT`)."""

    active = "active"
    expired = "expired"
    revoked = "revoked"


class VoteKind(StrEnum):
    """What a reviewer can say to a request."""

    approve = "approve"
    return_ = "return"
    reject = "reject"
