"""ML-KEM-768 and X25519 hybrid keys, ``age1pq1…``: the default, safe from quantum computers too."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.crypto import bech32
from workbench.crypto.age_header import Stanza, malformed, raw_b64decode, raw_b64encode
from workbench.crypto.age_wrap import (
    Random,
    arguments,
    bad_identity,
    bad_recipient,
    draw,
    first,
    wrapped,
)
from workbench.crypto.primitives import (
    HYBRID_ENCAPSULATION,
    KEY,
    HybridPrivate,
    HybridPublic,
    Rejected,
    x25519_check,
)

__all__ = ["HybridIdentity", "HybridRecipient"]

_INFO = b"age-encryption.org/mlkem768x25519"


class HybridRecipient:
    """An ML-KEM-768 and X25519 public key, ``age1pq1…``.

    Raises:
        InputError: bytes that are no such key.
    """

    kind = "mlkem768x25519"

    def __init__(self, public: bytes) -> None:
        try:
            self._key = HybridPublic(public)
        except Rejected:
            raise bad_recipient() from None
        self._public = public

    def __str__(self) -> str:
        return bech32.encode("age1pq", self._public)

    def __repr__(self) -> str:
        return f"<HybridRecipient {str(self)[:20]}…>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HybridRecipient) and other._public == self._public

    def __hash__(self) -> int:
        return hash(self._public)

    def wrap(self, file_key: bytes, random: Random) -> Stanza:  # noqa: ARG002 - see primitives
        """C2SP age, "mlkem768x25519 recipient stanza"."""
        encapsulated, body = self._key.seal(file_key, _INFO)
        return Stanza((self.kind, raw_b64encode(encapsulated)), body)


class HybridIdentity:
    """The seed of an ML-KEM-768 and X25519 pair, ``AGE-SECRET-KEY-PQ-1…``."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != KEY:
            raise bad_identity()
        self._seed = seed
        self._key = HybridPrivate(seed)

    @classmethod
    def generate(cls, random: Random) -> HybridIdentity:
        """Return a new identity made of 32 bytes from ``random``."""
        return cls(draw(random, KEY))

    @property
    def recipient(self) -> HybridRecipient:
        return HybridRecipient(self._key.public)

    def __str__(self) -> str:
        return bech32.encode("age-secret-key-pq-", self._seed).upper()

    def __repr__(self) -> str:
        return f"<HybridIdentity of {str(self.recipient)[:20]}…>"

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """C2SP age, "mlkem768x25519 recipient stanza"."""
        return first(stanzas, HybridRecipient.kind, self._unwrap)

    def _unwrap(self, stanza: Stanza) -> bytes | None:
        (encoded,) = arguments(stanza, 1)
        encapsulated = raw_b64decode(encoded, HYBRID_ENCAPSULATION)
        try:
            x25519_check(encapsulated[-KEY:])
        except Rejected:
            raise malformed("a share in it is of low order") from None
        try:
            return self._key.open(encapsulated, wrapped(stanza.body), _INFO)
        except Rejected:
            return None
