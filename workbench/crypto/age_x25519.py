"""X25519 keys, ``age1…``: the kind that every ``age`` program knows (C2SP age)."""

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
    open_wrapped,
)
from workbench.crypto.primitives import (
    KEY,
    Rejected,
    hkdf,
    seal_once,
    x25519_check,
    x25519_public,
    x25519_shared,
)

__all__ = ["X25519Identity", "X25519Recipient"]

_INFO = b"age-encryption.org/v1/X25519"


class X25519Recipient:
    """An X25519 public key, ``age1…``.

    Raises:
        InputError: a key that is no proper point of the curve.
    """

    kind = "X25519"

    def __init__(self, public: bytes) -> None:
        try:
            if len(public) != KEY:
                raise Rejected
            x25519_check(public)
        except Rejected:
            raise bad_recipient() from None
        self._public = public

    def __str__(self) -> str:
        return bech32.encode("age", self._public)

    def __repr__(self) -> str:
        return f"<X25519Recipient {self}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, X25519Recipient) and other._public == self._public

    def __hash__(self) -> int:
        return hash(self._public)

    def wrap(self, file_key: bytes, random: Random) -> Stanza:
        """C2SP age, "X25519 recipient stanza"."""
        ephemeral = draw(random, KEY)
        share = x25519_public(ephemeral)
        secret = x25519_shared(ephemeral, self._public)
        key = hkdf(secret, share + self._public, _INFO)
        return Stanza((self.kind, raw_b64encode(share)), seal_once(key, file_key))


class X25519Identity:
    """An X25519 private key, ``AGE-SECRET-KEY-1…``."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY:
            raise bad_identity()
        self._secret = secret
        self._public = x25519_public(secret)

    @classmethod
    def generate(cls, random: Random) -> X25519Identity:
        """Return a new identity made of 32 bytes from ``random``."""
        return cls(draw(random, KEY))

    @property
    def recipient(self) -> X25519Recipient:
        return X25519Recipient(self._public)

    def __str__(self) -> str:
        return bech32.encode("age-secret-key-", self._secret).upper()

    def __repr__(self) -> str:
        return f"<X25519Identity of {self.recipient}>"

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """C2SP age, "X25519 recipient stanza"."""
        return first(stanzas, X25519Recipient.kind, self._unwrap)

    def _unwrap(self, stanza: Stanza) -> bytes | None:
        (encoded,) = arguments(stanza, 1)
        share = raw_b64decode(encoded, KEY)
        try:
            secret = x25519_shared(self._secret, share)
        except Rejected:
            raise malformed("a share in it is of low order") from None
        return open_wrapped(hkdf(secret, share + self._public, _INFO), stanza.body)
