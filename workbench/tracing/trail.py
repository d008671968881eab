"""A release with its evidence, however it was come by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.crypto import dsse
from workbench.crypto.keys import VerifyingKey
from workbench.errors import NotFound
from workbench.origin.dossier import Dossier
from workbench.origin.graph import Graph
from workbench.origin.statement import Provenance, read
from workbench.records import Listing, Person
from workbench.release import evidence
from workbench.release.evidence import Evidence
from workbench.services import opened
from workbench.services.audit import check_receipt
from workbench.session import Session
from workbench.views import who

__all__ = ["NOT_KEPT", "Trail", "trail", "trail_in"]

NOT_KEPT = (
    "Its lineage was not kept. Owners keep it by running %load_ext workbench before they train."
)
NO_KEYS = "You hold no keys to the evidence of {ref}; its owner and reviewers do."


@dataclass(frozen=True)
class Trail:
    """A release with its evidence, however it was come by: from an exchange or an opened folder."""

    listing: Listing
    manifest: str
    owner: str  # as people call them
    published: str  # RFC 3339; empty where nothing here shows it
    terms: str  # their title
    evidence: Evidence
    provenance: Provenance

    def dossier(self) -> Dossier:
        """Return what exports are made of."""
        listing, found = self.listing, self.provenance
        return Dossier(
            ref=listing.ref,
            title=listing.title,
            summary=listing.summary,
            license=listing.license,
            owner=self.owner,
            published=self.published,
            manifest=self.manifest,
            root=self.evidence.root,
            files=tuple((item.name, item.digest) for item in self.evidence.resources),
            graph=found.graph or Graph(),
            training=found.training,
            environment=found.environment,
            notebook=found.notebook,
            regions=listing.regions,
            sensitivity=listing.sensitivity.value,
            terms_title=self.terms,
        )


def trail(session: Session, ref: str) -> Trail:
    """Return a release with its evidence, opened with this person's keys.

    Raises:
        NotFound: no such release, or no keys to its evidence.
        TrustError: naming the step that failed.
    """
    release = session.release(ref)
    try:
        found = session.evidence(ref)
    except NotFound as error:
        raise NotFound(
            NO_KEYS.format(ref=ref),
            hint="If you have opened it, `workbench provenance FOLDER` shows it; or ask them.",
        ) from error
    return Trail(
        listing=release.listing,
        manifest=release.manifest,
        owner=str(who(session, release.listing.owner)["name"]),
        published=str(release.model_dump(mode="json")["published"]),
        terms=session.terms(release).title,
        evidence=found,
        provenance=read(found.statements),
    )


def trail_in(
    folder: opened.OpenedFolder,
    people: Sequence[Person],
    verifier: str,
    signer: str | None = None,
    granter: str | None = None,
) -> Trail:
    """Return an opened folder's release with its evidence, once every step of it has held.

    Raises:
        TrustError, InputError: as :func:`workbench.services.opened.verify`.
    """
    passed = opened.verify(folder, people, verifier, signer, granter).passed
    listing = Listing.from_bytes(folder.read("listing.json"))
    key = VerifyingKey.from_pem(folder.read("owner.pem").decode("ascii"))
    (subject,) = dsse.peek(folder.read("release.sig").decode("utf-8"))["subject"]
    names = {person.id: person.name for person in people}
    found = evidence.read(folder.read("evidence.jsonl"), key)
    return Trail(
        listing=listing,
        manifest=f"sha256:{subject['digest']['sha256']}",
        owner=names.get(listing.owner, listing.owner),
        published=_published(folder, verifier) if "receipt" in passed else "",
        terms=listing.terms,
        evidence=found,
        provenance=read(found.statements),
    )


def _published(folder: opened.OpenedFolder, verifier: str) -> str:
    entry = check_receipt(folder.read("receipt.tlog-proof"), verifier)
    return str(entry.event.model_dump(mode="json")["at"])
