"""From recipients to a header, and from a header to the key of the payload."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workbench.crypto import age_header
from workbench.crypto.age_hybrid import HybridRecipient
from workbench.crypto.age_io import Input
from workbench.crypto.age_scrypt import ScryptRecipient
from workbench.crypto.age_stream import broken
from workbench.crypto.age_wrap import FILE_KEY, Identity, Recipient, draw
from workbench.crypto.primitives import hkdf
from workbench.errors import InputError, TrustError

__all__ = ["NONCE", "lock", "unlock"]

NONCE = 16  # bytes between the header and the first chunk


def lock(recipients: Sequence[Recipient], random: Callable[[int], bytes]) -> tuple[bytes, bytes]:
    """Return what stands before the first chunk (header and nonce), and the payload key.

    Raises:
        InputError: no recipients, too many, or a mixture that would weaken the file.
    """
    _check_kinds({recipient.kind for recipient in recipients}, len(recipients))
    file_key = draw(random, FILE_KEY)
    stanzas = [recipient.wrap(file_key, random) for recipient in recipients]
    nonce = draw(random, NONCE)
    header = age_header.seal(stanzas, file_key)
    return header.encode() + nonce, _payload_key(file_key, nonce)


def unlock(source: Input, identities: Sequence[Identity]) -> tuple[bytes, int]:
    """Read header and nonce; return the payload key and the position of the first chunk.

    Raises:
        TrustError: not an age file or a changed header (step ``"age header"``), a file that ends
            there (step ``"age payload"``), or one that none of ``identities`` opens (step
            ``"age key"``).
    """
    header, size = age_header.read(source)
    for identity in identities:
        file_key = identity.unwrap(header.stanzas)
        if file_key is not None:
            break
    else:
        raise TrustError(
            "age key",
            "it is not sealed to this key, or the passphrase is wrong.",
            unchanged="Nothing was opened.",
            hint="Use the device or passphrase it was sealed to, or ask for it to be sealed again.",
        )
    header.check(file_key)
    nonce = source.take(NONCE)
    if len(nonce) < NONCE:
        raise broken("it is cut off before its content")
    return _payload_key(file_key, nonce), size + NONCE


def _payload_key(file_key: bytes, nonce: bytes) -> bytes:
    """C2SP age, "Payload"."""
    return hkdf(file_key, nonce, b"payload")


def _check_kinds(kinds: set[str], count: int) -> None:
    """C2SP age: a passphrase stands alone; a hybrid file stays safe from quantum computers."""
    reason = ""
    if not kinds:
        reason = "A file must be sealed to somebody."
    elif ScryptRecipient.kind in kinds and count > 1:
        reason = "A file sealed with a passphrase can have no other recipient."
    elif HybridRecipient.kind in kinds and len(kinds) > 1:
        reason = "Hybrid (age1pq1…) and older (age1…) recipients cannot share one file."
    if reason:
        raise InputError(
            reason, unchanged="Nothing was sealed.", hint="Seal a file of its own to each kind."
        )
