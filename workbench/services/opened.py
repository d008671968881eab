"""An opened folder is verified again, later or by somebody else, from what lies in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from workbench.crypto.keys import VerifyingKey
from workbench.errors import InputError, TrustError
from workbench.records import Listing, Person
from workbench.release import evidence, signing
from workbench.services.audit import check_receipt

__all__ = ["OpenedFolder", "verify"]


class OpenedFolder(Protocol):
    """A folder that ``open`` wrote."""

    def read(self, name: str) -> bytes:
        """Return a small document of it."""
        ...

    def resources(self) -> Sequence[signing.Resource]:
        """Return the model's files with their digests, as they are now."""
        ...


def verify(folder: OpenedFolder, people: Sequence[Person], verifier: str) -> tuple[str, ...]:
    """Return the steps that passed: owner, evidence, model signature, model files, receipt.

    Raises:
        TrustError: naming the first step that failed.
        InputError: not a folder that ``open`` wrote.
    """
    try:
        listing = Listing.from_bytes(folder.read("listing.json"))
        key = VerifyingKey.from_pem(folder.read("owner.pem").decode("ascii"))
        bundle = folder.read("model.sig").decode("utf-8")
    except UnicodeDecodeError as error:
        raise TrustError("listing", "a document in the folder was altered.") from error
    except InputError as error:
        raise TrustError("listing", error.message) from error
    owner = next((person for person in people if person.id == listing.owner), None)
    if owner is None or owner.device(key.fingerprint) is None:
        raise TrustError("owner", f"the key in it is not one of {listing.owner}'s devices.")
    found = evidence.read(folder.read("evidence.jsonl"), key)
    if evidence.commitment(found.commitment_key, found.root) != listing.commitment:
        raise TrustError("evidence", "it is about another model than the listing.")
    signed = signing.verify(bundle, key)
    if tuple(signed) != tuple(found.resources):
        raise TrustError("model signature", "it is not the one in the evidence.")
    signing.check_files(signed, folder.resources())
    entry = check_receipt(folder.read("receipt.tlog-proof"), verifier)
    if entry.event.kind != "published" or entry.event.release != listing.ref:
        raise TrustError("receipt", "it proves something else than this publication.")
    return ("owner", "evidence", "model signature", "model files", "receipt")
