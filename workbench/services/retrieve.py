"""A grant is used: the gateway is asked once more, the use is recorded, the release is opened."""

from __future__ import annotations

from workbench.errors import Denied
from workbench.records import Entry, Envelope, Grant, Person, Release
from workbench.release import evidence
from workbench.services import content, envelopes, parcels, questions, unlocking
from workbench.services.context import Actor, Context, Progress, release_ref
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
        parcel = parcels.parcel(context, records, release, grant, envelope)
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
            parcels.parcel(context, context.records, release, None, held),
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
        return parcels.published(self._context.records, release_ref(self._context.records, ref))

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
        return parcels.parcel(context, context.records, release, grant, envelope)

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
