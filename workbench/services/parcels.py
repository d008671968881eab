"""What an exchange hands over besides the blobs, so that a release can be verified and opened."""

from __future__ import annotations

from workbench.errors import NotFound, TrustError
from workbench.ledger import merkle, proof
from workbench.records import Entry, Envelope, Grant, Person, Release
from workbench.services import unlocking
from workbench.services.context import EXCHANGE, Context, reviewers
from workbench.stores.contracts import Reading

__all__ = ["granters", "parcel", "published", "receipt"]


def parcel(
    context: Context, reading: Reading, release: Release, grant: Grant | None, envelope: Envelope
) -> unlocking.Parcel:
    """Return a release's parcel for the device of an envelope.

    Raises:
        TrustError: the log does not show the publication (step ``"receipt"``).
    """
    entry = published(reading, release)
    return unlocking.Parcel(
        ref=release.key,
        manifest=release.manifest,
        statement=release.statement,
        owner=reading.get(Person, release.listing.owner),
        envelope=envelope,
        grant=grant,
        signers=tuple(granters(reading, release)),
        log=unlocking.Logged(entry, receipt(reading, entry.index), context.verifier),
    )


def granters(reading: Reading, release: Release) -> list[Person]:
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


def published(reading: Reading, release: Release) -> Entry:
    """Return the log entry about a release's publication.

    Raises:
        TrustError: the log does not have it where it should be (step ``"receipt"``).
    """
    for entry in reading.entries(release.entry, release.entry + 1):
        if entry.event.kind == "published" and entry.event.release == release.key:
            return entry
    raise TrustError(
        "receipt",
        f"the log does not show the publication of {release.key} where it should stand.",
        unchanged="Nothing was opened.",
        hint="Run `workbench ledger verify` and tell the exchange's operator.",
    )
