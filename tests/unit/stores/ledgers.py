"""Records and logs for tests, and the ledger computed anew by the definition."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workbench.errors import Unavailable
from workbench.ledger import checkpoint
from workbench.records import Event, Person, Request
from workbench.stores.database import DatabaseRecords
from workbench.stores.memory import MemoryRecords

Store = MemoryRecords | DatabaseRecords

ORIGIN = "ledger.example/tests"
KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
VERIFIER = checkpoint.verifier_key(ORIGIN, KEY.public_key().public_bytes_raw())
AT = datetime(2025, 3, 1, 12, tzinfo=UTC)
EVENT = Event(kind="test.happened", at=AT, actor="anna", device="d" * 64, reason="to see")
MANIFEST = "sha256:" + "a" * 64
IMPATIENT = 0.05  # seconds


class CountingLog(checkpoint.CheckpointSigner):
    """A log that knows how often it signed, and can lose its key."""

    def __init__(self) -> None:
        super().__init__(ORIGIN, VERIFIER, KEY.sign)
        self.signed = 0
        self.locked = False

    def sign(self, size: int, root: bytes) -> bytes:
        if self.locked:
            raise Unavailable("The keystore is locked.")
        self.signed += 1
        return super().sign(size, root)


def person(name: str = "anna", **more: Any) -> Person:
    return Person(id=name, name=name.title(), roles=(), devices=(), **more)


def ask(key: str, who: str = "anna", release: str = "org/a:1", **more: Any) -> Request:
    values = {
        "id": key, "release": release, "manifest": MANIFEST, "person": who, "device": "d" * 64,
        "right": "infer", "purpose": {"category": "research", "text": "to learn"}, "days": 7,
        "terms": MANIFEST, "state": "in_review", "created": AT, "updated": AT, "statement": "{}",
    }  # fmt: skip
    return Request.model_validate(values | more)


def brute_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + brute_root(leaves[:k]) + brute_root(leaves[k:])).digest()


def brute_leaf(salt: str, event: bytes) -> bytes:
    data = hashlib.sha256(base64.b64decode(salt) + event).digest()
    return hashlib.sha256(b"\x00" + data).digest()


def check_ledger(records: Store, size: int) -> None:
    """The ledger, computed anew from its entries, is what its checkpoint and its nodes say."""
    entries = records.entries()
    leaves = [brute_leaf(entry.salt, entry.event.to_bytes()) for entry in entries]
    assert [entry.index for entry in entries] == list(range(size))
    found = checkpoint.verify(records.checkpoint(), VERIFIER)
    assert (found.origin, found.size, found.root) == (ORIGIN, size, brute_root(leaves))
    for level in range(size.bit_length()):
        nodes = [(level, index) for index in range(size >> level)]
        expected = [brute_root(leaves[i << level : (i + 1) << level]) for _, i in nodes]
        assert records.hashes(nodes) == expected
