"""Model files become sealed blobs: read once, hashed, encrypted and stored in one pass.

Nothing readable is written anywhere on the way; memory stays constant in the size of the files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from workbench.crypto import age, dsse
from workbench.errors import InputError
from workbench.records import Listing
from workbench.release import envelope, evidence, layout, signing, trust
from workbench.services.context import Actor, Progress, onward
from workbench.stores.contracts import Blobs

__all__ = ["ModelFile", "Sealed", "new_keys", "seal_files", "store"]


class ModelFile(Protocol):
    """One file of a model folder, as the folder store lists it."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    def open(self) -> BinaryIO:
        """Open for reading; closing raises :class:`InputError` if the file changed meanwhile."""
        ...


@dataclass(frozen=True)
class Sealed:
    """What sealing gives: names and digests in clear (for the signature), blobs sealed."""

    resources: tuple[signing.Resource, ...]
    layers: tuple[layout.Descriptor, ...]


def new_keys(random: Callable[[int], bytes], *, classical: bool = False) -> envelope.ReleaseKeys:
    """Return fresh release keys, hybrid unless somebody needs ``classical`` X25519."""
    kind = age.X25519Identity if classical else age.HybridIdentity
    return envelope.ReleaseKeys(weights=kind.generate(random), evidence=kind.generate(random))


def seal_files(
    files: Sequence[ModelFile],
    recipient: age.Recipient,
    blobs: Blobs,
    random: Callable[[int], bytes],
    progress: Progress,
) -> Sealed:
    """Seal every file to ``recipient``, in name order.

    Raises:
        InputError: no files, a name that cannot be signed, or a file changed while it was read.
        Unavailable: a blob cannot be stored.
    """
    if not files:
        raise InputError(
            "There is no file to share.",
            unchanged="Nothing was shared.",
            hint="Point at a model file or folder.",
        )
    for file in files:
        signing.check_name(file.name)  # before anything is sealed
    total = sum(file.size for file in files)
    done = 0
    resources: list[signing.Resource] = []
    layers: list[layout.Descriptor] = []
    for file in sorted(files, key=lambda file: file.name):
        sha = hashlib.sha256()
        sink = blobs.create()
        try:
            with file.open() as source:
                done += age.encrypt(
                    source,
                    sink,
                    [recipient],
                    random=random,
                    plain=sha,
                    progress=onward(progress, "Sealing", done, total),
                )
            blob = sink.commit()
        finally:
            sink.abort()
        resources.append(signing.Resource(file.name, sha.hexdigest()))
        layers.append(layout.Descriptor(layout.FILE, blob, blobs.size(blob)))
    return Sealed(tuple(resources), tuple(layers))


def store(data: bytes, blobs: Blobs) -> str:
    """Keep a small document as a blob; return its digest."""
    sink = blobs.create()
    try:
        sink.write(data)
        return sink.commit()
    finally:
        sink.abort()


@dataclass(frozen=True)
class Package:
    """A complete sealed release, before anybody has been told about it."""

    listing: Listing
    manifest: layout.Manifest
    manifest_digest: str
    statement: str
    keys: envelope.ReleaseKeys


def package(
    actor: Actor,
    listing_for: Callable[[str], Listing],
    files: Sequence[ModelFile],
    keys: envelope.ReleaseKeys,
    statements: Callable[[str], Sequence[str]],
    blobs: Blobs,
    random: Callable[[int], bytes],
    progress: Progress,
) -> Package:
    """Seal, sign and store a release.

    Args, in prose: ``listing_for`` gets the commitment and returns the listing; ``statements`` gets
    the OMS root digest (hex) and returns further signed statements for the evidence.

    Raises:
        InputError, Unavailable: as :func:`seal_files`.
    """
    sealed = seal_files(files, keys.weights.recipient, blobs, random, progress)
    progress("Signing", 0, 1)
    root = signing.root_digest(sealed.resources)
    key = random(32)
    listing = listing_for(evidence.commitment(key, root))
    sign, pem = actor.signer.sign, actor.device.signing_key
    bundles = [
        dsse.bundle(evidence.commitment_statement(key, listing.name, root), sign, pem),
        signing.sign(listing.name, sealed.resources, sign, pem),
        *statements(root),
    ]
    document = age.encrypt_bytes(
        evidence.compose(bundles), [keys.evidence.recipient], random=random
    )
    config = listing.to_bytes()
    manifest = layout.Manifest(
        config=layout.Descriptor(layout.LISTING, store(config, blobs), len(config)),
        evidence=layout.Descriptor(layout.EVIDENCE, store(document, blobs), len(document)),
        files=sealed.layers,
    )
    digest = store(manifest.to_bytes(), blobs)
    statement = dsse.bundle(
        trust.release_statement(listing.ref, digest, manifest.config.digest), sign, pem
    )
    progress("Signing", 1, 1)
    return Package(listing, manifest, digest, statement, keys)
