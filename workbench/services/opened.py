"""What lies in an opened folder beside the model, and how it is verified again from that alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO, Protocol

from workbench.crypto import dsse
from workbench.crypto.keys import VerifyingKey
from workbench.encoding import digest
from workbench.errors import InputError, NotFound, TrustError
from workbench.records import Listing, Person
from workbench.release import copied, evidence, signing, trust
from workbench.services.audit import check_receipt
from workbench.services.unlocking import Opened
from workbench.vocabulary import Role

__all__ = ["MEANING", "Folder", "OpenedFolder", "Verified", "keep", "verify"]

# Here the statement itself is at hand, and the list of parts that it also names is not.
MEANING: Mapping[str, str] = MappingProxyType(
    {
        **trust.MEANING,
        "listing": "the description can be read",
        "owner": "the signing key in the folder is the owner's",
        "release statement": "the owner signed this name, version and description",
        "copy": "a reviewer signed this marked copy; the other files are the owner's",
    }
)


class Folder(Protocol):
    """A folder being written aside; it appears under its name only when all went well."""

    def create(self, name: str) -> BinaryIO: ...
    def open(self, name: str) -> BinaryIO: ...
    def write(self, name: str, data: bytes) -> None: ...


class OpenedFolder(Protocol):
    """A folder that ``open`` wrote."""

    def read(self, name: str) -> bytes:
        """Return a small document of it.

        Raises:
            NotFound: it is not there.
        """
        ...

    def resources(self) -> Sequence[signing.Resource]:
        """Return the model's files with their digests, as they are now."""
        ...


@dataclass(frozen=True)
class Verified:
    """The steps that passed for a folder, and what is said of the marked copy, if it is one."""

    passed: tuple[str, ...]
    copy: copied.Copy | None = None


def keep(folder: Folder, opened: Opened) -> None:
    """Write what proves the model beside it; of a marked copy also what the granter signed.

    The names are ``model.sig`` (OMS), ``release.sig``, ``owner.pem``, ``evidence.jsonl`` and
    ``listing.json``; ``copy.jsonl``, ``copy.sig`` (OMS) and ``granter.pem``.
    """
    folder.write("model.sig", opened.model_bundle.encode())
    folder.write("release.sig", opened.statement.encode())
    folder.write("owner.pem", opened.owner_key.encode())
    folder.write("evidence.jsonl", opened.evidence)
    folder.write("listing.json", opened.listing.to_bytes())
    if opened.copy is not None:
        folder.write("copy.jsonl", opened.copy.document)
        folder.write("copy.sig", opened.copy.signature.encode())
        folder.write("granter.pem", opened.copy.signer.pem.encode())


def verify(
    folder: OpenedFolder,
    people: Sequence[Person],
    verifier: str,
    signer: str | None = None,
    granter: str | None = None,
) -> Verified:
    """Return the steps that passed, in the order in which each rests on the ones before.

    They are listing, owner, release statement, evidence, model signature, copy, model files and
    receipt. ``signer`` is the owner's public key (PEM), and ``granter`` that of whoever granted a
    marked copy, where they are not among ``people``. The step copy is there for a marked copy only.
    A folder that came from a sealed file has no receipt; its last step is then missing from what
    passed, and the listing rests on the owner's release statement alone.

    Raises:
        TrustError: naming the first step that failed.
        InputError: not a folder that ``open`` wrote.
    """
    document = folder.read("listing.json")  # without it, it is just some folder
    given = None if signer is None else VerifyingKey.from_pem(signer)
    steps = _Steps()
    with steps.step("listing"):
        listing = Listing.from_bytes(document)
    with steps.step("owner"):
        key = VerifyingKey.from_pem(_text(folder.read("owner.pem")))
        _check_owner(key, listing.owner, people, given)
    with steps.step("release statement"):
        manifest = _check_statement(
            _text(folder.read("release.sig")), key, listing.ref, digest(document)
        )
    with steps.step("evidence"):
        found = evidence.read(folder.read("evidence.jsonl"), key)
        if evidence.commitment(found.commitment_key, found.root) != listing.commitment:
            raise TrustError("evidence", "it is about another model than the listing.")
    with steps.step("model signature"):
        signed = signing.verify(_text(folder.read("model.sig")), key)
        if tuple(signed) != tuple(found.resources):
            raise TrustError("model signature", "it is not the one in the evidence.")
    copy = None
    if (said := _optional(folder, "copy.jsonl")) is not None:
        with steps.step("copy"):
            copy = copied.read(said, VerifyingKey.from_pem(_text(folder.read("granter.pem"))))
            _check_granter(copy, listing.owner, people, granter)
            if _text(folder.read("copy.sig")) != copy.signature:
                raise TrustError("copy", "its signature is not the one in copy.jsonl.")
            copied.check(
                copy,
                signed,
                release=listing.ref,
                manifest=manifest,
                grant=copy.said.grant,
                person=copy.said.person,
            )
    with steps.step("model files"):
        signing.check_files(signed if copy is None else copy.resources, folder.resources())
    receipt = _optional(folder, "receipt.tlog-proof")
    if receipt is None:
        return Verified(tuple(steps.passed), copy)
    with steps.step("receipt"):
        entry = check_receipt(receipt, verifier)
        if entry.event.kind != "published" or entry.event.release != listing.ref:
            raise TrustError("receipt", "it proves something else than this publication.")
        if entry.event.details.get("listing") != digest(document):
            raise TrustError("receipt", "the log says that another listing was published.")
    return Verified(tuple(steps.passed), copy)


class _Steps:
    """Each step in its turn; a failure says which steps passed before it."""

    def __init__(self) -> None:
        self.passed: list[str] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        try:
            yield
        except (InputError, TrustError) as error:  # what lies there cannot even be read, or is bad
            failed = error
            if isinstance(failed, NotFound):
                failed = TrustError(name, "it is missing from the folder.")
            elif not isinstance(failed, TrustError) or failed.step != name:
                failed = TrustError(name, error.message, hint=error.hint)
            failed.passed = tuple(self.passed)
            raise failed from error
        self.passed.append(name)


def _check_owner(
    key: VerifyingKey, owner: str, people: Sequence[Person], given: VerifyingKey | None
) -> None:
    if given is not None:
        if given != key:
            raise TrustError("owner", "the key in it is not the one you gave.")
        return
    person = next((person for person in people if person.id == owner), None)
    if person is None or person.device(key.fingerprint) is None:
        raise TrustError(
            "owner",
            f"the key in it is not one of {owner}'s devices.",
            hint="If the owner is not enrolled here, get their public key from them and use "
            "--signer KEY.pem.",
        )


def _check_granter(
    copy: copied.Copy, owner: str, people: Sequence[Person], given: str | None
) -> None:
    """A copy counts only from somebody who may grant it: a reviewer, but no owner or grantee."""
    if given is not None:
        if VerifyingKey.from_pem(given) != copy.signer:
            raise TrustError("copy", "the granter's key in it is not the one you gave.")
        return
    device = copy.signer.fingerprint
    person = next((one for one in people if one.device(device) is not None), None)
    if person is None:
        raise TrustError(
            "copy",
            "the key that signed it is nobody's device.",
            hint="If whoever granted it is not enrolled here, get their public key from them and "
            "use --granter KEY.pem.",
        )
    if Role.reviewer not in person.roles or person.id in (owner, copy.said.person):
        raise TrustError("copy", f"{person.id} signed it, who may not grant this release.")


def _check_statement(bundle: str, key: VerifyingKey, ref: str, listing: str) -> str:
    """The owner must have signed this listing, byte by byte, under this name and version.

    Returns the digest of the manifest that the owner signed them with.
    """
    step = "release statement"
    verified = dsse.verify(bundle, key, predicate_type=trust.RELEASE_TYPE, step=step)
    claim = verified.statement["predicate"]
    if not isinstance(claim, dict) or claim.get("ref") != ref:
        raise TrustError(step, "the owner signed this as another release or version.")
    if claim.get("listing") != listing:
        raise TrustError(step, "the owner published it with another listing.")
    manifest = f"sha256:{verified.statement['subject'][0]['digest'].get('sha256')}"
    if verified.payload != trust.release_statement(ref, manifest, listing):
        raise TrustError(step, "it says something else than a release's statement does.")
    return manifest


def _optional(folder: OpenedFolder, name: str) -> bytes | None:
    try:
        return folder.read(name)
    except NotFound:
        return None


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("it is not text.") from error
