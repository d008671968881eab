"""Keys with names: who signs, what a device holds, what a log holds.

Secrets have one byte form (:func:`parse_secret` reads both kinds), which only a keystore sees; they
never show in a ``repr``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Self

from workbench.crypto import age, primitives
from workbench.encoding import b64decode, b64encode, canonical, parse_canonical
from workbench.errors import InputError, TrustError
from workbench.records import Device

__all__ = ["DeviceSecret", "LogSecret", "SigningKey", "VerifyingKey", "parse_secret"]

_ED25519 = b"\x01"  # C2SP signed-note, signature type


class VerifyingKey:
    """An ECDSA P-256 public key."""

    def __init__(self, pem: str) -> None:
        self.pem = pem
        self.fingerprint = hashlib.sha256(pem.encode("ascii")).hexdigest()

    @classmethod
    def from_pem(cls, pem: str) -> Self:
        """Read a public key in its one PEM spelling.

        Raises:
            InputError: another kind of key, or another spelling.
        """
        if len(pem) > 1000 or primitives.ecdsa_public_pem(pem) != pem:
            raise InputError("A signing key is a P-256 public key in plain PEM form.")
        return cls(pem)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check a DER signature over SHA-256 of ``message``.

        Raises:
            TrustError: it does not match (step ``"signature"``).
        """
        primitives.ecdsa_verify(self.pem, message, signature)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifyingKey) and other.pem == self.pem

    def __hash__(self) -> int:
        return hash(self.pem)

    def __repr__(self) -> str:
        return f"VerifyingKey({self.fingerprint[:16]}…)"


class SigningKey:
    """An ECDSA P-256 private key."""

    def __init__(self, pem: str) -> None:
        self.pem = pem
        self.public = VerifyingKey(primitives.ecdsa_public(pem))

    @classmethod
    def generate(cls) -> Self:
        """Return a new key."""
        return cls(primitives.ecdsa_generate())

    @classmethod
    def from_pem(cls, pem: str) -> Self:
        """Read a private key.

        Raises:
            InputError: not a P-256 private key.
        """
        return cls(pem)

    def sign(self, message: bytes) -> bytes:
        """Return a DER signature over SHA-256 of ``message``."""
        return primitives.ecdsa_sign(self.pem, message)

    def __repr__(self) -> str:
        return f"SigningKey({self.public.fingerprint[:16]}…)"


class DeviceSecret:
    """What one device holds: a key to sign with and an age identity to open with."""

    def __init__(self, signing: SigningKey, sealing: age.Identity) -> None:
        self.signing = signing
        self.sealing = sealing

    @classmethod
    def generate(
        cls, *, classical: bool = False, random: Callable[[int], bytes] = primitives.system_random
    ) -> Self:
        """Return new keys; ``classical`` seals with X25519 alone, for older ``age`` programs."""
        kind = age.X25519Identity if classical else age.HybridIdentity
        return cls(SigningKey.generate(), kind.generate(random))

    def device(self, label: str, region: str) -> Device:
        """Return the public half."""
        return Device(
            id=self.signing.public.fingerprint,
            label=label,
            signing_key=self.signing.public.pem,
            recipient=str(self.sealing.recipient),
            region=region,
        )

    def to_bytes(self) -> bytes:
        """Return the secret's byte form, for a keystore only."""
        return canonical(
            {"type": "device", "signing": self.signing.pem, "sealing": str(self.sealing)}
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what :meth:`to_bytes` wrote.

        Raises:
            InputError: not a device secret.
        """
        fields = _fields(data, "device", {"signing", "sealing"})
        return cls(SigningKey.from_pem(fields["signing"]), age.parse_identity(fields["sealing"]))

    def __repr__(self) -> str:
        return f"DeviceSecret({self.signing.public.fingerprint[:16]}…)"


class LogSecret:
    """The Ed25519 key that signs a log's checkpoints, named by the log's origin (C2SP)."""

    def __init__(self, origin: str, seed: bytes) -> None:
        if not origin or any(c.isspace() or c == "+" or not c.isprintable() for c in origin):
            raise InputError("A log's origin is printable text without spaces or plus signs.")
        if len(seed) != 32:
            raise InputError("A log's key is 32 bytes long.")
        self.origin = origin
        self._seed = seed
        self._key = _ED25519 + primitives.ed25519_public(seed)
        self._id = hashlib.sha256(origin.encode() + b"\n" + self._key).digest()[:4]

    @classmethod
    def generate(
        cls, origin: str, random: Callable[[int], bytes] = primitives.system_random
    ) -> Self:
        """Return a new key."""
        return cls(origin, random(32))

    @property
    def verifier(self) -> str:
        """The public half: ``origin+id+base64`` (C2SP signed-note, verifier keys)."""
        return f"{self.origin}+{self._id.hex()}+{b64encode(self._key)}"

    def sign_raw(self, message: bytes) -> bytes:
        """Return the 64-byte signature over ``message``."""
        return primitives.ed25519_sign(self._seed, message)

    def to_bytes(self) -> bytes:
        """Return the secret's byte form, for a keystore only."""
        encoded = b64encode(_ED25519 + self._seed)
        key = f"PRIVATE+KEY+{self.origin}+{self._id.hex()}+{encoded}"
        return canonical({"type": "log", "origin": self.origin, "key": key})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what :meth:`to_bytes` wrote.

        Raises:
            InputError: not a log secret.
        """
        fields = _fields(data, "log", {"origin", "key"})
        encoded = fields["key"].split("+", 4)[-1]
        secret = cls(fields["origin"], b64decode(encoded)[1:])
        if secret.to_bytes() != data:
            raise InputError("Not a log secret.")
        return secret

    def __repr__(self) -> str:
        return f"LogSecret({self.origin})"


def parse_secret(data: bytes) -> DeviceSecret | LogSecret:
    """Read either kind of secret.

    Raises:
        InputError: neither; nothing of the content is shown.
    """
    try:
        value = parse_canonical(data, limit=64 * 1024)
        kind = value.get("type") if isinstance(value, dict) else None
        if kind == "device":
            return DeviceSecret.from_bytes(data)
        if kind == "log":
            return LogSecret.from_bytes(data)
    except (InputError, TrustError):
        pass  # its words could quote the secret
    raise InputError("This is not a secret that a keystore keeps.") from None


def _fields(data: bytes, kind: str, names: set[str]) -> dict[str, str]:
    value = parse_canonical(data, limit=64 * 1024)
    if (
        not isinstance(value, dict)
        or value.keys() != names | {"type"}
        or value["type"] != kind
        or not all(isinstance(item, str) for item in value.values())
    ):
        raise InputError(f"Not a {kind} secret.")
    return value
