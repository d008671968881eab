"""Who can open an age file: recipients wrap its file key, identities unwrap it.

Three native kinds of C2SP age: the ML-KEM-768 and X25519 hybrid (``age1pq1…``, our default),
X25519 (``age1…``) and passphrases (scrypt, for keystore files). The text of an identity is a
secret: ``str`` gives it, because it has to be kept somewhere, and ``repr`` hides it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from workbench.crypto import bech32
from workbench.crypto.age_header import Header, Stanza, malformed, raw_b64decode, raw_b64encode
from workbench.crypto.primitives import (
    HYBRID_ENCAPSULATION,
    KEY,
    TAG,
    HybridPrivate,
    HybridPublic,
    Rejected,
    hkdf,
    open_once,
    scrypt,
    seal_once,
    x25519_public,
    x25519_shared,
)
from workbench.errors import InputError, TrustError

__all__ = [
    "FILE_KEY",
    "MAX_IDENTITIES",
    "MAX_WORK_FACTOR",
    "HybridIdentity",
    "HybridRecipient",
    "Identity",
    "Recipient",
    "ScryptIdentity",
    "ScryptRecipient",
    "X25519Identity",
    "X25519Recipient",
    "draw",
    "parse_identities",
    "parse_identity",
    "parse_recipient",
    "unlock",
]

FILE_KEY = 16  # bytes
MAX_WORK_FACTOR = 22  # 4 GiB and about 15 s; more is an attack on whoever opens the file
MAX_IDENTITIES = 1000  # in one identity file
_WRAPPED = FILE_KEY + TAG
_SALT = 16
_X25519_INFO = b"age-encryption.org/v1/X25519"
_HYBRID_INFO = b"age-encryption.org/mlkem768x25519"
_SCRYPT_INFO = b"age-encryption.org/v1/scrypt"
_WORK_FACTOR = re.compile(r"[1-9][0-9]*\Z")
# One point of each kind that X25519 must refuse shows for every scalar; this one is as good as any.
_ANY_SCALAR = b"\x08" + bytes(KEY - 1)

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


def unlock(header: Header, identities: Sequence[Identity]) -> bytes:
    """Return the file key of a header, checked against the header's code.

    Raises:
        TrustError: for none of the identities (step ``"age key"``), or the header was changed or is
            malformed (step ``"age header"``).
    """
    for identity in identities:
        file_key = identity.unwrap(header.stanzas)
        if file_key is not None:
            header.check(file_key)
            return file_key
    raise TrustError(
        "age key",
        "this file was sealed to somebody else.",
        hint="Open it on the device it was sealed to, or ask for it to be sealed to this one.",
    )


def draw(random: Random, size: int) -> bytes:
    """Return ``size`` bytes from ``random``.

    Raises:
        RuntimeError: it gave another number, a fault of the program that would weaken every key.
    """
    data = random(size)
    if len(data) != size:
        raise RuntimeError("the random source gave the wrong number of bytes")
    return data


# X25519 ------------------------------------------------------------------------------------------


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
            x25519_shared(_ANY_SCALAR, public)
        except Rejected:
            raise _bad_recipient() from None
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
        key = hkdf(secret, share + self._public, _X25519_INFO)
        return Stanza((self.kind, raw_b64encode(share)), seal_once(key, file_key))


class X25519Identity:
    """An X25519 private key, ``AGE-SECRET-KEY-1…``."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY:
            raise _bad_identity()
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
        return _first(stanzas, X25519Recipient.kind, self._unwrap)

    def _unwrap(self, stanza: Stanza) -> bytes | None:
        (encoded,) = _arguments(stanza, 1)
        share = raw_b64decode(encoded, KEY)
        try:
            secret = x25519_shared(self._secret, share)
        except Rejected:
            raise malformed("a share in it is of low order") from None
        return _open(hkdf(secret, share + self._public, _X25519_INFO), stanza.body)


# Hybrid ------------------------------------------------------------------------------------------


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
            raise _bad_recipient() from None
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
        encapsulated, body = self._key.seal(file_key, _HYBRID_INFO)
        return Stanza((self.kind, raw_b64encode(encapsulated)), body)


class HybridIdentity:
    """The seed of an ML-KEM-768 and X25519 pair, ``AGE-SECRET-KEY-PQ-1…``."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != KEY:
            raise _bad_identity()
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
        return _first(stanzas, HybridRecipient.kind, self._unwrap)

    def _unwrap(self, stanza: Stanza) -> bytes | None:
        (encoded,) = _arguments(stanza, 1)
        encapsulated = raw_b64decode(encoded, HYBRID_ENCAPSULATION)
        try:
            x25519_shared(_ANY_SCALAR, encapsulated[-KEY:])
        except Rejected:
            raise malformed("a share in it is of low order") from None
        try:
            return self._key.open(encapsulated, _wrapped(stanza.body), _HYBRID_INFO)
        except Rejected:
            return None


# Passphrases -------------------------------------------------------------------------------------


class ScryptRecipient:
    """A passphrase to seal a keystore with; it must be the only recipient of its file.

    Raises:
        InputError: an empty passphrase, or a work factor no reader would accept.
    """

    kind = "scrypt"

    def __init__(self, passphrase: str, work_factor: int = 18) -> None:
        if not passphrase:
            raise InputError("The passphrase is empty.", hint="Choose one of several words.")
        if not 1 <= work_factor <= MAX_WORK_FACTOR:
            raise InputError(f"The work factor must be between 1 and {MAX_WORK_FACTOR}.")
        self._passphrase = passphrase.encode("utf-8")
        self._work_factor = work_factor

    def __repr__(self) -> str:
        return f"<ScryptRecipient 2^{self._work_factor}>"

    def wrap(self, file_key: bytes, random: Random) -> Stanza:
        """C2SP age, "scrypt recipient stanza"."""
        salt = draw(random, _SALT)
        key = scrypt(self._passphrase, _SCRYPT_INFO + salt, self._work_factor)
        args = (self.kind, raw_b64encode(salt), str(self._work_factor))
        return Stanza(args, seal_once(key, file_key))


class ScryptIdentity:
    """A passphrase to open a file with.

    ``work_factor`` is that of files sealed to :attr:`recipient`; any up to ``MAX_WORK_FACTOR`` is
    opened.

    Raises:
        InputError: as :class:`ScryptRecipient`.
    """

    def __init__(self, passphrase: str, work_factor: int = 18) -> None:
        self._recipient = ScryptRecipient(passphrase, work_factor)
        self._passphrase = passphrase.encode("utf-8")

    @property
    def recipient(self) -> ScryptRecipient:
        return self._recipient

    def __repr__(self) -> str:
        return "<ScryptIdentity>"

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """C2SP age, "scrypt recipient stanza"."""
        return _first(stanzas, ScryptRecipient.kind, self._unwrap)

    def _unwrap(self, stanza: Stanza) -> bytes | None:
        encoded, factor = _arguments(stanza, 2)
        salt = raw_b64decode(encoded, _SALT)
        if not _WORK_FACTOR.match(factor):
            raise malformed("its work factor is not a plain number")
        if len(factor) > 2 or int(factor) > MAX_WORK_FACTOR:
            raise malformed(f"its work factor is over {MAX_WORK_FACTOR}, which would take too long")
        _wrapped(stanza.body)
        key = scrypt(self._passphrase, _SCRYPT_INFO + salt, int(factor))
        return _open(key, stanza.body)


# Text --------------------------------------------------------------------------------------------


def parse_recipient(text: str) -> Recipient:
    """Return the recipient that ``age1pq1…`` or ``age1…`` names.

    Raises:
        InputError: anything else, such as a typing mistake or a plugin's recipient.
    """
    if text.startswith("age1pq1"):
        return HybridRecipient(bech32.decode(text, "age1pq"))
    if text.startswith("age1"):
        return X25519Recipient(bech32.decode(text, "age"))
    raise _bad_recipient()


def parse_identity(text: str) -> Identity:
    """Return the identity that ``AGE-SECRET-KEY-PQ-1…`` or ``AGE-SECRET-KEY-1…`` is.

    Raises:
        InputError: anything else; the text is not repeated.
    """
    if text.upper() != text or not text.isascii():
        raise _bad_identity()
    if text.startswith("AGE-SECRET-KEY-PQ-1"):
        return HybridIdentity(bech32.decode(text.lower(), "age-secret-key-pq-"))
    if text.startswith("AGE-SECRET-KEY-1"):
        return X25519Identity(bech32.decode(text.lower(), "age-secret-key-"))
    raise _bad_identity()


def parse_identities(text: str) -> list[Identity]:
    """Return the identities of an identity file: one a line, ``#`` starts a comment line.

    Raises:
        InputError: another line, no identity at all, or more than ``MAX_IDENTITIES``.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    found = [line for line in lines if line.strip() and not line.startswith("#")]
    if not found:
        raise InputError("There is no identity in this file.")
    if len(found) > MAX_IDENTITIES:
        raise InputError(f"An identity file holds at most {MAX_IDENTITIES} identities.")
    return [parse_identity(line) for line in found]


def _first(
    stanzas: Sequence[Stanza], kind: str, unwrap: Callable[[Stanza], bytes | None]
) -> bytes | None:
    """Return the file key from the first stanza of ``kind`` that opens."""
    for stanza in stanzas:
        if stanza.args[0] == kind:
            file_key = unwrap(stanza)
            if file_key is not None:
                return file_key
    return None


def _arguments(stanza: Stanza, count: int) -> tuple[str, ...]:
    """Return the arguments after the kind."""
    if len(stanza.args) != count + 1:
        raise malformed(f"a stanza of kind {stanza.args[0]} has the wrong number of arguments")
    return stanza.args[1:]


def _wrapped(body: bytes) -> bytes:
    """Return a body of the one right length: others could be made to open with several keys."""
    if len(body) != _WRAPPED:
        raise malformed("a wrapped key in it has the wrong length")
    return body


def _open(key: bytes, body: bytes) -> bytes | None:
    try:
        return open_once(key, _wrapped(body))
    except Rejected:
        return None


def _bad_recipient() -> InputError:
    return InputError(
        "This is not a public key to seal to.", hint="It starts with age1pq1 or with age1."
    )


def _bad_identity() -> InputError:
    return InputError(
        "This is not a private key to open with.",
        hint="It starts with AGE-SECRET-KEY-PQ-1 or with AGE-SECRET-KEY-1, in capitals.",
    )
