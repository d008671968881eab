"""The ordered verification of a received release: nothing is believed before its turn.

:class:`TrustedRelease` takes each piece as bytes or a record, in the order of :data:`STEPS`, and
raises a :class:`~workbench.errors.TrustError` that names the step at the first doubt. Each step
rests on the ones before it::

    manifest           is the document with the digest that was asked for
    release statement  … which the owner signed for this name and version
    listing            … and which fixes the listing
    receipt            … and whose publication stands in the exchange's log
    grant              … and for which somebody who may grant it gave this device a right, now
    envelope           … with keys that were sealed for exactly that
    evidence           … that open evidence made by the owner, tied to the listing
    model signature    … with the list of files that the owner signed
    copy               … and of which this grant's marked copy was made, if it names one
    model files        … which are the files that are there

It opens no file, asks nobody and reads no clock. Calling a step out of order, or going on after a
failure, is a mistake in the program (``RuntimeError``), not a matter of trust.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import NoReturn, TypeVar

from workbench.crypto import dsse
from workbench.crypto.keys import VerifyingKey
from workbench.encoding import b64decode, check_digest, digest
from workbench.errors import InputError, TrustError
from workbench.ledger import proof as receipts
from workbench.ledger.checkpoint import Checkpoint, parse_verifier
from workbench.records import Entry, Envelope, Grant, Listing, Person
from workbench.release import copied, granted, layout, signing
from workbench.release import envelope as envelopes
from workbench.release import evidence as measured

__all__ = ["MEANING", "PUBLISH", "RELEASE_TYPE", "STEPS", "TrustedRelease", "release_statement"]

RELEASE_TYPE = "urn:sharing-workbench:release:v1"
PUBLISH = "published"  # the kind of the event that a receipt must show
STEPS = (
    "manifest",
    "release statement",
    "listing",
    "receipt",
    "grant",
    "envelope",
    "evidence",
    "model signature",
    "copy",
    "model files",
)
MEANING: Mapping[str, str] = MappingProxyType(
    {
        "manifest": "the list of parts is the one that was asked for",
        "release statement": "the owner signed this name, version and list of parts",
        "listing": "the description is the one the owner published",
        "receipt": "the publication stands in the exchange's log",
        "grant": "somebody who may approve it gave this device access, and it is valid now",
        "envelope": "the keys were sealed for this release and this device",
        "evidence": "what was measured is signed by the owner and belongs to this description",
        "model signature": "the owner signed the list of the model's files",
        "copy": "whoever approved it made and signed this marked copy for this grant alone",
        "model files": "each file is the one that was signed; none is missing, none was added",
    }
)

_AGAIN = "Do not use it; fetch the release again, and tell its owner if this happens again."
_UNOPENED = "Nothing was opened."
_REQUEST = "Ask for access again, or ask whoever runs the exchange."

T = TypeVar("T")


def release_statement(ref: str, manifest: str, listing: str) -> bytes:
    """Return the payload that an owner signs to publish ``ref``.

    ``manifest`` and ``listing`` are the digests of the manifest and of its config blob.

    Raises:
        InputError: not digests.
    """
    subject = (ref, check_digest(manifest).removeprefix("sha256:"))
    return dsse.statement([subject], RELEASE_TYPE, {"ref": ref, "listing": check_digest(listing)})


class TrustedRelease:
    """A received release, as far as it has been verified.

    ``ref`` is the release that was asked for; with ``None`` (a file from somebody) it is whatever
    the owner signed. ``owner`` is whose release it must be: an enrolled person, of whom any device
    may have signed, or one key known otherwise. ``now`` is compared with the grant's period.

    ``logged=False`` is for a file that never was on an exchange: the receipt is then not asked for.
    That is the caller's decision; nothing received can bring it about.

    Attributes:
        ref: ``org/name:version``, once the release statement has passed.
        passed: the steps that passed, in order.
        turn: the step that comes next, or that failed.
    """

    def __init__(
        self,
        ref: str | None,
        owner: Person | VerifyingKey,
        now: datetime,
        *,
        logged: bool = True,
    ) -> None:
        self.ref = ref
        self.passed: list[str] = []
        self.turn = STEPS[0]
        self._owner = owner
        self._now = now
        self._due = [one for one in STEPS if one != "copy" and (logged or one != "receipt")]
        self._digest = ""
        self._manifest: layout.Manifest | None = None
        self._key: VerifyingKey | None = None
        self._listing: Listing | None = None
        self._bound: tuple[str | None, str] | None = None  # grant id and device
        self._grant: tuple[Grant, VerifyingKey] | None = None  # and who signed it
        self._evidence: measured.Evidence | None = None
        self._expected: Sequence[signing.Resource] = ()

    def manifest(self, data: bytes, digest: str) -> layout.Manifest:
        """Take the manifest and the digest it was asked for by.

        Raises:
            TrustError: other bytes, or not a release's manifest.
        """
        with self._step("manifest"):
            _check_blob(data, digest, "manifest")
            self._manifest = layout.Manifest.from_bytes(data)
            self._digest = digest
        return self._manifest

    def statement(self, bundle: str) -> None:
        """Take the owner's signed release statement.

        Raises:
            TrustError: signed by no device of the owner, or for another release or manifest.
        """
        with self._step("release statement"):
            self._key = self._owner_key(bundle)
            verified = dsse.verify(
                bundle, self._key, predicate_type=RELEASE_TYPE, step="release statement"
            )
            claim = verified.statement["predicate"]
            if not isinstance(claim, dict) or not isinstance(claim.get("ref"), str):
                _fail("release statement", "it does not name a release.")
            if self.ref is not None and claim["ref"] != self.ref:
                _fail("release statement", "the owner signed this as another release or version.")
            config = _known(self._manifest).config.digest
            if verified.payload != release_statement(claim["ref"], self._digest, config):
                _fail("release statement", "the owner signed another edition of this release.")
            self.ref = claim["ref"]

    def listing(self, data: bytes) -> Listing:
        """Take the listing (the manifest's config blob).

        Raises:
            TrustError: not the blob that the manifest names, or of another release or owner.
        """
        with self._step("listing"):
            config = _known(self._manifest).config
            if len(data) != config.size:
                _fail("listing", "it is not as long as the release says.")
            _check_blob(data, config.digest, "listing")
            self._listing = Listing.from_bytes(data)
            if self._listing.ref != self.ref:
                _fail("listing", "it describes another release than the owner signed.")
            if isinstance(self._owner, Person) and self._listing.owner != self._owner.id:
                _fail("listing", "it names another owner than the one who signed.")
        return self._listing

    def receipt(self, proof: bytes, entry: Entry, verifier: str) -> Checkpoint:
        """Take the receipt of the publication, the log entry it is about, and the log's key.

        Returns the signed checkpoint, to be compared with the last one this client saw.

        Raises:
            TrustError: not in the log, or the entry is not the publication of this release.
            InputError: ``verifier`` is not a log's key, which no release can be blamed for.
        """
        parse_verifier(verifier)
        with self._step("receipt"):
            receipt = receipts.parse(proof)
            event = entry.event
            if receipt.index != entry.index:
                _fail("receipt", "it is about another entry of the log.")
            if receipt.extra is not None and receipt.extra != entry.to_bytes():
                _fail("receipt", "it shows another event than the log entry.")
            leaf = receipts.commitment(b64decode(entry.salt), event.to_bytes())
            checkpoint = receipt.verify(leaf, verifier)
            if event.kind != PUBLISH or event.release != self.ref:
                _fail("receipt", "the log entry is not the publication of this release.")
            if event.details.get("manifest") != self._digest:
                _fail("receipt", "the log says that another edition of this release was published.")
            if event.actor != _known(self._listing).owner:
                _fail("receipt", "the log says that somebody else published this release.")
        return checkpoint

    def grant(
        self,
        grant: Grant | None,
        envelope: Envelope,
        device: str,
        signers: Sequence[Person],
        *,
        hosted: bool = False,
    ) -> None:
        """Take the grant and the envelope that makes it real, for the device that will open it.

        ``grant`` is ``None`` for the owner, the custodians and those named in a sealed file.
        ``signers`` are the people who may grant this release; the grantee never counts as one.
        ``hosted`` is for an evaluator, which opens what it runs for somebody else's device.

        Raises:
            TrustError: for another release, device or right, not valid now, revoked, signed by
                nobody who may, or another envelope than the one that was signed.
        """
        with self._step("grant"):
            if (envelope.release, envelope.manifest) != (self.ref, self._digest):
                _fail("grant", "the envelope is for another release or edition.", _REQUEST)
            if envelope.device != device:
                _fail("grant", "the envelope was sealed for another device.", _REQUEST)
            if envelope.grant != (grant.id if grant else None):
                _fail("grant", "the envelope belongs to another grant.", _REQUEST)
            if grant is not None:
                key = granted.check(grant, envelope, signers, self._now, hosted=hosted)
                self._grant = grant, key
            self._bound = (envelope.grant, device)
        if grant is not None and grant.copy_manifest is not None:
            self._due.insert(self._due.index("model files"), "copy")

    def envelope(self, opened: bytes) -> envelopes.ReleaseKeys:
        """Take what the device read when it opened the envelope; return the release keys.

        Raises:
            TrustError: sealed for another release, edition, grant or device, or no release keys.
        """
        with self._step("envelope"):
            grant, device = _known(self._bound)
            return envelopes.read(
                opened,
                release_ref=_known(self.ref),
                manifest=self._digest,
                grant=grant,
                device=device,
            )

    def evidence(self, data: bytes, sealed: bytes) -> measured.Evidence:
        """Take the opened evidence, and the age file it came from (the manifest's first layer).

        The age file is asked for because only its digest shows that no statement was left out.

        Raises:
            TrustError: not the blob that the manifest names, not signed by the owner, tied to
                another listing (step ``"evidence"``), or a bad list of files (step
                ``"model signature"``).
        """
        with self._step("evidence"):
            _check_blob(sealed, _known(self._manifest).evidence.digest, "evidence")
            found = measured.read(data, _known(self._key))
            expected = measured.commitment(found.commitment_key, found.root)
            if expected != _known(self._listing).commitment:
                _fail("evidence", "it is about another model than the listing describes.")
        with self._step("model signature"):
            if len(found.resources) != len(_known(self._manifest).files):
                _fail("model signature", "it lists another number of files than the release has.")
            self._evidence = found
            self._expected = found.resources
        return found

    def copy(self, manifest: bytes, sealed: bytes, statement: bytes) -> copied.Copy:
        """Take a marked copy: its manifest, and what the granter signed about it, sealed and open.

        Asked for only where the grant names a copy, and then always.

        Raises:
            TrustError: not the copy that the grant names, not signed by who signed the grant, made
                of another release or for another grant, or with other files than the owner's.
        """
        with self._step("copy"):
            grant, key = _known(self._grant)
            _check_blob(manifest, grant.copy_manifest or "", "copy")
            own, parts = _known(self._manifest), copied.parts(manifest)
            if (parts.config, len(parts.files)) != (own.config, len(own.files)):
                _fail("copy", "it is a copy of another release.")
            _check_blob(sealed, parts.evidence.digest, "copy")
            found = copied.read(statement, key)
            copied.check(
                found,
                _known(self._evidence).resources,
                release=grant.release,
                manifest=self._digest,
                grant=grant.id,
                person=grant.person,
            )
            self._expected = found.resources
        return found

    def files(self, found: Sequence[signing.Resource]) -> None:
        """Take the names and digests of the model's files, as they are after opening.

        Raises:
            TrustError: a file is missing, added or different.
        """
        with self._step("model files"):
            signing.check_files(self._expected, found)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        """Run one step in its turn; a failure ends the whole verification."""
        if not self._due or self._due[0] != name:
            turn = self._due[0] if self._due else "nothing"
            raise RuntimeError(f"the step {name!r} is out of turn; {turn!r} comes next")
        rest, self._due = self._due[1:], []
        try:
            yield
        except InputError as error:  # what was received cannot even be read
            _fail(name, error.message, cause=error)
        except TrustError as error:  # the parts below do not know what they are a part of
            error.unchanged = error.unchanged or _UNOPENED
            error.hint = error.hint or _AGAIN
            raise
        self._due = rest
        self.passed.append(name)
        self.turn = rest[0] if rest else name

    def _owner_key(self, bundle: str) -> VerifyingKey:
        """Return the owner's key that the bundle claims to be signed with."""
        if isinstance(self._owner, VerifyingKey):
            return self._owner
        key = granted.device_key(self._owner, dsse.hint(bundle))
        if key is None:
            _fail(
                "release statement",
                f"it is not signed by a device of {self._owner.id}.",
                "Ask the owner whether this release is theirs before you use it.",
            )
        return key


def _check_blob(data: bytes, expected: str, step: str) -> None:
    if digest(data) != check_digest(expected):
        _fail(step, "it is not what was published: some bytes differ.")


def _known(value: T | None) -> T:
    """Return what an earlier step has set; the order of steps guarantees that it did."""
    if value is None:
        raise RuntimeError("a step passed without keeping what it verified")
    return value


def _fail(step: str, message: str, hint: str = _AGAIN, cause: Exception | None = None) -> NoReturn:
    raise TrustError(step, message, unchanged=_UNOPENED, hint=hint) from cause
