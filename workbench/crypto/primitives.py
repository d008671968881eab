"""Every call to ``cryptography``, each with the reason it is used and why it is safe that way.

Nothing else in this package imports that library, so this page is what a cryptographer reads. No
function here takes a nonce from a caller: where a nonce is fixed, the reason stands beside it.
Failures are :class:`~workbench.errors.TrustError`, with nothing secret in their words.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from workbench.errors import InputError, TrustError

__all__ = [
    "HYBRID_ENCAPSULATION",
    "KEY",
    "TAG",
    "ChunkCipher",
    "HybridPrivate",
    "HybridPublic",
    "Rejected",
    "check_hmac",
    "ecdsa_generate",
    "ecdsa_public",
    "ecdsa_public_pem",
    "ecdsa_sign",
    "ecdsa_verify",
    "ed25519_public",
    "ed25519_sign",
    "ed25519_verify",
    "hkdf",
    "hmac_sha256",
    "open_once",
    "scrypt",
    "seal_once",
    "system_random",
    "x25519_check",
    "x25519_public",
    "x25519_shared",
]

KEY = 32  # bytes of every symmetric key, seed and X25519 share here
TAG = 16  # bytes that sealing adds (RFC 8439)
HYBRID_ENCAPSULATION = 1120  # bytes: ML-KEM-768 ciphertext, then an X25519 share

_HYBRID = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_MLKEM_PUBLIC = 1184  # bytes; FIPS 203 table 3
_ZERO_NONCE = bytes(12)
# A point that X25519 must refuse shows with every scalar alike; this one is as good as any.
_ANY_SCALAR = b"\x08" + bytes(KEY - 1)


class Rejected(Exception):
    """A key, share or seal that does not fit; it says no more, so that nothing can leak."""


def system_random(size: int) -> bytes:
    """Return bytes from the operating system's generator, for keys that nobody has to reproduce."""
    return os.urandom(size)


# ECDSA P-256 with SHA-256: what OMS bundles, DPoP and WebAuthn all speak. ------------------------


def ecdsa_generate() -> str:
    """Return a new private key as PKCS#8 PEM, from the operating system's generator.

    The one place where randomness is not an argument: the library draws its own scalar, uniformly.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")


def ecdsa_public(private_pem: str) -> str:
    """Return the public key (SubjectPublicKeyInfo PEM) of a private one.

    Raises:
        InputError: not a P-256 private key.
    """
    return _public_pem(_ecdsa_private(private_pem).public_key())


def ecdsa_public_pem(pem: str) -> str:
    """Return the one PEM spelling of a P-256 public key.

    Raises:
        InputError: not a P-256 public key; the library checks that the point is on the curve.
    """
    return _public_pem(_ecdsa_public(pem))


def ecdsa_sign(private_pem: str, message: bytes) -> bytes:
    """Return a DER signature over ``message``; the library draws a fresh nonce each time."""
    return _ecdsa_private(private_pem).sign(message, ec.ECDSA(hashes.SHA256()))


def ecdsa_verify(public_pem: str, message: bytes, signature: bytes) -> None:
    """Check a DER signature.

    Raises:
        TrustError: it does not match (step ``"signature"``).
    """
    try:
        _ecdsa_public(public_pem).verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise TrustError("signature", "it does not match the key and the content.") from None


def _ecdsa_private(pem: str) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(pem.encode("ascii"), password=None)
    except (ValueError, TypeError, UnicodeEncodeError, UnsupportedAlgorithm):
        raise InputError("Not an unencrypted private key in PEM form.") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InputError("Signing keys are ECDSA P-256; this key is of another kind.")
    return key


def _ecdsa_public(pem: str) -> ec.EllipticCurvePublicKey:
    try:
        key = serialization.load_pem_public_key(pem.encode("ascii"))
    except (ValueError, UnicodeEncodeError, UnsupportedAlgorithm) as error:
        raise InputError("Not a public key in PEM form.") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InputError("Signing keys are ECDSA P-256; this key is of another kind.")
    return key


def _public_pem(key: ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode("ascii")


# Ed25519: what C2SP signed notes ask for. --------------------------------------------------------


def ed25519_public(seed: bytes) -> bytes:
    """Return the 32-byte public key of a 32-byte seed (RFC 8032)."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def ed25519_sign(seed: bytes, message: bytes) -> bytes:
    """Return the 64-byte signature; deterministic, so no randomness can go wrong."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Check a signature.

    Raises:
        TrustError: it does not match (step ``"signature"``).
        InputError: the key is not 32 bytes long.
    """
    try:
        key = ed25519.Ed25519PublicKey.from_public_bytes(public)
    except ValueError as error:
        raise InputError("Not an Ed25519 public key.") from error
    try:
        key.verify(signature, message)
    except InvalidSignature:
        raise TrustError("signature", "it does not match the key and the content.") from None


# Deriving keys (RFC 5869, RFC 2104, RFC 7914). ---------------------------------------------------


def hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """Return 32 bytes of HKDF-SHA256; age salts it everywhere but once, and names each purpose."""
    return HKDF(hashes.SHA256(), KEY, salt, info).derive(secret)


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """Return HMAC-SHA256; compare it with :func:`check_hmac` only."""
    return hmac.new(key, data, hashlib.sha256).digest()


def check_hmac(key: bytes, data: bytes, mac: bytes) -> None:
    """Compare in constant time.

    Raises:
        Rejected: it is another one.
    """
    if not hmac.compare_digest(hmac_sha256(key, data), mac):
        raise Rejected


def scrypt(passphrase: bytes, salt: bytes, work_factor: int) -> bytes:
    """Return the wrap key of an age passphrase stanza: N = 2^work_factor, r = 8, p = 1."""
    return Scrypt(salt=salt, length=KEY, n=1 << work_factor, r=8, p=1).derive(passphrase)


# Sealing. ----------------------------------------------------------------------------------------


def seal_once(key: bytes, data: bytes) -> bytes:
    """Seal under a key that is never used again.

    The nonce is zero because every such key is derived afresh, from an ephemeral share or a random
    salt, and seals exactly one file key.
    """
    return ChaCha20Poly1305(key).encrypt(_ZERO_NONCE, data, None)


def open_once(key: bytes, body: bytes) -> bytes:
    """Open what :func:`seal_once` sealed.

    Raises:
        Rejected: it was sealed under another key, or altered.
    """
    try:
        return ChaCha20Poly1305(key).decrypt(_ZERO_NONCE, body, None)
    except InvalidTag:
        raise Rejected from None


def x25519_public(secret: bytes) -> bytes:
    """Return the public share of a 32-byte secret (RFC 7748)."""
    return x25519.X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def x25519_shared(secret: bytes, public: bytes) -> bytes:
    """Return the shared secret.

    Raises:
        Rejected: a share of low order, which would make it all zero; age demands this refusal.
    """
    try:
        peer = x25519.X25519PublicKey.from_public_bytes(public)
        return x25519.X25519PrivateKey.from_private_bytes(secret).exchange(peer)
    except ValueError:
        raise Rejected from None


def x25519_check(public: bytes) -> None:
    """Check a public key or share without any secret.

    Raises:
        Rejected: of low order, or of another length.
    """
    x25519_shared(_ANY_SCALAR, public)


class HybridPublic:
    """An ML-KEM-768 public key followed by an X25519 one, 1216 bytes.

    Raises:
        Rejected: bytes that are no such key.
    """

    def __init__(self, public: bytes) -> None:
        try:
            kem = mlkem.MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC])
            share = x25519.X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC:])
            self._key = MLKEM768X25519PublicKey(kem, share)
        except ValueError:
            raise Rejected from None

    def seal(self, data: bytes, info: bytes) -> tuple[bytes, bytes]:
        """Return (encapsulation, sealed data) by single-shot HPKE (RFC 9180, mode base).

        HPKE derives key and nonce from a fresh encapsulation, which the library draws from the
        operating system's generator, and seals once.
        """
        try:
            sealed = _HYBRID.encrypt(data, self._key, info)
        except ValueError:
            raise Rejected from None
        return sealed[:HYBRID_ENCAPSULATION], sealed[HYBRID_ENCAPSULATION:]


class HybridPrivate:
    """The pair that a 32-byte seed expands to, by SHAKE256 to 64 + 32 bytes (as age's own)."""

    def __init__(self, seed: bytes) -> None:
        expanded = hashlib.shake_256(seed).digest(96)
        kem = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        share = x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
        self._key = MLKEM768X25519PrivateKey(kem, share)
        self.public = kem.public_key().public_bytes_raw() + share.public_key().public_bytes_raw()

    def open(self, encapsulated: bytes, body: bytes, info: bytes) -> bytes:
        """Open what :meth:`HybridPublic.seal` sealed.

        Raises:
            Rejected: it was sealed to another key, or altered.
        """
        try:
            return _HYBRID.decrypt(encapsulated + body, self._key, info)
        except (InvalidTag, ValueError):
            raise Rejected from None


class ChunkCipher:
    """The age payload's chunks: nonce = 11-byte counter and a last-chunk byte (STREAM).

    Counters never repeat under one key because the key is derived from a random 16-byte nonce per
    file and a chunk is sealed once. The ``_into`` calls release the interpreter lock.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = ChaCha20Poly1305(key)

    def seal(self, number: int, last: bool, chunk: memoryview, into: memoryview) -> None:
        """Seal a chunk into a buffer that is ``TAG`` bytes longer."""
        self._cipher.encrypt_into(self._nonce(number, last), chunk, None, into)

    def open(self, number: int, last: bool, chunk: memoryview, into: memoryview) -> None:
        """Open a chunk into a buffer that is ``TAG`` bytes shorter.

        Raises:
            Rejected: it was altered, moved, or is not the last.
        """
        try:
            self._cipher.decrypt_into(self._nonce(number, last), chunk, None, into)
        except InvalidTag:
            raise Rejected from None

    @staticmethod
    def _nonce(number: int, last: bool) -> bytes:
        return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
