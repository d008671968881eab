"""A sealed file for named people, with no exchange at all.

A ``.share`` file is an OCI archive: the release's manifest and blobs, and beside them, as
referrers, the owner's release statement and one envelope for each recipient.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.crypto import age, dsse
from workbench.crypto.keys import VerifyingKey
from workbench.encoding import b64encode
from workbench.errors import InputError, NotFound, TrustError
from workbench.findings.statement import of_scan
from workbench.records import Device, Envelope, Listing, Person
from workbench.release import envelope, layout
from workbench.services import content, sealing, unlocking
from workbench.services.context import Actor, Context, Progress
from workbench.stores.contracts import Blobs

__all__ = ["Addressee", "SharedFile", "addressee", "owner_of", "pack", "parcel", "read"]

_DEVICE = "io.sharing-workbench.device"
_PERSON = "io.sharing-workbench.person"
_NOBODY = "recipient"  # the person id of somebody known by their key alone
MAX_SMALL = 1024 * 1024


@dataclass(frozen=True)
class Addressee:
    """Somebody the file is sealed to: an enrolled device, or a bare age recipient."""

    person: str
    device: str
    recipient: str


@dataclass(frozen=True)
class SharedFile:
    """The parts of a sealed file besides its blobs."""

    ref: str
    manifest: str
    manifest_size: int
    referrers: tuple[layout.Descriptor, ...]
    blobs: tuple[str, ...]

    def index(self) -> bytes:
        """Return the image layout's index."""
        return layout.index(
            [(self.ref, self.manifest, self.manifest_size)], referrers=self.referrers
        )


def addressee(text: str, people: Sequence[Person]) -> list[Addressee]:
    """Return whom a person's id, or an age recipient, names.

    Raises:
        InputError: neither.
    """
    for person in people:
        if person.id == text:
            return [Addressee(person.id, d.id, d.recipient) for d in person.devices]
    if not text.startswith("age1"):
        raise NotFound(
            f"Nobody enrolled here is called {text}.",
            unchanged="No file was made.",
            hint="`workbench people` lists who is; for somebody else give their age recipient, "
            "which starts with age1.",
        )
    age.parse_recipient(text)
    return [Addressee(_NOBODY, hashlib.sha256(text.encode()).hexdigest(), text)]


def pack(
    context: Context,
    actor: Actor,
    listing_for: Callable[[str], Listing],
    files: Sequence[sealing.ModelFile],
    to: Sequence[Addressee],
    blobs: Blobs,
    progress: Progress,
) -> SharedFile:
    """Scan a model and seal it to the addressees, into ``blobs``.

    Raises:
        Denied: a file could run code when it is opened.
        InputError: nobody to seal to, or files that cannot be shared.
        Unavailable: a blob cannot be stored.
    """
    if not to:
        raise InputError("Say whom the file is for.", unchanged="No file was made.")
    report = content.scanned([(file.name, file.open) for file in files], context, progress)
    content.refuse(report, "No file was made.")

    def listing(commitment: str) -> Listing:
        said = listing_for(commitment)
        return said.model_copy(update={"facts": of_scan(said.facts, report)})

    classical = all(not item.recipient.startswith("age1pq1") for item in to)
    made = sealing.package(
        actor,
        listing,
        files,
        sealing.new_keys(context.random, classical=classical),
        lambda root: [content.statement(actor, listing("0" * 64).name, root, report)],
        blobs,
        context.random,
        progress,
    )
    subject = layout.Descriptor(
        layout.MANIFEST, made.manifest_digest, blobs.size(made.manifest_digest)
    )
    stored = [made.manifest_digest, made.manifest.config.digest, made.manifest.evidence.digest]
    stored += [layer.digest for layer in made.manifest.files]
    stored.append(sealing.store(layout.EMPTY_BYTES, blobs))
    referrers = []
    for kind, data, notes in _attached(made, to, context.random):
        layer = layout.Descriptor(kind, sealing.store(data, blobs), len(data))
        document = layout.referrer(subject, kind, layer, notes)
        digest = sealing.store(document, blobs)
        referrers.append(layout.Descriptor(layout.MANIFEST, digest, len(document)))
        stored += [layer.digest, digest]
    return SharedFile(
        made.listing.ref, subject.digest, subject.size, tuple(referrers), tuple(stored)
    )


def read(index: bytes) -> SharedFile:
    """Read the index of a sealed file.

    Raises:
        TrustError: not the index of one release (step ``"manifest"``).
    """
    named, others = layout.parse_index(index)
    if len(named) != 1:
        raise TrustError("manifest", "the file does not hold exactly one release.")
    ((ref, manifest, size),) = named
    return SharedFile(ref, manifest, size, others, ())


def parcel(
    shared: SharedFile, blobs: Blobs, device: Device, owner: Callable[[str], VerifyingKey | Person]
) -> unlocking.Parcel:
    """Return what is needed to open a sealed file on ``device``.

    ``owner`` is given the fingerprint of the key that claims to have signed.

    Raises:
        TrustError: no release statement, or nothing is sealed to this device (step ``"envelope"``).
    """
    statement: str | None = None
    mine: Envelope | None = None
    here = {device.id, hashlib.sha256(device.recipient.encode()).hexdigest()}
    for descriptor in shared.referrers:
        attached = layout.parse_referrer(_small(blobs, descriptor.digest))
        data = _small(blobs, attached.layer.digest)
        if attached.artifact_type == layout.STATEMENT:
            statement = data.decode("utf-8", "replace")
        named = attached.annotations.get(_DEVICE, "")
        if attached.artifact_type == layout.ENVELOPE and named in here:
            mine = Envelope(
                id=attached.layer.digest,
                release=shared.ref,
                manifest=shared.manifest,
                person=attached.annotations.get(_PERSON, _NOBODY),
                device=named,
                grant=None,
                sealed=b64encode(data),
            )
    if statement is None:
        raise TrustError("release statement", "the file holds no signature of its owner.")
    if mine is None:
        raise TrustError(
            "envelope",
            "nothing in this file is sealed to this device.",
            unchanged="Nothing was opened.",
            hint="Send the owner your recipient (`workbench identity` shows it), and ask for a new "
            "file.",
        )
    try:
        signer = owner(dsse.hint(statement))
    except InputError as error:
        raise TrustError("release statement", "it cannot be read.") from error
    return unlocking.Parcel(
        shared.ref, shared.manifest, statement, signer, mine, device=mine.device
    )


def owner_of(
    fingerprint: str, people: Sequence[Person], signer: str | None
) -> VerifyingKey | Person:
    """Return whose key signed: somebody enrolled here, or the ``signer`` that was given.

    ``signer`` is a PEM public key that the recipient got by another way.

    Raises:
        TrustError: unknown; the message shows the fingerprint to compare (step
            ``"release statement"``).
    """
    if signer is not None:
        return VerifyingKey.from_pem(signer)
    for person in people:
        if person.device(fingerprint) is not None:
            return person
    raise TrustError(
        "release statement",
        f"nobody you know signed this; the key is {fingerprint}.",
        unchanged="Nothing was opened.",
        hint="Ask the sender, by phone or in person, whether this is their key, and get the key "
        "itself from them; then use --signer KEY.pem.",
    )


def _attached(
    made: sealing.Package, to: Sequence[Addressee], random: Callable[[int], bytes]
) -> list[tuple[str, bytes, dict[str, str]]]:
    parts = [(layout.STATEMENT, made.statement.encode(), dict[str, str]())]
    for item in to:
        text = envelope.compose(
            made.keys,
            release_ref=made.listing.ref,
            manifest=made.manifest_digest,
            grant=None,
            device=item.device,
        )
        sealed = age.encrypt_bytes(text, [age.parse_recipient(item.recipient)], random=random)
        parts.append((layout.ENVELOPE, sealed, {_DEVICE: item.device, _PERSON: item.person}))
    return parts


def _small(blobs: Blobs, digest: str) -> bytes:
    try:
        with blobs.open(digest) as source:
            data = source.read(MAX_SMALL + 1)
    except NotFound as error:
        raise TrustError("manifest", "a part of the file is missing.") from error
    if len(data) > MAX_SMALL or "sha256:" + hashlib.sha256(data).hexdigest() != digest:
        raise TrustError("manifest", "a part of the file was altered.", hint="Fetch it again.")
    return data
