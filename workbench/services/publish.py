"""A release appears, ages and leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, ValidationError

from workbench.encoding import digest
from workbench.errors import Conflict, InputError, NotFound
from workbench.findings.statement import of_scan
from workbench.forms import Model, explain
from workbench.policy import licenses, lifecycle
from workbench.records import (
    Decision,
    Device,
    Envelope,
    Facts,
    Grant,
    Listing,
    Parent,
    Person,
    Release,
    Terms,
)
from workbench.services import content, envelopes, questions, sealing
from workbench.services.context import Actor, Context, Progress, release_ref, reviewers
from workbench.services.descent import descendants
from workbench.stores.contracts import Reading, Writing
from workbench.vocabulary import GrantState, ReleaseState, Right, Sensitivity

__all__ = ["Draft", "Publish", "listing_for"]

_NO_COMMITMENT = "0" * 64


class Draft(Model):
    """What the owner says about a release before it is sealed."""

    name: str
    version: str
    title: str = ""
    summary: str = ""
    task: str = ""
    license: str = ""
    terms: Terms | None = None
    sensitivity: Sensitivity = Sensitivity.internal
    regions: tuple[str, ...] = ()
    rights: Annotated[tuple[Right, ...], Field(min_length=1)] = (Right.infer, Right.retrieve)
    attribution: str = ""
    facts: Facts = Facts()
    parents: tuple[Parent, ...] = ()

    @classmethod
    def of(cls, **fields: Any) -> Draft:
        """Build a draft from what a person typed.

        Raises:
            InputError: naming each field that cannot be used.
        """
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise InputError(
                f"These fields cannot be used: {explain(error)}.",
                unchanged="Nothing was published.",
            ) from error


class Publish:
    """Publishing and the later life of releases."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def check(self, actor: Actor, draft: Draft) -> Decision:
        """Return what the gateway would say to this draft now; nothing is recorded."""
        records = self._context.records
        return self._decide(records, self._context.member(records, actor), draft)

    def publish(
        self,
        actor: Actor,
        draft: Draft,
        files: Sequence[sealing.ModelFile],
        *,
        statements: Sequence[Any] = (),
        classical: bool = False,
        progress: Progress = lambda _what, _done, _total: None,
    ) -> Release:
        """Scan, seal, sign, store and list a release; one event, or nothing at all.

        When it fails after sealing, or is killed, blobs stay in the store that no release refers
        to: ciphertext whose keys are gone, and its manifest and listing in clear.

        Raises:
            Denied: the gateway said no (recorded).
            Conflict: the name and version are taken.
            InputError: the draft or a file cannot be used.
            Unavailable: a store cannot be written.
        """
        context = self._context
        report = content.scanned([(file.name, file.open) for file in files], context, progress)
        draft = draft.model_copy(update={"facts": of_scan(draft.facts, report)})
        with context.changing(actor, "publish", release=f"{draft.name}:{draft.version}") as writing:
            person = context.member(writing, actor)
            context.require(self._decide(writing, person, draft), content.worst(report))
            self._vacant(writing, listing_for(draft, person, _NO_COMMITMENT).ref)
        package = sealing.package(
            actor,
            lambda commitment: listing_for(draft, person, commitment),
            files,
            sealing.new_keys(context.random, classical=classical),
            lambda root: [
                content.statement(actor, draft.name, root, report),
                *(make(root) for make in statements),
            ],
            context.blobs,
            context.random,
            progress,
        )
        release = self._admit(actor, draft, package)
        progress("Done", 1, 1)
        return release

    def add_custodian(self, actor: Actor, ref: str, newcomer: str) -> Envelope:
        """Seal the release keys, which ``actor`` holds, to one more reviewer.

        Raises:
            NotFound: no such release, person, or no envelope of the actor's.
            InputError: the newcomer is no reviewer.
            TrustError: the actor's envelope does not open.
        """
        context = self._context
        with context.changing(actor, "add_custodian", release=ref) as writing:
            context.member(writing, actor)
            release = release_ref(writing, ref)
            person = writing.get(Person, newcomer)
            if person not in reviewers(writing, besides=(release.listing.owner,)):
                raise InputError(
                    f"{person.name} is not a reviewer here.",
                    unchanged="Nobody was given keys.",
                    hint="Custodians are reviewers other than the owner.",
                )
            keys = envelopes.held(writing, actor, release)
            device = person.devices[0]
            sealed = envelopes.seal(context, release, person.id, device, keys)
            writing.append(
                context.event(
                    actor,
                    "custodian_added",
                    release=ref,
                    subject=person.id,
                    statement=actor.act("custodian", {"release": ref, "person": person.id}),
                ),
                sealed,
            )
            return sealed

    def change_state(self, actor: Actor, ref: str, verb: str, rationale: str) -> Release:
        """Deprecate, retire or withdraw a release, with the reason.

        Raises:
            Denied: a policy or the release's lifecycle does not allow it (recorded).
            InputError: no rationale.
        """
        context = self._context
        if not rationale.strip():
            raise InputError("A reason is needed.", unchanged=f"{ref} is as it was.")
        with context.changing(actor, verb, release=ref) as writing:
            person = context.member(writing, actor)
            release = release_ref(writing, ref)
            new_state = lifecycle.check_release(release.state, verb, "owner")
            context.require(
                context.decide(writing, questions.about_release(writing, verb, person, release))
            )
            changed = release.evolve(state=ReleaseState(new_state))
            holders = [
                grant.person for grant in writing.find(Grant, release=ref, state=GrantState.active)
            ]
            made_of = [other.key for other in descendants(writing, release)]
            writing.append(
                context.event(
                    actor,
                    changed.state.value,
                    release=ref,
                    reason=rationale,
                    details={
                        "holders": sorted(set(holders)),
                        **({"descendants": made_of} if made_of else {}),
                    },
                    statement=actor.act(verb, {"release": ref, "rationale": rationale}),
                ),
                changed,
            )
            return changed

    def _admit(self, actor: Actor, draft: Draft, package: sealing.Package) -> Release:
        context = self._context
        with context.changing(actor, "publish", release=package.listing.ref) as writing:
            person = context.member(writing, actor)
            decision = context.require(self._decide(writing, person, draft))
            self._vacant(writing, package.listing.ref)
            release = Release(
                listing=package.listing,
                manifest=package.manifest_digest,
                statement=package.statement,
                state=ReleaseState.published,
                published=context.now(),
                entry=context.next_entry(writing),
            )
            sealed = [
                envelopes.seal(context, release, custodian, device, package.keys)
                for custodian, device in self._custodians(writing, person, release)
            ]
            terms = [draft.terms] if draft.terms else []
            writing.append(
                context.event(
                    actor,
                    "published",
                    release=release.key,
                    policies=decision.policies,
                    details={
                        "manifest": release.manifest,
                        "listing": digest(release.listing.to_bytes()),
                        "custodians": sorted(item.person for item in sealed),
                    },
                    statement=release.statement,
                ),
                release,
                *terms,
                *sealed,
            )
        self.refresh_index()
        return release

    def refresh_index(self) -> None:
        """Write the image layout's index from the records, which are the truth."""
        context = self._context
        context.blobs.index(
            [
                (release.key, release.manifest, context.blobs.size(release.manifest))
                for release in context.records.find(Release)
            ]
        )

    def _vacant(self, reading: Reading, ref: str) -> None:
        try:
            reading.get(Release, ref)
        except NotFound:
            return
        self.refresh_index()  # a crash may have come between the record and the index
        raise Conflict(
            f"{ref} is already published.",
            unchanged="The existing release is as it was.",
            hint="Choose a new version; a published one never changes.",
        )

    def _custodians(
        self, writing: Writing, owner: Person, release: Release
    ) -> list[tuple[str, Device]]:
        people = [owner, *reviewers(writing, besides=(owner.id,))]
        holders = [(person.id, device) for person in people for device in person.devices]
        exchange = self._context.exchange_actor()
        if release.listing.exchange_is_custodian and exchange:
            holders.append((exchange.person, exchange.device))
        return holders

    def _decide(self, reading: Reading, person: Person, draft: Draft) -> Decision:
        for parent in draft.parents:
            _check_parent(reading, parent)
        question = questions.about_publishing(
            reading,
            person,
            listing_for(draft, person, _NO_COMMITMENT),
            license_known=bool(draft.license),
            terms_present=draft.terms is not None,
        )
        return self._context.decide(reading, question)


def listing_for(draft: Draft, owner: Person, commitment: str) -> Listing:
    """Return the listing a draft leads to.

    Raises:
        InputError: naming each field that cannot be used.
    """
    terms = draft.terms.key if draft.terms else digest(b"")
    fields = draft.model_dump(exclude={"terms"})
    fields["title"] = draft.title or draft.name.partition("/")[2]
    fields["license"] = _license(draft.license) if draft.license else licenses.NONE
    try:
        return Listing(
            **fields,
            terms=terms,
            owner=owner.id,
            exchange_is_custodian=draft.sensitivity is Sensitivity.open,
            commitment=commitment,
        )
    except ValidationError as error:
        raise InputError(
            f"These fields cannot be used: {explain(error)}.",
            unchanged="Nothing was published.",
            hint="A name is `org/name` in small letters, digits, dots and dashes; a version is "
            "such as 1.0, a region such as eu.",
        ) from error


def _check_parent(reading: Reading, parent: Parent) -> None:
    """Refuse a parent that is not here, or that is another release by now.

    Raises:
        InputError: saying which.
    """
    try:
        same = reading.get(Release, parent.ref).manifest == parent.manifest
    except NotFound:
        same = False
    if not same:
        raise InputError(
            f"This model was derived from {parent.ref}, which is not a release of this exchange.",
            unchanged="Nothing was published.",
            hint="Publish it where that release is, so that its terms can be kept.",
        )


def _license(text: str) -> str:
    """Return the licence in its normal spelling, the one that everybody looks up."""
    try:
        return licenses.check(text)
    except InputError as error:
        raise InputError(
            error.message, unchanged="Nothing was published.", hint=error.hint
        ) from error
