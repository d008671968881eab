"""What all kinds of recipients and identities share: two contracts, and how stanzas are read.

Recipients wrap the key of a file into a stanza of its header, identities unwrap it. The kinds are
``age_hybrid``, ``age_x25519`` and ``age_scrypt``; ``age_keys`` reads their text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from workbench.crypto.age_header import Stanza, malformed
from workbench.crypto.primitives import TAG, Rejected, open_once
from workbench.errors import InputError

__all__ = [
    "FILE_KEY",
    "Identity",
    "Random",
    "Recipient",
    "arguments",
    "bad_identity",
    "bad_recipient",
    "draw",
    "first",
    "open_wrapped",
    "wrapped",
]

FILE_KEY = 16  # bytes
_WRAPPED = FILE_KEY + TAG

Random = Callable[[int], bytes]


class Recipient(Protocol):
    """Somebody a file can be sealed to."""

    @property
    def kind(self) -> str:
        """The first argument of this recipient's stanzas."""
        ...

    def wrap(self, file_key: bytes, random: Random) -> Stanza:
        """Return the stanza that carries ``file_key`` to this recipient.

        ``random`` gives random bytes.
        """
        ...


class Identity(Protocol):
    """Somebody who can open a file."""

    @property
    def recipient(self) -> Recipient:
        """The public half."""
        ...

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the file key if one of the stanzas is for this identity.

        Raises:
            TrustError: a stanza of this kind is malformed (step ``"age header"``).
        """
        ...


def draw(random: Random, size: int) -> bytes:
    """Return ``size`` bytes from ``random``.

    Raises:
        RuntimeError: it gave another number, a fault of the program that would weaken every key.
    """
    data = random(size)
    if len(data) != size:
        raise RuntimeError("the random source gave the wrong number of bytes")
    return data


def first(
    stanzas: Sequence[Stanza], kind: str, unwrap: Callable[[Stanza], bytes | None]
) -> bytes | None:
    """Return the file key from the first stanza of ``kind`` that opens."""
    for stanza in stanzas:
        if stanza.args[0] == kind:
            file_key = unwrap(stanza)
            if file_key is not None:
                return file_key
    return None


def arguments(stanza: Stanza, count: int) -> tuple[str, ...]:
    """Return the arguments after the kind.

    Raises:
        TrustError: more or fewer of them (step ``"age header"``).
    """
    if len(stanza.args) != count + 1:
        raise malformed(f"a stanza of kind {stanza.args[0]} has the wrong number of arguments")
    return stanza.args[1:]


def wrapped(body: bytes) -> bytes:
    """Return a body of the one right length: others could be made to open with several keys.

    Raises:
        TrustError: another length (step ``"age header"``).
    """
    if len(body) != _WRAPPED:
        raise malformed("a wrapped key in it has the wrong length")
    return body


def open_wrapped(key: bytes, body: bytes) -> bytes | None:
    """Return the file key that ``key`` wrapped, or nothing if another key did.

    Raises:
        TrustError: a body of another length (step ``"age header"``).
    """
    try:
        return open_once(key, wrapped(body))
    except Rejected:
        return None


def bad_recipient() -> InputError:
    """Return the error for a public key that is none."""
    return InputError(
        "This is not a public key to seal to.", hint="It starts with age1pq1 or with age1."
    )


def bad_identity() -> InputError:
    """Return the error for a private key that is none; it does not repeat it."""
    return InputError(
        "This is not a private key to open with.",
        hint="It starts with AGE-SECRET-KEY-PQ-1 or with AGE-SECRET-KEY-1, in capitals.",
    )
