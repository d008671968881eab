"""An opened folder is verified again, later or by somebody else, from what lies in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Protocol

from workbench.crypto import dsse
from workbench.crypto.keys import VerifyingKey
from workbench.encoding import digest
from workbench.errors import InputError, NotFound, TrustError
from workbench.records import Listing, Person
from workbench.release import evidence, signing, trust
from workbench.services.audit import check_receipt

__all__ = ["MEANING", "OpenedFolder", "verify"]

# Here the statement itself is at hand, and the list of parts that it also names is not.
MEANING: Mapping[str, str] = MappingProxyType(
    {
        **trust.MEANING,
        "listing": "the description can be read",
        "owner": "the signing key in the folder is the owner's",
        "release statement": "the owner signed this name, version and description",
    }
)


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


def verify(
    folder: OpenedFolder, people: Sequence[Person], verifier: str, signer: str | None = None
) -> tuple[str, ...]:
    """Return the steps that passed, in the order in which each rests on the ones before.

    They are listing, owner, release statement, evidence, model signature and files, receipt.
    ``signer`` is the owner's public key (PEM), where the owner is not one of ``people``. A folder
    that came from a sealed file has no receipt; its last step is then missing from what passed, and
    the listing rests on the owner's release statement alone.

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
        _check_statement(_text(folder.read("release.sig")), key, listing.ref, digest(document))
    with steps.step("evidence"):
        found = evidence.read(folder.read("evidence.jsonl"), key)
        if evidence.commitment(found.commitment_key, found.root) != listing.commitment:
            raise TrustError("evidence", "it is about another model than the listing.")
    with steps.step("model signature"):
        signed = signing.verify(_text(folder.read("model.sig")), key)
        if tuple(signed) != tuple(found.resources):
            raise TrustError("model signature", "it is not the one in the evidence.")
    with steps.step("model files"):
        signing.check_files(signed, folder.resources())
    try:
        receipt = folder.read("receipt.tlog-proof")
    except NotFound:
        return tuple(steps.passed)
    with steps.step("receipt"):
        entry = check_receipt(receipt, verifier)
        if entry.event.kind != "published" or entry.event.release != listing.ref:
            raise TrustError("receipt", "it proves something else than this publication.")
        if entry.event.details.get("listing") != digest(document):
            raise TrustError("receipt", "the log says that another listing was published.")
    return tuple(steps.passed)


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


def _check_statement(bundle: str, key: VerifyingKey, ref: str, listing: str) -> None:
    """The owner must have signed this listing, byte by byte, under this name and version."""
    step = "release statement"
    verified = dsse.verify(bundle, key, predicate_type=trust.RELEASE_TYPE, step=step)
    claim = verified.statement["predicate"]
    if not isinstance(claim, dict) or claim.get("ref") != ref:
        raise TrustError(step, "the owner signed this as another release or version.")
    if claim.get("listing") != listing:
        raise TrustError(step, "the owner published it with another listing.")


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("it is not text.") from error
