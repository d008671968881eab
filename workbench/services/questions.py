"""What the gateway is asked: a person, a release and an intention, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from workbench.origin.labels import NOWHERE
from workbench.policy import licenses, terms
from workbench.policy.gate import Question
from workbench.records import Facts, Grant, Listing, Person, Purpose, Release, Terms
from workbench.services.context import hosts, release_ref, reviewers
from workbench.stores.contracts import Reading
from workbench.vocabulary import GrantState, PurposeKind, ReleaseState, Right

__all__ = ["about_access", "about_publishing", "about_release"]


def about_publishing(
    reading: Reading,
    person: Person,
    listing: Listing,
    *,
    license_known: bool,
    terms_present: bool,
) -> Question:
    """May ``person`` publish this listing?

    Raises:
        NotFound: a release that it was derived from is not here.
    """
    question = _question(
        reading,
        "publish",
        person,
        listing,
        state="draft",
        license_known=license_known,
        terms_present=terms_present,
    )
    parents = [release_ref(reading, parent.ref) for parent in listing.parents]
    others = [parent for parent in parents if parent.listing.owner != person.id]
    return replace(
        question,
        derived=bool(parents),
        parents_held=all(_was_given(reading, person, parent) for parent in others),
        parent_terms_kept=all(parent.listing.terms == listing.terms for parent in others),
        parent_level_kept=all(_as_strict(listing, parent.listing) for parent in parents),
        parent_withdrawn=any(parent.state is ReleaseState.withdrawn for parent in parents),
    )


def _was_given(reading: Reading, person: Person, release: Release) -> bool:
    return any(
        grant.right is not Right.infer and grant.state is not GrantState.revoked
        for grant in reading.find(Grant, person=person.id, release=release.key)
    )


def _as_strict(listing: Listing, parent: Listing) -> bool:
    """Return whether a listing is as sensitive as another, and bound to its regions."""
    bound = not parent.regions or (
        bool(listing.regions) and set(listing.regions) <= {*parent.regions, NOWHERE}
    )
    return bound and listing.sensitivity.rank >= parent.sensitivity.rank


def about_release(reading: Reading, action: str, person: Person, release: Release) -> Question:
    """May ``person`` deprecate, retire or withdraw this release, or revoke a grant for it?"""
    return _question(reading, action, person, release.listing, state=release.state)


def about_access(
    reading: Reading,
    action: str,
    person: Person,
    release: Release,
    *,
    requester: Person,
    device_region: str | None,
    right: Right,
    days: int,
    purpose: Purpose | None,
    terms_accepted: bool,
) -> Question:
    """May ``person`` request, decide, or be handed the keys for this access?"""
    return _question(
        reading,
        action,
        person,
        release.listing,
        state=release.state,
        requester=requester,
        right=right,
        days=days,
        purpose=purpose,
        terms_accepted=terms_accepted,
        device_region=device_region,
        is_renewal=any(
            grant.right is right and grant.state is not GrantState.revoked
            for grant in reading.find(Grant, person=requester.id, release=release.key)
        ),
        purposes=terms.purposes(reading.get(Terms, release.listing.terms)),
    )


def _question(
    reading: Reading,
    action: str,
    person: Person,
    listing: Listing,
    *,
    state: str,
    requester: Person | None = None,
    right: Right | None = None,
    days: int = 0,
    purpose: Purpose | None = None,
    terms_accepted: bool = False,
    device_region: str | None = None,
    license_known: bool = True,
    terms_present: bool = True,
    purposes: Sequence[PurposeKind] = tuple(PurposeKind),
    is_renewal: bool = False,
) -> Question:
    facts: Facts = listing.facts
    asking = requester or person
    regions = [device.region for host in hosts(reading) for device in host.devices]
    return Question(
        action=action,
        person=person.id,
        roles=tuple(role.value for role in person.roles),
        suspended=person.suspended is not None or asking.suspended is not None,
        person_is_owner=person.id == listing.owner,
        person_is_requester=requester is not None and person.id == requester.id,
        name=listing.name,
        sensitivity=listing.sensitivity.value,
        regions=listing.regions,
        rights=tuple(offered.value for offered in listing.rights),
        license=listing.license,
        license_known=license_known,
        license_allows_redistribution=license_known
        and licenses.allows_redistribution(listing.license),
        terms_present=terms_present,
        purposes_allowed=tuple(str(kind) for kind in purposes),
        state=state,
        scan=facts.scan.value,
        leakage=facts.leakage.value,
        retained_rows=facts.retained_rows.value,
        exchange_is_custodian=listing.exchange_is_custodian,
        right=right.value if right else None,
        days=days,
        purpose=purpose.category.value if purpose else None,
        terms_accepted=terms_accepted,
        device_region=device_region,
        evaluator_regions=tuple(dict.fromkeys(regions)),
        reviewers_available=len(reviewers(reading, besides=(listing.owner, asking.id))),
        is_renewal=is_renewal,
        mfa_available=False,
        mfa_done=False,
        signed=True,
        evidence_present=True,
        labels=facts.labels.value,
        safe_form=facts.safe_form.value,
        hidden=facts.hidden.value,
    )
