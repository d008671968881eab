"""Sealed files in the age v1 format (C2SP age): any ``age`` tool opens them, and we open theirs.

::

    identity = HybridIdentity.generate(random)
    sealed = encrypt_bytes(b"text", [identity.recipient], random=random)
    decrypt_bytes(sealed, [identity])

Large files go through :func:`encrypt` and :func:`decrypt`, in constant memory and on several cores;
:class:`AgeReader` reads from the middle. Every refusal is a ``TrustError`` whose step says where it
came from: ``"age armor"``, ``"age header"``, ``"age key"`` (nobody here can open it) or
``"age payload"``.

Age proves that nobody without the file key changed a file, but not who sealed it: anyone who knows
a recipient can. Who wrote something is told by signatures (``workbench.crypto.dsse``).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from workbench.crypto import age_armor
from workbench.crypto.age_hybrid import HybridIdentity, HybridRecipient
from workbench.crypto.age_io import Input, Readable, Writable, write_all
from workbench.crypto.age_keys import parse_identities, parse_identity, parse_recipient
from workbench.crypto.age_lock import lock, unlock
from workbench.crypto.age_reader import AgeReader
from workbench.crypto.age_scrypt import ScryptIdentity, ScryptRecipient
from workbench.crypto.age_stream import Hash, broken, open_payload, seal_payload
from workbench.crypto.age_wrap import Identity, Recipient
from workbench.crypto.age_x25519 import X25519Identity, X25519Recipient

__all__ = [
    "SMALL",
    "AgeReader",
    "HybridIdentity",
    "HybridRecipient",
    "Identity",
    "Recipient",
    "ScryptIdentity",
    "ScryptRecipient",
    "X25519Identity",
    "X25519Recipient",
    "decrypt",
    "decrypt_bytes",
    "encrypt",
    "encrypt_bytes",
    "parse_identities",
    "parse_identity",
    "parse_recipient",
]

SMALL = 64 * 1024  # bytes; the default bound of decrypt_bytes, as keystores promise it


def encrypt(
    source: Readable,
    target: Writable,
    recipients: Sequence[Recipient],
    *,
    random: Callable[[int], bytes],
    workers: int = 2,
    plain: Hash | None = None,
    progress: Callable[[int], None] | None = None,
    armor: bool = False,
) -> int:
    """Seal everything in ``source`` to ``recipients``; return how many bytes that were.

    ``random`` gives random bytes. ``workers`` threads encrypt while the calling thread reads and
    writes. ``plain`` (a ``hashlib`` object) is fed the plaintext. ``progress`` gets the number of
    plaintext bytes done and may raise to cancel. ``armor`` writes text instead of bytes.

    Raises:
        InputError: no recipients, too many, or a mixture that would weaken the file.
    """
    prefix, key = lock(recipients, random)
    writer = age_armor.ArmorWriter(target) if armor else None
    sink = target if writer is None else writer
    write_all(sink, memoryview(prefix))
    size = seal_payload(Input(source), sink, key, workers=workers, plain=plain, progress=progress)
    if writer is not None:
        writer.finish()
    return size


def decrypt(
    source: Readable,
    target: Writable,
    identities: Sequence[Identity],
    *,
    workers: int = 2,
    plain: Hash | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Open an age file, armored or not, and write its content; return the size of that.

    The other arguments are those of :func:`encrypt`. Every chunk is authentic when it is written,
    but only a normal return says that the content is complete: discard ``target`` after an error.

    Raises:
        TrustError: malformed text (step ``"age armor"``), a malformed or changed header
            (``"age header"``), none of ``identities`` opens it (``"age key"``), or changed, missing
            or added content (``"age payload"``).
    """
    binary = age_armor.dearmor(Input(source))
    key, _ = unlock(binary, identities)
    return open_payload(binary, target, key, workers=workers, plain=plain, progress=progress)


def encrypt_bytes(
    data: bytes,
    recipients: Sequence[Recipient],
    *,
    random: Callable[[int], bytes],
    armor: bool = False,
) -> bytes:
    """Seal ``data``, as :func:`encrypt`.

    Raises:
        InputError: as :func:`encrypt`.
    """
    target = io.BytesIO()
    encrypt(io.BytesIO(data), target, recipients, random=random, armor=armor)
    return target.getvalue()


def decrypt_bytes(data: bytes, identities: Sequence[Identity], *, limit: int = SMALL) -> bytes:
    """Open an age file of at most ``limit`` bytes of content.

    Raises:
        TrustError: as :func:`decrypt`, or more content than ``limit`` (``"age payload"``).
    """
    target = _Bounded(limit)
    decrypt(io.BytesIO(data), target, identities)
    return target.getvalue()


class _Bounded(io.BytesIO):
    """Memory that takes no more than it should."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: memoryview, /) -> int:  # type: ignore[override]
        if self.tell() + len(data) > self._limit:
            raise broken(f"it holds more than the {self._limit} bytes expected here")
        return super().write(data)
