"""What the policy gateway may look at: plain values, checked once, and their Cedar form.

Nothing here says yes or no. A value outside the known words is a mistake of the caller and is
refused at once, because a policy that compares with known words would silently not match it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, Final

from workbench.errors import InputError
from workbench.vocabulary import (
    Band,
    Labelling,
    PurposeKind,
    ReleaseState,
    Right,
    Role,
    Sensitivity,
    Verdict,
)

__all__ = ["ACTIONS", "DRAFT", "MAX_DAYS", "PERIOD_ACTIONS", "RIGHTS", "Question"]

ACTIONS: Final = (
    "publish",
    "request",
    "decide",
    "turn_down",
    "release_key",
    "load",
    "deprecate",
    "retire",
    "withdraw",
    "revoke",
)
PERIOD_ACTIONS: Final = ("request", "decide")  # the ones that ask for a number of days
DRAFT: Final = "draft"  # the state of a release before it is published
# The fourth right is never in a listing, but it can be asked about, and is denied.
RIGHTS: Final = (*(right.value for right in Right), "redistribute")
MAX_DAYS: Final = 3650  # as records.Request.days

_PURPOSES: Final = tuple(kind.value for kind in PurposeKind)
_NOT_PRODUCTION: Final = tuple(kind for kind in _PURPOSES if kind != PurposeKind.production)
_STATES: Final = (DRAFT, *(state.value for state in ReleaseState))


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One thing one person wants to do with one release, and the circumstances.

    Everything that is left out counts as absent, which never makes more possible.

    Attributes:
        action: what is to be done; ``decide`` is a vote to approve, ``turn_down`` one to return or
            reject, ``release_key`` the moment an envelope is handed over or a hosted call made,
            ``load`` making an object of an opened file in a form that could run code.
        suspended: the person is suspended; for ``decide``, or the requester is.
        name: ``org/name:version`` of the release.
        rights: what the listing offers, for ``publish`` what it is going to offer.
        state: of the release; ``draft`` before it is published.
        purposes_allowed: what the accepted terms cover (:func:`workbench.policy.terms.purposes`).
        days: how long the grant is to run; at least 1 for ``request`` and ``decide``.
        evaluator_regions: where evaluator hosts stand; for a hosted call, where this one does.
        reviewers_available: enrolled reviewers who are neither the owner nor the requester.
        mfa_available: this exchange can ask for a second factor.
        safe_form, hidden: further facts of the listing, as words of :class:`Verdict`.
        insisted: the person was told what may happen, and wants it all the same.
        labels: whether somebody labelled all the data behind the release.
        derived: the release was made from others here, its parents; the fields below are then about
            them, and say that nothing is amiss where there are none.
        parents_held: the owner owns each, or was given its weights.
        parent_terms_kept: its terms are those of each parent that somebody else owns.
        parent_level_kept: it is at least as sensitive as each, and bound to their regions.
        parent_withdrawn: one of them was withdrawn.

    Raises:
        InputError: a word or a number that no question may hold.
    """

    action: str
    person: str
    roles: tuple[str, ...]
    suspended: bool
    person_is_owner: bool
    person_is_requester: bool
    name: str
    sensitivity: str
    regions: tuple[str, ...]
    rights: tuple[str, ...]
    license: str
    license_known: bool
    license_allows_redistribution: bool
    terms_present: bool
    state: str
    scan: str
    leakage: str
    retained_rows: str
    exchange_is_custodian: bool
    purposes_allowed: tuple[str, ...] = _NOT_PRODUCTION
    right: str | None = None
    days: int = 0
    purpose: str | None = None
    terms_accepted: bool = False
    device_region: str | None = None
    evaluator_regions: tuple[str, ...] = ()
    reviewers_available: int = 0
    is_renewal: bool = False
    mfa_available: bool = True
    mfa_done: bool = False
    signed: bool = False
    evidence_present: bool = False
    labels: str = "unknown"
    safe_form: str = "unknown"
    hidden: str = "unknown"
    insisted: bool = False
    derived: bool = False
    parents_held: bool = True
    parent_terms_kept: bool = True
    parent_level_kept: bool = True
    parent_withdrawn: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            # Lists (from JSON) become tuples and members of a StrEnum plain words.
            object.__setattr__(self, field.name, _plain(value))
        _check("action", [self.action], ACTIONS)
        _check("role", self.roles, tuple(Role))
        _check("sensitivity", [self.sensitivity], tuple(Sensitivity))
        _check("right", [*self.rights, *_present(self.right)], RIGHTS)
        _check("state", [self.state], _STATES)
        _check("scan", [self.scan], tuple(Verdict))
        _check("leakage", [self.leakage], tuple(Band))
        _check("retained_rows", [self.retained_rows], tuple(Verdict))
        _check("safe_form", [self.safe_form], tuple(Verdict))
        _check("hidden", [self.hidden], tuple(Verdict))
        _check("labels", [self.labels], tuple(Labelling))
        _check("purpose", [*self.purposes_allowed, *_present(self.purpose)], _PURPOSES)
        shortest = 1 if self.action in PERIOD_ACTIONS else 0
        if not shortest <= self.days <= MAX_DAYS:
            raise InputError(f"days must be between {shortest} and {MAX_DAYS}, not {self.days}.")
        if not 0 <= self.reviewers_available <= 10**6:
            raise InputError("reviewers_available must be a number of people.")

    def request(self) -> dict[str, Any]:
        """Return the Cedar request: who, what, on what, under which circumstances."""
        context: dict[str, Any] = {
            "isOwner": self.person_is_owner,
            "isRequester": self.person_is_requester,
            "days": self.days,
            "termsAccepted": self.terms_accepted,
            "evaluatorRegions": self.evaluator_regions,
            "reviewersAvailable": self.reviewers_available,
            "isRenewal": self.is_renewal,
            "secondFactorAvailable": self.mfa_available,
            "secondFactorDone": self.mfa_done,
            "signed": self.signed,
            "evidencePresent": self.evidence_present,
            "insisted": self.insisted,
            "derived": self.derived,
            "parentsHeld": self.parents_held,
            "parentTermsKept": self.parent_terms_kept,
            "parentLevelKept": self.parent_level_kept,
            "parentWithdrawn": self.parent_withdrawn,
        }
        if self.right is not None:
            context["right"] = _entity("Right", self.right)
        if self.purpose is not None:
            context["purpose"] = _entity("Purpose", self.purpose)
        if self.device_region is not None:
            context["deviceRegion"] = self.device_region
        return {
            "principal": {"type": "Person", "id": self.person},
            "action": {"type": "Action", "id": self.action},
            "resource": {"type": "Release", "id": self.name},
            "context": json.dumps(context),
        }

    def entities(self) -> str:
        """Return the Cedar entities, the person and the release, as JSON."""
        person = {
            "roles": [_entity("Role", role) for role in self.roles],
            "suspended": self.suspended,
        }
        release = {
            "sensitivity": _entity("Sensitivity", self.sensitivity),
            "regions": self.regions,
            "rights": [_entity("Right", right) for right in self.rights],
            "license": self.license,
            "licenseKnown": self.license_known,
            "licenseAllowsRedistribution": self.license_allows_redistribution,
            "termsPresent": self.terms_present,
            "purposesAllowed": [_entity("Purpose", kind) for kind in self.purposes_allowed],
            "state": _entity("State", self.state),
            "scan": _entity("Verdict", self.scan),
            "leakage": _entity("Band", self.leakage),
            "retainedRows": _entity("Verdict", self.retained_rows),
            "exchangeIsCustodian": self.exchange_is_custodian,
            "labels": _entity("Labelling", self.labels),
            "safeForm": _entity("Verdict", self.safe_form),
            "hidden": _entity("Verdict", self.hidden),
        }
        return json.dumps(
            [
                {"uid": {"type": "Person", "id": self.person}, "attrs": person, "parents": []},
                {"uid": {"type": "Release", "id": self.name}, "attrs": release, "parents": []},
            ]
        )


def _entity(kind: str, word: str) -> dict[str, dict[str, str]]:
    return {"__entity": {"type": kind, "id": word}}


def _present(word: str | None) -> list[str]:
    return [] if word is None else [word]


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_plain(item) for item in value)
    return str(value) if isinstance(value, str) else value


def _check(what: str, words: Collection[str], known: Collection[str]) -> None:
    for word in words:
        if word not in known:
            raise InputError(
                f"There is no {what} called {word[:80]!r}.",
                hint=f"Known are {', '.join(known)}.",
            )
