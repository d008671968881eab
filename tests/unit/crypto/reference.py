"""The age format written down a second time, straight from its specification (C2SP age).

Slow and plain: standard library for hashing, one call to ChaCha20-Poly1305, no shared code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

__all__ = ["CHUNK", "header_of", "hkdf", "payload", "scrypt_file", "x25519_file"]

CHUNK = 64 * 1024


def hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """RFC 5869, one block."""
    key = hmac.digest(salt or bytes(32), secret, "sha256")
    return hmac.digest(key, info + b"\x01", "sha256")


def text(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def stanza(arguments: list[str], body: bytes) -> bytes:
    encoded = text(body)
    lines = [encoded[start : start + 64] for start in range(0, len(encoded) + 1, 64)]
    return ("-> " + " ".join(arguments) + "\n" + "\n".join(lines) + "\n").encode()


def header_of(stanzas: list[bytes], file_key: bytes) -> bytes:
    covered = b"age-encryption.org/v1\n" + b"".join(stanzas) + b"---"
    mac = hmac.digest(hkdf(file_key, b"", b"header"), covered, "sha256")
    return covered + b" " + text(mac).encode() + b"\n"


def payload(file_key: bytes, nonce: bytes, chunks: list[bytes]) -> bytes:
    """The nonce and the chunks, the last one marked as such."""
    cipher = ChaCha20Poly1305(hkdf(file_key, nonce, b"payload"))
    sealed = nonce
    for number, chunk in enumerate(chunks):
        last = b"\x01" if number == len(chunks) - 1 else b"\x00"
        sealed += cipher.encrypt(number.to_bytes(11, "big") + last, chunk, None)
    return sealed


def x25519_file(
    data: bytes, public: bytes, file_key: bytes, ephemeral: bytes, nonce: bytes
) -> bytes:
    secret = X25519PrivateKey.from_private_bytes(ephemeral)
    share = secret.public_key().public_bytes_raw()
    shared = secret.exchange(X25519PublicKey.from_public_bytes(public))
    key = hkdf(shared, share + public, b"age-encryption.org/v1/X25519")
    body = ChaCha20Poly1305(key).encrypt(bytes(12), file_key, None)
    header = header_of([stanza(["X25519", text(share)], body)], file_key)
    return header + payload(file_key, nonce, chunks(data))


def scrypt_file(
    data: bytes, passphrase: bytes, factor: int, file_key: bytes, salt: bytes, nonce: bytes
) -> bytes:
    label = b"age-encryption.org/v1/scrypt" + salt
    key = hashlib.scrypt(passphrase, salt=label, n=2**factor, r=8, p=1, dklen=32)
    body = ChaCha20Poly1305(key).encrypt(bytes(12), file_key, None)
    header = header_of([stanza(["scrypt", text(salt), str(factor)], body)], file_key)
    return header + payload(file_key, nonce, chunks(data))


def chunks(data: bytes) -> list[bytes]:
    return [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)] or [b""]
