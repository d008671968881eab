"""What the vectors are made with: a naive tree, and notes put together by hand.

The tree is the recursive definition of RFC 6962 section 2.1 and section 2.1.1/2.1.2, transcribed
with hashlib; notes follow C2SP signed-note and are signed with the Ed25519 of `cryptography`.
Nothing is imported from workbench, so a mistake there cannot hide here.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# The reference tree ------------------------------------------------------------------------------


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def halves(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = halves(len(leaves))
    return node(root(leaves[:k]), root(leaves[k:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = halves(len(leaves))
    if index < k:
        return [*path(index, leaves[:k]), root(leaves[k:])]
    return [*path(index - k, leaves[k:]), root(leaves[:k])]


def proof(old: int, leaves: list[bytes]) -> list[bytes]:
    return _subproof(old, leaves, True) if 0 < old < len(leaves) else []


def _subproof(old: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    k = halves(len(leaves))
    if old <= k:
        return [*_subproof(old, leaves[:k], whole), root(leaves[k:])]
    return [*_subproof(old - k, leaves[k:], False), root(leaves[:k])]


LEAVES = [leaf(f"leaf {number}".encode()) for number in range(13)]


# Notes -------------------------------------------------------------------------------------------

NAME = "ledger.example/vectors"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def secret(word: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(word.encode()).digest())


def identity(name: str, public: bytes, kind: int = 1) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def vkey(name: str, word: str) -> str:
    public = secret(word).public_key().public_bytes_raw()
    return f"{name}+{identity(name, public).hex()}+{b64(bytes([1]) + public)}"


def line(text: str, name: str = NAME, word: str = "ours") -> str:
    key = secret(word)
    public = key.public_key().public_bytes_raw()
    return f"— {name} {b64(identity(name, public) + key.sign(text.encode()))}\n"


def text(size: int | str, value: bytes | str, origin: str = NAME, more: str = "") -> str:
    return f"{origin}\n{size}\n{value if isinstance(value, str) else b64(value)}\n{more}"


def note(body: str) -> str:
    return f"{body}\n{line(body)}"


# Damage ------------------------------------------------------------------------------------------


def flip(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def recode(signature: str, change: Any) -> str:
    head, _, encoded = signature.rstrip("\n").rpartition(" ")
    return f"{head} {b64(change(base64.b64decode(encoded)))}\n"


def flip_signature(signature: str) -> str:
    return recode(signature, lambda data: data[:-1] + bytes([data[-1] ^ 0x80]))


def refusal(step: str, says: str) -> dict[str, str]:
    return {"error": "TrustError", "step": step, "says": says}
