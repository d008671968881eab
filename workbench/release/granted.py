"""Whether a grant gives a device a right to a release, now: a step of :mod:`..release.trust`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from workbench.crypto import dsse
from workbench.crypto.keys import VerifyingKey
from workbench.encoding import b64decode, digest
from workbench.errors import InputError, TrustError
from workbench.records import Envelope, Grant, Person
from workbench.release import acts
from workbench.vocabulary import GrantState, Right

__all__ = ["check", "device_key"]

_HERE = frozenset({Right.retrieve, Right.fine_tune})  # rights whose keys go to the person's device
_HOSTED = frozenset({Right.infer, Right.fine_tune})  # rights whose keys go to an evaluator
_REQUEST = "Ask for access again, or ask whoever runs the exchange."


def check(
    grant: Grant,
    envelope: Envelope,
    signers: Sequence[Person],
    now: datetime,
    *,
    hosted: bool,
) -> VerifyingKey:
    """Check a grant against the envelope it names; return the key that signed it.

    The envelope must be known to be for the release and manifest that were asked for.

    Raises:
        TrustError: for another release, device or right, not valid now, revoked, signed by nobody
            who may, or another envelope than the one that was signed (step ``"grant"``).
    """
    if (grant.release, grant.manifest) != (envelope.release, envelope.manifest):
        raise _refused("it is for another release or edition.")
    if grant.right not in (_HOSTED if hosted else _HERE):
        raise _refused(*_wrong_right(grant.right, hosted))
    if grant.copy_manifest is not None and grant.right is not Right.retrieve:
        raise _refused("it names a copy, which only somebody who gets the weights can have.")
    if not hosted and (grant.device, grant.person) != (envelope.device, envelope.person):
        raise _refused("it is for another device than this one.")
    _check_period(grant, now)
    key = _check_signer(grant, signers)
    if grant.envelope != envelope.id or grant.envelope_digest != digest(b64decode(envelope.sealed)):
        raise _refused("its envelope is not the one that was signed.")
    return key


def device_key(person: Person, fingerprint: str) -> VerifyingKey | None:
    """Return the key with this fingerprint, if the person enrolled it.

    Raises:
        InputError: it was enrolled under another key's name.
    """
    device = person.device(fingerprint)
    if device is None:
        return None
    key = VerifyingKey.from_pem(device.signing_key)
    if key.fingerprint != fingerprint:
        raise InputError(f"A device of {person.id} is enrolled under another key's name.")
    return key


def _check_period(grant: Grant, now: datetime) -> None:
    if grant.state is GrantState.revoked:
        raise _refused("it was revoked.", "Ask for access again, or ask who revoked it.")
    if grant.state is GrantState.expired or now > grant.not_after:
        raise _refused(
            f"it ended on {grant.not_after:%Y-%m-%d %H:%M} UTC.",
            "Ask for access again; it can be granted as a renewal.",
        )
    if now < grant.not_before:
        raise _refused(
            f"it begins only on {grant.not_before:%Y-%m-%d %H:%M} UTC.",
            "Wait until then, and check this computer's clock.",
        )


def _check_signer(grant: Grant, signers: Sequence[Person]) -> VerifyingKey:
    """The grant's statement must come from somebody who may grant, and never from the grantee."""
    hint = dsse.hint(grant.statement)
    for person in signers:
        key = device_key(person, hint)
        if key is None:
            continue
        if person.id == grant.person:
            raise _refused("the person it is for signed it themself.")
        acts.verify_record(grant, key, step="grant")
        return key
    raise _refused("nobody who may grant this release signed it.")


def _wrong_right(right: Right, hosted: bool) -> tuple[str, str]:
    if hosted:
        return (
            f"the right to {right.replace('_', '-')} a model does not let an evaluator run it.",
            "The person it is for can open the model on their own device.",
        )
    return (
        "it allows predictions only; the model itself stays with the evaluator.",
        "Use the connection to the evaluator, or ask for the right to retrieve the model.",
    )


def _refused(message: str, hint: str = _REQUEST) -> TrustError:
    return TrustError("grant", message, unchanged="Nothing was opened.", hint=hint)
