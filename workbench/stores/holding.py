"""Private keys, used but not shown: what every keystore that holds keys does with them.

Keys go in and are used; nothing here hands one out, prints one or keeps one in an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from workbench.crypto import age
from workbench.crypto.keys import DeviceSecret, LogSecret, parse_secret
from workbench.errors import Conflict, Denied, InputError, NotFound, TrustError
from workbench.records import Device
from workbench.stores.contracts import Keystore

__all__ = ["MAX_SEALED", "DeviceSigner", "Keys", "MemoryKeystore", "Secret", "absent", "taken"]

MAX_SEALED = 64 * 1024  # bytes of an age file; an envelope has about 6 KiB
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,127}\Z")

Secret = DeviceSecret | LogSecret


class Keys:
    """Use of keys, the same wherever they are kept; a subclass says where that is."""

    def names(self) -> list[str]:
        raise NotImplementedError

    def describe(self) -> str:
        raise NotImplementedError

    def _secret(self, name: str) -> Secret:
        """Return the named secret, or raise :class:`NotFound`."""
        raise NotImplementedError

    def _keep(self, name: str, secret: Secret) -> None:
        """Keep a new secret, or raise :class:`Conflict`."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"  # never what is in it

    def create(self, name: str, secret: bytes) -> None:
        """Keep a new secret (see ``crypto.keys``).

        Raises:
            Conflict: the name is taken.
            InputError: not a name, or not a secret.
            Unavailable: the keystore is locked.
        """
        if not _NAME.match(name):
            raise InputError(
                f"A key cannot be called {name[:80]!r}.",
                unchanged="No key was kept.",
                hint="Use letters, digits and the marks . _ : @ / + -",
            )
        self._keep(name, parse_secret(secret))

    def sign(self, name: str, message: bytes) -> bytes:
        """Sign: ECDSA P-256 with SHA-256 (DER) for devices, raw Ed25519 for logs.

        Raises:
            NotFound: no such key.
            Unavailable: the keystore is locked.
        """
        secret = self._secret(name)
        if isinstance(secret, LogSecret):
            return secret.sign_raw(message)
        return secret.signing.sign(message)

    def open(self, name: str, sealed: bytes) -> bytes:
        """Open a small age file sealed to this device's recipient.

        Raises:
            NotFound: no such key, or one that opens nothing.
            TrustError: not an age file for this key (step ``"envelope"``).
            Unavailable: the keystore is locked.
        """
        secret = self._secret(name)
        if isinstance(secret, LogSecret):
            raise NotFound(f"The key {name} signs a log; it opens nothing.")
        if len(sealed) > MAX_SEALED:
            raise TrustError("envelope", f"it is larger than {MAX_SEALED} bytes.")
        try:
            return age.decrypt_bytes(sealed, [secret.sealing], limit=MAX_SEALED)
        except TrustError as error:
            raise TrustError(
                "envelope",
                f"it does not open with this device's key ({error.message})",
                unchanged=error.unchanged,
                hint=error.hint,
            ) from error

    def public(self, name: str) -> dict[str, str]:
        """Return the public half of a key (see ``contracts.Keystore.public``).

        Raises:
            NotFound: no such key.
            Unavailable: the keystore is locked.
        """
        secret = self._secret(name)
        if isinstance(secret, LogSecret):
            return {"verifier": secret.verifier}
        return {
            "signing_key": secret.signing.public.pem,
            "recipient": str(secret.sealing.recipient),
        }


class MemoryKeystore(Keys):
    """Keys that end with the process: for tests and Binder."""

    def __init__(self) -> None:
        self._secrets: dict[str, Secret] = {}

    def names(self) -> list[str]:
        return sorted(self._secrets)

    def describe(self) -> str:
        return "in memory only: the keys are gone when this program ends"

    def _secret(self, name: str) -> Secret:
        try:
            return self._secrets[name]
        except KeyError:
            raise absent(name) from None

    def _keep(self, name: str, secret: Secret) -> None:
        if self._secrets.setdefault(name, secret) is not secret:  # atomic between threads
            raise taken(name)


@dataclass(frozen=True)
class DeviceSigner:
    """One device at work: what services get as the acting person's device."""

    keystore: Keystore = field(repr=False)
    name: str
    device: Device

    def sign(self, message: bytes) -> bytes:
        """Sign with the device's signing key; raises as ``Keystore.sign``.

        Raises:
            Denied: the keystore holds another device's keys under this name.
        """
        self._check_here()
        return self.keystore.sign(self.name, message)

    def open(self, sealed: bytes) -> bytes:
        """Open a small age file sealed to the device; raises as ``Keystore.open``."""
        self._check_here()
        return self.keystore.open(self.name, sealed)

    def _check_here(self) -> None:
        """Refuse to act for a device whose keys are elsewhere: nobody could verify it later."""
        if self.keystore.public(self.name).get("signing_key") != self.device.signing_key:
            raise Denied(
                f"The keys here are not those of the device that {self.name} enrolled with.",
                unchanged="Nothing was changed.",
                hint="Use the enrolled device, or restore its keystore from a backup.",
            )


def absent(name: str) -> NotFound:
    """Return the error for a key that is not there."""
    return NotFound(
        f"There is no key called {name[:128]!r} in this keystore.",
        hint="`workbench init` makes a person's keys.",
    )


def taken(name: str) -> Conflict:
    """Return the error for a name that is used already."""
    return Conflict(
        f"There is a key called {name!r} already.",
        unchanged="The existing key is as it was.",
        hint="Choose another name.",
    )
