"""Release keys are sealed to one device, and opened by the device that holds them."""

from __future__ import annotations

from workbench.crypto import age
from workbench.encoding import b64decode, b64encode
from workbench.errors import InputError, NotFound, TrustError
from workbench.records import Device, Envelope, Release
from workbench.release import envelope
from workbench.services.context import Actor, Context
from workbench.stores.contracts import Reading

__all__ = ["held", "own", "seal", "sealed_bytes"]


def seal(
    context: Context,
    release: Release,
    person: str,
    device: Device,
    keys: envelope.ReleaseKeys,
    *,
    grant: str | None = None,
) -> Envelope:
    """Return a new envelope: the release keys for exactly one device."""
    text = envelope.compose(
        keys, release_ref=release.key, manifest=release.manifest, grant=grant, device=device.id
    )
    recipient = age.parse_recipient(device.recipient)
    return Envelope(
        id=context.new_id("ev"),
        release=release.key,
        manifest=release.manifest,
        person=person,
        device=device.id,
        grant=grant,
        sealed=b64encode(age.encrypt_bytes(text, [recipient], random=context.random)),
    )


def own(reading: Reading, actor: Actor, release: Release) -> Envelope:
    """Return the envelope the actor's device holds as owner or custodian.

    Raises:
        NotFound: this device holds none.
    """
    for item in reading.find(Envelope, person=actor.person, release=release.key):
        if item.grant is None and item.device == actor.device.id:
            return item
    raise NotFound(
        f"This device holds no keys for {release.key}.",
        unchanged="Nothing was changed.",
        hint=f"The owner, or any reviewer who holds keys, can add you: "
        f"`workbench custodian add {release.key} {actor.person}`.",
    )


def held(reading: Reading, actor: Actor, release: Release) -> envelope.ReleaseKeys:
    """Open the actor's own envelope and return the release keys.

    Raises:
        NotFound: this device holds none.
        TrustError: it does not open, or was made for another release or device.
    """
    item = own(reading, actor, release)
    return envelope.read(
        actor.signer.open(sealed_bytes(item)),
        release_ref=release.key,
        manifest=release.manifest,
        grant=None,
        device=actor.device.id,
    )


def sealed_bytes(item: Envelope) -> bytes:
    """Return the age file inside an envelope record.

    Raises:
        TrustError: the stored text is not base64 (step ``"envelope"``).
    """
    try:
        return b64decode(item.sealed)
    except InputError as error:
        raise TrustError(
            "envelope",
            "the stored envelope was altered.",
            hint="Ask the reviewer to approve again; tell the exchange's operator.",
        ) from error
