"""A received release is verified step by step, decrypted, and only then shown.

The order of doubt is ``release.trust``; this module fetches the bytes for each step. A file becomes
visible to the caller's folder only after the last step passed.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from workbench.crypto import age, dsse
from workbench.crypto.keys import VerifyingKey
from workbench.errors import NotFound, TrustError
from workbench.records import Entry, Envelope, Grant, Listing, Person
from workbench.release import copied, evidence, layout, signing, trust
from workbench.release.envelope import ReleaseKeys
from workbench.services import envelopes
from workbench.services.context import Progress, Signer, onward
from workbench.stores.contracts import Blobs

__all__ = ["Logged", "Opened", "Parcel", "read_evidence", "unlock", "verify"]

MAX_DOCUMENT = 64 * 1024 * 1024  # bytes of manifest, listing or evidence held in memory


@dataclass(frozen=True)
class Logged:
    """The proof that a publication stands in an exchange's log."""

    entry: Entry
    receipt: bytes
    verifier: str


@dataclass(frozen=True)
class Parcel:
    """What the exchange, or a sealed file, hands over besides the blobs."""

    ref: str | None
    manifest: str
    statement: str
    owner: Person | VerifyingKey
    envelope: Envelope
    device: str | None = None  # what the envelope calls this device, where not by its id
    grant: Grant | None = None
    signers: tuple[Person, ...] = ()
    log: Logged | None = None  # None for a sealed file that never was on an exchange


@dataclass(frozen=True)
class Opened:
    """A release after every step passed.

    Attributes:
        statement: the owner's signed release statement, a Sigstore bundle.
        resources: the files that were opened; of a marked copy not those that the owner signed.
        owner_key: PEM of the key that signed the model.
        copy: what was signed about a marked copy, if it is one.
    """

    listing: Listing
    statement: str
    resources: tuple[signing.Resource, ...]
    model_bundle: str
    evidence: bytes
    owner_key: str
    passed: tuple[str, ...]
    copy: copied.Copy | None = None


def unlock(
    parcel: Parcel,
    blobs: Blobs,
    signer: Signer,
    create: Callable[[str], BinaryIO],
    now: datetime,
    progress: Progress,
) -> Opened:
    """Verify everything and write each model file through ``create(name)``.

    The caller must discard what was created when this raises.

    Raises:
        TrustError: naming the first step that failed.
        Unavailable: a blob or file cannot be read or written.
    """
    release = _doubted(parcel, now)
    with _naming_steps(release):
        return _unlock(parcel, release, blobs, signer, create, progress)


def _unlock(
    parcel: Parcel,
    release: trust.TrustedRelease,
    blobs: Blobs,
    signer: Signer,
    create: Callable[[str], BinaryIO],
    progress: Progress,
) -> Opened:
    manifest, listing = _outside(parcel, release, blobs)
    keys, proof, document = _inside(parcel, release, manifest, blobs, signer)
    layers, resources, copy = manifest.files, proof.resources, None
    if parcel.grant is not None and parcel.grant.copy_manifest is not None:
        layers, copy = _copied(parcel.grant.copy_manifest, release, keys, blobs)
        resources = copy.resources
    total = sum(layer.size for layer in layers)
    done = 0
    found = []
    for layer, resource in zip(layers, resources, strict=True):
        sha = hashlib.sha256()
        with _checked(layer, blobs) as source, create(resource.name) as target:
            age.decrypt(
                source,
                target,
                [keys.weights],
                plain=sha,
                progress=onward(progress, "Opening", done, total),
            )
            source.finish()
        done += layer.size
        found.append(signing.Resource(resource.name, sha.hexdigest()))
    release.files(found)
    progress("Done", total, total)
    return Opened(
        listing,
        parcel.statement,
        resources,
        proof.model_bundle,
        document,
        _owner_key(parcel),
        tuple(release.passed),
        copy,
    )


def verify(
    parcel: Parcel, blobs: Blobs, signer: Signer | None, now: datetime, progress: Progress
) -> tuple[str, ...]:
    """Verify every step this person can, writing nothing; return the steps that passed.

    Without a device that holds keys, the steps stop before ``"envelope"`` and every sealed blob is
    checked against its digest instead.

    Raises:
        TrustError: naming the first step that failed.
    """
    if signer is not None:
        return unlock(
            parcel, blobs, signer, lambda _name: io.BufferedWriter(_Discard()), now, progress
        ).passed
    release = _doubted(parcel, now)
    with _naming_steps(release):
        manifest, _listing = _outside(parcel, release, blobs)
        for layer in (manifest.evidence, *manifest.files):
            with _checked(layer, blobs) as source:
                source.finish()
    return (*release.passed, "sealed files")


def read_evidence(parcel: Parcel, blobs: Blobs, signer: Signer, now: datetime) -> evidence.Evidence:
    """Verify and return a release's evidence; model files stay sealed.

    Raises:
        TrustError: naming the first step that failed.
    """
    release = _doubted(parcel, now)
    with _naming_steps(release):
        manifest, _listing = _outside(parcel, release, blobs)
        return _inside(parcel, release, manifest, blobs, signer)[1]


def _doubted(parcel: Parcel, now: datetime) -> trust.TrustedRelease:
    """Return a verification in which nothing has passed yet."""
    return trust.TrustedRelease(parcel.ref, parcel.owner, now, logged=parcel.log is not None)


@contextmanager
def _naming_steps(release: trust.TrustedRelease) -> Iterator[None]:
    """Let a failure say which steps passed before it, and whose turn it was.

    Opening an age file is no step of its own: what fails there fails the step that needs it.
    """
    try:
        yield
    except TrustError as error:
        if error.step not in trust.STEPS:
            named = TrustError(
                release.turn,
                f"it does not open: it was altered, or sealed to another key ({error.step}).",
                hint=_ASK,
            )
            named.passed = tuple(release.passed)
            raise named from error
        error.passed = tuple(release.passed)
        raise


def _outside(
    parcel: Parcel, release: trust.TrustedRelease, blobs: Blobs
) -> tuple[layout.Manifest, Listing]:
    """Pass the steps that need no key."""
    manifest = release.manifest(_document(parcel.manifest, blobs, "manifest"), parcel.manifest)
    release.statement(parcel.statement)
    listing = release.listing(_document(manifest.config.digest, blobs, "listing"))
    if parcel.log is not None:
        release.receipt(parcel.log.receipt, parcel.log.entry, parcel.log.verifier)
    return manifest, listing


def _inside(
    parcel: Parcel,
    release: trust.TrustedRelease,
    manifest: layout.Manifest,
    blobs: Blobs,
    signer: Signer,
) -> tuple[ReleaseKeys, evidence.Evidence, bytes]:
    """Pass the steps that this device's envelope makes possible, up to the files."""
    release.grant(parcel.grant, parcel.envelope, parcel.device or signer.device.id, parcel.signers)
    keys = release.envelope(signer.open(envelopes.sealed_bytes(parcel.envelope)))
    sealed = _document(manifest.evidence.digest, blobs, "evidence")
    document = age.decrypt_bytes(sealed, [keys.evidence], limit=MAX_DOCUMENT)
    return keys, release.evidence(document, sealed), document


def _copied(
    digest: str, release: trust.TrustedRelease, keys: ReleaseKeys, blobs: Blobs
) -> tuple[tuple[layout.Descriptor, ...], copied.Copy]:
    """Pass the step of a marked copy; return its sealed files, and what was signed about it."""
    manifest = _document(digest, blobs, "copy")
    parts = copied.parts(manifest)
    sealed = _document(parts.evidence.digest, blobs, "copy")
    statement = age.decrypt_bytes(sealed, [keys.weights], limit=MAX_DOCUMENT)
    return parts.files, release.copy(manifest, sealed, statement)


def _owner_key(parcel: Parcel) -> str:
    """Return the PEM of the key that signed; the release statement's step has checked it."""
    if isinstance(parcel.owner, VerifyingKey):
        return parcel.owner.pem
    device = parcel.owner.device(dsse.hint(parcel.statement))
    return device.signing_key if device else ""


def _document(digest: str, blobs: Blobs, step: str) -> bytes:
    """Read a small blob; its digest is the business of the trust step, its size is ours."""
    try:
        with blobs.open(digest) as source:
            data = source.read(MAX_DOCUMENT + 1)
    except NotFound as error:
        raise TrustError(step, "it is missing from the store.", hint=_ASK) from error
    if len(data) > MAX_DOCUMENT:
        raise TrustError(step, f"it is larger than {MAX_DOCUMENT} bytes.", hint=_ASK)
    if "sha256:" + hashlib.sha256(data).hexdigest() != digest:
        raise TrustError(step, "the stored bytes are not what was published.", hint=_ASK)
    return data


_ASK = "Ask the owner for a fresh copy, and tell the exchange's operator."


class _Checked:
    """A sealed blob that is hashed while it is read, and must match when finished."""

    def __init__(self, layer: layout.Descriptor, source: BinaryIO) -> None:
        self._layer = layer
        self._source = source
        self._sha = hashlib.sha256()

    def read(self, size: int) -> bytes:
        buffer = bytearray(size)
        return bytes(buffer[: self.readinto(memoryview(buffer))])

    def readinto(self, view: memoryview) -> int:
        count: int = self._source.readinto(view)  # type: ignore[attr-defined]  # typeshed: as in RawIOBase
        self._sha.update(view[:count])
        return count

    def finish(self) -> None:
        rest = memoryview(bytearray(1024 * 1024))
        while self.readinto(rest):
            pass
        if f"sha256:{self._sha.hexdigest()}" != self._layer.digest:
            raise TrustError("model files", "a sealed file is not what was published.", hint=_ASK)

    def __enter__(self) -> _Checked:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()


def _checked(layer: layout.Descriptor, blobs: Blobs) -> _Checked:
    try:
        return _Checked(layer, blobs.open(layer.digest))
    except NotFound as error:
        raise TrustError("model files", "a sealed file is missing.", hint=_ASK) from error


class _Discard(io.RawIOBase):
    """A file nobody keeps."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return len(data)
