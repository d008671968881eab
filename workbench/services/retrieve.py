"""A grant is used: the gateway is asked once more, the use is recorded, the release is opened."""

from __future__ import annotations

from workbench.errors import Denied, NotFound, TrustError
from workbench.ledger import merkle, proof
from workbench.records import Entry, Envelope, Grant, Person, Release
from workbench.release import evidence
from workbench.services import content, envelopes, questions, unlocking
from workbench.services.context import EXCHANGE, Actor, Context, Progress, release_ref, reviewers
from workbench.stores.contracts import Reading, Writing
from workbench.vocabulary import GrantState, Right, Verdict

__all__ = ["Retrieve"]


class Retrieve:
    """Opening releases and reading their evidence."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def open(
        self,
        actor: Actor,
        ref: str,
        place: content.Place,
        progress: Progress = lambda _what, _done, _total: None,
    ) -> unlocking.Opened:
        """Open a release for its owner or for the holder of a ``retrieve`` grant.

        Raises:
            Denied: no valid grant for this person on this device, or a file that could run code
                (recorded, with the reason).
            TrustError: what is stored is not what was published and granted.
        """
        parcel = self._collect(actor, ref)
        context = self._context
        opened = unlocking.unlock(
            parcel, context.blobs, actor.signer, place.create, context.now(), progress
        )
        report = content.opened(opened.resources, place, context, progress)
        if report.verdict is Verdict.failed:
            with context.changing(actor, "open", release=ref):
                content.refuse(report, "Nothing was opened.")
        return opened

    def verify(
        self,
        actor: Actor,
        ref: str,
        progress: Progress = lambda _what, _done, _total: None,
    ) -> tuple[str, ...]:
        """Check every trust step this person can check; nothing is written or recorded.

        Raises:
            TrustError: naming the step that failed.
        """
        context = self._context
        records = context.records
        context.member(records, actor)
        release = release_ref(records, ref)
        try:
            grant, envelope = _held(records, actor, release)
        except Denied:
            grant, envelope = None, records.find(Envelope, release=ref)[0]
            signer = None
        else:
            signer = actor.signer
        parcel = self._parcel(records, release, grant, envelope)
        return unlocking.verify(parcel, context.blobs, signer, context.now(), progress)

    def evidence(self, actor: Actor, ref: str) -> evidence.Evidence:
        """Open the evidence of a release this device holds keys for.

        Raises:
            NotFound: it holds none.
            TrustError: naming the step that failed.
        """
        context = self._context
        release = release_ref(context.records, ref)
        held = envelopes.own(context.records, actor, release)
        return unlocking.read_evidence(
            self._parcel(context.records, release, None, held),
            context.blobs,
            actor.signer,
            context.now(),
        )

    def published(self, ref: str) -> Entry:
        """Return the log entry about a release's publication.

        Raises:
            NotFound: no such release.
            TrustError: the log does not have it where it should be (step ``"receipt"``).
        """
        return _published(self._context.records, release_ref(self._context.records, ref))

    def _collect(self, actor: Actor, ref: str) -> unlocking.Parcel:
        context = self._context
        with context.changing(actor, "open", release=ref) as writing:
            person = context.member(writing, actor)
            release = release_ref(writing, ref)
            grant, envelope = _held(writing, actor, release)
            self._allowed(writing, actor, person, release, grant)
            writing.append(
                context.event(
                    actor,
                    "opened",
                    release=ref,
                    request=grant.request if grant else None,
                    reason="as the owner" if grant is None else "",
                    details={"grant": grant.id} if grant else {},
                    statement=actor.act("open", {"release": ref, "manifest": release.manifest}),
                )
            )
        return self._parcel(context.records, release, grant, envelope)

    def _allowed(
        self,
        writing: Writing,
        actor: Actor,
        person: Person,
        release: Release,
        grant: Grant | None,
    ) -> None:
        question = questions.about_access(
            writing,
            "release_key",
            person,
            release,
            requester=person,
            device_region=actor.device.region,
            right=grant.right if grant else Right.retrieve,
            days=(grant.not_after - grant.not_before).days if grant else 1,
            purpose=None,
            terms_accepted=True,
        )
        self._context.require(self._context.decide(writing, question))

    def _parcel(
        self, reading: Reading, release: Release, grant: Grant | None, envelope: Envelope
    ) -> unlocking.Parcel:
        entry = _published(reading, release)
        return unlocking.Parcel(
            ref=release.key,
            manifest=release.manifest,
            statement=release.statement,
            owner=reading.get(Person, release.listing.owner),
            envelope=envelope,
            grant=grant,
            signers=tuple(_granters(reading, release)),
            log=unlocking.Logged(entry, receipt(reading, entry.index), self._context.verifier),
        )


def _granters(reading: Reading, release: Release) -> list[Person]:
    """Return who may sign a grant: reviewers other than the owner; the exchange for level open."""
    people = reviewers(reading, besides=(release.listing.owner,))
    if release.listing.exchange_is_custodian:
        people += [person for person in reading.find(Person) if person.id == EXCHANGE]
    return people


def receipt(reading: Reading, index: int) -> bytes:
    """Return the ``.tlog-proof`` of an entry, against the newest checkpoint.

    Raises:
        NotFound: no such entry.
    """
    note = reading.checkpoint()
    size = int(note.split(b"\n", 2)[1])
    if not 0 <= index < size:
        raise NotFound(f"The log has no entry {index}; it has {size}.")
    return proof.write(index, merkle.inclusion(reading.hashes, index, size), note, None)


def _held(reading: Reading, actor: Actor, release: Release) -> tuple[Grant | None, Envelope]:
    """Return the grant and envelope with which this device may open the release."""
    if release.listing.owner == actor.person:
        return None, envelopes.own(reading, actor, release)
    grants = reading.find(Grant, person=actor.person, release=release.key)
    for grant in reversed(grants):
        if grant.state is GrantState.active and grant.right is Right.retrieve:
            if grant.device != actor.device.id:
                raise Denied(
                    "This release was granted to another of your devices.",
                    unchanged="Nothing was opened.",
                    hint="Open it there, or request it for this device.",
                )
            return grant, reading.get(Envelope, grant.envelope)
    raise Denied(_why_not(grants, release), unchanged="Nothing was opened.", hint=_ASK_AGAIN)


_ASK_AGAIN = "Make a request: in the Sharing panel, or with `workbench request`."


def _why_not(grants: list[Grant], release: Release) -> str:
    if not grants:
        return f"You hold no grant for {release.key}."
    last = grants[-1]
    if last.state is GrantState.expired:
        return f"Your grant for {release.key} ended at {last.not_after:%Y-%m-%d %H:%M} UTC."
    if last.state is GrantState.revoked:
        return f"Your grant for {release.key} was revoked."
    return f"Your grant for {release.key} is to {last.right}, not to get the weights."


def _published(reading: Reading, release: Release) -> Entry:
    for entry in reading.entries(release.entry, release.entry + 1):
        if entry.event.kind == "published" and entry.event.release == release.key:
            return entry
    raise TrustError(
        "receipt",
        f"the log does not show the publication of {release.key} where it should stand.",
        unchanged="Nothing was opened.",
        hint="Run `workbench ledger verify` and tell the exchange's operator.",
    )
