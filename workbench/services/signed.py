"""What a store hands back is believed where it carries a signature, and only then.

A verb that acts on somebody's release, request or vote checks it first, so that a row edited in
the database cannot make a reviewer seal keys for something nobody signed.
"""

from __future__ import annotations

from collections.abc import Mapping

from workbench.crypto import dsse
from workbench.crypto.keys import VerifyingKey
from workbench.encoding import canonical, digest
from workbench.errors import InputError, NotFound, TrustError
from workbench.records import Catalogue, Person, Release, Request, Vote
from workbench.release import acts, trust
from workbench.stores.contracts import Reading
from workbench.vocabulary import Role

__all__ = ["check_catalogue", "check_release", "check_request", "check_vote", "texts_digest"]

_OPERATOR = "Do not rely on it; run `workbench ledger verify` and tell the exchange's operator."


def check_release(reading: Reading, release: Release) -> Release:
    """Return the release if its owner signed this name, listing and manifest.

    Raises:
        TrustError: the record is not as it was signed (step ``"release statement"``).
    """
    step = "release statement"
    key = _signer(reading, release.listing.owner, release.statement, step)
    verified = dsse.verify(release.statement, key, predicate_type=trust.RELEASE_TYPE, step=step)
    listing = digest(release.listing.to_bytes())
    if verified.payload != trust.release_statement(release.key, release.manifest, listing):
        raise _refused(step, "the exchange shows another release than its owner signed.")
    return release


def check_request(reading: Reading, request: Request) -> Request:
    """Return the request if the person it names made it.

    Raises:
        TrustError: the record is not as it was signed (step ``"request"``).
    """
    key = _signer(reading, request.person, request.statement, "request")
    acts.verify_record(request, key, step="request")
    return request


def check_vote(reading: Reading, vote: Vote) -> Vote:
    """Return the vote if the reviewer it names cast it.

    Raises:
        TrustError: the record is not as it was signed (step ``"vote"``).
    """
    key = _signer(reading, vote.reviewer, vote.statement, "vote")
    acts.verify_record(vote, key, step="vote")
    return vote


def check_catalogue(reading: Reading, catalogue: Catalogue) -> Catalogue:
    """Return the catalogue if the steward it names put these texts into force.

    Raises:
        TrustError: the record is not as it was signed (step ``"policy catalogue"``).
    """
    step = "policy catalogue"
    key = _signer(reading, catalogue.steward, catalogue.statement, step)
    body = acts.verify_act(catalogue.statement, key, "change_policy", step=step)
    if body.get("new") != texts_digest(catalogue.files):
        raise _refused(step, "the policies are not the ones that were signed.")
    if Role.steward not in reading.get(Person, catalogue.steward).roles:
        raise _refused(step, f"{catalogue.steward} is no steward.")
    return catalogue


def texts_digest(files: Mapping[str, str]) -> str:
    """Return the digest by which a catalogue's texts are signed and logged."""
    return digest(canonical(dict(files)))


def _signer(reading: Reading, person: str, statement: str, step: str) -> VerifyingKey:
    """Return the person's key that the statement says it is signed with."""
    try:
        device = reading.get(Person, person).device(dsse.hint(statement))
        if device is not None:
            return VerifyingKey.from_pem(device.signing_key)
    except NotFound:
        pass
    except (InputError, TrustError) as error:
        raise _refused(step, "its signature was altered.") from error
    raise _refused(step, f"it is not signed by a device of {person}.")


def _refused(step: str, message: str) -> TrustError:
    return TrustError(step, message, unchanged="Nothing was changed.", hint=_OPERATOR)
