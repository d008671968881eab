"""Each primitive against the numbers its standard publishes, or against the standard library."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

import workbench
from workbench.crypto import primitives
from workbench.crypto.keys import SigningKey
from workbench.errors import InputError, TrustError

SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def test_x25519() -> None:
    """RFC 7748: one iteration of section 5.2, Bob's key of section 6.1, and both sides agree."""
    nine = b"\x09" + bytes(31)
    once = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
    assert primitives.x25519_shared(nine, nine).hex() == once
    bob = bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
    share = primitives.x25519_public(bob)
    assert share.hex() == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    assert primitives.x25519_shared(nine, share) == primitives.x25519_shared(
        bob, primitives.x25519_public(nine)
    )


@pytest.mark.parametrize("point", [bytes(32), b"\x01" + bytes(31), bytes(31), bytes(33)])
def test_x25519_refuses_what_is_no_share(point: bytes) -> None:
    """Points of low order, and other lengths."""
    for check in (
        primitives.x25519_check,
        lambda share: primitives.x25519_shared(b"s" * 32, share),
    ):
        with pytest.raises(primitives.Rejected):
            check(point)


def test_ed25519() -> None:
    """RFC 8032 section 7.1, test 1."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = primitives.ed25519_public(seed)
    assert public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    signature = primitives.ed25519_sign(seed, b"")
    assert signature.hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    primitives.ed25519_verify(public, b"", signature)
    for message, bad in [(b"x", signature), (b"", bytes(64)), (b"", signature[:-1])]:
        with pytest.raises(TrustError) as caught:
            primitives.ed25519_verify(public, message, bad)
        assert caught.value.step == "signature"
    with pytest.raises(InputError, match="Ed25519"):
        primitives.ed25519_verify(public[:-1], b"", signature)


def test_hkdf() -> None:
    """RFC 5869, test case 1, the first 32 bytes."""
    found = primitives.hkdf(
        b"\x0b" * 22, bytes.fromhex("000102030405060708090a0b0c"), bytes(range(0xF0, 0xFA))
    )
    assert found.hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"


def test_hmac() -> None:
    """RFC 4231, test case 2; another code is refused."""
    code = primitives.hmac_sha256(b"Jefe", b"what do ya want for nothing?")
    assert code.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    primitives.check_hmac(b"Jefe", b"what do ya want for nothing?", code)
    with pytest.raises(primitives.Rejected):
        primitives.check_hmac(b"Jefe", b"what do ya want for nothing?", code[:-1] + b"x")


def test_scrypt() -> None:
    """RFC 7914 section 12 (N = 16384), and the standard library's own implementation."""
    found = primitives.scrypt(b"pleaseletmein", b"SodiumChloride", 14)
    assert found.hex() == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    expected = hashlib.scrypt(b"pass", salt=b"salt", n=16, r=8, p=1, dklen=32)
    assert primitives.scrypt(b"pass", b"salt", 4) == expected


def test_sealing_once() -> None:
    """What was sealed opens under its key; altered bytes and other keys do not."""
    sealed = primitives.seal_once(b"k" * 32, b"data")
    assert primitives.open_once(b"k" * 32, sealed) == b"data"
    for key, body in [(b"x" * 32, sealed), (b"k" * 32, sealed[:-1] + b"\x00"), (b"k" * 32, b"")]:
        with pytest.raises(primitives.Rejected):
            primitives.open_once(key, body)


def test_ecdsa() -> None:
    """What a key signs verifies under its public half, and under no other message or key."""
    key, other = SigningKey.generate(), SigningKey.generate()
    signature = key.sign(b"message")
    key.public.verify(b"message", signature)
    for public, message, bad in [
        (key.public, b"massage", signature),
        (other.public, b"message", signature),
        (key.public, b"message", signature[:-1]),
        (key.public, b"message", b""),
    ]:
        with pytest.raises(TrustError) as caught:
            public.verify(message, bad)
        assert caught.value.step == "signature"


def test_only_p256_signs() -> None:
    """Keys of other kinds are refused by name, private and public ones alike."""
    for key in (ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()):
        public = key.public_key().public_bytes(serialization.Encoding.PEM, SPKI).decode()
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
        with pytest.raises(InputError, match="another kind"):
            primitives.ecdsa_public_pem(public)
        with pytest.raises(InputError, match="another kind"):
            primitives.ecdsa_public(private)
    for text in ("", "hello", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", "ü"):
        with pytest.raises(InputError, match="PEM form"):
            primitives.ecdsa_public_pem(text)
        with pytest.raises(InputError, match="PEM form"):
            primitives.ecdsa_public(text)


def test_no_other_module_calls_the_library() -> None:
    """The page a cryptographer reads is complete."""
    root = Path(workbench.__file__).parent
    users = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(name.partition(".")[0] == "cryptography" for name in names):
                users.add(path.relative_to(root).as_posix())
    assert users == {"crypto/primitives.py"}
